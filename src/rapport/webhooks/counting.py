"""How many deliveries there are, for whoever watches over them."""

from dataclasses import dataclass

from rapport.store.database import Database
from rapport.store.queries import load

MOST_COUNTED = 100_000

_SQL = load("rapport.webhooks")


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryCount:
    """Of all workspaces, each as far as MOST_COUNTED, without tests."""

    waiting: int
    dead: int
    oldest_seconds: float  # for which the one that was made first has waited


async def count_deliveries(db: Database) -> DeliveryCount:
    row = await db.row(_SQL["count_deliveries"], MOST_COUNTED)
    assert row is not None
    return DeliveryCount(waiting=row["waiting"], dead=row["dead"], oldest_seconds=row["oldest"])
