"""Schedules put their jobs into the queue: each time once, whatever the number of workers, and whatever dies."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from rapport.jobs.calendar import Calendar
from rapport.jobs.chores import Chore, chore_handlers, chore_schedules
from rapport.jobs.cron import InvalidSchedule
from rapport.jobs.handler import Handler, Job
from rapport.jobs.queue import Jobs, Listed
from rapport.jobs.schedules import ListedSchedule, Schedule, Schedules
from rapport.jobs.worker import Worker
from rapport.store.database import Database
from tests.conftest import Inhabited
from tests.jobs.working import is_empty, until

YEARLY = Schedule(name="tick", cron="0 0 1 1 *", job="tick", payload={"kind": "yearly"})


async def put(database: Database, schedule: Schedule, workspace_id: UUID | None = None) -> None:
    async with database.transaction() as connection:
        await Schedules().put(connection, schedule, workspace_id=workspace_id)


async def make_due(database: Database, *, ago: timedelta = timedelta(seconds=1)) -> datetime:
    """All schedules are due since then."""
    found = await database.value("""update core.schedule set "dueAt" = now() - $1::interval returning "dueAt" """, ago)
    assert isinstance(found, datetime)
    return found.astimezone(UTC)


async def enqueued(database: Database) -> list[Listed]:
    return await Jobs().listed(database)


async def the_schedule(database: Database) -> ListedSchedule:
    (found,) = await Schedules().listed(database)
    return found


async def test_a_due_schedule_enqueues_its_job_and_has_its_next_time(database: Database) -> None:
    calendar = Calendar(database, [YEARLY])
    await calendar.look()
    assert await enqueued(database) == []
    due_at = await make_due(database)

    await calendar.look()
    await calendar.look()

    (job,) = await enqueued(database)
    described = await Jobs().described(database, job.id)
    assert described is not None
    assert (described.name, described.payload) == ("tick", {"kind": "yearly", "dueAt": due_at.isoformat()})
    now = datetime.now(UTC)
    assert await the_schedule(database) == ListedSchedule(
        name="tick",
        workspace_id=None,
        cron="0 0 1 1 *",
        time_zone="UTC",
        job="tick",
        due_at=datetime(now.year + 1, 1, 1, tzinfo=UTC),
        was_due_at=due_at,
    )


async def test_many_workers_enqueue_one_job_for_each_time(database: Database) -> None:
    names = [f"tick.n{number}" for number in range(250)]  # more than are taken at once
    declared = [Schedule(name=name, cron="0 0 1 1 *", job=name) for name in names]
    calendars = [Calendar(database, declared) for _ in range(8)]
    await asyncio.gather(*(calendar.look() for calendar in calendars))
    for _ in range(3):
        await make_due(database)
        await asyncio.gather(*(calendar.look() for calendar in calendars))
    jobs = await Jobs().listed(database, limit=1000)
    assert sorted(job.name for job in jobs) == sorted(names * 3)


async def test_a_time_whose_transaction_is_lost_comes_again(database: Database) -> None:
    calendar = Calendar(database, [YEARLY])
    await calendar.look()
    due_at = await make_due(database)
    async with database.transaction() as other:  # it has the row, and dies with it
        await other.row("select from core.schedule where name = $1 for update", "tick")
        await calendar.look()
        assert await enqueued(database) == []
    await calendar.look()
    (job,) = await enqueued(database)
    described = await Jobs().described(database, job.id)
    assert described is not None
    assert described.payload == {"kind": "yearly", "dueAt": due_at.isoformat()}


async def test_of_times_that_were_missed_one_is_made_up_for(database: Database) -> None:
    hourly = Schedule(name="tick", cron="0 * * * *", job="tick")
    await Calendar(database, [hourly]).look()
    await make_due(database, ago=timedelta(days=3))
    for _ in range(3):
        await Calendar(database, [hourly]).look()  # a process that is started
    assert len(await enqueued(database)) == 1
    due_at = (await the_schedule(database)).due_at
    assert due_at is not None
    assert due_at > datetime.now(UTC)


async def test_a_time_is_passed_over_while_the_job_of_an_earlier_one_waits_if_it_is_alone(database: Database) -> None:
    alone = Schedule(name="alone", cron="0 0 1 1 *", job="alone", is_alone=True)
    calendar = Calendar(database, [YEARLY, alone])
    await calendar.look()
    for _ in range(3):
        await make_due(database)
        await calendar.look()
    assert sorted(job.name for job in await enqueued(database)) == ["alone", "tick", "tick", "tick"]


async def test_a_declared_schedule_that_changes_has_other_times_and_else_keeps_its_own(database: Database) -> None:
    await Calendar(database, [YEARLY]).look()
    due_at = await make_due(database, ago=timedelta(seconds=-100))
    other_payload = Schedule(name="tick", cron="0 0 1 1 *", job="tick", payload={"kind": "other"})
    await Calendar(database, [other_payload]).look()
    assert (await the_schedule(database)).due_at == due_at
    await Calendar(database, [Schedule(name="tick", cron="0 0 2 1 *", job="tick")]).look()
    changed = (await the_schedule(database)).due_at
    assert changed is not None
    assert (changed.month, changed.day) == (1, 2)


async def test_what_another_release_has_declared_is_left_to_it_for_a_month(database: Database) -> None:
    await Calendar(database, [YEARLY]).look()
    await make_due(database, ago=timedelta(days=29))
    await Calendar(database, []).look()
    assert await enqueued(database) == []
    assert len(await Schedules().listed(database)) == 1
    await make_due(database, ago=timedelta(days=31))
    await Calendar(database, []).look()
    assert (await Schedules().listed(database), await enqueued(database)) == ([], [])


async def test_a_workspace_has_schedules_of_its_own_until_it_removes_them(inhabited: Inhabited) -> None:
    database, workspace_id = inhabited.database, inhabited.tenant.workspace_id
    calendar = Calendar(database, [YEARLY])
    await put(database, YEARLY, workspace_id)
    await calendar.look()
    assert {each.workspace_id for each in await Schedules().listed(database)} == {None, workspace_id}
    await make_due(database)
    await calendar.look()
    assert len(await enqueued(database)) == 2

    async with database.transaction() as connection:
        assert await Schedules().remove(connection, "tick", workspace_id=workspace_id)
        assert not await Schedules().remove(connection, "tick", workspace_id=workspace_id)
    assert [each.workspace_id for each in await Schedules().listed(database)] == [None]


async def test_a_schedule_goes_with_the_transaction_that_puts_it_there(inhabited: Inhabited) -> None:
    async def put_and_fail() -> None:
        async with inhabited.database.transaction() as connection:
            await Schedules().put(connection, YEARLY, workspace_id=inhabited.tenant.workspace_id)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await put_and_fail()
    assert await Schedules().listed(inhabited.database) == []


async def test_a_deleted_workspace_does_nothing_any_more_and_holds_nobody_up(inhabited: Inhabited) -> None:
    database = inhabited.database
    await put(database, YEARLY, inhabited.tenant.workspace_id)
    await database.execute('update core.workspace set "deletedAt" = now()')
    await make_due(database)
    assert await Calendar(database, []).look() == 5
    assert await enqueued(database) == []


@pytest.mark.parametrize(
    ("schedule", "error"),
    [
        (Schedule(name="x", cron="* * * *", job="x"), InvalidSchedule),
        (Schedule(name="x", cron="0 0 31 2 *", job="x"), InvalidSchedule),
        (Schedule(name="x", cron="* * * * *", job="x", time_zone="Nowhere"), InvalidSchedule),
        (Schedule(name="x", cron="* * * * *", job="Not a name"), ValueError),
    ],
)
async def test_what_cannot_be_done_is_not_put_there(
    database: Database, schedule: Schedule, error: type[Exception]
) -> None:
    with pytest.raises(error):
        await put(database, schedule)


async def test_a_zone_that_is_no_more_ends_its_schedule_and_no_other(database: Database) -> None:
    calendar = Calendar(database, [YEARLY, Schedule(name="other", cron="0 0 1 1 *", job="other")])
    await calendar.look()
    await database.execute("""update core.schedule set "timeZone" = 'Atlantis/Port' where name = 'other'""")
    await make_due(database)
    await calendar.look()
    assert sorted(job.name for job in await enqueued(database)) == ["other", "tick"]
    due = {each.name: each.due_at is None for each in await Schedules().listed(database)}
    assert due == {"tick": False, "other": True}


# -- in workers --------------------------------------------------------------------------------------------------------


def worker_of(database: Database, chores: Sequence[Chore]) -> Worker:
    handlers = {name: Handler(run=each.run, delays=()) for name, each in chore_handlers(chores).items()}
    return Worker(
        database,
        handlers,
        lease=timedelta(seconds=1),
        look=timedelta(seconds=0.5),
        schedules=chore_schedules(chores),
    )


async def test_of_several_workers_one_does_a_chore_and_one_that_fails_keeps_nobody_up(database: Database) -> None:
    done: list[str] = []

    async def failing() -> None:
        done.append("failing")
        raise OSError("not now")

    async def other() -> None:
        done.append("other")

    chores = [
        Chore(name="chore.failing", cron="0 0 1 1 *", run=failing),
        Chore(name="chore.other", cron="0 0 1 1 *", run=other),
    ]
    await put(database, chore_schedules(chores)[0])
    await put(database, chore_schedules(chores)[1])
    await make_due(database)
    workers = [worker_of(database, chores) for _ in range(3)]
    for worker in workers:
        worker.start()
    try:
        await until(lambda: len(done) == 2)
        await until(lambda: _only_failures(database))
    finally:
        for worker in workers:
            await worker.stop(grace=5)
    assert sorted(done) == ["failing", "other"]
    (dead,) = await Jobs().listed(database, only_failed=True)
    assert (dead.name, dead.error) == ("chore.failing", "OSError: not now")


async def _only_failures(database: Database) -> bool:
    return not await database.value("select exists (select from core.job where status <> 'failed')")


async def test_a_worker_does_what_becomes_due_while_it_runs(database: Database) -> None:
    seen: list[Job] = []

    async def tick(job: Job) -> None:
        seen.append(job)

    worker = Worker(database, {"tick": Handler(run=tick)}, look=timedelta(seconds=0.1), schedules=[YEARLY])
    worker.start()
    try:
        await until(lambda: _is_declared(database))
        await database.execute("""update core.schedule set "dueAt" = now() + interval '0.2 seconds'""")
        await until(lambda: bool(seen))
        await until(lambda: is_empty(database))
    finally:
        await worker.stop(grace=5)
    assert [(job.name, job.attempt) for job in seen] == [("tick", 1)]


async def _is_declared(database: Database) -> bool:
    return bool(await Schedules().listed(database))
