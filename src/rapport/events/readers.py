"""Durable readers of the logs of all workspaces: each event reaches each reader, whatever dies in between."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from time import monotonic
from typing import Protocol
from uuid import UUID

import asyncpg
import structlog

from rapport.base.errors import RapportError
from rapport.events.bell import Bell
from rapport.events.cursor import START, Cursor
from rapport.events.log import Event, present, read
from rapport.events.unread import unread
from rapport.store.database import Connection, Database
from rapport.store.queries import load

BATCH = 1000  # events
SWEEP_SECONDS = 10.0
PASSED_OVER_SECONDS = 0.5
SLOWEST_RETRY_SECONDS = 60.0
_AT_ONCE = 4  # passes

_SQL = load("rapport.events")
_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """Whose events are read."""

    workspace_id: UUID
    schema: str


class Reader(Protocol):
    """What is done about events."""

    @property
    def name(self) -> str:
        """Under which its cursors are kept: never to be changed."""

    @property
    def pause_seconds(self) -> float:
        """The least time between two passes through one log: what happens meanwhile is read together."""

    async def passes_over(self, connection: Connection, log: Log) -> bool:
        """Whether nothing is to be done about what has happened in this log until now, whatever it is."""

    async def read(self, connection: Connection, log: Log, events: Sequence[Event]) -> None:
        """Does what is to be done, in the transaction in which the cursor moves on.

        Events come in the order in which each record was changed. What is done outside of the transaction may be done
        again. Whatever is raised leaves the cursor where it was, and the same events come again.
        """


@dataclass(slots=True)
class _Lane:
    """One reader's way through one log."""

    reader: Reader
    log: Log
    is_queued: bool = False
    is_dirty: bool = False  # something has happened since the pass that is being made began
    failures: int = 0
    size: int = BATCH
    not_before: float = 0.0


