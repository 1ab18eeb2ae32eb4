"""One who follows the change feed with a cursor, whatever happens to the server."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field

import httpx


@dataclass
class Follower:
    """``events``: ids, in the order in which they came."""

    address: Callable[[], tuple[str, str] | None]
    limit: int
    cursor: str | None = None
    events: list[str] = field(default_factory=list)
    is_at_end: bool = False
    stopped: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        async with httpx.AsyncClient(timeout=20) as http:
            while not self.stopped.is_set():
                address = self.address()
                if address is None or not await self._page(http, *address):
                    await asyncio.sleep(0.02)

    async def _page(self, http: httpx.AsyncClient, url: str, key: str) -> bool:
        """Whether there was anything."""
        given = {"limit": str(self.limit), **({"after": self.cursor} if self.cursor else {})}
        try:
            response = await http.get(f"{url}/rest/events", params=given, headers={"Authorization": f"Bearer {key}"})
            found = response.json()
        except (httpx.HTTPError, ValueError):
            return False
        if response.status_code != 200:
            assert response.status_code == 503, found
            return False
        events = found["data"]["events"]
        self.events += [each["id"] for each in events]
        self.cursor = found["pageInfo"]["endCursor"]
        self.is_at_end = not events
        return bool(events)
