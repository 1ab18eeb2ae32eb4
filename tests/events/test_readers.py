"""Durable readers: every event reaches every reader, in order, whatever goes wrong and however many read."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

import pytest

from rapport.events.bell import EVENTS, Bell
from rapport.events.cursor import START
from rapport.events.errors import EventsDropped
from rapport.events.log import Event, present, read
from rapport.events.readers import Log, Readers
from rapport.events.retention import check_kept, drop_old
from rapport.store.database import Connection, Database
from rapport.store.notifications import Notifications
from tests.serving import Client, make_tenant
from tests.waiting import until

CREATE = "mutation($city: String) { createPerson(data: { city: $city }) { id } }"


@dataclass
class Notes:
    """A reader that writes down in the database what it is given, and can be told to fail."""

    name: str = "notes"
    pause_seconds: float = 0.0
    fails: Callable[[Sequence[Event]], Awaitable[None]] | None = None
    batches: list[int] = field(default_factory=list)
    sleeps: bool = False
    asked: int = 0  # whether it sleeps

    async def passes_over(self, connection: Connection, log: Log) -> bool:
        self.asked += 1
        return self.sleeps

    async def read(self, connection: Connection, log: Log, events: Sequence[Event]) -> None:
        self.batches.append(len(events))
        for event in events:
            await connection.execute(
                "insert into note (reader, workspace, seq) values ($1, $2, $3)", self.name, log.workspace_id, event.seq
            )
        if self.fails is not None:
            await self.fails(events)


@pytest.fixture
async def noted(client: Client) -> Client:
    """A client of a server on a database with a table for notes: numbered, so that their order is known."""
    await client.database.script(
        "create table note (at bigint generated always as identity, reader text, workspace uuid, seq bigint)"
    )
    return client


@asynccontextmanager
async def reading(database: Database, *readers: Notes, sweep_seconds: float = 3600) -> AsyncIterator[Readers]:
    """Readers in a process of their own, as it were: they hear of events by notifications only."""
    notifications = Notifications(database.dialing)
    bell = Bell(notifications.send)
    notifications.subscribe(EVENTS, bell.hear)
    running = Readers(database, bell, readers, sweep_seconds=sweep_seconds)
    await notifications.start()
    running.start()
    try:
        yield running
    finally:
        await running.stop()
        await notifications.close()


async def notes(client: Client, reader: str = "notes", workspace: UUID | None = None) -> list[int]:
    rows = await client.database.rows(
        "select seq from note where reader = $1 and workspace = $2 order by at",
        reader,
        workspace or client.tenant.workspace_id,
    )
    return [row["seq"] for row in rows]


async def log_of(client: Client, schema: str | None = None) -> list[int]:
    batch = await read(client.database, schema or client.tenant.schema, START, 10_000)
    return [event.seq for event in batch.events]


async def all_read(client: Client, reader: str = "notes") -> bool:
    return len(await notes(client, reader)) >= len(await log_of(client)) > 0


async def test_what_happens_is_read_by_each_reader_once_and_in_order(noted: Client) -> None:
    first, second = Notes("first"), Notes("second")
    async with reading(noted.database, first, second):
        await asyncio.gather(*(noted.data(CREATE, {"city": str(number)}) for number in range(20)))
        await until(lambda: all_read(noted, "first"))
        await until(lambda: all_read(noted, "second"))
    assert await notes(noted, "first") == await notes(noted, "second") == await log_of(noted)


async def test_what_happened_before_is_found_without_a_ring(noted: Client) -> None:
    await noted.data(CREATE, {"city": "before"})
    async with reading(noted.database, Notes()):
        await until(lambda: all_read(noted))
    await noted.data(CREATE, {"city": "between"})
    async with reading(noted.database, Notes()):
        await until(lambda: all_read(noted))
    assert await notes(noted) == await log_of(noted)


async def test_a_sweep_finds_what_nobody_has_rung_for(noted: Client) -> None:
    async with reading(noted.database, Notes(), sweep_seconds=0.05):
        await noted.database.execute(
            f'insert into "{noted.tenant.schema}".event (action, object, "recordId") '
            "values ('created', 'person', gen_random_uuid())"
        )
        await until(lambda: all_read(noted))


async def test_several_processes_share_the_work_and_do_nothing_twice(noted: Client) -> None:
    mine = [Notes() for _ in range(3)]
    async with reading(noted.database, mine[0]), reading(noted.database, mine[1]), reading(noted.database, mine[2]):
        for round_ in range(5):
            await asyncio.gather(*(noted.data(CREATE, {"city": f"{round_} {number}"}) for number in range(10)))
        await until(lambda: all_read(noted))
    assert await notes(noted) == await log_of(noted)


async def test_a_reader_that_fails_leaves_nothing_half_done_and_goes_on_later(noted: Client) -> None:
    failures = 0

    async def fail(events: Sequence[Event]) -> None:
        nonlocal failures
        if failures < 2:
            failures += 1
            raise RuntimeError("the disk is full")

    healthy = Notes("healthy")
    async with reading(noted.database, Notes("failing", fails=fail), healthy):
        await noted.data(CREATE, {"city": "Oslo"})
        await until(lambda: all_read(noted, "failing"))
        await until(lambda: all_read(noted, "healthy"))
    assert failures == 2
    assert await notes(noted, "failing") == await notes(noted, "healthy") == await log_of(noted)


async def test_what_comes_before_an_event_that_cannot_be_read_is_read(noted: Client) -> None:
    for number in range(5):
        await noted.data(CREATE, {"city": str(number)})
    everything = await log_of(noted)
    poison = everything[-1]

    async def fail(events: Sequence[Event]) -> None:
        if any(event.seq == poison for event in events):
            raise RuntimeError("it cannot be")

    async with reading(noted.database, Notes(fails=fail)):
        await until(lambda: _has(noted, everything[:-1]))
    assert await notes(noted) == everything[:-1]


async def _has(noted: Client, wanted: list[int]) -> bool:
    return await notes(noted) == wanted


async def test_long_logs_are_read_in_batches(noted: Client) -> None:
    await noted.database.execute(
        f'insert into "{noted.tenant.schema}".event (action, object, "recordId") '
        "select 'created', 'person', gen_random_uuid() from generate_series(1, 2500)"
    )
    reader = Notes()
    async with reading(noted.database, reader):
        await until(lambda: all_read(noted))
    assert max(reader.batches) == 1000
    assert await notes(noted) == await log_of(noted)


async def test_each_workspace_is_read_and_new_ones_are_found(noted: Client) -> None:
    async with reading(noted.database, Notes()):
        tenant = await make_tenant(noted.database, "Another")
        other = noted.as_tenant(tenant)
        await other.data(CREATE, {"city": "Bergen"})
        await noted.data(CREATE, {"city": "Oslo"})
        await until(lambda: all_read(noted))
        await until(lambda: all_read(other))
    assert await notes(noted) == await log_of(noted)
    assert await notes(other) == await log_of(other)


async def test_a_workspace_that_goes_stops_nobody(noted: Client) -> None:
    tenant = await make_tenant(noted.database, "Another")
    async with reading(noted.database, Notes(), sweep_seconds=0.05):
        await noted.as_tenant(tenant).data(CREATE, {"city": "Bergen"})
        await until(lambda: all_read(noted.as_tenant(tenant)))
        await noted.database.script(f'drop schema "{tenant.schema}" cascade')
        await noted.database.execute("delete from core.workspace where id = $1", tenant.workspace_id)
        await noted.data(CREATE, {"city": "Oslo"})
        await until(lambda: all_read(noted))


async def test_a_reader_with_nothing_to_do_goes_along_and_begins_where_it_awakes(noted: Client) -> None:
    await noted.data(CREATE, {"city": "before"})
    sleeping = Notes(sleeps=True)
    async with reading(noted.database, sleeping):
        end = str(await present(noted.database, noted.tenant.schema))
        await until(lambda: _is_at(noted, end))
        sleeping.sleeps = False
        await noted.data(CREATE, {"city": "after"})
        await until(lambda: _read_one(noted))
    assert await notes(noted) == (await log_of(noted))[-1:]


async def test_a_reader_with_nothing_to_do_is_not_asked_at_each_change(noted: Client) -> None:
    sleeping, awake = Notes(sleeps=True), Notes("awake")
    async with reading(noted.database, sleeping, awake):
        for number in range(100):
            await noted.data(CREATE, {"city": str(number)})
        await until(lambda: all_read(noted, "awake"))
    assert 0 < sleeping.asked < awake.asked


async def _is_at(noted: Client, cursor: str) -> bool:
    return await noted.database.value("select cursor from core.\"eventReader\" where reader = 'notes'") == cursor


async def _read_one(noted: Client) -> bool:
    return len(await notes(noted)) == 1


# -- retention -------------------------------------------------------------------------------------------------------


async def test_old_events_go_when_all_readers_have_seen_them(noted: Client) -> None:
    schema, workspace_id = noted.tenant.schema, noted.tenant.workspace_id
    for city in ("old", "older"):
        await noted.data(CREATE, {"city": city})
    await noted.database.execute(f'update "{schema}".event set "happenedAt" = now() - interval \'40 days\'')
    await noted.data(CREATE, {"city": "new"})
    everything = await log_of(noted)
    both, keep = frozenset({"notes", "other"}), timedelta(days=30)

    assert await drop_old(noted.database, keep, both) == 0
    async with reading(noted.database, Notes()):
        await until(lambda: all_read(noted))
    assert await drop_old(noted.database, keep, both) == 0
    cursor = (await read(noted.database, schema, START, 1)).cursor
    async with reading(noted.database, Notes("other")):
        await until(lambda: all_read(noted, "other"))
    await check_kept(noted.database, workspace_id, START)
    assert await drop_old(noted.database, keep, both) == len(everything) - 1
    assert await log_of(noted) == everything[-1:]

    for gone in (START, cursor):
        with pytest.raises(EventsDropped):
            await check_kept(noted.database, workspace_id, gone)
    await until(lambda: _is_kept(noted))
    assert await drop_old(noted.database, keep, both) == 0


async def _is_kept(noted: Client) -> bool:
    """Whether nothing is missing behind the present; asked of a moment in which no other test has a transaction open,
    because nobody can tell what such a one would have written."""
    now = await present(noted.database, noted.tenant.schema)
    if now.seen.open:
        return False
    await check_kept(noted.database, noted.tenant.workspace_id, now)
    return True
