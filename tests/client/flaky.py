"""An HTTP server that answers as it is told, one answer after the other, and writes down what it was asked."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

HANG_UP = "hang up"  # after the request came
CUT = "cut"  # in the middle of the answer


@dataclass(frozen=True, kw_only=True)
class Told:
    """An answer. ``body`` goes as JSON, unless it is text or bytes."""

    status: int = 200
    body: object = None
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Asked:
    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


@dataclass(kw_only=True)
class Flaky:
    url: str
    script: list[Told | str]
    asked: list[Asked] = field(default_factory=list)

    def sent_keys(self) -> list[str | None]:
        """The Idempotency-Key of each request."""
        return [each.headers.get("idempotency-key") for each in self.asked]


@asynccontextmanager
async def flaky(*script: Told | str) -> AsyncIterator[Flaky]:
    """Answers by the script, and as its last line says from then on."""
    found = Flaky(url="", script=list(script))

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                first, headers = head.decode().partition("\r\n")[0], _headers(head)
                body = await _body(reader, headers)
                method, path, _ = first.split(" ")
                found.asked.append(Asked(method=method, path=path, headers=headers, body=body))
                told = found.script.pop(0) if len(found.script) > 1 else found.script[0]
                if not isinstance(told, Told):
                    if told == CUT:
                        writer.write(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n" + b'{"n":1}\n{"n":')
                        await writer.drain()
                    return
                writer.write(_answer(told))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(talk, "127.0.0.1", 0)
    found.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield found


async def _body(reader: asyncio.StreamReader, headers: Mapping[str, str]) -> bytes:
    if headers.get("transfer-encoding") != "chunked":
        return await reader.readexactly(int(headers.get("content-length", "0")))
    parts: list[bytes] = []
    while size := int((await reader.readline()).strip(), 16):
        parts.append(await reader.readexactly(size))
        await reader.readline()
    await reader.readline()
    return b"".join(parts)


def _answer(told: Told) -> bytes:
    body = told.body if isinstance(told.body, bytes) else _text(told.body).encode()
    lines: Sequence[str] = [f"{name}: {value}" for name, value in told.headers.items()]
    head = "\r\n".join([f"HTTP/1.1 {told.status} Told", f"content-length: {len(body)}", *lines])
    return head.encode() + b"\r\n\r\n" + body


def _text(body: object) -> str:
    return body if isinstance(body, str) else json.dumps(body)


@asynccontextmanager
async def losing(url: str, *, first: int) -> AsyncIterator[str]:
    """The address of a way to a server on which so many answers get lost at first, after the server gave them."""
    host, _, port = url.removeprefix("http://").partition(":")
    left = first

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal left
        try:
            while True:
                answer = await _forwarded(reader, host, int(port))
                if left > 0:
                    left -= 1
                    return
                writer.write(answer)
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(carry, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def _forwarded(reader: asyncio.StreamReader, host: str, port: int) -> bytes:
    """The answer to the next request."""
    head = await reader.readuntil(b"\r\n\r\n")
    body = await _body(reader, _headers(head))
    there, back = await asyncio.open_connection(host, port)
    try:
        back.write(head + body)
        answer = await there.readuntil(b"\r\n\r\n")
        return answer + await _body(there, _headers(answer))
    finally:
        back.close()


def _headers(head: bytes) -> Mapping[str, str]:
    lines = head.decode().rstrip().split("\r\n")[1:]
    return {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
