"""A connection of HTTP/1.1 for `uvicorn.Config(http=…)`: requests become exchanges, one answered after the other.

Of uvicorn it uses what uvicorn asks of every such class: the arguments of ``__init__`` with ``loaded_app``, ``loaded``,
``load``, ``ws_protocol_class`` and ``timeout_keep_alive`` of the configuration and ``connections``, ``tasks``,
``default_headers`` and ``total_requests`` of the server's state, and that the server calls ``shutdown``.
"""

import asyncio
import contextvars
from collections import deque
from collections.abc import Sequence
from typing import Final, TypeAlias
from urllib.parse import unquote

import httptools
import structlog
from starlette.types import ASGIApp, Scope
from uvicorn.config import Config
from uvicorn.server import ServerState

from rapport.edge.traffic.exchange import Exchange
from rapport.edge.traffic.heads import Reader

Address: TypeAlias = tuple[str, int]

_ASGI: Final = ("3.0", "2.3")  # the version of ASGI, and that of its part on HTTP
_UNREADABLE: Final = (httptools.HttpParserInvalidURLError, UnicodeDecodeError)

MOST_QUEUED: Final = 64  # requests that were sent before the answer to an earlier one
LONGEST_TARGET: Final = 65_535  # bytes: as many as the parser of addresses takes
MOST_HEAD_BYTES: Final = 262_144  # before a body, or in it beside the content: sizes of chunks, trailers

ABOUT_REQUEST, IN_HEAD, IN_BODY = range(3)  # where the client is: between requests, …
LATER: Final = b"retry-after: 10"

_log = structlog.get_logger(__name__)


