"""Drops deliveries that are older than they are to be kept."""

from datetime import timedelta

from rapport.store.database import Database
from rapport.store.queries import load

_SQL = load("rapport.webhooks")
_AT_ONCE = 2_000


async def drop_old(db: Database, keep: timedelta) -> int:
    """How many, with what was answered to them; some thousands in each transaction. What still waits stays."""
    dropped = 0
    for row in await db.rows(_SQL["every_webhook"]):
        while True:
            tag = await db.execute(_SQL["drop_deliveries"], row["id"], keep, _AT_ONCE)
            count = int(tag.rpartition(" ")[2])
            dropped += count
            if count < _AT_ONCE:
                break
    return dropped
