"""The job that delivers to a webhook: its name and its key."""

from datetime import timedelta
from uuid import UUID

from rapport.jobs.queue import Jobs
from rapport.store.database import Connection, Database
from rapport.store.queries import load

DELIVER = "webhooks.deliver"

_SQL = load("rapport.webhooks")
_AT_ONCE = 1_000


async def wake(connection: Connection, jobs: Jobs, webhook_id: UUID, *, run_after: timedelta | None = None) -> None:
    """What waits for a webhook is delivered: now, or after a pause.

    To be called after the deliveries are there, in the same transaction, which holds a lock on the webhook's row by
    then (a new delivery has one, for its foreign key): whoever has just found nothing to do waits for it.
    """
    await jobs.enqueue(connection, DELIVER, {"webhook": str(webhook_id)}, run_after=run_after, key=key_of(webhook_id))


def key_of(webhook_id: UUID) -> str:
    return f"webhook:{webhook_id}"


async def wake_forgotten(db: Database) -> int:
    """How many webhooks have had deliveries to make for a while, and no job that would.

    There are such only when their job has become a dead letter: because of an error of ours, or because the processes
    that ran it were killed again and again.
    """
    jobs, woken, last = Jobs(), 0, UUID(int=0)
    while True:
        async with db.transaction() as connection:
            rows = await connection.rows(_SQL["forgotten_webhooks"], last, _AT_ONCE)
            for row in rows:
                await wake(connection, jobs, row["id"])
        woken += len(rows)
        if len(rows) < _AT_ONCE:
            return woken
        last = rows[-1]["id"]
