"""One request of HTTP/1.1 and its answer, as an ASGI application sees them. The head of an answer waits for the first
part of its body, and both go out in one piece: each piece wakes the client.
"""

import asyncio
import socket
import struct
from typing import Final, Protocol

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from rapport.edge.traffic.heads import Reader, status_line

MOST_COPIED: Final = 65_536  # bytes of a body that are put behind the head; a larger one is not copied
MOST_WAITING: Final = 65_536  # bytes of a request's body that wait for the application before reading pauses

_FAILED: Final = b"content-type: text/plain; charset=utf-8\r\ncontent-length: 21\r\nconnection: close\r\n\r\n"
_WHY: Final = b"Internal Server Error"

_log = structlog.get_logger(__name__)


class Line(Protocol):
    """The connection, as an exchange uses it."""

    transport: asyncio.Transport
    reader: Reader
    tasks: set[asyncio.Task[None]]
    writable: asyncio.Event | None  # None: at once

    def default_lines(self) -> bytes: ...
    def pause_reading(self) -> None: ...
    def resume_reading(self) -> None: ...
    def answered(self, exchange: "Exchange") -> None:
        """The answer is complete."""


class Exchange:
    """Made when the head of a request has come. What comes of its body is put in, what is sent is written."""

    __slots__ = (
        "_has_ended", "_has_invited", "_has_started", "_has_told_end", "_head", "_is_bare", "_is_chunked", "_left",
        "_line", "_news", "_parts", "_waiting", "is_complete", "is_gone", "keep_alive", "scope",
    )  # fmt: skip

    def __init__(self, line: Line, scope: Scope, keep_alive: bool) -> None:
        self._line = line
        self.scope = scope
        self.keep_alive = keep_alive
        self.is_gone = False  # the client
        self.is_complete = False  # the answer
        # The request.
        self._parts: list[bytes] = []  # of the body, as far as the application has not taken them,
        self._waiting = 0  # and their size
        self._has_ended = False
        self._has_told_end = False
        self._has_invited = False  # the client to send the body, if it waits for that; or it did so unasked
        self._news: asyncio.Event | None = None  # for who waits in receive()
        # The answer.
        self._has_started = False
        self._head: bytes | None = None  # of an answer that has started, until it is written
        self._is_bare = False  # it has no body, whatever the application sends
        self._is_chunked = False
        self._left: int | None = None  # bytes of the body that are announced and not sent; None: nothing is announced

    @property
    def is_on_its_way(self) -> bool:
        """Whether something of the answer is written."""
        return self._has_started and self._head is None

    # -- what the connection does --------------------------------------------------------------------------------------

    async def run(self, app: ASGIApp) -> None:
        try:
            receive: Receive = self.receive
            send: Send = self.send
            await app(self.scope, receive, send)
        except BaseException as error:
            self._fail()
            if not isinstance(error, Exception):  # the server stops
                raise
            _log.error("a request failed", path=self.scope["path"], exc_info=error)
        else:
            if not self.is_complete and not self.is_gone:
                _log.error("a request was left without a whole answer", path=self.scope["path"])
                self._fail()
        finally:
            self._line.tasks.discard(asyncio.current_task())  # a callback would cost more

    def put(self, part: bytes) -> None:
        """A part of the request's body has come."""
        if self.is_complete:
            return
        self._has_invited = True
        self._parts.append(part)
        self._waiting += len(part)
        if self._waiting > MOST_WAITING:
            self._line.pause_reading()
        if self._news is not None:
            self._news.set()

    def end(self) -> None:
        """The request's body is complete."""
        self._has_ended = True
        if self._news is not None:
            self._news.set()

    def leave(self) -> None:
        """The client is gone."""
        self.is_gone = True
        if self._news is not None:
            self._news.set()

    # -- what the application does -------------------------------------------------------------------------------------

    async def receive(self) -> Message:
        """The body in parts, and then, when it is the case, that the client is gone or has its whole answer."""
        while not self.is_gone and not self.is_complete:
            if self._parts or (self._has_ended and not self._has_told_end):
                return self._take()
            self._invite()
            self._flush_head()  # the application may wait for long
            self._line.resume_reading()
            if self._news is None:
                self._news = asyncio.Event()
            self._news.clear()
            await self._news.wait()
        return {"type": "http.disconnect"}

    def _invite(self) -> None:
        if not self._has_invited and not self._has_started and self._is_awaited:
            self._has_invited = True
            self._line.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")

    @property
    def _is_awaited(self) -> bool:
        """Whether the client has more of a body, and waits to be asked for it before it sends that."""
        headers = self.scope["headers"]
        return not self._has_ended and any(
            each == b"expect" and is_.lower() == b"100-continue" for each, is_ in headers
        )

    def _take(self) -> Message:
        parts = self._parts
        body = parts[0] if len(parts) == 1 else b"".join(parts)
        self._parts = []
        self._waiting = 0
        self._has_told_end = self._has_ended
        return {"type": "http.request", "body": body, "more_body": not self._has_ended}

    async def send(self, message: Message) -> None:
        """Waits while the client does not take off what was sent before. Raises RuntimeError and ValueError."""
        if self._line.writable is not None and not self.is_gone:
            await self._line.writable.wait()
        if self.is_gone:
            return
        kind = message["type"]
        if kind == "http.response.body" and self._has_started and not self.is_complete:
            self._send_body(message.get("body", b""), message.get("more_body", False))
        elif kind == "http.response.start" and not self._has_started:
            self._start(message)
        else:
            raise RuntimeError(f"The message {kind!r} is not expected here.")

    def _start(self, message: Message) -> None:
        status: int = message["status"]
        first = status_line(status)
        lines, length, closes = self._line.reader.read(message.get("headers", ()))
        scope = self.scope
        self._is_bare = status in (204, 304) or scope["method"] == "HEAD"
        if not self._has_ended and not self._has_invited and self._is_awaited:
            self.keep_alive = False  # the body was not asked for: nobody knows whether it will come
        more = b""
        if length is None and not self._is_bare:
            if scope["http_version"] == "1.0":
                self.keep_alive = False  # the end of the connection is that of the body
            else:
                self._is_chunked = True
                more = b"transfer-encoding: chunked\r\n"
        if closes:
            self.keep_alive = False
        elif not self.keep_alive:
            more += b"connection: close\r\n"
        self._left = length
        self._head = b"".join((first, self._line.default_lines(), lines, more, b"\r\n"))
        self._has_started = True

    def _send_body(self, body: bytes, has_more: bool) -> None:
        if self._is_bare:
            body = b""
        elif self._left is not None:
            left = self._left - len(body)
            if left < 0 or (left and not has_more):
                raise RuntimeError("The body of an answer is longer or shorter than it was announced.")
            self._left = left
        elif self._is_chunked:
            frame = b"%x\r\n%b\r\n" % (len(body), body) if body else b""
            body = frame if has_more else frame + b"0\r\n\r\n"
        head = self._head
        if head is None:
            self._line.transport.write(body)
        else:
            self._head = None
            if len(body) > MOST_COPIED:
                self._line.transport.writelines((head, body))
            else:
                self._line.transport.write(head + body)
        if not has_more:
            self._complete()

    def _flush_head(self) -> None:
        if self._head is not None:
            self._line.transport.write(self._head)
            self._head = None

    def _complete(self) -> None:
        self.is_complete = True
        if self._news is not None:
            self._news.set()
        self._line.answered(self)

    def _fail(self) -> None:
        """Breaks the connection, if it is too late to say why: nobody takes a part for the whole."""
        if self.is_gone or self.is_complete:
            return
        if not self.is_on_its_way:
            self._has_started, self._head, self.keep_alive = True, None, False
            why = b"" if self.scope["method"] == "HEAD" else _WHY
            self._line.transport.write(status_line(500) + self._line.default_lines() + _FAILED + why)
            self._complete()
        elif self._left is None and not self._is_chunked:
            _reset(self._line.transport)  # to close it properly would be the end of the body
        else:
            self._line.transport.close()


def _reset(transport: asyncio.Transport) -> None:
    raw: socket.socket = transport.get_extra_info("socket")
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
