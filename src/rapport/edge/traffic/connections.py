"""Patience with clients: connections on which headers, bodies or the reading of answers take too long are closed.

Without that they would be waited for without end, and headers could be of any length.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from rapport.base.settings import Settings
from rapport.edge.traffic.http1 import ABOUT_REQUEST, IN_BODY, IN_HEAD, LATER, HttpConnection

SLOWEST = 1_000  # bytes a second, of what takes longer than its time
HEAD_GRACE_SECONDS = 1.0  # for headers when connections run short
MOST_LOOK_SECONDS = 2.0  # between two looks at a connection


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


class LimitedConnection(HttpConnection):
    """One connection. It is looked at every now and then; between the looks requests only leave marks."""

    patience: Patience
    count_apart: Callable[[], int]

    # -- what comes and goes -------------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as it is with TCP
        super().connection_made(transport)
        now = self.loop.time()
        self._received_then = 0  # bytes received when `since` was seen
        self._answer_since, self._answer_then = now, 0  # when so many bytes of answers were still to be sent
        self._next_look: asyncio.TimerHandle | None = None
        count = len(self.connections) - self.count_apart()
        if count > self.patience.most_connections and not self._made_room(now):
            self.refuse(b"503 Service Unavailable", b"There are too many connections.", LATER)
        self._plan_look()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._next_look is not None:
            self._next_look.cancel()
            self._next_look = None
        super().connection_lost(exc)

    def upgrade_to_websocket(self, head: bytes) -> None:
        """Another protocol takes the connection over, and nobody looks at this one any more."""
        if self.exchange is not None and self.exchange.is_on_its_way:
            self.exchange.leave()  # it may have no end
            self.transport.close()
            return
        if self.exchange is not None:
            self.refuse(b"400 Bad Request", b"")
            return
        if self._next_look is not None:
            self._next_look.cancel()
            self._next_look = None
        super().upgrade_to_websocket(head)

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
        if self.is_over:
            return
        if self.place == ABOUT_REQUEST:
            if self.exchange is None and now - self.idle_since >= self.config.timeout_keep_alive:
                self.transport.close()
            return
        if self.since is None or (self.place == IN_BODY and not self.is_reading):  # then it is we who are slow
            self.since, self._received_then = now, self.received
            return
        took = now - self.since
        if self.place == IN_HEAD and took >= self.patience.head_seconds:
            if self.received:
                self.refuse(b"408 Request Timeout", b"The headers took too long.", LATER)
            else:
                self.transport.close()  # nothing was asked
        elif self.place == IN_BODY and took >= self.patience.body_seconds:
            if self.received - self._received_then < SLOWEST * took:
                self.refuse(b"408 Request Timeout", b"The body took too long.", LATER)
            self.since, self._received_then = now, self.received

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

    def _is_dispensable(self, now: float) -> bool:
        if self.transport.is_closing() or self.exchange is not None:
            return False
        if self.place == IN_HEAD:
            return self.since is not None and now - self.since > HEAD_GRACE_SECONDS
        return self.place == ABOUT_REQUEST


def limited(patience: Patience, *, count_apart: Callable[[], int] = lambda: 0) -> type[LimitedConnection]:
    """The class for `uvicorn.Config(http=…)`. ``count_apart``: connections that have a limit of their own."""

    class Connection(LimitedConnection):
        pass

    Connection.patience = patience
    Connection.count_apart = staticmethod(count_apart)
    return Connection
