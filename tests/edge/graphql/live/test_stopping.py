"""A server that stops: who is connected is told, and comes to another one."""

import asyncio
import json
from contextlib import AsyncExitStack

from tests.edge.graphql.live.raw import opened
from tests.edge.graphql.live.talking import connected, talking
from tests.edge.traffic.conftest import Home
from tests.edge.traffic.test_slow_clients import Socket, head
from tests.serving import serving
from tests.waiting import until

CREATED = "subscription { personCreated { id } }"
CREATE = 'mutation { createPerson(data: { city: "Rome" }) { city } }'


async def test_connections_are_closed_and_the_stop_waits_for_nobody(home: Home) -> None:
    async with AsyncExitStack() as clients, AsyncExitStack() as server:
        client = await server.enter_async_context(serving(home.database, home.tenant))
        talk = await clients.enter_async_context(talking(client))
        await talk.subscribe("1", CREATED)
        stranger = await clients.enter_async_context(connected(client))
        stream = await Socket.open(client)
        body = json.dumps({"query": CREATED}).encode()
        await stream.send(head(client, "/graphql", "Accept: text/event-stream", f"Content-Length: {len(body)}") + body)
        await stream.until(b"\r\n\r\n")
        deaf = await opened(client)
        deaf.transport.pause_reading()
        async with asyncio.timeout(8):  # less than it would wait for an answer
            stopping = asyncio.create_task(server.pop_all().aclose())
            assert await talk.closed() == (1001, "The server stops")
            assert await stranger.closed() == (1001, "The server stops")
            rest = await stream.rest()
            assert rest.endswith(b"0\r\n\r\n")
            assert b"complete" not in rest  # it goes on elsewhere
            await stopping
        await Socket.close_all()


async def test_what_was_asked_before_is_still_answered(home: Home) -> None:
    async with AsyncExitStack() as clients:
        server = AsyncExitStack()
        client = await server.enter_async_context(serving(home.database, home.tenant))
        talk = await clients.enter_async_context(talking(client))
        async with home.database.transaction() as connection:
            await connection.execute(f'lock table "{home.tenant.schema}".person')
            await talk.subscribe("1", CREATE)
            await talk.pong()

            async def waits() -> bool:
                return bool(
                    await home.database.value(
                        "select count(*) from pg_locks join pg_database d on d.oid = database"
                        " where datname = current_database() and not granted"
                    )
                )

            await until(waits)
            stopping = asyncio.create_task(server.aclose())
            await asyncio.sleep(0)
        assert (await talk.hear())["payload"] == {"data": {"createPerson": {"city": "Rome"}}}
        assert await talk.hear() == {"id": "1", "type": "complete"}
        assert await talk.closed() == (1001, "The server stops")
        await stopping
