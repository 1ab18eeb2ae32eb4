"""Puts the jobs of schedules into the queue when their time has come. Any number of workers do so, each time once."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import asyncpg
import orjson
import structlog

from rapport.jobs.cron import InvalidSchedule, next_time
from rapport.jobs.queue import Jobs
from rapport.jobs.schedules import Schedule, Schedules
from rapport.store.database import Connection, Database
from rapport.store.queries import load

LOOK_SECONDS = 5.0  # between two looks: others may have put a schedule there
_SHORTEST_SECONDS = 0.05
_AT_ONCE = 100
_FORGOTTEN = timedelta(days=30)  # after which a schedule of the server that no process declares is removed

_log = structlog.get_logger(__name__)
_SQL = load("rapport.jobs")


class Calendar:
    """``declared``: the schedules of the server itself, the same in all workers of a release."""

    def __init__(self, db: Database, declared: Sequence[Schedule], *, look_seconds: float = LOOK_SECONDS) -> None:
        self._db = db
        self._look_seconds = look_seconds
        self._declared = sorted(declared, key=lambda schedule: schedule.name)
        self._names = [schedule.name for schedule in self._declared]
        self._is_declared = False
        self._jobs = Jobs()

    async def look(self) -> float:
        """Enqueues what is due; in how many seconds to look again."""
        if not self._is_declared:
            await self._declare()
            self._is_declared = True
        while await self._enqueue() == _AT_ONCE:
            pass
        wait = await self._db.value(_SQL["until_next"], self._names)
        if not isinstance(wait, timedelta):
            return self._look_seconds
        return max(min(wait.total_seconds(), self._look_seconds), _SHORTEST_SECONDS)

    async def _declare(self) -> None:
        schedules = Schedules()
        async with self._db.transaction() as connection:
            for schedule in self._declared:
                await schedules.put(connection, schedule, workspace_id=None)
            await connection.execute(_SQL["forget_schedules"], self._names, _FORGOTTEN)

    async def _enqueue(self) -> int:
        """Some of what is due, with the notes of the next times in one transaction; how many."""
        async with self._db.transaction() as connection:
            rows = await connection.rows(_SQL["take_due"], self._names, _AT_ONCE)
            for row in rows:
                await self._enqueue_one(connection, row)
        return len(rows)

    async def _enqueue_one(self, connection: Connection, row: asyncpg.Record) -> None:
        due_at: datetime = row["dueAt"]
        payload = {**orjson.loads(row["payload"]), "dueAt": due_at.astimezone(UTC).isoformat()}
        key = f"schedule.{row['id']}" if row["isAlone"] else None
        await self._jobs.enqueue(connection, row["job"], payload, key=key)
        try:
            following = next_time(row["cron"], row["timeZone"], row["now"])
        except InvalidSchedule as error:  # a time zone that this machine does not know
            _log.error("a schedule has no next time", schedule=row["name"], reason=error.message)
            following = None
        await connection.execute(_SQL["move_on"], row["id"], following)
