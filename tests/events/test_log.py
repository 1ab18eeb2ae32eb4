"""The log read while many write: every event once, and those of one record in the order of its changes."""

import asyncio
import random
from contextlib import suppress
from uuid import UUID

import pytest

from rapport.base.ids import new_id
from rapport.events.cursor import START, Cursor, Snapshot
from rapport.events.ddl import create_event_table
from rapport.events.errors import InvalidEventCursor
from rapport.events.log import Batch, present, read, read_between
from rapport.store.database import Connection, Database

SCHEMA = "workspace_of_test"


@pytest.fixture
async def log(database: Database) -> Database:
    """A database with the log of one workspace and a table whose rows are changed."""
    await database.script(f'create schema "{SCHEMA}"; create table "{SCHEMA}".thing (id uuid primary key, n int)')
    await database.script(create_event_table(SCHEMA))
    return database


async def write(connection: Connection | Database, record: UUID, note: str = "created") -> None:
    sql = f'insert into "{SCHEMA}".event (action, object, "recordId", after) values ($1, $2, $3, $4::text::jsonb)'
    await connection.execute(sql, note, "thing", record, "{}")


async def everything(database: Database, cursor: Cursor = START, limit: int = 3) -> tuple[list[int], Cursor]:
    """The numbers of all events behind the cursor, read a few at a time."""
    found: list[int] = []
    while True:
        batch = await read(database, SCHEMA, cursor, limit)
        assert len(batch.events) <= limit
        found += [event.seq for event in batch.events]
        if not batch.events:
            assert batch.cursor == cursor
            return found, cursor
        cursor = Cursor.read(str(batch.cursor))


async def test_a_transaction_that_commits_later_is_not_missed(log: Database) -> None:
    record = new_id()
    async with log.transaction() as slow:
        await write(slow, record)  # the first number
        await write(log, record)  # is committed after the second
        found, cursor = await everything(log)
        assert found == [2]
    assert (await everything(log, cursor))[0] == [1]


async def test_one_that_is_rolled_back_leaves_a_gap_that_nobody_waits_for(log: Database) -> None:
    record = new_id()
    with suppress(KeyError):
        async with log.transaction() as failing:
            await write(failing, record)
            raise KeyError
    await write(log, record)
    assert (await everything(log))[0] == [2]


async def test_a_transaction_of_others_holds_nobody_up(log: Database) -> None:
    async with log.transaction() as other:
        await other.value("select pg_current_xact_id()::text")
        await write(log, new_id())
        found, cursor = await everything(log)
        assert found == [1]
        await write(log, new_id())
        assert (await everything(log, cursor))[0] == [2]


async def test_pages_of_one_window_do_not_see_what_is_committed_meanwhile(log: Database) -> None:
    record = new_id()
    async with log.transaction() as slow:
        await write(slow, record)
        for _ in range(5):
            await write(log, record)
        batch = await read(log, SCHEMA, START, 2)
        assert [event.seq for event in batch.events] == [2, 3]
        assert not batch.is_last
    await write(log, record)
    rest, cursor = await read_rest(log, batch)
    assert rest == [4, 5, 6]
    assert (await everything(log, cursor))[0] == [1, 7]


async def read_rest(log: Database, batch: Batch) -> tuple[list[int], Cursor]:
    """What is left of the window of a batch."""
    found: list[int] = []
    while not batch.is_last:
        batch = await read(log, SCHEMA, batch.cursor, 2)
        found += [event.seq for event in batch.events]
    return found, batch.cursor


async def test_a_cursor_behind_an_event_goes_on_after_it(log: Database) -> None:
    for _ in range(7):
        await write(log, new_id())
    cursor = START
    while (batch := await read(log, SCHEMA, cursor, 3)).events:
        for event in batch.events:
            found, _ = await everything(log, batch.cursor_behind(event))
            assert found == list(range(event.seq + 1, 8))
        cursor = batch.cursor


async def test_reading_up_to_a_snapshot_ends_there(log: Database) -> None:
    await write(log, new_id())
    _, start = await everything(log)
    for _ in range(4):
        await write(log, new_id())
    until = (await present(log, SCHEMA)).seen
    await write(log, new_id())
    found: list[int] = []
    cursor = start
    while True:
        batch = await read_between(log, SCHEMA, cursor, until, 3)
        found += [event.seq for event in batch.events]
        cursor = batch.cursor
        if batch.is_last:
            break
    assert found == [2, 3, 4, 5]
    assert (await everything(log, cursor))[0] == [6]


async def test_the_present_is_behind_what_is_committed_and_before_what_is_not(log: Database) -> None:
    assert await present(log, SCHEMA) == Cursor(seen=Snapshot(1))
    async with log.transaction() as slow:
        await write(slow, new_id())
        await write(log, new_id())
        now = await present(log, SCHEMA)
    assert (await everything(log, now))[0] == [1]


async def test_readers_beside_many_writers_see_each_event_once_and_records_in_order(log: Database) -> None:
    """Writers take several records in random order and keep their transactions open for a moment."""
    chance = random.Random(11)
    records = [new_id() for _ in range(6)]
    for record in records:
        await log.execute(f'insert into "{SCHEMA}".thing values ($1, 0)', record)
    done = asyncio.Event()
    seen: list[list[tuple[int, UUID, str]]] = [[] for _ in range(3)]

    async def writer() -> None:
        for _ in range(40):
            chosen = sorted(chance.sample(records, chance.randint(1, 3)))
            async with log.transaction() as connection:
                for record in chosen:
                    number = await connection.value(
                        f'update "{SCHEMA}".thing set n = n + 1 where id = $1 returning n', record
                    )
                    await asyncio.sleep(chance.random() / 500)
                    await write(connection, record, str(number))

    async def reader(into: list[tuple[int, UUID, str]], limit: int) -> None:
        cursor, is_end = START, False
        while True:
            batch = await read(log, SCHEMA, cursor, limit)
            into += [(event.seq, event.record_id, event.action) for event in batch.events]
            cursor = Cursor.read(str(batch.cursor))
            if not batch.events and is_end:
                return
            is_end = done.is_set() and not batch.events

    reading = [asyncio.create_task(reader(into, limit)) for into, limit in zip(seen, (1, 7, 1000), strict=True)]
    await asyncio.gather(*(writer() for _ in range(5)))
    done.set()
    await asyncio.gather(*reading)

    total = await log.value(f'select count(*) from "{SCHEMA}".event')
    for found in seen:
        assert len(found) == len({seq for seq, _, _ in found}) == total
        for record in records:
            numbers = [int(note) for _, each, note in found if each == record]
            assert numbers == list(range(1, len(numbers) + 1))
    assert seen[0] != sorted(seen[0])  # so numbers alone would not have done


@pytest.mark.parametrize(
    "text",
    ["", "x", "****", "Nyw0LDU=" * 3000, "LTE", "MSwx", "MS8yLw", "MTsgZHJvcA", "é", "OTk5OTk5OTk5OTk5OTk5OTk5OTk"],
)
def test_what_is_no_cursor_is_refused(text: str) -> None:
    with pytest.raises(InvalidEventCursor):
        Cursor.read(text)


async def test_the_present_is_behind_the_last_transaction_however_many_digits_its_number_has(log: Database) -> None:
    sql = f'insert into "{SCHEMA}".event (xid, action, object, "recordId") select $1::text::xid8, $2, $3, $4'
    for xid in ("99", "100"):
        await log.execute(sql, xid, "created", "thing", new_id())
    assert (await present(log, SCHEMA)).seen.next == 101
