"""The data model is changed again and again while four servers are read from and written to as fast as they can.

FIRE_CHANGES=200 is the full size, without it the changes end after a while; FIRE_REPORT=1 prints what was measured.
"""

import asyncio
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

from bench.role import limited_key
from rapport.metadata.store import load_catalog
from rapport.store.database import Database
from tests.acceptance.fire.driver import Driver, quantiles
from tests.acceptance.fire.lag import lags
from tests.acceptance.fire.load import LimitedReader, Timing, Worker
from tests.acceptance.fire.timeline import GRACE_SECONDS, Timeline
from tests.acceptance.fire.wire import Wire
from tests.cli.program import Serving, rapport, serving
from tests.metadata.yardstick import differences
from tests.serving import Tenant, make_tenant

CHANGES = int(os.environ.get("FIRE_CHANGES", "30"))
SECONDS = 600.0 if "FIRE_CHANGES" in os.environ else 15.0
SERVERS = 4
WORKERS = int(os.environ.get("FIRE_WORKERS", "12"))
ROUNDS = 10


@dataclass(kw_only=True)
class Fire:
    """The servers and their clients."""

    ports: Sequence[int]
    tenant: Tenant
    timeline: Timeline = field(default_factory=Timeline)
    lags: list[float] = field(default_factory=list)
    timing: Timing = field(default_factory=Timing)
    wires: list[Wire] = field(default_factory=list)

    def connect(self, key: str | None = None) -> list[Wire]:
        made = [Wire(port=port, key=key or self.tenant.key) for port in self.ports]
        self.wires += made
        return made


@contextmanager
def servers(folder: Path, dsn: str) -> Iterator[list[Serving]]:
    with ExitStack() as stack:
        found = []
        for number in range(SERVERS):
            own = folder / str(number)
            own.mkdir()
            settings = {"DATABASE_URL": dsn, "RAPPORT_WORKER": "false", "RAPPORT_RATE_LIMIT_API_KEY": "0"}
            found.append(stack.enter_context(serving(own, **settings)))
        yield found


async def test_every_answer_is_right_while_the_model_changes(tmp_path: Path, database_dsn: str) -> None:
    database = await Database.connect(database_dsn, size=2)
    try:
        tenant = await make_tenant(database, "Fire")
        with servers(tmp_path, database_dsn) as running:
            fire = Fire(ports=[urlsplit(each.url).port or 0 for each in running], tenant=tenant)
            try:
                driver, workers = await burn(fire, database)
            finally:
                await asyncio.gather(*(wire.close() for wire in fire.wires))
            report(fire, driver, workers)
            # A machine that does other things, too, may be slow to wake the process that a notification is for.
            assert sorted(fire.lags)[int(0.9 * len(fire.lags))] <= GRACE_SECONDS
            await check(database, tenant, workers)
        for each in running:
            assert "Traceback" not in each.output.read_text()
        done = rapport("doctor", cwd=tmp_path, DATABASE_URL=database_dsn)
        assert (done.returncode, "PROBLEM" in done.stdout) == (0, False), done.stdout
    finally:
        await database.close()


async def burn(fire: Fire, database: Database) -> tuple[Driver, list[Worker]]:
    driver = Driver(fire.connect(), fire.timeline)
    await driver.begin()
    workers = [
        Worker(number, fire.connect(), fire.timeline, driver.script, fire.timing, seed=7) for number in range(WORKERS)
    ]
    await asyncio.gather(*(worker.begin() for worker in workers))
    limited = LimitedReader(fire.connect(await limited_key(database, fire.tenant.workspace_id)))
    busy: list[LimitedReader | Worker] = [limited, *workers]
    async with asyncio.TaskGroup() as group:  # whoever fails first ends the test
        for each in busy:
            group.create_task(each.run())
        await driver.run(CHANGES, seconds=SECONDS)
        field_id = UUID(driver.script.ids["person.xLink"])
        fire.lags = await lags(database, fire.tenant.workspace_id, fire.connect(), field_id, rounds=ROUNDS)
        for each in busy:
            each.stopped = True
    return driver, workers


async def check(database: Database, tenant: Tenant, workers: Sequence[Worker]) -> None:
    """Looks into the database itself."""
    catalog = await load_catalog(database, tenant.workspace_id)
    assert [str(each) for each in await differences(database, catalog)] == []
    states = await database.rows(
        "select state, query from pg_stat_activity where datname = current_database() "
        "and pid <> pg_backend_pid() and state <> 'idle'"
    )
    assert [tuple(each) for each in states] == []
    person = f'"{tenant.schema}".person'
    rows = await database.rows(f'select id::text, city, "jobTitle" from {person} where "deletedAt" is null')
    wanted = {(own_id, each.name, title) for each in workers for own_id, title in each.memory.people.items()}
    assert {tuple(row) for row in rows} == wanted
    unmatched = await database.value(
        f'select count(*) from {person} p full join "{tenant.schema}".event e '
        "on e.\"recordId\" = p.id and e.action = 'created' and e.object = 'person' "
        "where (p.id is null and e.object = 'person' and e.action = 'created') or (p.id is not null and e.seq is null)"
    )
    assert unmatched == 0


def report(fire: Fire, driver: Driver, workers: Sequence[Worker]) -> None:
    if "FIRE_REPORT" not in os.environ:
        return
    changes = [each for each in fire.timeline.changes if each[2] != "standard"]
    seconds = changes[-1][1] - changes[0][0]
    requests, refused = sum(each.requests for each in workers), sum(each.refused for each in workers)
    lines = [
        f"{len(changes)} changes in {seconds:.1f} s, {requests} requests, {refused} refused as not in the model",
        f"what is new is served after     {quantiles(driver.found.new)}",
        f"what is gone is served for      {quantiles(driver.found.old)}",
        f"what is hidden, from the commit {quantiles(fire.lags)}",
    ]
    for kind, times in sorted(fire.timing.of.items()):
        during = [duration for asked, duration in times if overlaps(changes, asked, asked + duration)]
        lines.append(f"{kind:8} {quantiles([duration for _, duration in times])}")
        lines.append(f"{'':8} during a change: {quantiles(during)}")
    lines += [f"{label:24} {quantiles(times)}" for label, times in sorted(driver.found.changes.items())]
    sys.stdout.write("\n" + "\n".join(lines) + "\n")


def overlaps(changes: Sequence[tuple[float, float, str]], begun: float, ended: float) -> bool:
    return any(since <= ended and until >= begun for since, until, _ in changes)
