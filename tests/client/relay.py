"""A way to a server that can be cut, as networks are."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field


@dataclass(kw_only=True)
class Relay:
    """``cut`` ends all connections, and those that come while it ``is_cut``."""

    url: str = ""
    is_cut: bool = False
    opened: int = 0
    writers: set[asyncio.StreamWriter] = field(default_factory=set)

    def cut(self) -> None:
        self.is_cut = True
        for each in self.writers:
            each.transport.abort()

    def mend(self) -> None:
        self.is_cut = False


@asynccontextmanager
async def relay(url: str) -> AsyncIterator[Relay]:
    host, _, port = url.removeprefix("http://").partition(":")
    found, tasks = Relay(), set[asyncio.Task[None]]()

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while part := await reader.read(65_536):
                writer.write(part)
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.transport.abort()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if found.is_cut:
            writer.transport.abort()
            return
        found.opened += 1
        there, back = await asyncio.open_connection(host, int(port))
        found.writers |= {writer, back}
        tasks.add(asyncio.create_task(carry(reader, back)))
        tasks.add(asyncio.create_task(carry(there, writer)))

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    found.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield found
        found.cut()
        await asyncio.gather(*tasks)
