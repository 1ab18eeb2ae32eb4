"""Heals what a crash, or a storage that was out of order, left of files: rows without bytes, and bytes without a row.

A chore of the workers. Any number of them may sweep at once: what one has deleted, the others pass over.
"""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import structlog

from rapport.base.errors import Timeout
from rapport.files.service import storage_name
from rapport.files.storage import Storage, StorageFailed
from rapport.store.database import Database
from rapport.store.queries import load

UPLOAD = timedelta(hours=1)  # an upload that takes longer has failed
ORPHAN = timedelta(days=1)  # bytes that are younger may yet get their row: of an upload, or of a backup that comes back
SEARCH = timedelta(days=1)  # between two looks at everything that is in the storage
_AT_ONCE = 500

_SQL = load("rapport.files")
_NAME = re.compile(r"workspace-([0-9a-f-]{36})/(.+)")
_log = structlog.get_logger(__name__)


class Sweeper:
    """Sweeps the files of all workspaces."""

    def __init__(
        self, db: Database, storage: Storage, *, now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._db = db
        self._storage = storage
        self._now = now
        self._searched: datetime | None = None

    async def sweep(self) -> None:
        """Deletes what is to be deleted; once a day also what nobody knows of. Bytes go before their rows."""
        try:
            await self._db.execute(_SQL["mark_left"], UPLOAD)
            await self._db.execute(_SQL["mark_abandoned"])
            await self._drop_deleted()
            if self._searched is None or self._now() - self._searched >= SEARCH:
                await self._drop_orphans()
                self._searched = self._now()
        except (StorageFailed, Timeout) as error:
            _log.warning("files are left to the next sweep", reason=error.message)

    async def _drop_deleted(self) -> None:
        while True:
            rows = await self._db.rows(_SQL["list_deleted"], _AT_ONCE)
            await self._storage.delete([storage_name(row["workspaceId"], row["path"]) for row in rows])
            await self._db.execute(_SQL["drop_deleted"], [row["id"] for row in rows])
            if len(rows) < _AT_ONCE:
                return

    async def _drop_orphans(self) -> None:
        """Only those of workspaces that there are: another server's files in the same place are left alone."""
        async for names in self._storage.older_than(self._now() - ORPHAN):
            ours = [(name, *place) for name in names if (place := _place(name)) is not None]
            numbers = await self._db.rows(_SQL["find_orphans"], [each[1] for each in ours], [each[2] for each in ours])
            orphans = [ours[row["number"] - 1][0] for row in numbers]
            if orphans:
                _log.warning("files that nothing knows of are deleted", count=len(orphans), first=orphans[0])
                await self._storage.delete(orphans)


def _place(name: str) -> tuple[UUID, str] | None:
    """The workspace and path of an object; None for one that is not ours."""
    found = _NAME.fullmatch(name)
    try:
        return (UUID(found[1]), found[2]) if found else None
    except ValueError:
        return None
