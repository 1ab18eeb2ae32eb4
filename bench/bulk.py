"""Requests that move many records at once: rows per second, and the memory that it takes."""

import http.client
import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from bench.cases import WrongAnswer
from bench.data import PEOPLE
from bench.feed import EVENTS, Feed
from bench.processes import Processes, anonymous_mb, resident_mb
from bench.server import Server

_SECONDS = 300  # for one
_LOOK_SECONDS = 0.005
_PIECE = 1 << 18
IMPORTED = 100_000
_LOOK_AT_IMPORT_SECONDS = 0.1
_COLUMNS = (
    "name.firstName,name.lastName,emails.primaryEmail,phones.primaryPhoneNumber,phones.primaryPhoneCountryCode,city,"
    "jobTitle,linkedinLink.primaryLinkUrl\n"
)


@dataclass(frozen=True, kw_only=True)
class Bulk:
    """``run`` makes the request and gives the number of records."""

    name: str
    title: str
    run: Callable[[Server], int]
    times: int = 3
    writes: bool = False


@dataclass(frozen=True, kw_only=True)
class Moved:
    """The median of the times, by its rows per second. Memory is the most that was in use, over all times.

    ``growth_mb`` is by how much the server had more than before, ``backend_mb`` what the largest new process of
    PostgreSQL had of its own.
    """

    bulk: Bulk
    rows: int
    rows_per_second: float
    growth_mb: float
    backend_mb: float | None


@dataclass
class _Memory:
    server: int
    postmaster: int | None
    base: float = 0.0
    most: float = 0.0
    most_of_backend: float = 0.0
    known: set[int] = field(default_factory=set)

    def look(self) -> None:
        self.most = max(self.most, resident_mb(self.server))
        for pid in self._backends() - self.known:
            with suppress(OSError):
                self.most_of_backend = max(self.most_of_backend, anonymous_mb(pid))

    def _backends(self) -> set[int]:
        return set() if self.postmaster is None else Processes.now().tree(self.postmaster)

    @contextmanager
    def watched(self) -> Iterator[None]:
        self.base, self.known = resident_mb(self.server), self._backends()
        stopped = threading.Event()

        def watch() -> None:
            while not stopped.wait(_LOOK_SECONDS):
                self.look()

        thread = threading.Thread(target=watch)
        thread.start()
        try:
            yield
        finally:
            stopped.set()
            thread.join()
            self.look()


def move(bulk: Bulk, server: Server, postmaster: int | None) -> Moved:
    """Raises WrongAnswer."""
    memory = _Memory(server=server.pid, postmaster=postmaster)
    rates: list[tuple[float, int]] = []
    with memory.watched():
        for _ in range(bulk.times):
            begun = time.perf_counter()
            rows = bulk.run(server)
            rates.append((rows / (time.perf_counter() - begun), rows))
    rate, rows = sorted(rates)[len(rates) // 2]
    return Moved(
        bulk=bulk,
        rows=rows,
        rows_per_second=rate,
        growth_mb=memory.most - memory.base,
        backend_mb=None if postmaster is None else memory.most_of_backend,
    )


def bulks() -> Mapping[str, Bulk]:
    """All of them in their order: those that write come last."""
    feed = Feed()
    found = (
        Bulk(name="export-csv", title=f"export {PEOPLE:,} people, CSV", run=lambda server: _export(server, "csv")),
        Bulk(name="export", title=f"export {PEOPLE:,} people, NDJSON", run=lambda server: _export(server, "ndjson")),
        Bulk(name="feed", title=f"change feed, {EVENTS:,} events by pages of 1,000", run=feed.pages, writes=True),
        Bulk(name="feed-sse", title=f"change feed, {EVENTS:,} events as a stream", run=feed.stream, writes=True),
        Bulk(name="import", title=f"import {IMPORTED:,} people, CSV", run=_import, times=2),
    )
    return {bulk.name: bulk for bulk in found}


def _export(server: Server, kind: str) -> int:
    connection = http.client.HTTPConnection(server.host, server.port, timeout=_SECONDS)
    try:
        headers = {"authorization": f"Bearer {server.api_key}"}
        connection.request("GET", f"/rest/people/export?format={kind}", headers=headers)
        answer = connection.getresponse()
        if answer.status != http.client.OK:
            raise WrongAnswer(f"export: {answer.read()[:500]!r}")
        lines = 0
        while piece := answer.read1(_PIECE):
            lines += piece.count(b"\n")
    finally:
        connection.close()
    rows = lines - (kind == "csv")
    if rows < PEOPLE:
        raise WrongAnswer(f"export: {rows} records instead of {PEOPLE}")
    return rows


def _import(server: Server) -> int:
    """From the first byte that is sent to the last row that is written."""
    mark = time.time_ns()  # addresses are unique
    rows = (
        f"Ada{number},King,p{number}.{mark}@example.com,{612000000 + number % 1000000},FR,Oslo,Engineer,"
        f"https://www.example.com/in/p{number}\n"
        for number in range(IMPORTED)
    )
    body = (_COLUMNS + "".join(rows)).encode()
    found = _ask(server, "POST", "/rest/people/import", body)
    while found["state"] in ("queued", "running"):
        time.sleep(_LOOK_AT_IMPORT_SECONDS)
        found = _ask(server, "GET", f"/rest/imports/{found['id']}")
    if found["created"] != IMPORTED:
        raise WrongAnswer(f"import: {found}")
    return IMPORTED


def _ask(server: Server, method: str, path: str, body: bytes | None = None) -> dict[str, object]:
    connection = http.client.HTTPConnection(server.host, server.port, timeout=_SECONDS)
    try:
        headers = {"authorization": f"Bearer {server.api_key}", "content-type": "text/csv"}
        connection.request(method, path, body, headers)
        answer = json.loads(connection.getresponse().read())
    finally:
        connection.close()
    if "data" not in answer:
        raise WrongAnswer(f"import: {answer}")
    found: dict[str, object] = answer["data"]["import"]
    return found
