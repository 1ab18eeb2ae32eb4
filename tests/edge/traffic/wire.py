"""An ASGI application of a test behind the server, and a client that reads what comes over the wire to the letter."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from starlette.types import Message, Receive, Scope, Send

from tests.serving import answering

Application = Callable[[Scope, Receive, Send], Awaitable[None]]
Headers = list[tuple[bytes, bytes]]

GET = b"GET / HTTP/1.1\r\nhost: x\r\n\r\n"


@dataclass(frozen=True, kw_only=True)
class Answer:
    status: int
    headers: Headers
    body: bytes
    parts: list[bytes] = field(default_factory=list)  # when it came in chunks

    def __getitem__(self, name: bytes) -> list[bytes]:
        return [value for each, value in self.headers if each == name]


@dataclass(frozen=True, kw_only=True)
class Wire:
    """One connection."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def head(self) -> Answer:
        """The head of an answer."""
        async with asyncio.timeout(20):
            first, *lines = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")[:-2]
        version, status, _ = first.split(" ", 2)
        assert version == "HTTP/1.1"
        headers = [(name.encode(), value.encode("latin-1")) for name, value in (each.split(": ", 1) for each in lines)]
        return Answer(status=int(status), headers=headers, body=b"")

    async def answer(self, method: str = "GET") -> Answer:
        """A whole answer, as far as it says itself how long it is, and not a byte more."""
        head = await self.head()
        parts, body = [], b""
        async with asyncio.timeout(20):
            if method == "HEAD" or head.status in (204, 304) or head.status < 200:
                pass
            elif head[b"transfer-encoding"]:
                assert head[b"transfer-encoding"] == [b"chunked"]
                while part := await self.chunk():
                    parts.append(part)
                body = b"".join(parts)
            elif head[b"content-length"]:
                [length] = head[b"content-length"]
                body = await self.reader.readexactly(int(length))
            else:
                body = await self.reader.read()
        return Answer(status=head.status, headers=head.headers, body=body, parts=parts)

    async def chunk(self) -> bytes:
        """Empty: the last."""
        async with asyncio.timeout(20):
            size = int(await self.reader.readuntil(b"\r\n"), 16)
            part = await self.reader.readexactly(size)
            assert await self.reader.readexactly(2) == b"\r\n"
        return part

    async def ask(self, request: bytes = GET) -> Answer:
        await self.send(request)
        return await self.answer(request.partition(b" ")[0].decode())

    async def rest(self) -> bytes:
        """What comes until the server closes."""
        async with asyncio.timeout(20):
            return await self.reader.read()

    async def close(self) -> None:
        self.writer.transport.abort()
        await asyncio.sleep(0)


class Served:
    """A server. ``application`` may be another one for each test."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.application: Application = nothing
        self._wires: list[Wire] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.application(scope, receive, send)

    async def open(self, *, window: int | None = None) -> Wire:
        raw = socket.socket()
        if window is not None:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)
        raw.setblocking(False)
        await asyncio.get_running_loop().sock_connect(raw, ("127.0.0.1", self.port))
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        reader, writer = await asyncio.open_connection(sock=raw, limit=65_536)
        self._wires.append(Wire(reader=reader, writer=writer))
        return self._wires[-1]

    async def ask(self, application: Application, request: bytes = GET) -> Answer:
        """The answer to one request on a connection of its own."""
        self.application = application
        return await (await self.open()).ask(request)

    async def close_all(self) -> None:
        for each in self._wires:
            await each.close()
        self._wires.clear()


async def nothing(scope: Scope, receive: Receive, send: Send) -> None:
    """Not yet given."""


@asynccontextmanager
async def served() -> AsyncIterator[Served]:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        found = Served(listening.getsockname()[1])
        async with answering(listening, found):
            yield found
            await found.close_all()


def sends(*messages: Mapping[str, object], reads: bool = False) -> Application:
    """An application that sends these messages, whatever is asked. ``reads``: it takes the body first."""

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        while reads and (await receive()).get("more_body"):
            pass
        for each in messages:
            await send(dict(each))

    return application


def start(*headers: tuple[bytes, bytes], status: int = 200) -> Message:
    return {"type": "http.response.start", "status": status, "headers": list(headers)}


def body(content: bytes | bytearray | memoryview = b"", *, more: bool = False) -> Message:
    return {"type": "http.response.body", "body": content, "more_body": more}


def length(size: int) -> tuple[bytes, bytes]:
    return (b"content-length", b"%d" % size)


def post(content: bytes, *headers: bytes, path: bytes = b"/") -> bytes:
    lines = (b"POST %b HTTP/1.1" % path, b"host: x", b"content-length: %d" % len(content), *headers, b"", content)
    return b"\r\n".join(lines)
