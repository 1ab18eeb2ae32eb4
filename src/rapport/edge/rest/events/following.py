"""Tells of events as they happen: as Server-Sent Events without an end, or in one answer that waits for the first."""

import asyncio
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing, contextmanager, suppress
from time import monotonic

from rapport.access.principal import Principal
from rapport.base.errors import Busy, RapportError, Timeout, Unavailable
from rapport.edge.caller import Caller, Callers
from rapport.edge.graphql.live.renewing import Renewing
from rapport.edge.graphql.model import Model
from rapport.edge.rest.events.asked import After, Asked
from rapport.edge.rest.events.reading import Feed, Page
from rapport.edge.rest.events.telling import with_cursor
from rapport.edge.rest.request import RestRequest
from rapport.edge.rest.shapes import ErrorShape
from rapport.edge.traffic.audience import Audience
from rapport.events.channels import Interest, Portion
from rapport.events.cursor import Cursor
from rapport.events.errors import FellBehind

_RETRY = b"retry: 2000\n"  # milliseconds, until a browser asks again
_KEEP_ALIVE = b":\n"
# What is no end of a line here, but is one to many readers of lines. In JSON it stands in texts only.
_LINE_ENDS = tuple((each.encode(), b"\\u%04x" % ord(each)) for each in "\x85\u2028\u2029")
_PASSING = (Busy, Timeout, Unavailable)  # who asks again is served


class Following:
    def __init__(
        self,
        feed: Feed,
        renewing: Renewing,
        audience: Audience,
        callers: Callers,
        error_shape: ErrorShape,
        *,
        keep_alive_seconds: float,
    ) -> None:
        self._feed = feed
        self._renewing = renewing
        self._audience = audience
        self._callers = callers
        self._error_shape = error_shape
        self._keep_alive_seconds = keep_alive_seconds

    async def first(self, request: RestRequest, asked: Asked, after: After, seconds: float) -> Page:
        """The next events; when there are none, those that happen first within so many seconds.

        In the turn of the request, which is others' while it waits.
        """
        deadline = monotonic() + seconds
        page = await self._feed.page(request.caller, asked, after)
        if not seconds or page.events or page.has_more:
            return page
        request.turn.end()
        with self._listener(request.caller) as listener:
            waiting = asyncio.ensure_future(self._first_news(listener, asked, page))
            try:
                left = max(0.0, deadline - monotonic())
                await asyncio.wait((waiting, listener.over), timeout=left, return_when=asyncio.FIRST_COMPLETED)
                if waiting.done():
                    return waiting.result()
                if listener.over.done() and (error := listener.over.result()) is not None:
                    raise error
                return page
            finally:
                waiting.cancel()
                await asyncio.gather(waiting, return_exceptions=True)

    async def stream(self, request: RestRequest, asked: Asked, after: After) -> AsyncGenerator[bytes, None]:
        """The frames of an event stream. Raises what is wrong with the request."""
        frames = self._lasting(request, asked, after)
        await anext(frames)  # says that the first page is there
        return frames

    # -- streams ------------------------------------------------------------------------------------------------

    async def _lasting(self, request: RestRequest, asked: Asked, after: After) -> AsyncGenerator[bytes, None]:
        with self._listener(request.caller) as listener:
            frames = self._frames(request, listener, asked, after)
            yield await anext(frames)
            coming: asyncio.Future[bytes] | None = None
            try:
                while True:
                    coming = coming or asyncio.ensure_future(anext(frames))
                    await asyncio.wait(
                        (coming, listener.over),
                        timeout=self._keep_alive_seconds,
                        return_when=asyncio.FIRST_COMPLETED,
                    )
                    if listener.over.done():
                        yield self._last_words(listener.over.result())
                        return
                    if coming.done():
                        frame, coming = _result(coming), None
                        if isinstance(frame, RapportError):
                            yield self._last_words(frame)
                            return
                        yield frame
                    else:
                        yield _KEEP_ALIVE
            finally:
                if coming is not None:
                    coming.cancel()
                    await asyncio.gather(coming, return_exceptions=True)
                await frames.aclose()

    async def _frames(
        self, request: RestRequest, listener: "_Listener", asked: Asked, after: After
    ) -> AsyncGenerator[bytes, None]:
        """First an empty one, when it is known that there is nothing wrong."""
        page = await self._feed.page(request.caller, asked, after)
        yield b""
        yield _RETRY + (_told(page.events) or _cursor_frame(page.cursor))
        while True:
            while page.has_more:
                page = await self._next(request, listener, asked, Cursor.read(page.cursor))
                if page.events:
                    yield _told(page.events)
            cursor = page.cursor
            with suppress(FellBehind):  # then the rest is read from the log
                async with aclosing(self._portions(listener, asked, cursor)) as portions:
                    async for portion in portions:
                        if portion.news:
                            yield _told([(each.cursor, with_cursor(each.told, each.cursor)) for each in portion.news])
                        elif portion.cursor != cursor:
                            yield _cursor_frame(portion.cursor)
                        cursor = portion.cursor
            page = Page(events=(), cursor=cursor, has_more=True)

    async def _next(self, request: RestRequest, listener: "_Listener", asked: Asked, cursor: Cursor) -> Page:
        await listener.recheck()
        await request.turn.begin()
        try:
            return await self._feed.page(listener.caller, asked, cursor)
        finally:
            request.turn.end()

    def _last_words(self, error: RapportError | None) -> bytes:
        """Without any the client is to come again, and goes on where it was."""
        if error is None or isinstance(error, _PASSING):
            return b""
        return _frame(b"end", self._error_shape.answer(error).body)

    # -- what both need -----------------------------------------------------------------------------------------

    async def _first_news(self, listener: "_Listener", asked: Asked, page: Page) -> Page:
        async with aclosing(self._portions(listener, asked, page.cursor)) as portions:
            async for portion in portions:
                if portion.news:
                    news, rest = portion.news[: asked.limit], portion.news[asked.limit :]
                    return Page(
                        events=[(each.cursor, with_cursor(each.told, each.cursor)) for each in news],
                        cursor=news[-1].cursor,
                        has_more=bool(rest),
                    )
        return page

    def _portions(self, listener: "_Listener", asked: Asked, cursor: str) -> AsyncGenerator[Portion, None]:
        def interest(model: Model, principal: Principal) -> Interest:
            return self._feed.interest(model, principal, asked)

        return self._renewing.follow(listener.principal, listener.recheck, interest, after=Cursor.read(cursor))

    @contextmanager
    def _listener(self, caller: Caller) -> Iterator["_Listener"]:
        listener = _Listener(caller, self._callers)
        self._audience.enter(listener)
        try:
            yield listener
        finally:
            self._audience.leave(listener)


