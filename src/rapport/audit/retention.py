"""Drops entries of the audit log that are older than they are to be kept."""

from datetime import timedelta

from rapport.store.database import Database
from rapport.store.queries import load

_SQL = load("rapport.audit")
_AT_ONCE = 10_000


async def drop_old(db: Database, keep: timedelta) -> int:
    """How many entries were dropped; a few thousand in each transaction."""
    dropped = 0
    while True:
        count = int((await db.execute(_SQL["drop_entries"], keep, _AT_ONCE)).rpartition(" ")[2])
        dropped += count
        if count < _AT_ONCE:
            return dropped
