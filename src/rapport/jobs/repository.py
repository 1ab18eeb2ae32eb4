"""PgQueuer's statements on our tables, with what it lacks: see docs/decisions/0009."""

import dataclasses
from datetime import UTC, datetime, timedelta
from typing import Self

from pgqueuer.adapters.persistence.qb import QueryBuilderEnvironment, QueryQueueBuilder, QuerySchedulerBuilder
from pgqueuer.adapters.persistence.queries import Queries
from pgqueuer.domain.models import Job, TableChangedEvent, TracebackRecord
from pgqueuer.domain.types import QueueEntrypoint, QueueManagerId
from pgqueuer.ports.driver import Driver
from pgqueuer.ports.repository import EntrypointExecutionParameter

from rapport.jobs.naming import CHANNEL, names
from rapport.store.queries import load

MOST_DEATHS = 5


class WorkerDied(Exception):
    """The process that ran the job died, again and again."""


@dataclasses.dataclass
class Repository(Queries):
    """The library's statements, on tables with our names."""

    sql: dict[str, str] = dataclasses.field(default_factory=lambda: dict(load("rapport.jobs")))

    @classmethod
    def on(cls, driver: Driver) -> Self:
        settings = names()
        return cls(
            driver=driver,
            qbe=QueryBuilderEnvironment(settings),
            qbq=QueryQueueBuilder(settings),
            qbs=QuerySchedulerBuilder(settings),
        )

    async def dequeue(
        self,
        batch_size: int,
        entrypoints: dict[QueueEntrypoint, EntrypointExecutionParameter],
        queue_manager_id: QueueManagerId,
        global_concurrency_limit: int | None,
        heartbeat_timeout: timedelta,
    ) -> list[Job]:
        """Jobs to run now, without those that kill whoever runs them: the library would hand them out for ever."""
        jobs = await super().dequeue(
            batch_size, entrypoints, queue_manager_id, global_concurrency_limit, heartbeat_timeout
        )
        if not jobs:
            return jobs
        rows = await self.driver.fetch(self.sql["deadly_jobs"], [job.id for job in jobs], MOST_DEATHS)
        deadly = {row["job_id"] for row in rows}
        if deadly:
            await self.log_jobs([(job, "failed", _record(job)) for job in jobs if job.id in deadly])
        return [job for job in jobs if job.id not in deadly]

    async def retry_job(self, job: Job, delay: timedelta, traceback_record: TracebackRecord | None) -> None:
        """Puts the job back, and tells the workers: they may sleep for longer than the delay."""
        await super().retry_job(job, delay, traceback_record)
        event = TableChangedEvent(
            channel=CHANNEL,
            operation="update",
            sent_at=datetime.now(UTC),
            table="job",
            type="table_changed_event",
        )
        await self.driver.notify(CHANNEL, event.model_dump_json())


def _record(job: Job) -> TracebackRecord:
    return TracebackRecord.from_exception(WorkerDied(WorkerDied.__doc__), job.id)
