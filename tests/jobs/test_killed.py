"""Workers are killed with SIGKILL while they work: no job is lost, and none is in two hands at once."""

import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path

from rapport.jobs.queue import Jobs
from rapport.store.database import Database
from tests.jobs.worker_process import TABLES
from tests.jobs.working import is_empty, until

ROOT = Path(__file__).parents[2]
JOBS = 120


@contextmanager
def worker_process(dsn: str) -> "Iterator[subprocess.Popen[bytes]]":
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.jobs.worker_process", dsn],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "src")])},
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()


async def test_killed_workers_lose_no_job_and_no_time_and_do_none_twice_at_once(
    database: Database, database_dsn: str
) -> None:
    chance = random.Random(11)
    await database.script(TABLES)
    async with database.transaction() as connection:
        numbers = {await Jobs().enqueue(connection, "work", number) for number in range(JOBS)}
    with ExitStack() as stack:
        processes = [stack.enter_context(worker_process(database_dsn)) for _ in range(2)]
        for least in (JOBS // 4, JOBS // 2, JOBS * 3 // 4):
            await until(partial(_are_done, database, least))
            await _make_due(database)
            doomed = processes.pop(chance.randrange(2))
            os.kill(doomed.pid, signal.SIGKILL)
            doomed.wait()
            processes.append(stack.enter_context(worker_process(database_dsn)))
            await until(lambda: _has_ticked(database), 30)
        await until(lambda: is_empty(database), 60)
    done = {row["job"] for row in await database.rows("select job from done")}
    ticks = await database.rows("select payload ->> 'dueAt' as due from done where payload ->> 'kind' = 'tick'")
    assert numbers <= done
    assert (len(done), len({row["due"] for row in ticks})) == (JOBS + 3, 3)
    assert await database.rows("select job from twice") == []


async def _are_done(database: Database, count: int) -> bool:
    return await database.value("select count(*) >= $1 from done", count) is True


async def _make_due(database: Database) -> None:
    await database.execute("""update core.schedule set "dueAt" = now(), "wasDueAt" = null""")


async def _has_ticked(database: Database) -> bool:
    return await database.value("""select "wasDueAt" is not null from core.schedule""") is True
