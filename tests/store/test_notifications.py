"""Notifications between processes."""

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from rapport.store.database import Database
from rapport.store.dialing import Dialing
from rapport.store.notifications import Notifications, Payload, notify

DIALED: list[tuple[asyncpg.Connection, asyncio.Future[str]]] = []
LISTENERS = "select pid from pg_stat_activity where datname = current_database() and query ilike 'listen%'"


@pytest.fixture
async def notifications(database_dsn: str) -> AsyncIterator[Notifications]:
    listening = Notifications(Dialing(dsn=database_dsn))
    await listening.start()
    yield listening
    await listening.close()


async def test_subscribers_get_payloads_of_their_kind(database: Database, notifications: Notifications) -> None:
    queue: asyncio.Queue[Payload] = asyncio.Queue()
    notifications.subscribe("model", queue.put_nowait)
    async with database.transaction() as connection:
        await notify(connection, "other", {"n": 0})
        await notify(connection, "model", {"n": 1, "text": "ü"})
    assert await asyncio.wait_for(queue.get(), 5) == {"kind": "model", "n": 1, "text": "ü"}
    assert queue.empty()


async def test_nothing_is_told_of_a_transaction_that_is_rolled_back(
    database: Database, notifications: Notifications
) -> None:
    queue: asyncio.Queue[Payload] = asyncio.Queue()
    notifications.subscribe("model", queue.put_nowait)

    async def fail() -> None:
        async with database.transaction() as connection:
            await notify(connection, "model", {"n": 1})
            raise KeyError

    with pytest.raises(KeyError):
        await fail()
    async with database.transaction() as connection:
        await notify(connection, "model", {"n": 2})
    assert (await asyncio.wait_for(queue.get(), 5))["n"] == 2


async def test_a_payload_that_postgresql_would_refuse_is_refused(database: Database) -> None:
    async with database.transaction() as connection:
        with pytest.raises(ValueError, match="larger than"):
            await notify(connection, "model", {"text": "x" * 8000})


async def test_what_nobody_understands_is_ignored(database: Database, notifications: Notifications) -> None:
    queue: asyncio.Queue[Payload] = asyncio.Queue()
    notifications.subscribe("model", queue.put_nowait)
    for text in ("no json", "[]", "{}", "7", '{"kind": []}'):
        await database.value("select pg_notify('rapport', $1)", text)
    async with database.transaction() as connection:
        await notify(connection, "model", {"n": 1})
    assert (await asyncio.wait_for(queue.get(), 5))["n"] == 1


async def test_a_lost_connection_is_told_and_listening_goes_on(
    database: Database, notifications: Notifications
) -> None:
    gaps: asyncio.Queue[None] = asyncio.Queue()
    queue: asyncio.Queue[Payload] = asyncio.Queue()
    notifications.on_gap(lambda: gaps.put_nowait(None))
    notifications.subscribe("model", queue.put_nowait)
    (listener,) = await database.rows(LISTENERS)
    await database.value("select pg_terminate_backend($1)", listener["pid"])
    await asyncio.wait_for(gaps.get(), 5)  # when it is lost
    await asyncio.wait_for(gaps.get(), 5)  # when it listens again
    async with database.transaction() as connection:
        await notify(connection, "model", {"n": 1})
    assert (await asyncio.wait_for(queue.get(), 5))["n"] == 1


async def test_closing_ends_the_connection(database: Database, database_dsn: str) -> None:
    listening = Notifications(Dialing(dsn=database_dsn))
    await listening.start()
    assert len(await database.rows(LISTENERS)) == 1
    await listening.close()
    raw = await asyncpg.connect(database_dsn)
    for _ in range(100):
        if not await raw.fetch(LISTENERS):
            break
        await asyncio.sleep(0.02)
    assert await raw.fetch(LISTENERS) == []
    await raw.close()


class _Occupied(Dialing):
    """Its connections do something already: nobody can listen on them."""

    async def dial(self) -> asyncpg.Connection:
        raw = await super().dial()
        DIALED.append((raw, asyncio.ensure_future(raw.execute("select pg_sleep(60)"))))
        await asyncio.sleep(0)
        return raw


async def test_a_start_that_fails_leaves_no_connection(database_dsn: str) -> None:
    with pytest.raises(asyncpg.InterfaceError, match="another operation is in progress"):
        await Notifications(_Occupied(dsn=database_dsn)).start()
    raw, occupation = DIALED.pop()
    was_closed = raw.is_closed()
    raw.terminate()
    await asyncio.gather(occupation, return_exceptions=True)
    assert was_closed


async def test_closing_at_once_leaves_no_connection(database_dsn: str) -> None:
    raw = await asyncpg.connect(database_dsn)
    listening = Notifications(Dialing(dsn=database_dsn))
    await listening.start()
    await listening.close()  # before its task has begun
    async with asyncio.timeout(5):
        while await raw.fetch(LISTENERS):  # noqa: ASYNC110
            await asyncio.sleep(0.02)
    await raw.close()
