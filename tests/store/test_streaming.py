"""Streams: whole, as of one moment, in parts of some size; and gone as soon as nobody asks for more."""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass, replace

import asyncpg
import pytest

from rapport.base.errors import Busy, Timeout, Unavailable
from rapport.store.database import Database
from rapport.store.streaming import MOST_ROWS, PART_BYTES, Streams
from tests.databases import fresh_name, new_database

SESSIONS = "select count(*) from pg_stat_activity where datname = current_database() and application_name = $1"
ENOUGH_SECONDS = 5.0


@dataclass(frozen=True, kw_only=True)
class Place:
    """A database with a table, and streams from it."""

    database: Database
    make: Callable[..., Streams]

    async def sessions(self) -> object:
        return await self.database.value(SESSIONS, "rapport stream")

    async def becomes_quiet(self) -> None:
        """Waits until PostgreSQL has no session of a stream."""
        give_up = time.monotonic() + ENOUGH_SECONDS
        while await self.sessions() != 0:
            assert time.monotonic() < give_up, "a session is still there"
            await asyncio.sleep(0.01)


@pytest.fixture(scope="module")
async def place(server_dsn: str) -> AsyncIterator[Place]:
    async with new_database(server_dsn, fresh_name()) as dsn:
        database = await Database.connect(dsn, size=3)
        await database.script("create table numbers as select n from generate_series(1, 20000) n")
        made: list[Streams] = []

        def make(most: int = 2, seconds: float = 60, wait: float = 0.05, stall: float = 60) -> Streams:
            dialing = replace(database.dialing, statement_timeout_ms=50)
            made.append(Streams(dialing, most=most, seconds=seconds, wait_seconds=wait, stall_seconds=stall))
            return made[-1]

        yield Place(database=database, make=make)
        for streams in made:
            await streams.close()
        await database.close()


async def whole(opening: Awaitable[AsyncGenerator[bytes, None]]) -> bytes:
    return b"".join([part async for part in await opening])


LINES = "select convert_to(n || E'\\n', 'UTF8') from numbers order by n"


async def test_all_rows_come_in_order_as_of_one_moment(place: Place) -> None:
    streams = place.make()
    parts = await streams.open("owner", LINES)
    assert await place.sessions() == 1
    await place.database.script("begin; delete from numbers where n > 10000; update numbers set n = -n; commit")
    found = b"".join([part async for part in parts])
    await place.database.script("truncate numbers; insert into numbers select generate_series(1, 20000)")

    assert found.split() == [str(number).encode() for number in range(1, 20_001)]
    await place.becomes_quiet()


async def test_parameters_and_an_answer_without_rows(place: Place) -> None:
    streams = place.make()
    sql = "select convert_to($1::text, 'UTF8') from numbers where n = any($2::int[])"

    assert await whole(streams.open("owner", sql, "é,", [1, 2], head=b"head:")) == "head:é,é,".encode()
    assert await whole(streams.open("owner", sql, "x", [], head=b"head")) == b"head"
    assert await whole(streams.open("owner", sql, "x", [])) == b""
    for count in (63, 64, 65, 64 + 256, 64 + 256 + 1):  # about where fetches end
        assert await whole(streams.open("owner", sql, "x", list(range(1, count + 1)))) == b"x" * count


