"""Event streams over server-sent events, as clients have them."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx

from rapport.base.ids import new_id
from tests.serving import Client

PATIENCE = 20.0  # seconds after which something does not come any more
OPEN = """subscription ($eventStreamId: String!) {
  onEventSubscription(eventStreamId: $eventStreamId) {
    eventStreamId
    eventWithQueryIdsList {
      event {
        action objectNameSingular recordId userId workspaceMemberId
        properties { updatedFields before after diff }
      }
      queryIds
      leftQueryIds
    }
  }
}"""
ADD = "mutation ($i: AddQuerySubscriptionInput!) { addQueryToEventStream(input: $i) }"
REMOVE = "mutation ($i: RemoveQueryFromEventStreamInput!) { removeQueryFromEventStream(input: $i) }"


class Stream:
    """An open stream. ``cursor`` is the one that came last."""

    def __init__(self, client: Client, stream_id: str, lines: AsyncIterator[str]) -> None:
        self.client = client
        self.id = stream_id
        self.cursor: str | None = None
        self._lines = lines
        self._elements: list[dict[str, Any]] = []

    async def next(self) -> dict[str, Any]:
        """The next result as it was sent, without its cursor."""
        async with asyncio.timeout(PATIENCE):
            async for line in self._lines:
                name, _, value = line.partition(": ")
                if name == "id":
                    self.cursor = value
                if name == "data" and value:
                    found: dict[str, Any] = json.loads(value)
                    assert found.pop("extensions", {"cursor": self.cursor}) == {"cursor": self.cursor}
                    return found
        raise AssertionError("the stream has ended")

    async def told(self) -> list[dict[str, Any]]:
        """The elements of the next result."""
        got = await self.next()
        assert "errors" not in got, got
        found = got["data"]["onEventSubscription"]
        assert found["eventStreamId"] == self.id
        elements: list[dict[str, Any]] = found["eventWithQueryIdsList"]
        return elements

    async def element(self) -> dict[str, Any]:
        """The next element; one result may have several."""
        while not self._elements:
            self._elements += await self.told()
        return self._elements.pop(0)

    async def add(self, query_id: str, name: str, filter_: object = None, **more: object) -> object:
        return await add(self.client, self.id, query_id, name, filter_, **more)

    async def remove(self, query_id: str) -> object:
        given = {"i": {"eventStreamId": self.id, "queryId": query_id}}
        return (await self.client.data(REMOVE, given))["removeQueryFromEventStream"]


@asynccontextmanager
async def opened(
    client: Client, stream_id: str | None = None, *, after: str | None = None, document: str = OPEN
) -> AsyncIterator[Stream]:
    """A stream that has told that it is open."""
    async with asked(client, stream_id, after=after, document=document) as stream:
        assert await stream.next()
        yield stream


@asynccontextmanager
async def asked(
    client: Client, stream_id: str | None = None, *, after: str | None = None, document: str = OPEN
) -> AsyncIterator[Stream]:
    stream_id = stream_id or str(new_id())
    headers = {
        "Authorization": f"Bearer {client.tenant.key}",
        "Accept": "text/event-stream",
        **({} if after is None else {"Last-Event-ID": after}),
        **client.headers,
    }
    body = {"query": document, "variables": {"eventStreamId": stream_id}}
    async with client.http.stream("POST", f"{client.url}/graphql", json=body, headers=headers) as answer:
        assert answer.status_code == httpx.codes.OK, await answer.aread()
        yield Stream(client, stream_id, answer.aiter_lines())


async def add(
    client: Client, stream_id: str, query_id: str, name: str, filter_: object = None, **more: object
) -> object:
    """What adding a query answers."""
    variables: Mapping[str, object] = {**({} if filter_ is None else {"filter": filter_}), **more}
    signature = {"objectNameSingular": name, "variables": variables}
    given = {"i": {"eventStreamId": stream_id, "queryId": query_id, "operationSignature": signature}}
    return (await client.data(ADD, given))["addQueryToEventStream"]
