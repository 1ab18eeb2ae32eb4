"""Reads a workspace's log into its timeline by hand, and the timeline as tests compare it."""

import json
from dataclasses import dataclass, field

from rapport.events.cursor import START, Cursor
from rapport.events.log import read
from rapport.events.readers import Log
from rapport.metadata.catalogs import Catalogs
from rapport.timeline.reader import TimelineReader
from tests.serving import Client


@dataclass
class Teller:
    """The reader, and how far it has come."""

    client: Client
    cursor: Cursor = START
    reader: TimelineReader = field(default_factory=lambda: TimelineReader(Catalogs()))

    @property
    def log(self) -> Log:
        return Log(workspace_id=self.client.tenant.workspace_id, schema=self.client.tenant.schema)

    async def tell(self, *, at_once: int = 1000) -> int:
        """Reads all that there is to read; in how many batches."""
        batches = 0
        while True:
            async with self.client.database.transaction() as connection:
                batch = await read(connection, self.log.schema, self.cursor, at_once)
                if not batch.events:
                    return batches
                await self.reader.read(connection, self.log, batch.events)
            self.cursor = batch.cursor
            batches += 1

    async def forget(self) -> None:
        """Empties the timeline, and begins the log anew."""
        await self.client.database.execute(f'delete from "{self.log.schema}"."timelineActivity"')
        self.cursor = START

    async def skip(self) -> None:
        """Goes past what is in the log without telling of it."""
        while (batch := await read(self.client.database, self.log.schema, self.cursor, 1000)).events:
            self.cursor = batch.cursor

    async def entries(self, target: str, record_id: str) -> list[dict[str, object]]:
        """The timeline of a record (``target``: `targetPersonId`) in its order; without ids, times and nulls."""
        rows = await self.client.database.rows(
            f'select to_jsonb(t.*)::text as entry from "{self.log.schema}"."timelineActivity" t '
            f'where t."{target}" = $1 order by t."happensAt", t.id',
            record_id,
        )
        return [_plain(json.loads(row["entry"])) for row in rows]

    async def names(self, target: str, record_id: str) -> list[object]:
        return [entry["name"] for entry in await self.entries(target, record_id)]


def _plain(entry: dict[str, object]) -> dict[str, object]:
    hidden = {"id", "createdAt", "updatedAt", "happensAt"}
    return {key: value for key, value in entry.items() if value is not None and key not in hidden}
