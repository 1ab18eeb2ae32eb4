"""`kill -9` in the middle of writes under load: what was acknowledged is there with its events, and nothing by half."""

import asyncio
import os
import signal
import subprocess
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from rapport.base.settings import Settings
from rapport.store.database import Database
from rapport.store.opening import open_database
from tests.cli.program import PROGRAM, Serving, environment, serving

UNLIMITED = {"RAPPORT_RATE_LIMIT_API_KEY": "1000000000"}  # counted all the same, and told to other processes
LOAD_SECONDS = 3.0
WORKERS = 6
BATCH = 20
CREATE = "mutation($data: PersonCreateInput!) { createPerson(data: $data) { id } }"
CREATE_MANY = "mutation($data: [PersonCreateInput!]!) { createPeople(data: $data) { id } }"
UPDATE = "mutation($id: UUID!, $title: String) { updatePerson(id: $id, data: { jobTitle: $title }) { jobTitle } }"


@dataclass(kw_only=True)
class Written:
    """What was asked of the server, and what of it was acknowledged."""

    asked_batches: set[str] = field(default_factory=set)  # a tag for each batch
    batches: set[str] = field(default_factory=set)
    asked_singles: set[str] = field(default_factory=set)
    singles: set[str] = field(default_factory=set)
    steps: dict[str, int] = field(default_factory=dict)  # the last acknowledged step of each record that is updated
    asked_steps: dict[str, int] = field(default_factory=dict)
    failures: int = 0


class Load:
    """Writes as fast as it can, until told to stop or until the server is gone."""

    def __init__(self, server: Serving) -> None:
        self.written = Written()
        self._url = f"{server.url}/graphql"
        self._headers = {"Authorization": f"Bearer {server.ready['apiKey']}"}
        self.stopped = False

    async def run(self) -> None:
        async with httpx.AsyncClient(timeout=10) as http:
            await asyncio.gather(*(self._worker(http, number) for number in range(WORKERS)))

    async def _worker(self, http: httpx.AsyncClient, number: int) -> None:
        made = await self._ask(http, CREATE, {"data": {"city": f"steps {number}"}})
        assert made is not None
        identity = made["createPerson"]["id"]
        written, step = self.written, 0
        while not self.stopped:
            step += 1
            tag = f"{number}-{step}"
            written.asked_batches.add(tag)
            if await self._ask(http, CREATE_MANY, {"data": [{"city": f"batch {tag}"}] * BATCH}):
                written.batches.add(tag)
            written.asked_singles.add(tag)
            if await self._ask(http, CREATE, {"data": {"city": f"single {tag}"}}):
                written.singles.add(tag)
            written.asked_steps[identity] = step
            if await self._ask(http, UPDATE, {"id": identity, "title": str(step)}):
                written.steps[identity] = step

    async def _ask(self, http: httpx.AsyncClient, query: str, variables: dict[str, object]) -> dict | None:  # type: ignore[type-arg]
        """The data, or None if it was not acknowledged."""
        try:
            answer = (
                await http.post(self._url, json={"query": query, "variables": variables}, headers=self._headers)
            ).json()
        except (httpx.HTTPError, ValueError):
            self.written.failures += 1
            await asyncio.sleep(0.05)
            return None
        if "errors" in answer:
            (error,) = answer["errors"]
            assert error["extensions"]["statusCode"] == 503, error  # the database is away
            self.written.failures += 1
            await asyncio.sleep(0.05)
            return None
        found: dict = answer["data"]  # type: ignore[type-arg]
        return found


def postmaster(data_dir: Path) -> int:
    return int((data_dir / "postgres" / "postmaster.pid").read_text().splitlines()[0])


async def check(data_dir: Path, written: Written) -> None:
    """Looks into the tables themselves."""
    async with open_database(Settings(data_dir=data_dir)) as db:
        schema = str(await db.value('select "schema" from core.workspace limit 1'))
        await _check_creations(db, schema, written)
        await _check_updates(db, schema, written)
        unmatched = await db.value(
            f'select count(*) from "{schema}".person p full join "{schema}".event e '
            "on e.\"recordId\" = p.id and e.action = 'created' "
            "where (p.id is null and e.object = 'person' and e.action = 'created') "
            "or (p.id is not null and e.seq is null)"
        )
        doubled = await db.value(
            f"select count(*) from (select 1 from \"{schema}\".event where action = 'created' "
            'group by object, "recordId" having count(*) > 1) doubled'
        )
        assert (unmatched, doubled) == (0, 0)


