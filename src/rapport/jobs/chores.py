"""What the server does for itself by the calendar: deletes what is old, sweeps what was left behind."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from rapport.jobs.handler import Handler, Job
from rapport.jobs.schedules import Schedule
from rapport.store.database import Database
from rapport.store.queries import load

KEPT = timedelta(days=30)  # dead letters, and what the log says of jobs that are gone
_DELAYS = (timedelta(minutes=1), timedelta(minutes=10))  # an hour later it is done again anyway
_TIMEOUT = timedelta(hours=1)

_SQL = load("rapport.jobs")


@dataclass(frozen=True, kw_only=True)
class Chore:
    """Done by one of all workers at each time, and never twice at once. ``name`` is that of its jobs."""

    name: str
    cron: str  # in UTC
    run: Callable[[], Awaitable[object]]


def chore_handlers(chores: Sequence[Chore]) -> Mapping[str, Handler]:
    return {chore.name: _handler(chore) for chore in chores}


def chore_schedules(chores: Sequence[Chore]) -> Sequence[Schedule]:
    return [Schedule(name=chore.name, cron=chore.cron, job=chore.name, is_alone=True) for chore in chores]


def _handler(chore: Chore) -> Handler:
    async def run(_: Job) -> None:
        await chore.run()

    return Handler(run=run, delays=_DELAYS, timeout=_TIMEOUT)


async def prune_jobs(db: Database) -> None:
    """Deletes dead letters and log entries that are old."""
    for name in ("prune_failed", "prune_log"):
        await db.execute(_SQL[name], KEPT)
