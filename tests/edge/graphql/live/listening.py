"""Listens to server-sent events, line by line."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, TypeAlias

import httpx

from tests.serving import Client

PATIENCE_SECONDS = 20.0
EVENTS = "text/event-stream"
Json: TypeAlias = dict[str, Any]


class Stream:
    """An answer that goes on."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self._lines = response.aiter_lines()

    async def line(self) -> str | None:
        """None: the end."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await anext(self._lines, None)

    async def event(self) -> dict[str, str] | None:
        """The fields of the next event; None: the end. Comments are left out, and notes of the place alone."""
        fields: dict[str, str] = {}
        while True:
            line = await self.line()
            if line is None:
                assert not fields, "The last event is not complete."
                return None
            if not line and "event" in fields:
                return fields
            name, _, value = line.partition(":")
            if name:
                fields[name] = value.removeprefix(" ")

    async def told(self) -> Json:
        """The data of the next event, which must be a result."""
        event = await self.event()
        assert event is not None
        assert event["event"] == "next"
        found: Json = json.loads(event["data"])
        assert event.get("id") == found.get("extensions", {}).get("cursor")
        return found

    async def rest(self) -> list[dict[str, str]]:
        found = []
        while (event := await self.event()) is not None:
            found.append(event)
        return found


@asynccontextmanager
async def listening(
    client: Client, query: str, *, headers: Mapping[str, str] | None = None, **more: object
) -> AsyncIterator[Stream]:
    """A POST with a subscription. ``more`` of the body."""
    sent = {"Accept": EVENTS, "Authorization": f"Bearer {client.tenant.key}", **(headers or {})}
    request = client.http.build_request("POST", f"{client.url}/graphql", json={"query": query, **more}, headers=sent)
    response = await client.http.send(request, stream=True)
    try:
        yield Stream(response)
    finally:
        await response.aclose()
