"""How many jobs there are, for whoever watches over the queue."""

from collections.abc import Sequence
from dataclasses import dataclass

from rapport.store.database import Database
from rapport.store.queries import load

_SQL = load("rapport.jobs")


@dataclass(frozen=True, slots=True, kw_only=True)
class JobCount:
    """Of the jobs of one name. ``oldest_seconds``: since when the one that has waited longest could have been run."""

    name: str
    waiting: int
    running: int
    dead: int
    oldest_seconds: float


async def count_jobs(db: Database) -> Sequence[JobCount]:
    """By name; names without a job are not there."""
    return [
        JobCount(
            name=row["entrypoint"],
            waiting=row["waiting"],
            running=row["running"],
            dead=row["dead"],
            oldest_seconds=row["oldest"],
        )
        for row in await db.rows(_SQL["count_jobs"])
    ]
