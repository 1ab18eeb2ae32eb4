"""The data model is changed again and again while four servers are read from and written to as fast as they can.

FIRE_CHANGES=200 is the full size; FIRE_REPORT=1 prints what was measured.
"""

import asyncio
import itertools
import os
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from rapport.metadata.doctor import differences
from rapport.metadata.store import load_catalog
from rapport.store.database import Database
from tests.acceptance.fire.driver import Driver, quantiles
from tests.acceptance.fire.load import Timing, Worker
from tests.acceptance.fire.timeline import GRACE_SECONDS, Timeline
from tests.acceptance.fire.wire import Wire
from tests.cli.program import Serving, rapport, serving
from tests.serving import Tenant, make_tenant

CHANGES = int(os.environ.get("FIRE_CHANGES", "30"))
SERVERS = 4
WORKERS = int(os.environ.get("FIRE_WORKERS", "12"))
# A machine that does other things, too, is slow to wake the process that a notification is for.
GRACE = float(os.environ.get("FIRE_GRACE", GRACE_SECONDS))


@dataclass(kw_only=True)
class Fire:
    """The servers and their clients."""

    ports: Sequence[int]
    tenant: Tenant
    timeline: Timeline = field(default_factory=lambda: Timeline(GRACE))
    timing: Timing = field(default_factory=Timing)
    wires: list[Wire] = field(default_factory=list)

    def connect(self) -> list[Wire]:
        made = [Wire(port=port, key=self.tenant.key) for port in self.ports]
        self.wires += made
        return made


@contextmanager
def servers(folder: Path, dsn: str) -> Iterator[list[Serving]]:
    with ExitStack() as stack:
        found = []
        for number in range(SERVERS):
            own = folder / str(number)
            own.mkdir()
            found.append(stack.enter_context(serving(own, DATABASE_URL=dsn, RAPPORT_WORKER="false")))
        yield found


async def test_every_answer_is_right_while_the_model_changes(tmp_path: Path, database_dsn: str) -> None:
    database = await Database.connect(database_dsn, size=2)
    try:
        tenant = await make_tenant(database, "Fire")
        with servers(tmp_path, database_dsn) as running:
            fire = Fire(ports=[urlsplit(each.url).port or 0 for each in running], tenant=tenant)
            try:
                driver, workers = await burn(fire)
            finally:
                await asyncio.gather(*(wire.close() for wire in fire.wires))
            report(fire, driver, workers)
            await check(database, tenant, workers)
        for each in running:
            assert "Traceback" not in each.output.read_text()
        done = rapport("doctor", cwd=tmp_path, DATABASE_URL=database_dsn)
        assert (done.returncode, "PROBLEM" in done.stdout) == (0, False), done.stdout
    finally:
        await database.close()


async def burn(fire: Fire) -> tuple[Driver, list[Worker]]:
    driver = Driver(fire.connect(), fire.timeline)
    await driver.begin()
    workers = [
        Worker(number, fire.connect(), fire.timeline, driver.script, fire.timing, seed=7) for number in range(WORKERS)
    ]
    await asyncio.gather(*(worker.begin() for worker in workers))
    async with asyncio.TaskGroup() as group:  # whoever fails first ends the test
        for worker in workers:
            group.create_task(worker.run())
        await driver.run(CHANGES)
        for worker in workers:
            worker.stopped = True
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
    changes = fire.timeline.changes
    seconds = changes[-1][1] - next(begun for begun, _, label in changes if label != "standard")
    requests, refused = sum(each.requests for each in workers), sum(each.refused for each in workers)
    lines = [
        f"{CHANGES} changes in {seconds:.1f} s, {requests} requests, {requests / seconds:.0f} per second, "
        f"{refused} of them refused as not in the model",
        f"what is new is served after  {quantiles(driver.found.new)}",
        f"what is gone is served for   {quantiles(driver.found.old)}",
    ]
    for kind, times in sorted(fire.timing.of.items()):
        lines.append(f"{kind:10} {quantiles([duration for _, duration in times])}")
        during = [duration for asked, duration in times if overlaps(changes, asked, asked + duration)]
        lines.append(f"{'':10} during a change: {quantiles(during)}")
    lines.append("changes")
    lines += [f"  {label:24} {quantiles(times)}" for label, times in sorted(driver.found.changes.items())]
    print("\n" + "\n".join(lines))


def overlaps(changes: Sequence[tuple[float, float, str]], begun: float, ended: float) -> bool:
    return any(since <= ended and until >= begun for since, until, _ in itertools.islice(changes, None))
