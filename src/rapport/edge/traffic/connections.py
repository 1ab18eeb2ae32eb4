"""Patience with clients: connections on which headers, bodies or the reading of answers take too long are closed.

uvicorn waits for all of these without end, and for headers of any length.
"""

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from rapport.base.settings import Settings

SLOWEST = 1_000  # bytes a second, of what takes longer than its time
MOST_HEAD_BYTES = 262_144  # before a body, or in it beside the content: sizes of chunks, trailers
HEAD_GRACE_SECONDS = 1.0  # for headers when connections run short
MOST_LOOK_SECONDS = 2.0  # between two looks at a connection

_OFFER = re.compile(rb"\r\nupgrade:(?=[ \t]*h2c[ \t]*(?:\r\n|$))", re.IGNORECASE)

_ABOUT_REQUEST, _IN_HEAD, _IN_BODY = range(3)  # where the client is: between requests, …


@dataclass(frozen=True, kw_only=True)
class Patience:
    """All times in seconds."""

    most_connections: int
    head_seconds: float
    body_seconds: float
    answer_seconds: float

    @classmethod
    def of(cls, settings: Settings) -> "Patience":
        return cls(
            most_connections=settings.max_connections,
            head_seconds=settings.request_header_timeout.total_seconds(),
            body_seconds=settings.request_body_timeout.total_seconds(),
            answer_seconds=settings.response_timeout.total_seconds(),
        )

    @property
    def look_seconds(self) -> float:
        return min(self.head_seconds, self.body_seconds, self.answer_seconds, MOST_LOOK_SECONDS * 4) / 4


