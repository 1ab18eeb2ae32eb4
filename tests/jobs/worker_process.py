"""A worker in a process of its own, to be killed: `python -m tests.jobs.worker_process DSN`."""

import asyncio
import sys
from datetime import timedelta

import asyncpg
import orjson
import uvloop

from rapport.jobs.handler import Handler, Job
from rapport.jobs.schedules import Schedule
from rapport.jobs.worker import Worker
from rapport.store.database import Database

LEASE = timedelta(seconds=5)
TABLES = """
create table done (job bigint not null, attempt integer not null, process bigint not null, payload jsonb);
create table twice (job bigint not null)
"""
TICK = Schedule(name="tick", cron="0 0 1 1 *", job="work", payload={"kind": "tick"})


async def main(dsn: str) -> None:
    db = await Database.connect(dsn, size=4)

    async def work(job: Job) -> None:
        """Takes a while, and notes when somebody else is at the same job: PostgreSQL knows who is still alive."""
        raw = await asyncpg.connect(dsn)
        try:
            if not await raw.fetchval("select pg_try_advisory_lock($1)", job.id):
                await raw.execute("insert into twice values ($1)", job.id)
            pid = await raw.fetchval("select pg_backend_pid()")
            await asyncio.sleep(0.1)
            payload = orjson.dumps(job.payload).decode()
            await raw.execute(
                "insert into done values ($1, $2, $3, $4::text::jsonb)", job.id, job.attempt, pid, payload
            )
        finally:
            await raw.close()

    worker = Worker(
        db,
        {"work": Handler(run=work)},
        concurrency=6,
        lease=LEASE,
        look=timedelta(seconds=0.5),
        schedules=[TICK],
    )
    worker.start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1]))