class _Listener:
    """One of the audience."""

    def __init__(self, caller: Caller, callers: Callers) -> None:
        self.caller = caller
        self.over: asyncio.Future[RapportError | None] = asyncio.get_running_loop().create_future()
        self._callers = callers

    @property
    def principal(self) -> Principal:
        assert self.caller.principal is not None
        return self.caller.principal

    async def recheck(self) -> Principal:
        """Who the caller is by now. Raises what their token is no good for any more."""
        self.caller = await self._callers.again(self.caller)
        return self.principal

    def look(self, now: float) -> None:
        """Streams have timers of their own."""

    def dismiss(self, error: RapportError) -> None:
        if not self.over.done():
            self.over.set_result(error)

    def end(self) -> None:
        if not self.over.done():
            self.over.set_result(None)


def _result(coming: "asyncio.Future[bytes]") -> bytes | RapportError:
    try:
        return coming.result()
    except RapportError as error:
        return error


def _told(events: Sequence[tuple[str, bytes]]) -> bytes:
    frames = b"".join([b"id: %b\ndata: %b\n\n" % (cursor.encode(), event) for cursor, event in events])
    for character, escaped in _LINE_ENDS:
        frames = frames.replace(character, escaped)
    return frames


def _cursor_frame(text: str) -> bytes:
    """Where the client is: whoever comes back with it has missed nothing, though nothing was told meanwhile."""
    cursor = text.encode()
    return b"id: %b\n" % cursor + _frame(b"cursor", b'{"cursor":"%b"}' % cursor)


def _frame(name: bytes, data: bytes) -> bytes:
    return b"event: %b\ndata: %b\n\n" % (name, data)
