"""Requests at a time: a flood of one caller is its own problem."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from urllib.parse import urlsplit

import httpx
import pytest

from rapport.base.errors import Busy
from rapport.edge.traffic.sources import Source
from rapport.edge.traffic.turns import MOST_WAITING, Turns
from rapport.store.rotation import on_behalf_of
from tests.edge.rest.asking import send
from tests.edge.traffic.conftest import Home
from tests.serving import Client, make_tenant, serving

PEOPLE = "{ people { totalCount } }"


@pytest.fixture(autouse=True)
async def on_nobodys_behalf() -> AsyncIterator[None]:
    """A turn is the task's, as in a request of its own; all tests here run in one task."""
    yield
    on_behalf_of.set(None)


@asynccontextmanager
async def locked(home: Home) -> AsyncIterator[None]:
    """Nobody can read the people of the workspace until the block ends: requests for them take that long."""
    other = await home.database.dialing.dial()
    try:
        async with other.transaction():
            await other.execute(f'lock table "{home.tenant.schema}".person in access exclusive mode')
            yield
    finally:
        await other.close()


async def test_a_flood_of_slow_requests_starves_nobody_else(home: Home) -> None:
    other = await make_tenant(home.database, "Other")
    async with serving(home.database, home.tenant) as client:
        await client.data(PEOPLE)
        victim = client.as_tenant(other)
        async with many_connections() as http, AsyncExitStack() as lock:
            await lock.enter_async_context(locked(home))
            flooding = replace(client, http=http)
            flood = [
                asyncio.create_task(send(flooding, "GET", "/people") if number % 2 else flooding.post(PEOPLE))
                for number in range(200)
            ]
            await busy(home, 4)
            for _ in range(20):
                assert (await victim.data(PEOPLE))["people"]["totalCount"] == 0
                assert (await send(victim, "GET", "/companies")).status_code == 200
            assert (await send(client, "GET", "/people", token=None)).status_code == 401  # strangers, too
            assert not any(each.done() for each in flood)
            assert await busy(home, 4) == 4  # and it has not all connections
            await lock.aclose()
            assert {each.status_code for each in await asyncio.gather(*flood)} == {200}


def many_connections() -> httpx.AsyncClient:
    return httpx.AsyncClient(limits=httpx.Limits(max_connections=None), timeout=60, verify=False, trust_env=False)  # noqa: S501


async def busy(home: Home, least: int) -> int:
    """How many statements wait for the lock, once there are so many."""
    async with asyncio.timeout(10):
        while True:
            found = await home.database.value(
                "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
            )
            assert isinstance(found, int)
            if found >= least:
                return found
            await asyncio.sleep(0.01)


async def test_who_waits_too_long_for_turns_of_their_own_is_told_to_come_later() -> None:
    turns, source = Turns(most=1, wait_seconds=0.05), Source("key:x", 0)
    await turns.take(source)
    with pytest.raises(Busy) as refused:
        await turns.take(source)
    assert (refused.value.status, refused.value.extensions) == (429, {"retryAfter": 10})
    turns.end(source)
    await turns.take(source)


async def test_turns_go_in_order_and_none_is_lost_when_somebody_leaves() -> None:
    turns, source = Turns(most=2), Source("key:x", 0)
    order: list[int] = []

    async def work(number: int) -> None:
        await turns.take(source)
        order.append(number)
        await asyncio.sleep(0)
        turns.end(source)

    tasks = [asyncio.create_task(work(number)) for number in range(20)]
    await asyncio.sleep(0)
    for number in (2, 3, 7):
        tasks[number].cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert order == [number for number in range(20) if number not in (2, 3, 7)]
    assert source.is_idle

    # Cancelled in the very moment in which the turn was handed over.
    await turns.take(source)
    await turns.take(source)
    waiting = asyncio.create_task(turns.take(source))
    await asyncio.sleep(0)
    turns.end(source)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)
    turns.end(source)
    assert source.is_idle


async def test_no_more_wait_than_there_is_room_for() -> None:
    turns, source = Turns(most=1), Source("key:x", 0)
    await turns.take(source)
    waiting = [asyncio.create_task(turns.take(source)) for _ in range(MOST_WAITING)]
    await asyncio.sleep(0)
    with pytest.raises(Busy):
        await turns.take(source)
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    turns.end(source)
    assert source.is_idle


async def test_whose_body_is_slow_has_no_turn_meanwhile(home: Home) -> None:
    """All turns of a key would be taken by bodies that do not come; other requests with it are answered at once."""
    async with serving(home.database, home.tenant, max_concurrency_per_caller=2) as client:
        slow = [await begin_post(client, path) for path in ("/rest/people", "/graphql") for _ in range(5)]
        for _ in range(5):
            assert (await send(client, "POST", "/people", {"city": "Rome"})).status_code == 201
            assert "errors" not in await client.ask(PEOPLE)
        for reader, writer in slow[:5]:
            writer.write(b'ty":"Oslo"}')
            assert b" 201 " in await asyncio.wait_for(reader.readline(), 10)
        for _, writer in slow:
            writer.close()
        async with asyncio.timeout(10):
            found = await client.data('{ people(filter: {city: {in: ["Rome", "Oslo"]}}) { totalCount } }')
        assert found["people"]["totalCount"] == 10


async def begin_post(client: Client, path: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """Sends the headers and a part of the body."""
    reader, writer = await asyncio.open_connection("127.0.0.1", urlsplit(client.url).port)
    head = f"POST {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {client.tenant.key}\r\n"
    writer.write(head.encode() + b'Content-Type: application/json\r\nContent-Length: 15\r\n\r\n{"ci')
    await writer.drain()
    await asyncio.sleep(0.02)  # it is read, and the rest is waited for
    return reader, writer


async def test_a_flood_of_bad_tokens_does_not_fill_the_queue_for_the_database(home: Home) -> None:
    """Tokens are looked up in the turns of the network that they come from."""
    lock = await home.database.dialing.dial()
    async with serving(home.database, home.tenant, max_concurrency_per_caller=3) as client:
        await client.data(PEOPLE)
        try:
            async with lock.transaction():
                await lock.execute('lock table core."apiKey" in access exclusive mode')
                flood = [
                    asyncio.create_task(send(client, "GET", "/people", token=f"sk_live_{number:043}"))
                    for number in range(50)
                ]
                assert await busy(home, 3) == 3
                assert "errors" not in await client.ask(PEOPLE)
                assert not any(each.done() for each in flood)
        finally:
            await lock.close()
        assert {each.status_code for each in await asyncio.gather(*flood)} == {401}
