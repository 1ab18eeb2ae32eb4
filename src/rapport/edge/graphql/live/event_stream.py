"""GraphQL over server-sent events: one operation for one request ("distinct connections mode" of graphql-sse)."""

import asyncio
from collections.abc import AsyncGenerator, Mapping, Sequence
from enum import Enum
from typing import Final
from urllib.parse import parse_qs

import orjson

from rapport.base.errors import Forbidden, RapportError, Unauthenticated
from rapport.edge.answer import Answer
from rapport.edge.caller import Caller
from rapport.edge.errors import graphql_error
from rapport.edge.graphql.live.messages import with_cursor
from rapport.edge.graphql.live.operations import PASSING, DocumentTooLong, is_subscription
from rapport.edge.graphql.live.service import Live
from rapport.edge.graphql.live.source import Told
from rapport.edge.graphql.request import Refused, Request
from rapport.edge.traffic.visit import Visit

EVENT_STREAM: Final = b"text/event-stream"
COMPLETE: Final = b"event: complete\ndata:\n\n"  # browsers do not tell of events without data
_KEEP_ALIVE: Final = b":\n\n"
_HEADERS: Final = ((b"x-accel-buffering", b"no"),)  # proxies are not to collect events
_LINE_ENDS: Final = bytes.maketrans(b"\r\n", b"  ")  # between the values of JSON they mean nothing


class Wish(Enum):
    """What a request wants its answer to be."""

    JSON = 0
    EITHER = 1
    EVENTS = 2


def wish_of(headers: Mapping[bytes, bytes]) -> Wish:
    """By its `Accept`. Clients that take both expect events of a subscription only."""
    accepted = headers.get(b"accept", b"").lower()
    if EVENT_STREAM not in accepted:
        return Wish.JSON
    kinds = {each.partition(b";")[0].strip() for each in accepted.split(b",")}
    return Wish.EITHER if any(b"json" in kind or kind in (b"*/*", b"application/*") for kind in kinds) else Wish.EVENTS


def place_of(headers: Mapping[bytes, bytes], query_string: bytes, given: Mapping[str, object]) -> str | None:
    """Where a subscription is to go on. A browser that connects again says the last place in a header, and asks by the
    same address as at first."""
    last = headers.get(b"last-event-id")
    if last:
        return last.decode("latin-1")
    extensions = given.get("extensions")
    after = extensions.get("after") if isinstance(extensions, dict) else None
    if isinstance(after, str):
        return after
    return parse_qs(query_string.decode("latin-1")).get("after", [None])[0] if b"after=" in query_string else None


async def answer_in_events(live: Live, request: Request, visit: Visit, *, wish: Wish, after: str | None) -> Answer:
    """Raises what is wrong with the caller; what is wrong with the document is a result, as the protocol has it."""
    try:
        is_one = is_subscription(request)
    except DocumentTooLong as error:
        if wish is Wish.EITHER:
            return Answer(body=orjson.dumps({"errors": [graphql_error(error)]}))
        return Answer(body=_failure(error), media_type=EVENT_STREAM, headers=_HEADERS)
    if not is_one:
        answer = await live.operations.answer(request, visit)
        if wish is Wish.EITHER or answer.status in (401, 403, 405):
            return answer
        return _whole(answer.body)
    stream = EventStream(request.caller, live)
    try:
        live.audience.enter(stream)
        await stream.open(request, visit, after)
    except BaseException as error:
        await stream.aclose()
        if request.principal is None or isinstance(error, (Unauthenticated, *PASSING)):
            raise
        if not isinstance(error, Exception):
            raise
        return Answer(body=_failure(error), media_type=EVENT_STREAM, headers=_HEADERS)
    return Answer(stream=stream, media_type=EVENT_STREAM, headers=_HEADERS)


def event(told: Told) -> bytes:
    """`event: next`, with the place where it goes on as the `id`; or only the place, which browsers note."""
    id_ = b"" if told.cursor is None else b"id: %b\n" % told.cursor.encode()
    if not told.body:
        return id_ + b"\n"
    return b"event: next\n%bdata: %b\n\n" % (id_, with_cursor(told).translate(_LINE_ENDS))


def _whole(body: bytes) -> Answer:
    return Answer(body=event(Told(body)) + COMPLETE, media_type=EVENT_STREAM, headers=_HEADERS)


def _refused(found: Sequence[Mapping[str, object]]) -> bytes:
    return event(Told(orjson.dumps({"errors": found}))) + COMPLETE


def _failure(error: Exception) -> bytes:
    return _refused(error.errors if isinstance(error, Refused) else [graphql_error(error)])


def _last_words(error: RapportError | None) -> bytes:
    """None: the server stops, and the client should connect again."""
    return b"" if error is None else _failure(error)


class EventStream(AsyncGenerator[bytes, None]):
    """The parts of an answer that goes on, and a listener of the audience.

    It ends without `complete` when a client should connect again and go on where it was.
    """

    def __init__(self, caller: Caller, live: Live) -> None:
        self.caller = caller
        self._live = live
        self._telling: AsyncGenerator[Told, None] | None = None
        self._next: asyncio.Future[Told] | None = None
        self._over: asyncio.Future[RapportError | None] = asyncio.get_running_loop().create_future()
        self._is_last = False  # nothing more is told

    async def open(self, request: Request, visit: Visit, after: str | None) -> None:
        """Raises Refused or a RapportError."""
        self._telling = await self._live.operations.open(request, visit, after=after, recheck=self._recheck)

    # -- as a listener -------------------------------------------------------------------------------------------------

    def look(self, now: float) -> None:
        """The connection has a timer of its own, as all of HTTP have."""

    def dismiss(self, error: RapportError) -> None:
        if not self._over.done():
            self._over.set_result(error)

    def end(self) -> None:
        if not self._over.done():
            self._over.set_result(None)

    async def _recheck(self) -> Caller:
        try:
            self.caller = await self._live.callers.again(self.caller)
        except (Unauthenticated, Forbidden) as error:
            self.dismiss(error)
            raise
        return self.caller

    # -- as a stream ---------------------------------------------------------------------------------------------------

    async def asend(self, value: None) -> bytes:
        """The next part, within the time of a keep-alive."""
        if self._is_last or self._telling is None:
            raise StopAsyncIteration
        if self._next is None:
            self._next = asyncio.ensure_future(anext(self._telling))
        seconds = self._live.limits.keep_alive_seconds
        await asyncio.wait((self._next, self._over), timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
        if self._over.done():
            self._is_last = True
            return _last_words(self._over.result())
        if not self._next.done():
            return _KEEP_ALIVE
        coming, self._next = self._next, None
        try:
            return event(coming.result())
        except StopAsyncIteration:
            self._is_last = True
            return COMPLETE
        except Exception as error:  # noqa: BLE001  # the edge: the answer has begun
            self._is_last = True
            return b"" if isinstance(error, PASSING) else _failure(error)

    async def athrow(self, *error: object) -> bytes:
        await self.aclose()
        raise StopAsyncIteration

    async def aclose(self) -> None:
        """The client has gone, or everything is told."""
        self._is_last = True
        self._live.audience.leave(self)
        if self._next is not None:
            self._next.cancel()
            await asyncio.gather(self._next, return_exceptions=True)
        if self._telling is not None:
            await self._telling.aclose()