class HttpConnection(asyncio.Protocol):
    """The callbacks of asyncio, then those of the parser, then what exchanges ask for (``exchange.Line``)."""

    transport: asyncio.Transport
    parser: httptools.HttpRequestParser
    reader = Reader()

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, object],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        if not config.loaded:
            config.load()
        self.loop = _loop or asyncio.get_running_loop()
        self.config = config
        self.server_state = server_state
        self.app_state = app_state
        self.tasks = server_state.tasks
        self.connections: set[object] = server_state.connections  # type: ignore[assignment]  # where uvicorn looks
        self.writable: asyncio.Event | None = None
        self.is_reading = True
        self.is_over = False  # what comes now is not looked at: the connection is closed after the last answer
        # Marks for who looks at the connection.
        now = self.loop.time()
        self.idle_since = now  # while there is no exchange
        self.place = IN_HEAD  # who connects wants something
        self.since: float | None = now  # how long the client has been there; None: to be seen at the next look
        self.received = 0  # bytes since the last place,
        self.content = 0  # and those of a body among them
        self._app: ASGIApp = config.loaded_app
        self._contexts = contextvars.copy_context()  # in which tasks begin
        self._default_headers: Sequence[tuple[bytes, bytes]] = ()
        self._default_lines = b""
        # What is being parsed: a head, then the body of an exchange.
        self._url = b""
        self._headers: list[tuple[bytes, bytes]] = []
        self._offer = (b"", self._headers)  # the first line and the headers of a request that offers another protocol
        self._coming: Exchange | None = None
        # What is being answered, and what is to be answered after it.
        self.exchange: Exchange | None = None
        self._queue: deque[Exchange] = deque()

    # -- the connection ------------------------------------------------------------------------------------------------

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as it is with TCP
        self.transport = transport
        self.connections.add(self)
        self._server = _address(transport, "sockname")
        self._client = _address(transport, "peername")
        self._scheme = "https" if transport.get_extra_info("sslcontext") else "http"
        self.parser = httptools.HttpRequestParser(self)

    def connection_lost(self, exc: Exception | None) -> None:
        self.connections.discard(self)
        self._queue.clear()
        if self.exchange is not None:
            self.exchange.leave()
        self.resume_writing()
        self._forget_parser()

    def data_received(self, data: bytes) -> None:
        if self.is_over:
            return
        self.received += len(data)
        if self.place == ABOUT_REQUEST:
            self.place = IN_HEAD
            self.since = None
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            self._go_on(data[upgrade.args[0] :])
        except httptools.HttpParserError as error:
            self._reject(error)
        # Also when the request was complete: more than one may have come at once.
        if self.received - 2 * self.content > MOST_HEAD_BYTES and not self.transport.is_closing():
            self.refuse(b"431 Request Header Fields Too Large", b"The headers are too large.", LATER)

    def _go_on(self, data: bytes) -> None:
        """After an offer of another protocol."""
        rest = memoryview(data)
        while self._passes_over_upgrade():
            try:
                self.parser.feed_data(rest)
                return
            except httptools.HttpParserUpgrade as upgrade:
                rest = rest[upgrade.args[0] :]
            except httptools.HttpParserError as error:
                self._reject(error)
                return

    def _passes_over_upgrade(self) -> bool:
        """Whether what follows the head of the request is HTTP still. If so, the head is read again without the offer
        to go on in another protocol, as Java's client offers HTTP/2 with each first request: the parser takes nothing
        behind such an offer for the body.
        """
        first, headers = self._offer
        if first.startswith(b"CONNECT "):
            self.refuse(b"400 Bad Request", b"This is not a proxy.")
            return False
        is_wanted = self.config.ws_protocol_class is not None and _upgrade(headers) == b"websocket"
        kept = [each for each in headers if is_wanted or each[0] != b"upgrade"]
        head = b"\r\n".join((first, *map(b": ".join, kept), b"\r\n"))
        if is_wanted:
            self.upgrade_to_websocket(head)
            return False
        self.parser = httptools.HttpRequestParser(self)
        try:
            self.parser.feed_data(head)
        except httptools.HttpParserError as error:
            self._reject(error)
            return False
        return True

    def upgrade_to_websocket(self, head: bytes) -> None:
        """Another protocol takes the connection over."""
        self.connections.discard(self)
        kind = self.config.ws_protocol_class
        assert kind is not None
        protocol = kind(  # type: ignore[call-arg]  # as uvicorn has it
            config=self.config, server_state=self.server_state, app_state=self.app_state
        )
        protocol.connection_made(self.transport)
        protocol.data_received(head)
        self.transport.set_protocol(protocol)
        self._forget_parser()

    def _reject(self, error: httptools.HttpParserError) -> None:
        cause = error.__context__
        if isinstance(error, httptools.HttpParserCallbackError) and not isinstance(cause, _UNREADABLE):
            _log.error("a request could not be read", exc_info=error)  # it is our mistake
        self.refuse(b"400 Bad Request", b"This is not a request of HTTP/1.1.")

    def pause_writing(self) -> None:
        self.writable = asyncio.Event()

    def resume_writing(self) -> None:
        if self.writable is not None:
            self.writable.set()
            self.writable = None

    def shutdown(self) -> None:
        """uvicorn calls it when the server stops: what has been asked is answered."""
        last = self._queue[-1] if self._queue else self.exchange
        if last is None:
            self.transport.close()
        else:
            last.keep_alive = False

    def refuse(self, status: bytes, message: bytes, *headers: bytes) -> None:
        """Refuses the request that comes in, and closes the connection; with an answer, if no other has begun.

        Requests before it have nothing to do with it: they are answered first, and then the connection is closed.
        """
        exchange = self.exchange
        if exchange is not None and self._coming is not exchange:
            if self._queue and self._coming is self._queue[-1]:
                self._queue.pop()
            self._coming = None
            self.is_over = True
            self.shutdown()
            return
        if exchange is None or not exchange.is_on_its_way:
            lines = (b"content-type: text/plain; charset=utf-8", b"connection: close", *headers)
            head = b"\r\n".join((b"HTTP/1.1 " + status, *lines, b"content-length: %d\r\n\r\n" % len(message)))
            self.transport.write(head + message)
        if exchange is not None:
            exchange.leave()  # nothing comes after that
        self.transport.close()

    # -- the parser ----------------------------------------------------------------------------------------------------

    def on_url(self, url: bytes) -> None:
        self._url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        self.place = IN_BODY
        self.since = None
        self.received = self.content = 0
        if self.is_over:
            return
        if len(self._queue) >= MOST_QUEUED:
            self.refuse(b"503 Service Unavailable", b"There are too many requests at a time.", LATER)
            return
        parser, url, headers = self.parser, self._url, self._headers
        self._url = b""
        self._headers = []  # for trailers, which nobody reads
        if parser.should_upgrade():
            version = parser.get_http_version()
            self._offer = (b"%b %b HTTP/%b" % (parser.get_method(), url, version.encode()), headers)
            return
        raw_path, query = split(url)
        path = raw_path.decode("ascii")
        version = parser.get_http_version()
        scope: Scope = {
            "type": "http",
            "asgi": {"version": _ASGI[0], "spec_version": _ASGI[1]},
            "http_version": version,
            "server": self._server,
            "client": self._client,
            "scheme": self._scheme,
            "method": parser.get_method().decode("ascii"),
            "root_path": "",
            "path": unquote(path) if "%" in path else path,
            "raw_path": raw_path,
            "query_string": query,
            "headers": headers,
            "state": self.app_state.copy(),
        }
        exchange = Exchange(self, scope, version != "1.0" and parser.should_keep_alive())
        self._coming = exchange
        if self.exchange is None:
            self._begin(exchange)
        else:
            self._queue.append(exchange)
            self.pause_reading()

    def on_body(self, body: bytes) -> None:
        self.content += len(body)
        if self._coming is not None:
            self._coming.put(body)

    def on_message_complete(self) -> None:
        self.place = ABOUT_REQUEST
        self.received = self.content = 0
        if self._headers:
            self._headers = []
        if self._coming is not None:
            self._coming.end()
            self._coming = None
        if self.exchange is None:  # it was answered before it was complete
            self.idle_since = self.loop.time()

    # -- what exchanges ask for ----------------------------------------------------------------------------------------

    def default_lines(self) -> bytes:
        """The headers that all answers have, as uvicorn makes them anew each second."""
        given = self.server_state.default_headers
        if given is not self._default_headers:
            self._default_headers, self._default_lines = given, self.reader.read(given)[0]
        return self._default_lines

    def pause_reading(self) -> None:
        if self.is_reading and not self.transport.is_closing():
            self.is_reading = False
            self.transport.pause_reading()

    def resume_reading(self) -> None:
        if not self.is_reading and not self.transport.is_closing():
            self.is_reading = True
            self.transport.resume_reading()

    def answered(self, exchange: Exchange) -> None:
        """An answer is complete. The exchange may have more to do, but not here."""
        self.server_state.total_requests += 1
        self.exchange = None
        if not exchange.keep_alive:
            self.transport.close()
        elif self._queue:
            self._begin(self._queue.popleft())
        else:
            self.idle_since = self.loop.time()
            self.resume_reading()

    def _begin(self, exchange: Exchange) -> None:
        self.exchange = exchange
        # Not in the context of the exchange before, at whose end this happens.
        self.tasks.add(self.loop.create_task(exchange.run(self._app), context=self._contexts.copy()))

    def _forget_parser(self) -> None:
        """It knows this object, which would be kept for a while."""
        del self.parser


def split(target: bytes) -> tuple[bytes, bytes]:
    """Path and query of what a request asks for. Raises HttpParserInvalidURLError.

    >>> split(b"/a?b"), split(b"http://here/a?b")
    ((b'/a', b'b'), (b'/a', b'b'))
    """
    if len(target) > LONGEST_TARGET:
        raise httptools.HttpParserInvalidURLError("It is too long.")
    if target[:1] == b"/" and target[1:2] != b"/" and b"#" not in target:
        path, _, query = target.partition(b"?")
        return path, query
    parsed = httptools.parse_url(target)
    return parsed.path, parsed.query or b""


def _upgrade(headers: Sequence[tuple[bytes, bytes]]) -> bytes:
    """What a request wants to go on with on the connection."""
    return dict(headers).get(b"upgrade", b"").lower()


def _address(transport: asyncio.Transport, name: str) -> Address | None:
    found = transport.get_extra_info(name)
    return (str(found[0]), int(found[1])) if isinstance(found, tuple) else None  # no tuple: a socket in the file system
