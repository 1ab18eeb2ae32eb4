"""Puts jobs into the queue, in the transaction of whatever causes them; lists those that failed, and puts them back.

The tables are PgQueuer's, but this module does without the library: a process that runs no jobs does not load it.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import asyncpg
import orjson

from rapport.store.database import Connection, Database
from rapport.store.queries import load

Json = str | int | float | bool | None | Sequence["Json"] | Mapping[str, "Json"]

_NAME = re.compile(r"[a-z][a-z0-9]*(?:[.-][a-z0-9]+)*")
_LONGEST_LIST = 1000


@dataclass(frozen=True, kw_only=True)
class Listed:
    """A job as `rapport jobs list` shows it."""

    id: int
    name: str
    state: str  # queued, picked or failed
    attempts: int  # that have failed
    created_at: datetime
    run_after: datetime
    error: str | None  # the last


@dataclass(frozen=True, kw_only=True)
class Step:
    """What became of a job at some time."""

    at: datetime
    state: str  # queued, picked, exception, failed …
    error: str | None


@dataclass(frozen=True, kw_only=True)
class Described:
    """A job as `rapport jobs show` shows it."""

    id: int
    name: str
    state: str
    attempts: int
    created_at: datetime
    run_after: datetime
    key: str | None
    payload: Json
    history: Sequence[Step]  # the earliest first


class Jobs:
    """The queue."""

    def __init__(self) -> None:
        self._sql = load("rapport.jobs")

    async def enqueue(
        self,
        connection: Connection,
        name: str,
        payload: Json,
        *,
        run_after: timedelta | None = None,
        key: str | None = None,
    ) -> int | None:
        """Work for the handler of this name; gives the job's number. Undone when the transaction is rolled back.

        With a ``key``, nothing is added and None is given while a job with that key waits or runs. One that waits for a
        later time is brought forward.
        """
        check_job_name(name)
        found = await connection.value(
            self._sql["enqueue"], name, orjson.dumps(payload), run_after or timedelta(0), key
        )
        return int(str(found)) if found is not None else None

    async def release_key(self, connection: Connection, number: int) -> None:
        """Lets another job have the key of one that runs.

        For a job that is about to end: what is enqueued with its key from now on is not taken for what it has done.
        """
        await connection.execute(self._sql["release_key"], number)

    async def listed(
        self, db: Database, *, only_failed: bool = False, name: str | None = None, limit: int = 100
    ) -> list[Listed]:
        """Jobs that failed for good or are waiting or running: the failed ones first, then by the time they are due."""
        rows = await db.rows(self._sql["list_jobs"], only_failed, name, min(limit, _LONGEST_LIST))
        return [_listed(row) for row in rows]

    async def described(self, db: Database, number: int) -> Described | None:
        """A job that is there, with all that is known of it."""
        row = await db.row(self._sql["find_job"], number)
        if row is None:
            return None
        steps = await db.rows(self._sql["job_history"], number)
        return Described(
            id=row["id"],
            name=row["entrypoint"],
            state=row["status"],
            attempts=row["attempts"],
            created_at=row["created"],
            run_after=row["execute_after"],
            key=row["dedupe_key"],
            payload=orjson.loads(row["payload"]) if row["payload"] else None,
            history=[Step(at=each["created"], state=each["status"], error=each["error"]) for each in steps],
        )

    async def discard(self, db: Database, numbers: Sequence[int] | None, *, name: str | None = None) -> list[int]:
        """Deletes failed jobs: those with these numbers, or all (of a name)."""
        rows = await db.rows(self._sql["discard_jobs"], list(numbers) if numbers is not None else None, name)
        return sorted(row["id"] for row in rows)

    async def retry(self, db: Database, numbers: Sequence[int] | None, *, name: str | None = None) -> list[int]:
        """Puts failed jobs back into the queue as if they were new: those with these numbers, or all (of a name).

        A job stays where it is while another one with the same key waits or runs.
        """
        rows = await db.rows(self._sql["retry_jobs"], list(numbers) if numbers is not None else None, name)
        return sorted(row["id"] for row in rows)


def check_job_name(name: str) -> None:
    """Raises ValueError."""
    if not _NAME.fullmatch(name):
        raise ValueError(f"{name!r} is not the name of a job, such as mail.send")


def _listed(row: asyncpg.Record) -> Listed:
    return Listed(
        id=row["id"],
        name=row["entrypoint"],
        state=row["status"],
        attempts=row["attempts"],
        created_at=row["created"],
        run_after=row["execute_after"],
        error=row["error"],
    )
