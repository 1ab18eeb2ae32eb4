"""Speaks GraphQL over WebSockets to a server."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any, TypeAlias

import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from tests.serving import Client

PATIENCE_SECONDS = 20.0
Json: TypeAlias = dict[str, Any]


class Talk:
    """One connection."""

    def __init__(self, connection: ClientConnection) -> None:
        self.connection = connection

    async def say(self, **message: object) -> None:
        await self.connection.send(json.dumps(message))

    async def hear(self) -> Json:
        """The next message."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            found = json.loads(await self.connection.recv())
        assert isinstance(found, dict)
        return found

    async def closed(self) -> tuple[int, str]:
        """Why the server has closed; it must not say anything before."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            with pytest.raises(ConnectionClosed) as closed:
                await self.connection.recv()
        assert closed.value.rcvd is not None, "The connection was cut."
        return closed.value.rcvd.code, closed.value.rcvd.reason

    async def rest(self) -> AsyncIterator[str]:
        """The messages that are left."""
        with suppress(ConnectionClosed):
            async with asyncio.timeout(PATIENCE_SECONDS):
                while True:
                    yield await self.connection.recv(decode=True)

    async def subscribe(self, name: str, query: str, **payload: object) -> None:
        await self.say(id=name, type="subscribe", payload={"query": query, **payload})

    async def asked(self, name: str, query: str, **payload: object) -> list[Json]:
        """The messages by which an operation is answered."""
        await self.subscribe(name, query, **payload)
        heard = [await self.hear()]
        while heard[-1]["type"] == "next":
            heard.append(await self.hear())
        assert {each["id"] for each in heard} == {name}
        return heard

    async def pong(self) -> None:
        """Returns when the server has seen all that was said before."""
        await self.say(type="ping")
        assert await self.hear() == {"type": "pong"}


@asynccontextmanager
async def connected(
    client: Client,
    *,
    path: str = "/graphql",
    subprotocols: tuple[str, ...] = ("graphql-transport-ws",),
    headers: Mapping[str, str] | None = None,
    **options: object,
) -> AsyncIterator[Talk]:
    """A connection on which nothing is said yet. ``options`` are those of ``websockets.connect``."""
    address = client.url.replace("http://", "ws://", 1) + path
    async with connect(
        address,
        subprotocols=[Subprotocol(each) for each in subprotocols] or None,
        additional_headers=headers,
        compression=None,
        proxy=None,
        **options,  # type: ignore[arg-type]
    ) as connection:
        yield Talk(connection)


@asynccontextmanager
async def talking(client: Client, token: str | None = None, **more: object) -> AsyncIterator[Talk]:
    """A connection of one who has said who they are: the tenant, if no token is given."""
    async with connected(client, **more) as talk:  # type: ignore[arg-type]
        await talk.say(type="connection_init", payload={"Authorization": f"Bearer {token or client.tenant.key}"})
        assert await talk.hear() == {"type": "connection_ack"}
        yield talk
