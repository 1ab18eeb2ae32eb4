"""How far readers are behind what has happened."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime

from rapport.events.unread import unread
from rapport.store.database import Database

MOST_COUNTED = 1_000  # events of one log


@dataclass(frozen=True, slots=True, kw_only=True)
class Lag:
    """Of one reader in all workspaces."""

    reader: str
    seconds: float = 0.0  # since the oldest unread event happened
    events: int = 0  # unread, of each log about MOST_COUNTED at most
    logs: int = 0  # that have some


async def lags(db: Database, readers: Collection[str]) -> list[Lag]:
    """Of each of these readers, by their names."""
    found = await unread(db, readers, most=MOST_COUNTED)
    now = datetime.now(UTC)
    return [
        Lag(
            reader=name,
            seconds=max([0.0, *((now - each.since).total_seconds() for each in found if each.reader == name)]),
            events=sum(each.count for each in found if each.reader == name),
            logs=sum(each.reader == name for each in found),
        )
        for name in sorted(readers)
    ]