@dataclass
class Readers:
    """Any number of processes have the same readers. A log is read by one of them at a time for each reader."""

    db: Database
    bell: Bell
    readers: Sequence[Reader]
    sweep_seconds: float = SWEEP_SECONDS
    _lanes: dict[tuple[str, UUID], _Lane] = field(default_factory=dict)
    _queue: "asyncio.Queue[_Lane]" = field(default_factory=asyncio.Queue)
    _tasks: "list[asyncio.Task[None]]" = field(default_factory=list)
    _look: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def names(self) -> frozenset[str]:
        return frozenset(reader.name for reader in self.readers)

    def start(self) -> None:
        """Begins to read, in the background."""
        if not self.readers:
            return
        self.bell.listen(self._hear)
        self._tasks = [
            asyncio.create_task(self._sweep()),
            *(asyncio.create_task(self._pass()) for _ in range(_AT_ONCE)),
        ]

    async def stop(self) -> None:
        """Stops at once: what was not committed is read again by whoever comes next."""
        if self._tasks:
            self.bell.stop_listening(self._hear)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []

    def look_soon(self) -> None:
        """Rings may have been missed."""
        self._look.set()

    # -- what is to be read -------------------------------------------------------------------------------------

    def _hear(self, workspace_id: UUID) -> None:
        for reader in self.readers:
            lane = self._lanes.get((reader.name, workspace_id))
            if lane is None:
                self.look_soon()  # a workspace that was not there before
                return
            self._mark(lane)

    def _mark(self, lane: _Lane) -> None:
        lane.is_dirty = True
        if not lane.is_queued:
            lane.is_queued = True
            wait = lane.not_before - monotonic()
            if wait <= 0:
                self._queue.put_nowait(lane)
            else:
                asyncio.get_running_loop().call_later(wait, self._queue.put_nowait, lane)

    async def _sweep(self) -> None:
        """Looks into all logs now and then: a process may have died between its commit and its ring."""
        while True:
            self._look.clear()
            try:
                rows = await self.db.rows(_SQL["workspaces"])
                self._renew([Log(workspace_id=row["id"], schema=row["schema"]) for row in rows])
                for each in await unread(self.db, self.names):
                    lane = self._lanes.get((each.reader, each.workspace_id))
                    if lane is not None:
                        self._mark(lane)
            except (RapportError, asyncpg.PostgresError, OSError) as error:
                _log.warning("workspaces cannot be read", reason=repr(error))
            with suppress(TimeoutError):
                await asyncio.wait_for(self._look.wait(), self.sweep_seconds)

    def _renew(self, logs: Sequence[Log]) -> None:
        there = {(reader.name, log.workspace_id) for reader in self.readers for log in logs}
        for gone in self._lanes.keys() - there:
            del self._lanes[gone]
        for log in logs:
            for reader in self.readers:
                self._lanes.setdefault((reader.name, log.workspace_id), _Lane(reader, log))

    # -- reading ------------------------------------------------------------------------------------------------

    async def _pass(self) -> None:
        while True:
            lane = await self._queue.get()
            lane.is_dirty = False
            try:
                has_more, pause = await self._read(lane)
                lane.failures, lane.size = 0, min(lane.size * 2, BATCH)
            except asyncpg.UndefinedTableError:
                self._lanes.pop((lane.reader.name, lane.log.workspace_id), None)  # the workspace is no more
                continue
            except Exception as error:  # noqa: BLE001  # the next attempt, and other lanes, do not depend on it
                has_more, pause = True, self._after_failure(lane, error)
            lane.not_before = monotonic() + pause
            lane.is_queued = False
            if has_more or lane.is_dirty:
                self._mark(lane)

    async def _read(self, lane: _Lane) -> tuple[bool, float]:
        """One batch; whether there is more to read, and the pause until the next pass."""
        log, reader = lane.log, lane.reader
        async with self.db.transaction() as connection:
            if not await connection.value(_SQL["take_turn"], log.workspace_id, reader.name):
                return False, reader.pause_seconds  # who reads it now has heard of what has happened, too
            cursor = await cursor_of(connection, log.workspace_id, reader.name)
            if await reader.passes_over(connection, log):
                now = await present(connection, log.schema)
                # Who begins to listen after this is owed nothing of what was there before.
                if await reader.passes_over(connection, log):
                    if now != cursor:
                        await connection.execute(_SQL["save_cursor"], log.workspace_id, reader.name, str(now))
                    # Where nothing is to be done, it is enough to look now and then whether that is still so.
                    return False, max(reader.pause_seconds, PASSED_OVER_SECONDS)
            batch = await read(connection, log.schema, cursor, lane.size)
            if batch.events:
                await reader.read(connection, log, batch.events)
            if batch.cursor != cursor:
                await connection.execute(_SQL["save_cursor"], log.workspace_id, reader.name, str(batch.cursor))
            return (False, reader.pause_seconds) if batch.is_last else (True, 0.0)

    def _after_failure(self, lane: _Lane, error: Exception) -> float:
        """How long to wait. Smaller and smaller batches: what can be read before an event that cannot, is read."""
        lane.failures += 1
        lane.size = max(1, lane.size // 10)
        seconds = min(0.1 * float(2 ** min(lane.failures, 20)), SLOWEST_RETRY_SECONDS)
        _log.error(
            "events could not be read",
            reader=lane.reader.name,
            workspace=str(lane.log.workspace_id),
            failures=lane.failures,
            seconds=round(seconds, 1),
            exc_info=error,
        )
        return seconds


async def cursor_of(connection: Connection, workspace_id: UUID, reader: str) -> Cursor:
    """How far a reader has come; a new one begins at the beginning."""
    text = await connection.value(_SQL["find_cursor"], workspace_id, reader)
    return START if text is None else Cursor.read(str(text))


async def begin_at_present(connection: Connection, log: Log, reader: str) -> None:
    """A reader that has not begun in this log is to begin behind all that has happened, also in this transaction."""
    cursor = await present(connection, log.schema)
    await connection.execute(_SQL["begin"], log.workspace_id, reader, str(cursor))
