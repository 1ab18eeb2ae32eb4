"""Drops events that are older than they are to be kept and that every reader has seen."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import asyncpg

from rapport.events.cursor import Cursor, Snapshot
from rapport.events.errors import EventsDropped
from rapport.metadata.names import quote
from rapport.store.database import Connection, Database
from rapport.store.queries import load

_SQL = load("rapport.events")
_AT_ONCE = 5_000


async def drop_old(db: Database, keep: timedelta, readers: frozenset[str]) -> int:
    """How many events were dropped, in all workspaces; a few thousand in each transaction.

    ``readers``: the names of all durable readers there are. One that has not begun in a workspace keeps its events.
    """
    before = datetime.now(UTC) - keep
    dropped = 0
    for row in await db.rows(_SQL["workspaces"]):
        try:
            dropped += await _drop(db, row["id"], row["schema"], before, readers)
        except asyncpg.UndefinedTableError:
            continue  # the workspace is no more
    return dropped


async def _drop(db: Database, workspace_id: UUID, schema: str, before: datetime, readers: frozenset[str]) -> int:
    sql = _SQL["drop_events"].replace("{schema}", quote(schema))
    dropped = 0
    while True:
        async with db.transaction() as connection:
            seen = await _seen_by_all(connection, workspace_id, readers)
            open_ = [str(each) for each in seen.open]
            gone = await connection.row(sql, before, _AT_ONCE, str(seen.next), open_)
            assert gone is not None
            if gone["count"]:
                await connection.execute(_SQL["note_loss"], workspace_id, gone["xid"], gone["seq"])
        count = int(gone["count"])
        dropped += count
        if count < _AT_ONCE:
            return dropped


async def _seen_by_all(connection: Connection, workspace_id: UUID, readers: frozenset[str]) -> Snapshot:
    rows = await connection.rows(_SQL["all_cursors"], workspace_id)
    cursors = {row["reader"]: Cursor.read(row["cursor"]).seen for row in rows if row["reader"] in readers}
    if cursors.keys() != readers:
        return Snapshot(0)
    if not cursors:
        return Snapshot(2**62)
    following = min(each.next for each in cursors.values())
    return Snapshot(following, tuple({number for each in cursors.values() for number in each.open}))


async def check_kept(db: Database, workspace_id: UUID, cursor: Cursor) -> None:
    """Raises EventsDropped when events behind the cursor are there no more.

    To be asked after reading: what is there then was there before. A cursor that has seen transactions to come is of a
    database that has since been put back to an earlier time; other events have other numbers there.
    """
    found = await db.row(_SQL["find_loss"], workspace_id)
    assert found is not None
    seen, until = cursor.seen, cursor.until
    if max(seen.next, until.next if until else 0) > int(found["next"]):
        raise EventsDropped
    if found["xid"] is None or _is_past(seen, int(found["xid"])):
        return
    if until is None or not _is_past(until, int(found["xid"])) or cursor.seq < found["seq"]:
        raise EventsDropped


def _is_past(snapshot: Snapshot, xid: int) -> bool:
    """Whether it has seen all transactions up to this one."""
    return snapshot.next > xid and all(each > xid for each in snapshot.open)
