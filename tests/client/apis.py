"""One way to speak to both clients, so that each test is about both."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from rapport.client import AsyncClient, Client


class Api(Protocol):
    """A client, wherever it waits."""

    async def do(self, ask: Callable[..., Any], *more: object) -> Any:  # noqa: ANN401  # whatever the client answers
        """What ``ask`` gets of the client, which it is given before what is ``more``."""

    async def all(self, ask: Callable[..., Any], *more: object) -> list[Any]:
        """What comes out of the iterator that ``ask`` gets of the client."""


@dataclass(frozen=True, kw_only=True)
class Blocking:
    """On a thread of its own, since the server is in the loop of the test."""

    client: Client

    async def do(self, ask: Callable[..., Any], *more: object) -> Any:  # noqa: ANN401
        return await asyncio.to_thread(ask, self.client, *more)

    async def all(self, ask: Callable[..., Iterable[Any]], *more: object) -> list[Any]:
        return await asyncio.to_thread(lambda: list(ask(self.client, *more)))


@dataclass(frozen=True, kw_only=True)
class Waiting:
    client: AsyncClient

    async def do(self, ask: Callable[..., Awaitable[Any]], *more: object) -> Any:  # noqa: ANN401
        return await ask(self.client, *more)

    async def all(self, ask: Callable[..., AsyncIterator[Any]], *more: object) -> list[Any]:
        return [each async for each in ask(self.client, *more)]