@pytest.mark.parametrize("size", [1, 500, 60_000])
async def test_parts_have_about_one_size_whatever_the_rows_have(place: Place, size: int) -> None:
    rows = min(20_000, 20_000_000 // size)
    sql = "select convert_to(repeat('x', $1::int), 'UTF8') from numbers where n <= $2::int"
    async with aclosing(await place.make().open("owner", sql, size, rows)) as parts:
        sizes = [len(part) async for part in parts if part]

    assert sum(sizes) == size * rows
    assert max(sizes[1:]) <= max(2 * PART_BYTES, size)
    assert max(sizes) <= MOST_ROWS * size
    assert len(sizes) >= sum(sizes) / (2 * PART_BYTES)


async def test_what_is_wrong_is_told_before_the_first_part_or_else_in_the_middle(place: Place) -> None:
    streams = place.make(most=2)
    for _ in range(3):  # nothing stays behind
        with pytest.raises(asyncpg.UndefinedTableError):
            await streams.open("owner", "select from nowhere")
        with pytest.raises(asyncpg.DivisionByZeroError):
            await streams.open("owner", "select convert_to((1 / (n - 3))::text, 'UTF8') from numbers")
        parts = await streams.open("owner", "select convert_to((1 / (n - 3000))::text, 'UTF8') from numbers")
        with pytest.raises(asyncpg.DivisionByZeroError):
            [part async for part in parts]
    with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
        await streams.open("owner", "with gone as (delete from numbers returning n) select n::text::bytea from gone")
    await place.becomes_quiet()


async def test_a_lost_connection_is_an_error_and_no_end(place: Place) -> None:
    parts = await place.make().open("owner", LINES)
    await anext(parts)
    await place.database.value(
        "select count(pg_terminate_backend(pid)) from pg_stat_activity "
        "where datname = current_database() and application_name = 'rapport stream'"
    )
    with pytest.raises((Unavailable, Timeout)):
        [part async for part in parts]


async def test_closing_frees_everything_at_once(place: Place) -> None:
    streams = place.make(most=1)
    for _ in range(2):
        parts = await streams.open("owner", LINES)
        await anext(parts)
        await parts.aclose()
    parts = await streams.open("owner", LINES)
    await parts.aclose()  # nothing was asked for
    await place.becomes_quiet()


async def test_a_statement_that_is_running_is_stopped(place: Place) -> None:
    streams = place.make(most=1)
    slow = "select convert_to(n::text, 'UTF8') from numbers, pg_sleep(case when n = 64 then 30 else 0 end)"
    opening = asyncio.create_task(streams.open("owner", slow))
    await asyncio.sleep(0.1)
    assert await place.sessions() == 1
    opening.cancel()
    await asyncio.gather(opening, return_exceptions=True)
    await place.becomes_quiet()

    later = "select convert_to(n::text, 'UTF8') from numbers, pg_sleep(case when n = 100 then 30 else 0 end)"
    parts = await streams.open("owner", later)
    await anext(parts)
    asking = asyncio.ensure_future(anext(parts))
    await asyncio.sleep(0.05)
    asking.cancel()
    await asyncio.gather(asking, return_exceptions=True)
    await place.becomes_quiet()
    assert await whole(streams.open("owner", "select 'free'::bytea")) == b"free"


async def test_nobody_takes_for_ever(place: Place) -> None:
    streams = place.make(most=1, stall=0.1)
    parts = await streams.open("owner", LINES)
    await anext(parts)
    await place.becomes_quiet()
    assert await whole(streams.open("owner", "select 'free'::bytea")) == b"free"
    with pytest.raises(Timeout):
        await anext(parts)

    streams = place.make(most=1, seconds=0.2)
    parts = await streams.open("owner", LINES)
    await anext(parts)
    await place.becomes_quiet()
    with pytest.raises(Timeout):
        await anext(parts)
    with pytest.raises(Timeout):
        await streams.open("owner", "select 'x'::bytea from pg_sleep(30)")
    await place.becomes_quiet()


async def test_slow_statements_are_not_cut_short_by_the_timeout_of_others(place: Place) -> None:
    assert await whole(place.make().open("owner", "select 'x'::bytea from pg_sleep(0.1)")) == b"x"


async def test_so_many_at_once_and_nobody_has_all(place: Place) -> None:
    streams = place.make(most=3)
    first, second = [await streams.open("greedy", LINES) for _ in range(2)]
    with pytest.raises(Busy):
        await streams.open("greedy", LINES)
    third = await streams.open("other", LINES)
    with pytest.raises(Busy):
        await streams.open("third", LINES)
    await first.aclose()
    fourth = await streams.open("third", LINES)
    for each in (second, third, fourth):
        await each.aclose()


async def test_who_waits_gets_the_place_that_becomes_free(place: Place) -> None:
    streams = place.make(most=1, wait=ENOUGH_SECONDS)
    first = await streams.open("one", LINES)
    waiting = [asyncio.create_task(whole(streams.open(owner, LINES))) for owner in ("two", "three")]
    gone = asyncio.create_task(streams.open("four", LINES))
    await asyncio.sleep(0.02)
    gone.cancel()
    await first.aclose()
    assert len(set(await asyncio.gather(*waiting))) == 1
    await place.becomes_quiet()


async def test_closing_ends_all_of_them(place: Place) -> None:
    streams = place.make(most=2)
    parts = [await streams.open(owner, LINES) for owner in ("one", "two")]
    await streams.close()
    assert await place.sessions() == 0
    for each in parts:
        with pytest.raises((Timeout, Unavailable)):
            [part async for part in each]
