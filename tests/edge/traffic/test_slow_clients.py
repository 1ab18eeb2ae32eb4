"""Clients that take their time: over real sockets, with little patience."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import ClassVar
from urllib.parse import urlsplit

import pytest

from tests.edge.rest.asking import send
from tests.edge.traffic.conftest import Home
from tests.serving import Client, serving

SHORT, LONG = timedelta(milliseconds=300), timedelta(seconds=60)
PATIENT = {"request_header_timeout": LONG, "request_body_timeout": LONG, "response_timeout": LONG}


class Socket(asyncio.Protocol):
    """A connection on which one may be slow."""

    opened: ClassVar[list["Socket"]] = []

    def __init__(self) -> None:
        self.received = bytearray()
        self.closed, self.lost = asyncio.Event(), asyncio.Event()
        self.transport = asyncio.Transport()

    @classmethod
    async def open(cls, client: Client, *, window: int | None = None) -> "Socket":
        raw = socket.socket()
        if window is not None:
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)
        raw.setblocking(False)
        loop = asyncio.get_running_loop()
        await loop.sock_connect(raw, ("127.0.0.1", urlsplit(client.url).port))
        _, made = await loop.create_connection(cls, sock=raw)
        cls.opened.append(made)
        return made

    @classmethod
    async def close_all(cls) -> None:
        for each in cls.opened:
            each.transport.abort()
            await each.lost.wait()
        cls.opened.clear()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as it is with TCP
        self.transport = transport

    def data_received(self, data: bytes) -> None:
        self.received += data

    def eof_received(self) -> None:
        self.closed.set()

    def connection_lost(self, exc: Exception | None) -> None:
        self.closed.set()
        self.lost.set()

    async def send(self, data: bytes) -> bool:
        """False when the server has closed."""
        if not self.lost.is_set():
            self.transport.write(data)
        await asyncio.sleep(0)
        return not self.closed.is_set()

    async def trickle(self, data: bytes, seconds: float) -> bool:
        """Byte by byte; False when the server closes before all are sent."""
        for byte in data:
            await self.send(bytes([byte]))
            with suppress(TimeoutError):
                await asyncio.wait_for(self.closed.wait(), seconds / len(data))
                return False
        return True

    async def until(self, text: bytes) -> bytes:
        """What has come, as soon as the text is in it; it is not there any more then."""
        async with asyncio.timeout(20):
            while text not in self.received:  # noqa: ASYNC110
                await asyncio.sleep(0.002)
        end = self.received.index(text) + len(text)
        taken = bytes(self.received[:end])
        del self.received[:end]
        return taken

    async def rest(self) -> bytes:
        await asyncio.wait_for(self.closed.wait(), 20)
        return bytes(self.received)


def head(client: Client, path: str, *more: str, method: str = "POST") -> bytes:
    lines = (f"{method} {path} HTTP/1.1", "Host: x", f"Authorization: Bearer {client.tenant.key}", *more)
    return "\r\n".join((*lines, "Content-Type: application/json", "", "")).encode()


@asynccontextmanager
async def impatient(home: Home, **settings: object) -> AsyncIterator[Client]:
    """``settings``: with what the server has little patience."""
    async with serving(home.database, home.tenant, **{**PATIENT, **settings}) as client:  # type: ignore[arg-type]
        try:
            yield client
        finally:
            await Socket.close_all()


async def test_headers_that_do_not_come_to_an_end(home: Home) -> None:
    async with impatient(home, request_header_timeout=SHORT) as client:
        silent, slow, again, blank = [await Socket.open(client) for _ in range(4)]
        await again.send(head(client, "/rest/people", method="GET"))
        await again.until(b"\r\n\r\n")

        assert not await slow.trickle(head(client, "/rest/people"), 10)
        assert (await slow.rest()).startswith(b"HTTP/1.1 408 ")
        assert await silent.rest() == b""
        # The connection of a request that was answered is not better off, nor one that sends nothing but line ends.
        assert not await again.trickle(head(client, "/rest/people"), 10)
        assert not await blank.trickle(b"\r\n" * 200, 10)
        assert (await send(client, "GET", "/people")).status_code == 200


async def test_bodies_that_do_not_come_to_an_end(home: Home) -> None:
    async with impatient(home, request_body_timeout=SHORT) as client:
        for path in ("/graphql", "/rest/people", "/rest/batch/people"):
            for announced in ("Content-Length: 300", "Transfer-Encoding: chunked"):
                slow = await Socket.open(client)
                await slow.send(head(client, path, announced))
                assert not await slow.trickle(b"2d\r\n" + b" " * 296, 15), (path, announced)
                assert (await slow.rest()).startswith(b"HTTP/1.1 408 ")

        # A refusal does not need the body; what still comes of it is not waited for either.
        refused = await Socket.open(client)
        await refused.send(b"POST /rest/people HTTP/1.1\r\nHost: x\r\nContent-Length: 300\r\n\r\n")
        assert (await refused.until(b"\r\n")).startswith(b"HTTP/1.1 401 ")
        assert not await refused.trickle(b" " * 300, 15)


async def test_a_body_that_takes_long_but_comes_on_is_read(home: Home) -> None:
    async with impatient(home, request_body_timeout=SHORT) as client:
        steady = await Socket.open(client)
        body = b'{"city": "Rome"' + b" " * 6_000 + b"}"
        await steady.send(head(client, "/rest/people", f"Content-Length: {len(body)}"))
        began = time.monotonic()
        for at in range(0, len(body), 200):  # 5,000 bytes a second
            await steady.send(body[at : at + 200])
            await asyncio.sleep(0.04)
        assert time.monotonic() - began > 3 * SHORT.total_seconds()
        assert (await steady.until(b"\r\n")).startswith(b"HTTP/1.1 201 ")


async def test_answers_that_nobody_takes_off(home: Home) -> None:
    async with impatient(home, response_timeout=SHORT) as client:
        rows = [{"city": "x" * 150_000} for _ in range(60)]
        assert (await send(client, "POST", "/batch/people", rows)).status_code == 201
        for path in ("/rest/people?limit=100", "/rest/people/export?format=ndjson"):
            request = head(client, path, "Connection: close", method="GET")
            stuck, slow = await Socket.open(client, window=4_096), await Socket.open(client, window=200_000)
            stuck.transport.pause_reading()
            await stuck.send(request)
            await slow.send(request)
            while not slow.closed.is_set():
                await asyncio.sleep(0.01)
                slow.transport.pause_reading()
                await asyncio.sleep(0.01)
                slow.transport.resume_reading()
            assert slow.received.count(b"x") >= 60 * 150_000, path
            async with asyncio.timeout(10):
                while is_held(stuck):  # noqa: ASYNC110  # of another end
                    await asyncio.sleep(0.02)


def is_held(client: Socket) -> bool:
    """Whether the server has its end of a connection, as the system tells. What was sent may still be on its way."""
    own, other = (f"{client.transport.get_extra_info(name)[1]:04X}" for name in ("sockname", "peername"))
    rows = [line.split() for line in Path("/proc/net/tcp").read_text("ascii").splitlines()]
    established = [row for row in rows if row[3] == "01"]
    return any(row[1].endswith(f":{other}") and row[2].endswith(f":{own}") for row in established)


@pytest.mark.parametrize("line", [b"X-%d: y\r\n", b"X: %d " + b"y" * 1_000, b"GET /%d" + b"y" * 1_000])
async def test_headers_without_end_are_refused(home: Home, line: bytes) -> None:
    async with impatient(home) as client:
        large = await Socket.open(client)
        await large.send(b"" if line.startswith(b"GET") else b"GET / HTTP/1.1\r\nHost: x\r\n")
        sent = 0
        while await large.send(line % sent) and sent < 2_000_000:
            sent += len(line)
        assert sent < 1_000_000
        answer = await large.rest()
        assert answer == b"" or answer.startswith((b"HTTP/1.1 431 ", b"HTTP/1.1 400 "))


async def test_what_is_beside_the_content_of_a_body_has_an_end_too(home: Home) -> None:
    async with impatient(home) as client:
        large = await Socket.open(client)
        await large.send(head(client, "/rest/people", "Transfer-Encoding: chunked") + b"2\r\n{}\r\n0\r\n")
        sent = 0
        while await large.send(b"X-Trailer: " + b"y" * 5_000 + b"\r\n") and sent < 2_000_000:
            sent += 5_000
        assert sent < 1_000_000
        assert (await send(client, "GET", "/people")).status_code == 200


async def test_a_body_in_many_small_parts_is_read(home: Home) -> None:
    async with impatient(home) as client:
        many = await Socket.open(client)
        parts = [b'{"city": "', *[b"x" * 50] * 20_000, b'"}']
        framed = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"
        await many.send(head(client, "/rest/people", "Transfer-Encoding: chunked") + framed[:300_000])
        assert await many.send(framed[300_000:])
        assert (await many.until(b"\r\n")).startswith(b"HTTP/1.1 201 ")


async def test_who_holds_all_connections_keeps_nobody_out(home: Home) -> None:
    async with impatient(home, max_connections=20) as client:
        holding = [await Socket.open(client) for _ in range(40)]
        for each in holding:
            await each.send(b"GET / HTTP/1.1\r\nX: ")
        async with asyncio.timeout(20):  # as soon as they are suspicious
            while True:
                guest = await Socket.open(client)
                await guest.send(head(client, "/rest/people", "Connection: close", method="GET"))
                answer = await guest.rest()
                if answer.startswith(b"HTTP/1.1 200 "):
                    break
                assert answer == b"" or answer.startswith(b"HTTP/1.1 503 ")
                await asyncio.sleep(0.1)


async def test_two_requests_at_once_are_both_answered(home: Home) -> None:
    async with impatient(home, request_header_timeout=SHORT, request_body_timeout=SHORT) as client:
        both = await Socket.open(client)
        get = head(client, "/rest/companies", method="GET")
        await both.send(get + get + get[:-2])
        await asyncio.sleep(0.1)
        await both.send(b"\r\n")
        for _ in range(3):
            assert (await both.until(b"\r\n")).startswith(b"HTTP/1.1 200 ")
            await both.until(b'"endCursor":null}}')
