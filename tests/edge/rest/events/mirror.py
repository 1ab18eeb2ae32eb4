"""A mirror of a workspace that is kept by its change feed, and what it must be like in the end."""

import asyncio
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from tests.edge.rest.asking import send
from tests.edge.rest.events.feed import Event, page, streaming
from tests.serving import Client

OBJECTS = {
    "company": "companies", "person": "people", "opportunity": "opportunities", "note": "notes",
    "noteTarget": "noteTargets", "favorite": "favorites",
}  # fmt: skip
END = "END"  # the title of a note that is made when nothing more happens


@dataclass
class Mirror:
    """The records by object and id, deleted ones too. ``events`` are all that it was told, in order."""

    records: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)

    def take(self, event: Event) -> None:
        self.events.append(event)
        key = (event["object"], event["recordId"])
        if event["record"] is None:
            self.records.pop(key, None)
        else:
            self.records[key] = event["record"]

    @property
    def is_complete(self) -> bool:
        return bool(self.events) and (self.events[-1]["record"] or {}).get("title") == END

    def of(self, kind: str) -> dict[str, dict[str, Any]]:
        return {record_id: record for (name, record_id), record in self.records.items() if name == kind}

    def by_record(self) -> dict[tuple[str, str], list[str]]:
        """The ids of the events of each record, as they came."""
        found: dict[tuple[str, str], list[str]] = defaultdict(list)
        for event in self.events:
            found[event["object"], event["recordId"]].append(event["id"])
        return dict(found)


async def mirrored_by_pages(client: Client, query: str) -> Mirror:
    mirror, after = Mirror(), ""
    while not mirror.is_complete:
        got = await page(client, query + after)
        for event in got["data"]["events"]:
            mirror.take(event)
        after = f"&after={got['pageInfo']['endCursor']}"
        if not got["data"]["events"]:
            await asyncio.sleep(0.02)  # as clients do that do not wait
    return mirror


async def mirrored_by_streams(client: Client, most: int) -> Mirror:
    """By one stream after the other, each of which is left after so many events."""
    mirror, after = Mirror(), ""
    while not mirror.is_complete:
        async with streaming(client, "limit=50", **({"Last-Event-ID": after} if after else {})) as stream:
            with suppress(TimeoutError):
                async with asyncio.timeout(0.5):
                    await stream.has(most)
            events = stream.events
        for event in events:
            mirror.take(event)
            after = event["cursor"]
    return mirror


async def on_server(client: Client, kind: str) -> dict[str, dict[str, Any]]:
    """The records that the server has, deleted ones too."""
    found: dict[str, dict[str, Any]] = {}
    after = ""
    while True:
        query = f"depth=0&limit=200&filter=or(deletedAt[is]:NULL,deletedAt[is]:NOT_NULL){after}"
        answer = (await send(client, "GET", f"/{OBJECTS[kind]}?{query}")).json()
        found |= {each["id"]: each for each in answer["data"][OBJECTS[kind]]}
        if not answer["pageInfo"]["hasNextPage"]:
            return found
        after = f"&starting_after={answer['pageInfo']['endCursor']}"
