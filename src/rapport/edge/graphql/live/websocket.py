"""WebSockets (RFC 6455) after uvicorn has read the request: a connection costs a few kilobytes, no task and no timer.

There is no ASGI between: it takes a task, a queue and the whole request for as long as a connection lasts.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Final, Protocol, TypeAlias

import structlog
from uvicorn.config import Config
from uvicorn.server import ServerState
from websockets.frames import CONT, TEXT, Frame, Opcode
from websockets.http11 import Request, Response
from websockets.protocol import OPEN, SERVER
from websockets.protocol import Protocol as Frames
from websockets.server import ServerProtocol
from websockets.typing import Subprotocol

GRAPHQL_TRANSPORT_WS: Final = "graphql-transport-ws"
GRAPHQL_WS: Final = "graphql-ws"  # older
SUBPROTOCOLS: Final = (GRAPHQL_TRANSPORT_WS, GRAPHQL_WS)

GOING_AWAY: Final = 1001
POLICY_VIOLATION: Final = 1008
TRY_AGAIN_LATER: Final = 1013
SUBPROTOCOL_NOT_ACCEPTABLE: Final = 4406

CLOSE_SECONDS = 5.0  # for the other side to close, too
LARGEST_STRANGERS_MESSAGE = 32_768  # bytes: of one who has not said who they are
_LONGEST_REASON = 123  # bytes


_log = structlog.get_logger(__name__)


class _Failures(logging.Logger):
    """What the library logs, but only its failures: below that it logs all that is said, tokens among it."""

    def __init__(self) -> None:
        super().__init__(__name__, logging.ERROR)

    def handle(self, record: logging.LogRecord) -> None:
        _log.error("a WebSocket failed", reason=record.getMessage(), exc_info=record.exc_info)


_FAILURES = _Failures()


class Session(Protocol):
    """What is talked about on a connection."""

    def received(self, message: bytes | None) -> None:
        """A message came; None: one that is no text."""

    def over(self) -> None:
        """Nothing can be said any more."""

    def lost(self) -> None:
        """The connection is gone. Comes last."""

    def end(self) -> None:
        """The server stops."""


class Refusal(Exception):
    """A request for a WebSocket is answered with an HTTP status instead."""

    def __init__(self, status: HTTPStatus, message: str, *, retry_after: int | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.retry_after = retry_after


class WebSocket(asyncio.Protocol):
    """One connection, made by uvicorn. Each server has a class of its own (``websockets``), which knows the host."""

    __slots__ = (
        "_closed_at", "_coming_since", "_connections", "_frames", "_has_text", "_heard", "_is_asked", "_loop",
        "_partial", "_paused", "_paused_since", "_session", "_transport", "subprotocol",
    )  # fmt: skip

    host: "Host"

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: Mapping[str, object],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        self._loop = _loop or asyncio.get_running_loop()
        self._connections: set[object] = server_state.connections  # type: ignore[assignment]  # where uvicorn looks
        self._transport: asyncio.Transport
        self._frames: Frames | None = None  # None: it is not open yet
        self._session: Session | None = None
        self._has_text = False  # the message that is coming
        self._partial: bytearray | None = None  # of one in several frames
        self._coming_since: float | None = None  # when there was the first part of one that is not complete
        self._paused: asyncio.Future[None] | None = None  # the other side does not take off what was sent
        self._paused_since = 0.0
        self._heard = self._loop.time()  # when something came
        self._is_asked = False  # whether it is still there, and has said nothing since
        self._closed_at: float | None = None  # when the other side was told of the close
        self.subprotocol: str | None = None

    # -- what comes ----------------------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as it is with TCP
        self._transport = transport
        self._connections.add(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self._connections.discard(self)
        self._wake()
        session, self._session = self._session, None
        if session is not None:
            session.over()
            session.lost()

    def data_received(self, data: bytes) -> None:
        frames = self._frames
        if frames is None:
            try:
                self._shake_hands(data)
            except BaseException:
                self._connections.discard(self)  # the transport does not know this object yet
                raise
            return
        self._heard, self._is_asked = self._loop.time(), False
        frames.receive_data(data)
        for event in frames.events_received():
            if isinstance(event, Frame):
                self._receive(event)
        if self._partial is None and not frames.reader.buffer:
            self._coming_since = None
        elif self._coming_since is None:
            self._coming_since = self._heard
        self._flush()

    def pause_writing(self) -> None:
        """The other side is slow. Nothing is read from it meanwhile: answers would pile up."""
        self._paused, self._paused_since = self._loop.create_future(), self._loop.time()
        self._transport.pause_reading()

    def resume_writing(self) -> None:
        self._wake()
        if not self._transport.is_closing():
            self._transport.resume_reading()

    def shutdown(self) -> None:
        """uvicorn calls it when the server stops."""
        if self._session is not None:
            self._session.end()
        else:
            self._transport.close()

    # -- what goes -----------------------------------------------------------------------------------------------------

    async def writable(self) -> None:
        """Returns when the other side has taken off most of what was sent, or is gone."""
        while self._paused is not None:
            await asyncio.shield(self._paused)

    def send(self, message: bytes) -> None:
        """Sends a text. Nothing happens when the connection is closed already."""
        if self._frames is not None and self._frames.state is OPEN:
            self._frames.send_text(message)
            self._flush()

    def close(self, code: int, reason: str = "", *, at_once: bool = False) -> None:
        """Says why, and that it is over. ``at_once``: without waiting for the other side to say so, too."""
        frames = self._frames
        if frames is not None and frames.state is OPEN:
            frames.send_close(code, reason.encode()[:_LONGEST_REASON].decode("utf-8", "ignore"))
            self._flush()
            self._closed_at = self._loop.time()
        if self._session is not None:
            self._session.over()
        if at_once and self._paused is None:
            self._transport.close()
        elif at_once:
            self._transport.abort()  # what the other side has not taken off by now it never will

    def trust(self, largest_message: int) -> None:
        """The other side has said who it is: its messages may be larger."""
        if self._frames is not None:
            self._frames.max_message_size = largest_message

    def look(self, now: float, *, keep_alive: float, message_seconds: float, answer_seconds: float) -> None:
        """Closes when the other side is silent though asked, comes to no end, or takes nothing off. All in seconds."""
        silent = now - self._heard
        if self._closed_at is not None:
            if now - self._closed_at >= min(CLOSE_SECONDS, answer_seconds):
                self._transport.abort()
        elif self._paused is not None:
            if now - self._paused_since >= answer_seconds:
                self.close(TRY_AGAIN_LATER, "What was sent was not taken off in time.")
        elif self._coming_since is not None and now - self._coming_since >= message_seconds:
            self.close(POLICY_VIOLATION, "The message took too long.")
        elif silent >= 2 * keep_alive and self._is_asked:
            self._transport.abort()
        elif silent >= keep_alive and not self._is_asked and self._frames is not None and self._frames.state is OPEN:
            self._is_asked = True
            self._frames.send_ping(b"")
            self._flush()

    # -- in between ----------------------------------------------------------------------------------------------------

    def _shake_hands(self, data: bytes) -> None:
        hands = ServerProtocol(select_subprotocol=_select, logger=_FAILURES)
        hands.receive_data(data)
        request = next(iter(hands.events_received()), None)
        if isinstance(request, Request):
            response = self._answer(hands, request)
        else:
            hands = ServerProtocol(logger=_FAILURES)  # the first one has given up
            response = hands.reject(HTTPStatus.BAD_REQUEST, "The request cannot be understood.\n")
        hands.send_response(response)
        self._transport.write(b"".join(hands.data_to_send()))
        if self._session is None:
            self._transport.close()
            return
        self._frames = Frames(SERVER, max_size=LARGEST_STRANGERS_MESSAGE, logger=_FAILURES)
        if self.subprotocol is None:
            self.close(SUBPROTOCOL_NOT_ACCEPTABLE, "Subprotocol not acceptable")

    def _answer(self, hands: ServerProtocol, request: Request) -> Response:
        response = hands.accept(request)
        if response.status_code != HTTPStatus.SWITCHING_PROTOCOLS:
            return response
        self.subprotocol = hands.subprotocol
        peer = self._transport.get_extra_info("peername")
        try:
            self._session = self.host(self, request, peer[0] if isinstance(peer, tuple) else None)
        except Refusal as refusal:
            response = hands.reject(refusal.status, f"{refusal.message}\n")
            if refusal.retry_after is not None:
                response.headers["Retry-After"] = str(refusal.retry_after)
        return response

    def _receive(self, frame: Frame) -> None:
        if frame.opcode in (Opcode.TEXT, Opcode.BINARY):
            self._has_text = frame.opcode is TEXT
            self._partial = bytearray(frame.data)
        elif frame.opcode is CONT and self._partial is not None:
            self._partial += frame.data
        else:
            return
        if frame.fin:
            message, self._partial = bytes(self._partial), None
            if self._session is not None:
                self._session.received(message if self._has_text else None)

    def _flush(self) -> None:
        assert self._frames is not None
        for data in self._frames.data_to_send():
            if not data:  # the end
                self._transport.close()
            elif not self._transport.is_closing():
                self._transport.write(data)

    def _wake(self) -> None:
        if self._paused is not None:
            self._paused.set_result(None)
            self._paused = None


# Begins a session on a connection, with the request for it and the address that it came from. Raises Refusal.
Host: TypeAlias = Callable[[WebSocket, Request, str | None], Session]


def websockets(host: Host) -> type[WebSocket]:
    """The class for `uvicorn.Config(ws=…)`."""

    class Connection(WebSocket):
        __slots__ = ()

    Connection.host = staticmethod(host)
    return Connection


def _select(_: ServerProtocol, offered: Sequence[Subprotocol]) -> Subprotocol | None:
    """Without one the connection is opened, to be closed with a reason."""
    return next((each for each in offered if each in SUBPROTOCOLS), None)
