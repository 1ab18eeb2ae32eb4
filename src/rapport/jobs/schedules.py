"""Work that comes again and again: declared by parts of the server, or kept as rows of a workspace."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import orjson

from rapport.jobs.cron import InvalidSchedule, next_time
from rapport.jobs.queue import Json, check_job_name
from rapport.store.database import Connection, Database
from rapport.store.queries import load

_SQL = load("rapport.jobs")
_LONGEST_LIST = 10_000


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """At each time of ``cron`` in ``time_zone``, a job of the name ``job`` is put into the queue, once.

    Its payload is this one and `dueAt`, the time. Of several times that went by while no worker ran, the first is made
    up for. With ``is_alone``, times are passed over while the job of an earlier one waits or runs.
    """

    name: str  # one schedule of a name in a workspace, or of the server
    cron: str
    job: str
    time_zone: str = "UTC"
    payload: Mapping[str, Json] = field(default_factory=dict)
    is_alone: bool = False


@dataclass(frozen=True, kw_only=True)
class ListedSchedule:
    """A schedule as `rapport jobs schedules` shows it."""

    name: str
    workspace_id: UUID | None  # None: of the server itself
    cron: str
    time_zone: str
    job: str
    due_at: datetime | None  # None: never again
    was_due_at: datetime | None  # when its last job was


class Schedules:
    """Schedules as rows, each in its workspace or (None) of the server itself."""

    async def put(self, connection: Connection, schedule: Schedule, *, workspace_id: UUID | None) -> None:
        """Adds the schedule, or changes the one of this name. Raises InvalidSchedule.

        Its times begin now, and go on as they were where neither they nor the zone have changed.
        """
        check_job_name(schedule.job)
        now = await connection.value("select clock_timestamp()")
        assert isinstance(now, datetime)
        due_at = next_time(schedule.cron, schedule.time_zone, now)
        if due_at is None:
            raise InvalidSchedule(f"The times of {schedule.cron!r} never come.")
        await connection.execute(
            _SQL["put_schedule"],
            workspace_id,
            schedule.name,
            schedule.cron,
            schedule.time_zone,
            schedule.job,
            orjson.dumps(schedule.payload).decode(),
            schedule.is_alone,
            due_at,
        )

    async def remove(self, connection: Connection, name: str, *, workspace_id: UUID | None) -> bool:
        """Whether there was one. Jobs that it has put into the queue stay there."""
        return await connection.value(_SQL["remove_schedule"], workspace_id, name) is not None

    async def listed(self, db: Database, *, limit: int = 1000) -> Sequence[ListedSchedule]:
        """By the time at which they are due."""
        return [
            ListedSchedule(
                name=row["name"],
                workspace_id=row["workspaceId"],
                cron=row["cron"],
                time_zone=row["timeZone"],
                job=row["job"],
                due_at=row["dueAt"],
                was_due_at=row["wasDueAt"],
            )
            for row in await db.rows(_SQL["list_schedules"], min(limit, _LONGEST_LIST))
        ]
