"""Subscribers: what they are told, over a real connection."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, TypeAlias

from tests.edge.graphql.live.listening import Stream, listening
from tests.serving import Client

Found: TypeAlias = Any  # JSON


class Heard:
    """What a subscriber is told. ``cursor`` is that of what was heard last."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self.cursor: str | None = None

    async def next(self) -> Found:
        """The value of the one root field."""
        told = await self._stream.told()
        assert "errors" not in told, told["errors"]
        self.cursor = told["extensions"]["cursor"]
        (value,) = told["data"].values()
        return value

    async def some(self, count: int) -> list[Found]:
        return [await self.next() for _ in range(count)]

    async def failure(self) -> Found:
        """The errors with which the subscription ends."""
        told = await self._stream.told()
        assert "data" not in told
        assert await self._stream.rest() == [{"event": "complete", "data": ""}]
        return told["errors"]

    async def result(self) -> Found:
        """The next result as it is."""
        return await self._stream.told()


@asynccontextmanager
async def hearing(
    client: Client, query: str, variables: Mapping[str, object] | None = None, *, after: str | None = None
) -> AsyncIterator[Heard]:
    """A subscriber who hears what is committed within the block."""
    extensions = {} if after is None else {"after": after}
    async with listening(client, query, variables=dict(variables or {}), extensions=extensions) as stream:
        assert stream.response.status_code == 200
        yield Heard(stream)


async def refusal(client: Client, query: str, variables: Mapping[str, object] | None = None) -> list[str]:
    """The messages of the errors with which a subscription is not even begun."""
    async with hearing(client, query, variables) as heard:
        return [error["message"] for error in await heard.failure()]
