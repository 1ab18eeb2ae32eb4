"""An endpoint that webhooks can point to: a real HTTP server, which keeps what it is sent and answers as it is told."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

from tests.waiting import until


@dataclass(frozen=True, kw_only=True)
class Received:
    """One request, as it came."""

    path: str
    headers: Mapping[str, str]  # names in lower case
    body: bytes

    @property
    def told(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(self.body)
        return found

    @property
    def what(self) -> str:
        """`person.created Oslo`: the event, and the city of the record."""
        return f"{self.told['eventName']} {self.told['record']['city']}"


@dataclass(frozen=True, kw_only=True)
class Reply:
    """How it answers. ``waits``: not before that is set; ``hangs_up``: not at all."""

    status: int = 200
    text: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    waits: asyncio.Event | None = None
    hangs_up: bool = False


@dataclass
class Receiver:
    """``reply`` says how each request is answered."""

    url: str = ""
    received: list[Received] = field(default_factory=list)
    reply: Callable[[Received], Reply] = lambda _: Reply()

    async def until(self, count: int) -> None:
        """Until so many requests have come."""

        async def have_come() -> bool:
            return len(self.received) >= count

        await until(have_come)

    @property
    def whats(self) -> list[str]:
        return [each.what for each in self.received]

    async def _take(self, request: web.Request) -> web.StreamResponse:
        headers = {name.lower(): value for name, value in request.headers.items()}
        received = Received(path=request.path_qs, headers=headers, body=await request.read())
        self.received.append(received)
        reply = self.reply(received)
        if reply.waits is not None:
            await reply.waits.wait()
        if reply.hangs_up:
            assert request.transport is not None
            request.transport.abort()
        return web.Response(status=reply.status, text=reply.text, headers=reply.headers)


@asynccontextmanager
async def receiving(port: int = 0) -> AsyncIterator[Receiver]:
    """A server on 127.0.0.1, for as long as the block lasts."""
    receiver = Receiver()
    app = web.Application(client_max_size=100_000_000)
    app.router.add_route("*", "/{path:.*}", receiver._take)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", port)
    await site.start()
    receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
    try:
        yield receiver
    finally:
        await runner.cleanup()