async def _check_creations(db: Database, schema: str, written: Written) -> None:
    rows = await db.rows(f"select city from \"{schema}\".person where city like 'batch %' or city like 'single %'")
    found = Counter(str(row["city"]) for row in rows)
    for tag in written.asked_batches:
        assert found[f"batch {tag}"] in ((BATCH,) if tag in written.batches else (0, BATCH)), tag
    for tag in written.asked_singles:
        assert found[f"single {tag}"] in ((1,) if tag in written.singles else (0, 1)), tag
    assert set(found) <= {f"batch {tag}" for tag in written.asked_batches} | {
        f"single {tag}" for tag in written.asked_singles
    }


async def _check_updates(db: Database, schema: str, written: Written) -> None:
    for identity, asked in written.asked_steps.items():
        acknowledged = written.steps.get(identity, 0)
        stored = int(await db.value(f'select "jobTitle" from "{schema}".person where id = $1::uuid', identity) or 0)  # type: ignore[call-overload]
        assert acknowledged <= stored <= asked
        logged = await db.rows(
            f"select before->>'jobTitle' as before, after->>'jobTitle' as after from \"{schema}\".event "
            "where action = 'updated' and \"recordId\" = $1::uuid order by seq",
            identity,
        )
        steps = [int(row["after"]) for row in logged]
        assert steps == sorted(set(steps))
        assert [int(row["before"] or 0) for row in logged] == [0, *steps[:-1]]
        assert (steps[-1] if steps else 0) == stored


async def under_load(server: Serving, kill: int, seconds: float = LOAD_SECONDS) -> Load:
    """Kills a process in the middle of the load, and lets the load run on for a moment."""
    load = Load(server)
    running = asyncio.create_task(load.run())
    await asyncio.sleep(seconds)
    os.kill(kill, signal.SIGKILL)
    await asyncio.sleep(0.3)
    load.stopped = True
    await running
    assert load.written.batches
    assert load.written.singles
    assert load.written.steps
    return load


async def test_a_killed_server_keeps_every_acknowledged_write(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    with serving(tmp_path, "--demo", "--data-dir", str(data_dir), **UNLIMITED) as server:
        load = await under_load(server, server.process.pid)
        server.process.wait()
    assert load.written.failures

    server.ready_file.unlink(missing_ok=True)
    with serving(tmp_path, "--demo", "--data-dir", str(data_dir), **UNLIMITED) as server:
        assert server.health().status_code == 200
        await check(data_dir, load.written)


async def test_a_killed_postgresql_comes_back_with_every_acknowledged_write(tmp_path: Path) -> None:
    data_dir = tmp_path / "data"
    with serving(tmp_path, "--demo", "--data-dir", str(data_dir), **UNLIMITED) as server:
        load = await under_load(server, postmaster(data_dir))
        give_up = time.monotonic() + 30
        while server.health().status_code != 200:
            assert time.monotonic() < give_up, server.output.read_text()
            await asyncio.sleep(0.1)
        await check(data_dir, load.written)
        again = Load(server)
        running = asyncio.create_task(again.run())
        await asyncio.sleep(0.5)
        again.stopped = True
        await running
        assert again.written.failures == 0


def test_a_worker_that_starts_while_the_server_is_away_keeps_no_server_out(tmp_path: Path) -> None:
    """What a killed server leaves behind runs on, and a worker finds it: the next server takes it over all the same."""
    options = ("--data-dir", str(tmp_path / "data"))
    with serving(tmp_path, *options) as server:
        server.process.kill()
        server.process.wait()
        server.ready_file.unlink()
    with (tmp_path / "worker.txt").open("wb") as output:
        worker = subprocess.Popen(
            [*PROGRAM, "worker", *options], cwd=tmp_path, env=environment(), stdout=output, stderr=subprocess.STDOUT
        )
    try:
        give_up = time.monotonic() + 30
        while "work" not in (tmp_path / "worker.txt").read_text().lower():
            assert time.monotonic() < give_up
            time.sleep(0.05)
        with serving(tmp_path, *options) as server:
            assert server.health().status_code == 200
            assert worker.poll() is None
    finally:
        worker.kill()
        worker.wait()
