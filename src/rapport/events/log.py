"""The log of a workspace's changes, read in the order in which each record was changed, without gaps."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, NamedTuple, Protocol
from uuid import UUID

import asyncpg

from rapport.events.cursor import Cursor, Snapshot
from rapport.metadata.names import quote
from rapport.store.queries import load

_SQL = load("rapport.events")
_NEVER = Snapshot(2**63 - 1)

Action = Literal["created", "updated", "deleted", "restored", "destroyed"]


class Reads(Protocol):
    """A connection in a transaction, or the database."""

    async def rows(self, sql: str, *args: object) -> list[asyncpg.Record]: ...

    async def row(self, sql: str, *args: object) -> asyncpg.Record | None: ...


class Event(NamedTuple):
    """What happened to which record, and by whom, without what was in it (see engine/telling for that).

    ``seq`` numbers the events of a workspace. ``actor`` is JSON: `{"source", "name", "userId", "workspaceMemberId",
    "apiKeyId"}`. ``updated_fields``: the names of the fields that an update has changed. ``is_upsert``: an upsert has
    created, updated or restored the record.
    """

    seq: int
    id: UUID
    action: Action
    object: str  # singular name
    record_id: UUID
    updated_fields: tuple[str, ...] | None
    actor: str | None
    happened_at: datetime
    is_upsert: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Events in order. ``cursor`` is behind the last; ``is_last``: there were no more."""

    events: Sequence[Event]
    cursor: Cursor
    is_last: bool
    window: tuple[Snapshot, Snapshot] | None = None

    def cursor_behind(self, event: Event) -> Cursor:
        """Where to go on after one of these events."""
        if self.window is None or event is self.events[-1]:
            return self.cursor
        seen, until = self.window
        return Cursor(seen=seen, until=until, seq=event.seq)


async def read(db: Reads, schema: str, cursor: Cursor, limit: int) -> Batch:
    """The next events behind the cursor, at most ``limit``. When there are none, the cursor stays."""
    if cursor.until is not None:
        return await _continue(db, schema, cursor.seen, cursor.until, cursor.seq, limit)
    rows = await _open(db, schema, cursor.seen, _NEVER, limit)
    if not rows:
        return Batch(events=(), cursor=cursor, is_last=True)
    until = _upto(max(int(rows[0]["top"]) + 1, cursor.seen.next), rows[0]["now"])
    return await _first(db, schema, cursor.seen, until, rows, limit)


async def read_between(db: Reads, schema: str, cursor: Cursor, until: Snapshot, limit: int) -> Batch:
    """As ``read``, but nothing that ``until`` has not seen. ``is_last``: that snapshot is reached."""
    if cursor.until is not None:
        found = await _continue(db, schema, cursor.seen, cursor.until, cursor.seq, limit)
        return Batch(events=found.events, cursor=found.cursor, is_last=False, window=found.window)
    rows = await _open(db, schema, cursor.seen, until, limit)
    return await _first(db, schema, cursor.seen, until, rows, limit)


async def present(db: Reads, schema: str) -> Cursor:
    """Behind everything that has happened."""
    row = await db.row(_sql("present", schema))
    assert row is not None
    return Cursor(seen=_upto(int(row["top"] or 0) + 1, row["now"]))


def _sql(name: str, schema: str) -> str:
    return _SQL[name].replace("{schema}", quote(schema))


def _bound(snapshot: Snapshot) -> tuple[str, list[str]]:
    return str(snapshot.next), [str(each) for each in snapshot.open]


async def _open(db: Reads, schema: str, seen: Snapshot, until: Snapshot, limit: int) -> Sequence[asyncpg.Record]:
    """What one snapshot has seen and another has not; of more than ``limit``, any that are more."""
    return await db.rows(_sql("open_window", schema), *_bound(seen), *_bound(until), limit + 1)


async def _first(
    db: Reads, schema: str, seen: Snapshot, until: Snapshot, rows: Sequence[asyncpg.Record], limit: int
) -> Batch:
    """The first batch of a window, of which ``rows`` were found: few are all that there are.

    Many lie close together in the order of their numbers, and are walked through in it from the first on. To sort all
    for each batch would take longer and longer, the further one is behind.
    """
    if len(rows) <= limit:
        return _batch(rows, seen, until, limit)
    before = 0
    if seen.next:
        (row,) = await db.rows(_sql("first_of_window", schema), *_bound(seen), *_bound(until))
        before = row[0] - 1
    return await _continue(db, schema, seen, until, before, limit)


async def _continue(db: Reads, schema: str, seen: Snapshot, until: Snapshot, seq: int, limit: int) -> Batch:
    rows = await db.rows(_sql("continue_window", schema), *_bound(seen), *_bound(until), seq, limit + 1)
    return _batch(rows, seen, until, limit)


def _batch(rows: Sequence[asyncpg.Record], seen: Snapshot, until: Snapshot, limit: int) -> Batch:
    events = tuple(_event(row) for row in rows[:limit])
    is_last = len(rows) <= limit
    cursor = Cursor(seen=until) if is_last else Cursor(seen=seen, until=until, seq=events[-1].seq)
    return Batch(events=events, cursor=cursor, is_last=is_last, window=(seen, until))


def _upto(following: int, now: str) -> Snapshot:
    """What has been seen once all that a snapshot (`xmin:xmax:open,open`) shows of transactions before ``following``
    has been read.

    Not the snapshot itself: it may speak of transactions that have left no trace yet. After a crash PostgreSQL would
    give their numbers once more, and what was written under them would count as seen.
    """
    open_ = map(int, filter(None, now.split(":")[2].split(",")))
    return Snapshot(following, tuple(each for each in open_ if each < following))


def _event(row: asyncpg.Record) -> Event:
    """``row`` begins with the columns of an event in their order: they are many, and names would be looked up."""
    seq, event_id, action, item, record_id, fields, actor, happened_at, is_upsert = row[:9]
    updated = None if fields is None else tuple(fields)
    return Event(seq, event_id, action, item, record_id, updated, actor, happened_at, is_upsert)
