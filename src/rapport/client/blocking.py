"""The client for code that waits for each answer."""

import time
from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import closing
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

    def __init__(self, wire: Wire, retries: Retries, http: httpx.Client) -> None:
        self._wire = wire
        self._retries = retries
        self._http = http

    def send(self, call: Call[T]) -> T:
        return self._run(call, self._http.send)

    def stream(self, call: Call[None]) -> Generator[bytes, None, None]:
        """The body of the answer, part by part."""
        opened: list[httpx.Response] = []

        def begin(request: httpx.Request) -> httpx.Response:
            response = self._http.send(request, stream=True)
            opened.append(response)
            if response.status_code >= 400:
                response.read()
            return response

        try:
            self._run(call, begin)
            yield from opened[-1].iter_bytes()
        except httpx.RequestError as error:
            raise broken(error) from error
        finally:
            for each in opened:
                each.close()

    def _run(self, call: Call[T], send: Callable[[httpx.Request], httpx.Response]) -> T:
        steps = exchange(call, self._retries)
        came: Reply | Lost | None = None
        while True:
            try:
                step = steps.send(came)
            except StopIteration as done:
                answer: T = done.value
                return answer
            if isinstance(step, Wait):
                time.sleep(step.seconds)
                came = None
                continue
            try:
                came = reply(send(self._wire.request(self._http, step)))
            except httpx.RequestError as error:
                came = lost(error)

    def rows(self, call: Call[None]) -> Iterator[Record]:
        """The lines of the answer."""
        rows = Rows()
        for part in self.stream(call):
            yield from rows.feed(part)
        rows.end()

    def follow(self, lasting: Lasting[T]) -> Iterator[T]:
        """What a stream tells, for as long as it lasts."""
        while not lasting.is_over():
            error: RapportError | None = None
            try:
                with closing(self.stream(lasting.call())) as parts:
                    for part in parts:
                        yield from lasting.feed(part)
                        if lasting.is_over():
                            return
            except RapportError as failure:
                if lasting.is_over():
                    raise
                error = failure
            time.sleep(lasting.lost(error))

    def follow_events(self, wanted: Wanted, after: str | None) -> Iterator[Record]:
        return self.follow(following(wanted, after, self._retries))

    def walk_events(self, wanted: Wanted, after: str | None) -> Iterator[Record]:
        """Up to where everything is told."""
        has_more = True
        while has_more:
            page = self.send(paging(wanted, after, AT_ONCE))
            yield from page
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
    def sending(self) -> Sending[Record, Records, Page, list[Page]]:
        return Sending(one=self.send, many=self.send, page=self.send, pages=self.send)


class Walkable(Collection[Record, Records, Page, list[Page]]):
    """A list that can be walked through."""

    def pages(self, **asked: Unpack[Walk]) -> Iterator[Page]:
        """All pages from this one on, each asked for when it is needed."""
        known(asked, Walk)
        step: Walk | None = asked
        while step is not None:
            page = self.list(**step)
            yield page
            step = self._next(step, page)

    def iterate(self, **asked: Unpack[Walk]) -> Iterator[Record]:
        """All of them, however many, page by page."""
        for page in self.pages(**asked):
            yield from page


class Objects(Walkable, RecordCollection[Record, Records, Page, list[Page]]):
    """The records of one object."""

    def __init__(self, driver: _Driver, plural: str) -> None:
        super().__init__(driver.sending, plural)
        self._driver = driver

    def export(self, **asked: Unpack[Exporting]) -> Iterator[Record]:
        """All records that are asked for, however many, with one request: rows that arrive while they are read."""
        return self._driver.rows(self._export("ndjson", asked))

    def export_csv(self, *, csv_safe: bool = False, **asked: Unpack[Exporting]) -> Iterator[bytes]:
        """The same as CSV in parts of any size, to be written to a file. ``csv_safe``: harmless to spreadsheets."""
        return self._driver.stream(self._export("csv", asked, csv_safe=csv_safe))


class Imports(ImportCollection[Record, Records]):
    """Imports that were begun."""

    def __init__(self, driver: _Driver) -> None:
        super().__init__(driver.send, driver.send)
        self._driver = driver

    def wait(self, which: str, /, *, every: float = 1.0) -> Record:
        """The import when it is done, has failed, or is cancelled or undone; looks at it every so many seconds."""
        while not is_at_rest(found := self.get(which)):
            time.sleep(every)
        return found

    def errors(self, which: str, /) -> Iterator[Record]:
        """`{"row", "column", "message", "value", "recordId"}` for all that was wrong."""
        return self._driver.rows(self._errors(which))


class Metadata:
    """The data model: its objects and their fields."""

    def __init__(self, driver: _Driver) -> None:
        self.objects = Walkable(driver.sending, "rest", "metadata", "objects")
        self.fields = Walkable(driver.sending, "rest", "metadata", "fields")


class Client:
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
        http: httpx.Client | None = None,
    ) -> None:
        wire = Wire.to(base_url, api_key, timeout)
        self._owns_http = http is None
        self._http = http or httpx.Client()
        self._driver = _Driver(wire, retries or Retries(), self._http)
        self.metadata = Metadata(self._driver)
        self.imports = Imports(self._driver)
        self.files = FileCollection[Record, bytes](self._driver.send, self._driver.send)
        self.events = EventFeed[EventPage, str, Iterator[Record]](
            self._driver.send, self._driver.send, self._driver.follow_events, self._driver.walk_events
        )

    def __getattr__(self, attribute: str) -> Objects:
        return self.objects(plural_of(attribute))

    def objects(self, plural: str) -> Objects:
        """The records of the object with this plural name."""
        return Objects(self._driver, plural)

    def graphql(
        self, query: str, variables: Mapping[str, object] | None = None, *, operation_name: str | None = None
    ) -> Record:
        """The data of the answer. An error in it is raised."""
        return self._driver.send(asking(query, variables, operation_name))

    def subscribe(
        self,
        document: str,
        variables: Mapping[str, object] | None = None,
        *,
        operation_name: str | None = None,
        after: str | None = None,
    ) -> Iterator[Result]:
        """What a subscription tells, from now on or from behind a cursor, until the iterator is left or closed.

        A connection that is lost is made again, and nothing is missed meanwhile.
        """
        return self._driver.follow(self._driver.subscription(document, variables, operation_name, after))

    def close(self) -> None:
        if self._owns_http:
            self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()
