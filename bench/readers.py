"""Waiting until the server's readers of events have seen everything: what others have left them must not be counted."""

import asyncio
from dataclasses import dataclass
from uuid import UUID

from rapport.events.cursor import Cursor
from rapport.events.log import present, read
from rapport.metadata.names import schema_name
from rapport.store.database import Database

PATIENCE_SECONDS = 300


@dataclass(frozen=True, kw_only=True)
class ReadersOf:
    """The readers of one workspace's log."""

    database: Database
    workspace_id: UUID

    async def have_read(self) -> None:
        """Returns when all that has happened until now is read. Raises TimeoutError."""
        now = await present(self.database, self._schema)
        async with asyncio.timeout(PATIENCE_SECONDS):
            while not await self._are_through(now):  # noqa: ASYNC110  # another process has
                await asyncio.sleep(0.05)

    @property
    def _schema(self) -> str:
        return schema_name(self.workspace_id)

    async def _are_through(self, now: Cursor) -> bool:
        """Whether nothing before the moment is left to be read."""
        rows = await self.database.rows(
            'select cursor from core."eventReader" where "workspaceId" = $1', self.workspace_id
        )
        cursors = [Cursor.read(row["cursor"]) for row in rows]
        if not cursors or any(each.until is not None or each.seen.next < now.seen.next for each in cursors):
            return False
        unread = [len((await read(self.database, self._schema, each, 1)).events) for each in cursors]
        return not any(unread)
