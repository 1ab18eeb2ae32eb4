"""Which logs have events that a reader has not read: a look at all of them that costs little."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from rapport.events.cursor import START, Cursor
from rapport.store.database import Database
from rapport.store.queries import load

_AT_ONCE = 500  # logs in one statement

_SQL = load("rapport.events")


@dataclass(frozen=True, slots=True, kw_only=True)
class Unread:
    """A log that a reader has not read to its end; ``since`` is when the oldest of those events happened."""

    workspace_id: UUID
    schema: str
    reader: str
    since: datetime
    count: int  # as far as they were counted


async def unread(db: Database, readers: Collection[str], *, most: int = 1) -> list[Unread]:
    """Of all workspaces and these readers. ``most``: how many events of a log to count, about."""
    rows = await db.rows(_SQL["cursors_of_readers"], list(readers))
    found: list[Unread] = []
    for start in range(0, len(rows), _AT_ONCE):
        some = rows[start : start + _AT_ONCE]
        cursors = [(START if row["cursor"] is None else Cursor.read(row["cursor"])).seen for row in some]
        seen = await db.rows(
            _SQL["oldest_unread"],
            [row["schema"] for row in some],
            [str(each.next) for each in cursors],
            ["{" + ",".join(map(str, each.open)) + "}" for each in cursors],
            most,
        )
        for each in seen:
            row = some[each["place"] - 1]
            found.append(
                Unread(
                    workspace_id=row["id"],
                    schema=row["schema"],
                    reader=row["reader"],
                    since=each["since"],
                    count=each["unread"],
                )
            )
    return found