class LimitedConnection(HttpToolsProtocol):
    """One connection. It is looked at every now and then; between the looks requests only leave marks."""

    patience: Patience
    count_apart: Callable[[], int]

    # -- what comes and goes -------------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        super().connection_made(transport)
        now = self.loop.time()
        self._place = _IN_HEAD  # who connects wants something
        self._since: float | None = now  # how long the client has been there; None: to be seen at the next look
        self._received = 0  # bytes since the last place,
        self._content = 0  # those of a body among them,
        self._received_then = 0  # and how many there were at that time
        self._answer_since, self._answer_then = now, 0  # when so many bytes of answers were still to be sent
        self._next_look: asyncio.TimerHandle | None = None
        count = len(self.connections) - self.count_apart()
        if count > self.patience.most_connections and not self._made_room(now):
            self._refuse(b"503 Service Unavailable", b"There are too many connections.")
        self._plan_look()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._next_look is not None:
            self._next_look.cancel()
            self._next_look = None
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._received += len(data)
        if self._place == _ABOUT_REQUEST:
            self._place = _IN_HEAD
            self._since = None
        if self._place == _IN_HEAD and b"h2c" in data:
            data = _without_offer(data)
        super().data_received(data)
        # Also when the request was complete: more than one may have come at once.
        if self._received - 2 * self._content > MOST_HEAD_BYTES and not self.transport.is_closing():
            self._refuse(b"431 Request Header Fields Too Large", b"The headers are too large.")

    def handle_websocket_upgrade(self) -> None:
        """Another protocol takes the connection over, and nobody looks at this one any more."""
        if self._is_answering:
            self._refuse(b"400 Bad Request", b"")
            return
        if self._next_look is not None:
            self._next_look.cancel()
            self._next_look = None
        super().handle_websocket_upgrade()
        self.parser = None  # type: ignore[assignment]  # which knows this object: it would be kept for a while

    def on_headers_complete(self) -> None:
        self._place = _IN_BODY
        self._since = None
        self._received = self._content = 0
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._content += len(body)
        super().on_body(body)

    def on_message_complete(self) -> None:
        self._place = _ABOUT_REQUEST
        self._received = self._content = 0
        super().on_message_complete()

    # -- the looks -----------------------------------------------------------------------------------------------------

    def _plan_look(self) -> None:
        self._next_look = self.loop.call_later(self.patience.look_seconds, self._look)

    def _look(self) -> None:
        now = self.loop.time()
        if not self.transport.is_closing():
            self._look_at_request(now)
        self._look_at_answer(now)
        self._plan_look()

    def _look_at_request(self, now: float) -> None:
        if self._place == _ABOUT_REQUEST:
            return
        if self._since is None or (self._place == _IN_BODY and self.flow.read_paused):  # then it is we who are slow
            self._since, self._received_then = now, self._received
            return
        took = now - self._since
        if self._place == _IN_HEAD and took >= self.patience.head_seconds:
            if self._received:
                self._refuse(b"408 Request Timeout", b"The headers took too long.")
            else:
                self.transport.close()  # nothing was asked
        elif self._place == _IN_BODY and took >= self.patience.body_seconds:
            if self._received - self._received_then < SLOWEST * took:
                self._refuse(b"408 Request Timeout", b"The body took too long.")
            self._since, self._received_then = now, self._received

    def _look_at_answer(self, now: float) -> None:
        size, took = self.transport.get_write_buffer_size(), now - self._answer_since
        if 0 < size <= self._answer_then and took < self.patience.answer_seconds:
            return
        if 0 < size <= self._answer_then and self._answer_then - size < SLOWEST * took:
            self.transport.abort()
        self._answer_since, self._answer_then = now, size  # all is taken, or much of it, or there is more since

    def resume_writing(self) -> None:
        """The client has taken off most of what was to be sent."""
        self._answer_since, self._answer_then = self.loop.time(), self.transport.get_write_buffer_size()
        super().resume_writing()

    # -- the end -------------------------------------------------------------------------------------------------------

    def _made_room(self, now: float) -> bool:
        """Closes another connection that nobody will miss: who holds many without a request keeps nobody out."""
        for other in self.connections:
            if isinstance(other, LimitedConnection) and other is not self and other._is_dispensable(now):
                other.transport.abort()
                return True
        return False

    @property
    def _is_answering(self) -> bool:
        cycle: RequestResponseCycle | None = self.cycle  # None before the first request, whatever uvicorn declares
        return cycle is not None and not cycle.response_complete

    def _is_dispensable(self, now: float) -> bool:
        if self.transport.is_closing() or self._is_answering:
            return False
        if self._place == _IN_HEAD:
            return self._since is not None and now - self._since > HEAD_GRACE_SECONDS
        return self._place == _ABOUT_REQUEST

    def _refuse(self, status: bytes, message: bytes) -> None:
        """Closes the connection; with an answer, if no other has begun."""
        if not self._is_answering or not self.cycle.response_started:
            self.transport.write(
                b"HTTP/1.1 " + status + b"\r\ncontent-type: text/plain; charset=utf-8\r\nretry-after: 10\r\n"
                b"connection: close\r\ncontent-length: %d\r\n\r\n" % len(message) + message
            )
        self.transport.close()


def _without_offer(data: bytes) -> bytes:
    """A head without the offer to go on in HTTP/2, as Java's client makes it with each first request. It may be passed
    over, but the parser would take what follows the head for HTTP/2, and nothing of the body would arrive.

    >>> _without_offer(b"POST / HTTP/1.1\\r\\nUpgrade: h2c\\r\\n\\r\\nUpgrade: h2c")
    b'POST / HTTP/1.1\\r\\nx-grade: h2c\\r\\n\\r\\nUpgrade: h2c'
    """
    head, end, body = data.partition(b"\r\n\r\n")
    return _OFFER.sub(b"\r\nx-grade:", head) + end + body


def limited(patience: Patience, *, count_apart: Callable[[], int] = lambda: 0) -> type[LimitedConnection]:
    """The class for `uvicorn.Config(http=…)`. ``count_apart``: connections that have a limit of their own."""

    class Connection(LimitedConnection):
        pass

    Connection.patience = patience
    Connection.count_apart = staticmethod(count_apart)
    return Connection
