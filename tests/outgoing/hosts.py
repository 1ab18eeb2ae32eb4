"""Hosts to ask: servers that speak HTTP to the letter that they are told, and names that lead where tests want."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from ssl import SSLContext


@dataclass
class Host:
    """A server, and what it has been sent: the head of each request."""

    port: int
    heads: list[str] = field(default_factory=list)
    connections: int = 0


@asynccontextmanager
async def hosting(
    *parts: bytes | asyncio.Event,
    address: str = "127.0.0.1",
    port: int = 0,
    tls: SSLContext | None = None,
    speaks_first: bool = False,
) -> AsyncIterator[Host]:
    """Answers each request with these parts and closes; at an event it waits for that."""
    host = Host(port)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        host.connections += 1
        try:
            if not speaks_first:
                host.heads.append((await reader.readuntil(b"\r\n\r\n")).decode())
            for part in parts:
                if isinstance(part, asyncio.Event):
                    await part.wait()
                else:
                    writer.write(part)
                    await writer.drain()
        except (OSError, asyncio.IncompleteReadError):
            return
        finally:
            writer.close()

    server = await asyncio.start_server(serve, address, port, ssl=tls)
    host.port = server.sockets[0].getsockname()[1]
    try:
        yield host
    finally:
        for part in parts:
            if isinstance(part, asyncio.Event):
                part.set()
        server.close()
        await server.wait_closed()


@dataclass
class Leading:
    """Names that lead to other addresses each time they are asked for, as those of somebody who means no good."""

    answers: Iterator[Sequence[str]]
    asked: list[tuple[str, int]] = field(default_factory=list)
    is_closed: bool = False

    async def find(self, host: str, port: int) -> list[str]:
        self.asked.append((host, port))
        found = next(self.answers)
        if not found:
            raise OSError("no such name")
        return list(found)

    def close(self) -> None:
        self.is_closed = True
