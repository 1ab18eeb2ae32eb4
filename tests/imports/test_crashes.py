"""Whatever dies, and whenever: no row is lost, and none is written twice."""

import asyncio
import os
import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.conftest import Inhabited
from tests.edge.rest.asking import send
from tests.imports.asking import CSV, counts, ended, importing, start, state
from tests.jobs.working import until
from tests.serving import Client, serving

ROOT = Path(__file__).parents[2]
ROWS = 12_000
FILE = "position,jobTitle\n" + "".join(f"{number},Cook\n" for number in range(ROWS))


async def check(client: Client, found: dict[str, object]) -> None:
    """Each row of the file is one record with one event."""
    schema = client.tenant.schema
    assert counts(found) == ("done", ROWS, ROWS, 0, 0), found
    seen = "select count(*), count(distinct position), min(position), max(position)"
    row = await client.database.row(f"{seen} from {schema}.person")
    assert row is not None
    assert tuple(row) == (ROWS, ROWS, 0, ROWS - 1)
    events = f"select count(*), count(distinct \"recordId\") from {schema}.event where action = 'created'"
    row = await client.database.row(events)
    assert row is not None
    assert tuple(row) == (ROWS, ROWS)
    assert await client.database.value('select count(*) from core."importChunk"') == 0


async def test_a_killed_worker_loses_and_doubles_nothing(inhabited: Inhabited) -> None:
    dsn = inhabited.database.dialing.dsn
    async with serving(inhabited.database, inhabited.tenant) as client:
        found = await start(client, "/people/import", FILE, CSV)
        for least in (1, ROWS // 3):
            with worker_process(dsn) as process:
                await reached(client, found["id"], "created", least)
                process.kill()
                process.wait()
        before = await state(client, found["id"])
        assert before["state"] == "running"
        assert ROWS // 3 <= before["created"] < ROWS
        assert await client.database.value(f"select count(*) from {client.tenant.schema}.person") == before["created"]
        with worker_process(dsn):
            await check(client, await ended(client, found["id"]))
            await send(client, "POST", f"/imports/{found['id']}/undo")
            await reached(client, found["id"], "undone", 1)
        with worker_process(dsn):  # the first was killed
            back = await ended(client, found["id"])
        assert (back["state"], back["undone"], back["kept"]) == ("undone", ROWS, 0)
        assert await client.database.value(f"select count(*) from {client.tenant.schema}.person") == 0


async def test_connections_that_break_at_any_step_lose_and_double_nothing(client: Client) -> None:
    chance = random.Random(7)
    breaking = (
        "select count(pg_terminate_backend(pid)) from pg_stat_activity"
        " where datname = current_database() and pid <> pg_backend_pid() and xact_start is not null"
    )
    async with importing(client):
        found = await start(client, "/people/import", FILE, CSV)
        broken = 0
        while broken < 5 and (await state(client, found["id"]))["state"] in ("queued", "running"):
            await asyncio.sleep(chance.uniform(0.01, 0.12))
            broken += int(str(await client.database.value(breaking)))
        assert broken
        await check(client, await ended(client, found["id"]))


async def reached(client: Client, import_id: str, count: str, least: int) -> None:
    async def far_enough() -> bool:
        return int((await state(client, import_id))[count]) >= least

    await until(far_enough)


@contextmanager
def worker_process(dsn: str) -> "Iterator[subprocess.Popen[bytes]]":
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.imports.worker_process", dsn],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "src")])},
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
