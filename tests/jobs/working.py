"""Workers in tests, and waiting for what they do."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

import asyncpg

from rapport.jobs.handler import Handler, Job
from rapport.jobs.queue import Jobs, Json
from rapport.jobs.worker import Worker
from rapport.store.database import Database

AT_ONCE = (timedelta(0),) * 3


@asynccontextmanager
async def working(database: Database, **handlers: Callable[[Job], Awaitable[None]] | Handler) -> AsyncIterator[Worker]:
    """A worker for as long as the block lasts. Failed jobs are tried three times more, at once."""
    known = {
        name: run if isinstance(run, Handler) else Handler(run=run, delays=AT_ONCE) for name, run in handlers.items()
    }
    worker = Worker(database, known, lease=timedelta(seconds=1), look=timedelta(seconds=0.5))
    worker.start()
    try:
        yield worker
    finally:
        await worker.stop(grace=5)


async def enqueue(
    database: Database, name: str, payload: Json = None, *, run_after: timedelta | None = None, key: str | None = None
) -> int | None:
    """One job in a transaction of its own."""
    async with database.transaction() as connection:
        return await Jobs().enqueue(connection, name, payload, run_after=run_after, key=key)


async def until(condition: Callable[[], bool | Awaitable[bool]], seconds: float = 20) -> None:
    """Returns as soon as it holds."""
    async with asyncio.timeout(seconds):
        while True:
            found = condition()
            if (await found) if isinstance(found, Awaitable) else found:
                return
            await asyncio.sleep(0.02)


async def is_empty(database: Database) -> bool:
    return not await database.value("select exists (select from core.job)")


@asynccontextmanager
async def away(database: Database, server_dsn: str) -> AsyncIterator[None]:
    """Ends every connection to the database, and lets none in for as long as the block lasts."""
    name = str(await database.value("select current_database()"))
    raw = await asyncpg.connect(server_dsn)
    await raw.execute(f'alter database "{name}" allow_connections false')
    await raw.execute("select pg_terminate_backend(pid) from pg_stat_activity where datname = $1", name)
    try:
        yield
    finally:
        await raw.execute(f'alter database "{name}" allow_connections true')
        await raw.close()
