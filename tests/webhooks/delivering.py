"""Deliveries in tests: the reader and the worker that make them, and what the database says of them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from rapport.base.networks import Networks, read_network
from rapport.events.bell import EVENTS, Bell
from rapport.events.readers import Readers
from rapport.files.links import FileLinks
from rapport.jobs.worker import Worker
from rapport.outgoing.client import Outgoing
from rapport.store.database import Database
from rapport.store.notifications import Notifications
from rapport.webhooks.bodies import Bodies
from rapport.webhooks.delivering import handler
from rapport.webhooks.reading import WebhookReader
from rapport.webhooks.secrets import WebhookVault
from rapport.webhooks.waking import DELIVER
from tests.serving import SECRET, Client
from tests.waiting import until

HERE = Networks([read_network("127.0.0.1")])
LINKS = FileLinks(SECRET, server_url="http://crm.example", lifetime=timedelta(days=1))

CREATE = "mutation($id: UUID, $city: String) { createPerson(data: { id: $id, city: $city }) { id } }"
UPDATE = "mutation($id: UUID!, $city: String) { updatePerson(id: $id, data: { city: $city }) { id } }"


@asynccontextmanager
async def reading(database: Database) -> AsyncIterator[None]:
    """Events become deliveries, as in a process that has no part in the requests."""
    notifications = Notifications(database.dialing)
    bell = Bell(notifications.send)
    notifications.subscribe(EVENTS, bell.hear)
    readers = Readers(database, bell, (WebhookReader(Bodies(LINKS.signer)),), sweep_seconds=3600)
    await notifications.start()
    readers.start()
    try:
        yield
    finally:
        await readers.stop()
        await notifications.close()


@asynccontextmanager
async def working(database: Database, outgoing: Outgoing | None = None) -> AsyncIterator[Worker]:
    """Deliveries are made, to this machine, too."""
    client = outgoing or Outgoing(HERE, agent="Rapport/test")
    deliver = handler(database, client, WebhookVault(SECRET))
    worker = Worker(database, {DELIVER: deliver}, lease=timedelta(seconds=1), look=timedelta(seconds=0.5))
    worker.start()
    try:
        yield worker
    finally:
        await worker.stop(grace=0)
        await client.close()


@asynccontextmanager
async def delivering(database: Database) -> AsyncIterator[None]:
    """Events become deliveries, and these are made."""
    async with reading(database), working(database):
        yield


@dataclass(frozen=True, kw_only=True)
class Shown:
    """A delivery as the database has it. ``answers``: the status or the error of each attempt."""

    id: UUID
    name: str
    state: str
    attempts: int
    wait: timedelta  # until it is due
    error: str | None
    answers: tuple[int | str | None, ...]


async def deliveries(client: Client) -> list[Shown]:
    """All of them, in their order."""
    rows = await client.database.rows(
        """select d.id, d."eventName", d.state, d.attempts, d."dueAt" - now() as wait, d.error,
                  array(select coalesce(a.status::text, a.error) from core."webhookAttempt" a
                        where a."deliveryId" = d.id order by a."attemptedAt", a.id) as answers
           from core."webhookDelivery" d order by d.number"""
    )
    return [
        Shown(
            id=row["id"],
            name=row["eventName"],
            state=row["state"],
            attempts=row["attempts"],
            wait=row["wait"],
            error=row["error"],
            answers=tuple(int(each) if each.isdigit() else each for each in row["answers"]),
        )
        for row in rows
    ]


async def states(client: Client) -> list[str]:
    return [each.state for each in await deliveries(client)]


async def until_states(client: Client, *wanted: str) -> None:
    """Until the deliveries are in these states."""

    async def reached() -> bool:
        return await states(client) == list(wanted)

    try:
        await until(reached)
    except TimeoutError:
        raise AssertionError(await deliveries(client)) from None


async def until_idle(client: Client) -> None:
    """Until no turn is under way, and none is to be taken now."""
    await until(lambda: is_idle(client))


async def is_idle(client: Client) -> bool:
    found = await client.database.value(
        """select not exists (select from core.job where status = 'picked' or execute_after < now())
              and not exists (select from core.webhook where "deliveringBy" is not null)"""
    )
    return found is True


async def due_now(client: Client) -> None:
    """Whatever waits for a later time, deliveries and their jobs and pauses, waits no longer."""
    await client.database.execute(
        """update core."webhookDelivery" set "dueAt" = now() where state = 'waiting' and "dueAt" > now()"""
    )
    await client.database.execute("""update core.webhook set "pausedUntil" = null""")
    await client.database.execute("update core.job set execute_after = now() where execute_after > now()")
