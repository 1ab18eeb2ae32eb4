"""Follows the change feed, as clients do."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import httpx

from tests.edge.rest.asking import send
from tests.serving import Client

Event: TypeAlias = dict[str, Any]

ENOUGH_SECONDS = 20.0


async def page(client: Client, query: str = "") -> dict[str, Any]:
    """An answer of the feed."""
    answer = await send(client, "GET", f"/events?{query}")
    assert answer.status_code == 200, answer.text[:1000]
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    found: dict[str, Any] = answer.json()
    assert list(found) == ["data", "pageInfo"]
    assert list(found["data"]) == ["events"]
    assert list(found["pageInfo"]) == ["hasNextPage", "endCursor"]
    return found


async def now(client: Client) -> str:
    """The cursor behind everything that has happened."""
    found = await page(client, "after=now")
    assert found["data"]["events"] == []
    assert found["pageInfo"]["hasNextPage"] is False
    return str(found["pageInfo"]["endCursor"])


async def walk(client: Client, after: str | None = None, query: str = "limit=1000") -> list[Event]:
    """All events behind a cursor; those that are kept without one."""
    found: list[Event] = []
    while True:
        got = await page(client, query + (f"&after={after}" if after else ""))
        found += got["data"]["events"]
        after = got["pageInfo"]["endCursor"]
        if not got["pageInfo"]["hasNextPage"]:
            return found


def short(events: list[Event]) -> list[tuple[str, str, str]]:
    """`("updated", "person", "Ada")`: what happened to what, and the record's name."""
    return [(each["action"], each["object"], _name(each["record"])) for each in events]


def _name(record: dict[str, Any] | None) -> str:
    if record is None:
        return "-"
    found = record.get("name", record.get("title"))
    return str(found["firstName"] if isinstance(found, dict) else found)


@dataclass
class Frame:
    """A part of an event stream between two empty lines."""

    event: str = "message"
    id: str = ""
    data: str = ""

    @property
    def json(self) -> Any:  # noqa: ANN401  # JSON
        return json.loads(self.data)


@dataclass
class Stream:
    """An open event stream, read in the background as browsers read it (HTML Standard, 9.2.6)."""

    response: httpx.Response
    frames: list[Frame] = field(default_factory=list)
    comments: int = 0
    retry: int | None = None
    has_ended: bool = False
    _more: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def events(self) -> list[Event]:
        return [each.json for each in self.frames if each.event == "message"]

    @property
    def cursor(self) -> str:
        return self.frames[-1].id

    async def has(self, count: int) -> list[Event]:
        """The events, once there are so many."""
        await self._until(lambda: len(self.events) >= count)
        return self.events

    async def has_frames(self, count: int) -> list[Frame]:
        await self._until(lambda: len(self.frames) >= count)
        return self.frames

    async def ends(self) -> list[Frame]:
        """All frames, once the server has ended the stream."""
        await self._until(lambda: self.has_ended)
        return self.frames

    async def is_silent(self, comments: int) -> None:
        await self._until(lambda: self.comments >= comments)

    async def _until(self, condition: Any) -> None:  # noqa: ANN401  # a callable
        async with asyncio.timeout(ENOUGH_SECONDS):
            while not condition():
                assert not self.has_ended or condition(), self.frames
                self._more.clear()
                await self._more.wait()

    async def read(self) -> None:
        frame = Frame()
        data: list[str] = []
        async for line in self.response.aiter_lines():
            name, _, value = line.partition(": ")
            match name:
                case "":
                    if data:
                        frame.data = "\n".join(data)
                        self.frames.append(frame)
                    frame, data = Frame(id=frame.id), []
                case "id":
                    frame.id = value
                case "event":
                    frame.event = value
                case "data":
                    data.append(value)
                case "retry":
                    self.retry = int(value)
                case ":":
                    self.comments += 1
                case _:
                    raise AssertionError(line)
            self._more.set()
        self.has_ended = True
        self._more.set()


@asynccontextmanager
async def streaming(client: Client, query: str = "", **headers: str) -> AsyncIterator[Stream]:
    """The stream of events, for as long as the block lasts."""
    sent = {"Authorization": f"Bearer {client.tenant.key}", "Accept": "text/event-stream", **headers}
    async with client.http.stream("GET", f"{client.url}/rest/events?{query}", headers=sent) as response:
        assert response.status_code == 200, await response.aread()
        assert response.headers["Content-Type"] == "text/event-stream"
        stream = Stream(response)
        reading = asyncio.create_task(stream.read())
        try:
            yield stream
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)
