"""The client for code with an event loop."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import aclosing
from types import TracebackType
from typing import Self, Unpack

import httpx

from rapport.client.call import Call, Record, Records, Reply, T
from rapport.client.errors import RapportError
from rapport.client.exchange import Lost, Retries, Wait, exchange
from rapport.client.feed import AT_ONCE, EventFeed, EventPage, Wanted, following, paging
from rapport.client.files import FileCollection
from rapport.client.graphql import asking
from rapport.client.imports import ImportCollection, is_at_rest
from rapport.client.lasting import Lasting
from rapport.client.naming import plural_of
from rapport.client.questions import Exporting, Walk, known
from rapport.client.reading import Page
from rapport.client.records import Collection, RecordCollection, Sending
from rapport.client.rows import Rows
from rapport.client.subscribing import Result, subscribing
from rapport.client.wire import Wire, broken, lost, reply


class _Driver:
    """Does what an exchange says."""

    def __init__(self, wire: Wire, retries: Retries, http: httpx.AsyncClient) -> None:
        self._wire = wire
        self._retries = retries
        self._http = http

    async def send(self, call: Call[T]) -> T:
        return await self._run(call, self._http.send)

    async def stream(self, call: Call[None]) -> AsyncGenerator[bytes, None]:
        """The body of the answer, part by part."""
        opened: list[httpx.Response] = []

        async def begin(request: httpx.Request) -> httpx.Response:
            response = await self._http.send(request, stream=True)
            opened.append(response)
            if response.status_code >= 400:
                await response.aread()
            return response

        try:
            await self._run(call, begin)
            async for part in opened[-1].aiter_bytes():
                yield part
        except httpx.RequestError as error:
            raise broken(error) from error
        finally:
            for each in opened:
                await each.aclose()

    async def _run(self, call: Call[T], send: Callable[[httpx.Request], Awaitable[httpx.Response]]) -> T:
        steps = exchange(call, self._retries)
        came: Reply | Lost | None = None
        while True:
            try:
                step = steps.send(came)
            except StopIteration as done:
                answer: T = done.value
                return answer
            if isinstance(step, Wait):
                await asyncio.sleep(step.seconds)
                came = None
                continue
            try:
                came = reply(await send(self._wire.request(self._http, step)))
            except httpx.RequestError as error:
                came = lost(error)

    async def rows(self, call: Call[None]) -> AsyncIterator[Record]:
        """The lines of the answer."""
        rows = Rows()
        async for part in self.stream(call):
            for row in rows.feed(part):
                yield row
        rows.end()

    async def follow(self, lasting: Lasting[T]) -> AsyncIterator[T]:
        """What a stream tells, for as long as it lasts."""
        while not lasting.is_over():
            error: RapportError | None = None
            try:
                async with aclosing(self.stream(lasting.call())) as parts:
                    async for part in parts:
                        for each in lasting.feed(part):
                            yield each
                        if lasting.is_over():
                            return
            except RapportError as failure:
                if lasting.is_over():
                    raise
                error = failure
            await asyncio.sleep(lasting.lost(error))

    def follow_events(self, wanted: Wanted, after: str | None) -> AsyncIterator[Record]:
        return self.follow(following(wanted, after, self._retries))

    async def walk_events(self, wanted: Wanted, after: str | None) -> AsyncIterator[Record]:
        """Up to where everything is told."""
        has_more = True
        while has_more:
            page = await self.send(paging(wanted, after, AT_ONCE))
            for each in page:
                yield each
            after, has_more = page.cursor, page.has_more

    def subscription(
        self,
        document: str,
        variables: Mapping[str, object] | None,
        operation_name: str | None,
        after: str | None,
    ) -> Lasting[Result]:
        return subscribing(document, variables, operation_name, after, self._retries)

    @property
    def sending(self) -> Sending[Awaitable[Record], Awaitable[Records], Awaitable[Page], Awaitable[list[Page]]]:
        return Sending(one=self.send, many=self.send, page=self.send, pages=self.send)


class Walkable(Collection[Awaitable[Record], Awaitable[Records], Awaitable[Page], Awaitable[list[Page]]]):
    """A list that can be walked through."""

    async def pages(self, **asked: Unpack[Walk]) -> AsyncIterator[Page]:
        """All pages from this one on, each asked for when it is needed."""
        known(asked, Walk)
        step: Walk | None = asked
        while step is not None:
            page = await self.list(**step)
            yield page
            step = self._next(step, page)

    async def iterate(self, **asked: Unpack[Walk]) -> AsyncIterator[Record]:
        """All of them, however many, page by page."""
        async for page in self.pages(**asked):
            for each in page:
                yield each


class Objects(
    Walkable, RecordCollection[Awaitable[Record], Awaitable[Records], Awaitable[Page], Awaitable[list[Page]]]
):
    """The records of one object."""

    def __init__(self, driver: _Driver, plural: str) -> None:
        super().__init__(driver.sending, plural)
        self._driver = driver

    def export(self, **asked: Unpack[Exporting]) -> AsyncIterator[Record]:
        """All records that are asked for, however many, with one request: rows that arrive while they are read."""
        return self._driver.rows(self._export("ndjson", asked))

    def export_csv(self, *, csv_safe: bool = False, **asked: Unpack[Exporting]) -> AsyncIterator[bytes]:
        """The same as CSV in parts of any size, to be written to a file. ``csv_safe``: harmless to spreadsheets."""
        return self._driver.stream(self._export("csv", asked, csv_safe=csv_safe))


class Imports(ImportCollection[Awaitable[Record], Awaitable[Records]]):
    """Imports that were begun."""

    def __init__(self, driver: _Driver) -> None:
        super().__init__(driver.send, driver.send)
        self._driver = driver

    async def wait(self, which: str, /, *, every: float = 1.0) -> Record:
        """The import when it is done, has failed, or is cancelled or undone; looks at it every so many seconds."""
        while not is_at_rest(found := await self.get(which)):  # noqa: ASYNC110  # it is the server's
            await asyncio.sleep(every)
        return found

    def errors(self, which: str, /) -> AsyncIterator[Record]:
        """`{"row", "column", "message", "value", "recordId"}` for all that was wrong."""
        return self._driver.rows(self._errors(which))


class Metadata:
    """The data model: its objects and their fields."""

    def __init__(self, driver: _Driver) -> None:
        self.objects = Walkable(driver.sending, "rest", "metadata", "objects")
        self.fields = Walkable(driver.sending, "rest", "metadata", "fields")


class AsyncClient:
    """Speaks to a server: `client.people` are the people, and so for each object, standard or custom.

    ``timeout`` are the seconds that connecting, and each wait for the next bytes, may take. ``http`` is for those who
    need a proxy or certificates of their own; it is not closed with the client.
    """

    def __init__(
        self,
        *,
        base_url: str,
        api_key: str | None = None,
        timeout: float = 30.0,
        retries: Retries | None = None,
        http: httpx.AsyncClient | None = None,
    ) -> None:
        wire = Wire.to(base_url, api_key, timeout)
        self._owns_http = http is None
        self._http = http or httpx.AsyncClient()
        self._driver = _Driver(wire, retries or Retries(), self._http)
        self.metadata = Metadata(self._driver)
        self.imports = Imports(self._driver)
        self.files = FileCollection[Awaitable[Record], Awaitable[bytes]](self._driver.send, self._driver.send)
        self.events = EventFeed[Awaitable[EventPage], Awaitable[str], AsyncIterator[Record]](
            self._driver.send, self._driver.send, self._driver.follow_events, self._driver.walk_events
        )

    def __getattr__(self, attribute: str) -> Objects:
        return self.objects(plural_of(attribute))

    def objects(self, plural: str) -> Objects:
        """The records of the object with this plural name."""
        return Objects(self._driver, plural)

    async def graphql(
        self, query: str, variables: Mapping[str, object] | None = None, *, operation_name: str | None = None
    ) -> Record:
        """The data of the answer. An error in it is raised."""
        return await self._driver.send(asking(query, variables, operation_name))

    def subscribe(
        self,
        document: str,
        variables: Mapping[str, object] | None = None,
        *,
        operation_name: str | None = None,
        after: str | None = None,
    ) -> AsyncIterator[Result]:
        """What a subscription tells, from now on or from behind a cursor, until the iterator is left or closed.

        A connection that is lost is made again, and nothing is missed meanwhile.
        """
        return self._driver.follow(self._driver.subscription(document, variables, operation_name, after))

    async def aclose(self) -> None:
        if self._owns_http:
            await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.aclose()
