"""Writers that change records for as long as there is a server, and know what was acknowledged."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import httpx

CREATE = "mutation($data: PersonCreateInput!) { createPerson(data: $data) { id } }"
CREATE_MANY = "mutation($data: [PersonCreateInput!]!) { createPeople(data: $data) { id } }"
UPDATE = "mutation($id: UUID!, $title: String) { updatePerson(id: $id, data: { jobTitle: $title }) { id } }"
REMOVE = "mutation($id: UUID!) { deletePerson(id: $id) { id } destroyPerson(id: $id) { id } }"
BATCH = 5
LONGEST_LIFE = 40  # changes of one record


@dataclass
class Load:
    """``address`` says where the server is at the moment. Each writer changes one record again and again, and then
    another.
    """

    address: Callable[[], tuple[str, str] | None]  # URL and key
    writers: int = 4
    pause_seconds: float = 0.01
    acknowledged: dict[str, int] = field(default_factory=dict)  # the last step of each record
    created: int = 0
    failures: int = 0
    stopped: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        async with httpx.AsyncClient(timeout=20) as http:
            await asyncio.gather(*(self._write(http) for _ in range(self.writers)))

    async def _write(self, http: httpx.AsyncClient) -> None:
        while not self.stopped.is_set():
            made = await self._ask(http, CREATE, {"data": {"city": "storm", "jobTitle": "0"}})
            if made is None:
                continue
            self.created += 1
            person = made["createPerson"]["id"]
            self.acknowledged[person] = 0
            for step in range(1, LONGEST_LIFE):
                if self.stopped.is_set():
                    return
                if await self._ask(http, UPDATE, {"id": person, "title": str(step)}):
                    self.acknowledged[person] = step
                if step % 10 == 0 and await self._ask(http, CREATE_MANY, {"data": [{"city": "storm"}] * BATCH}):
                    self.created += BATCH
            await self._ask(http, REMOVE, {"id": person})

    async def _ask(self, http: httpx.AsyncClient, query: str, variables: Mapping[str, object]) -> dict | None:  # type: ignore[type-arg]
        """The data, or None if it was not acknowledged."""
        await asyncio.sleep(self.pause_seconds)
        address = self.address()
        if address is None:
            await asyncio.sleep(0.05)
            return None
        url, key = address
        try:
            response = await http.post(
                f"{url}/graphql",
                json={"query": query, "variables": variables},
                headers={"Authorization": f"Bearer {key}"},
            )
            answer = response.json()
        except (httpx.HTTPError, ValueError):
            self.failures += 1
            await asyncio.sleep(0.05)
            return None
        if "errors" in answer:
            statuses = {error["extensions"]["statusCode"] for error in answer["errors"]}
            # Away for a moment; or what was removed by a request whose answer was lost.
            assert statuses <= {503, 404}, answer["errors"]
            self.failures += 1
            return None
        found: dict = answer["data"]  # type: ignore[type-arg]
        return found
