"""Workers run what was enqueued, again when it fails, and never lose it."""

import asyncio
from datetime import datetime, timedelta

import pytest

from rapport.imports.running import run_handler
from rapport.imports.undoing import undo_handler
from rapport.jobs.handler import GiveUp, Handler, Job
from rapport.jobs.queue import Jobs, Json
from rapport.jobs.worker import CONCURRENCY
from rapport.store.database import Database
from tests.jobs.working import away, enqueue, is_empty, until, working


async def test_a_job_is_run_with_its_payload_and_is_gone(database: Database) -> None:
    seen: list[Job] = []

    async def greet(job: Job) -> None:
        seen.append(job)

    payload: dict[str, Json] = {"text": "Grüße \x00", "number": 1.5, "list": [None, True]}
    number = await enqueue(database, "greet", payload)
    async with working(database, greet=greet):
        await until(lambda: bool(seen))
        await until(lambda: is_empty(database))
    assert [(job.id, job.name, job.attempt, job.payload) for job in seen] == [(number, "greet", 1, payload)]


async def test_a_job_that_comes_while_the_worker_waits_is_run_at_once(database: Database) -> None:
    seen = asyncio.Event()

    async def greet(_: Job) -> None:
        seen.set()

    worker = Handler(run=greet)
    async with working(database, greet=worker):
        await asyncio.sleep(0.3)
        await enqueue(database, "greet")
        await asyncio.wait_for(seen.wait(), 0.4)  # the worker looks by itself every 0.5 seconds only


async def test_a_transaction_that_is_rolled_back_leaves_no_job(database: Database) -> None:
    async def change_and_fail() -> None:
        async with database.transaction() as connection:
            await Jobs().enqueue(connection, "greet", {})
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await change_and_fail()
    assert await is_empty(database)


async def test_a_job_waits_for_its_time(database: Database) -> None:
    seen = []

    async def greet(job: Job) -> None:
        seen.append(job.payload)

    await enqueue(database, "greet", "later", run_after=timedelta(seconds=1))
    async with working(database, greet=greet):
        await enqueue(database, "greet", "now")
        await until(lambda: seen == ["now"])
        await asyncio.sleep(0.3)
        assert seen == ["now"]
        await until(lambda: seen == ["now", "later"], 5)


async def test_a_key_admits_one_job_at_a_time(database: Database) -> None:
    assert await enqueue(database, "greet", 1, key="one") is not None
    assert await enqueue(database, "greet", 2, key="one") is None
    seen = []

    async def greet(job: Job) -> None:
        seen.append(job.payload)

    async with working(database, greet=greet):
        await until(lambda: is_empty(database))
    assert seen == [1]
    assert await enqueue(database, "greet", 3, key="one") is not None


@pytest.mark.parametrize("name", ["", "Mail.send", "mail send", "mail.", "x;y", "mail\n"])
async def test_names_of_jobs_are_plain(database: Database, name: str) -> None:
    with pytest.raises(ValueError, match="name of a job"):
        await enqueue(database, name)


async def test_a_failing_job_is_tried_again_until_it_works(database: Database) -> None:
    attempts = []

    async def flaky(job: Job) -> None:
        attempts.append(job.attempt)
        if job.attempt < 3:
            raise OSError("not now")

    await enqueue(database, "flaky")
    async with working(database, flaky=flaky):
        await until(lambda: is_empty(database), 5)
    assert attempts == [1, 2, 3]


async def test_the_next_attempt_waits_as_long_as_the_handler_says(database: Database) -> None:
    async def fail(_: Job) -> None:
        raise OSError("not now")

    await enqueue(database, "fail")
    async with working(database, fail=Handler(run=fail, delays=(timedelta(hours=1),))):
        await until(lambda: _attempted(database, 1))
    wait = await database.value("select execute_after - now() from core.job")
    assert isinstance(wait, timedelta)
    assert timedelta(minutes=53) < wait < timedelta(minutes=67)
    (listed,) = await Jobs().listed(database)
    assert (listed.name, listed.state, listed.attempts, listed.error) == ("fail", "queued", 1, "OSError: not now")


async def _attempted(database: Database, times: int) -> bool:
    return await database.value("select exists (select from core.job where attempts = $1)", times) is True


async def _failed(database: Database) -> bool:
    return await database.value("select exists (select from core.job where status = 'failed')") is True


async def test_a_job_that_fails_too_often_is_a_dead_letter_that_can_be_tried_again(database: Database) -> None:
    attempts = []
    works = False

    async def fail(job: Job) -> None:
        attempts.append(job.attempt)
        if not works:
            raise ValueError("wrong")

    number = await enqueue(database, "fail", {"kept": True})
    async with working(database, fail=fail):
        await until(lambda: _failed(database))
        assert attempts == [1, 2, 3, 4]
        (dead,) = await Jobs().listed(database, only_failed=True)
        assert (dead.id, dead.state, dead.error) == (number, "failed", "ValueError: wrong")
        assert await Jobs().retry(database, [12345]) == []
        works = True
        assert await Jobs().retry(database, None) == [number]
        await until(lambda: is_empty(database), 5)
    assert attempts == [1, 2, 3, 4, 1]


async def test_a_handler_can_give_up_at_once(database: Database) -> None:
    attempts = []

    async def refuse(job: Job) -> None:
        attempts.append(job.attempt)
        raise GiveUp("no such mailbox")

    await enqueue(database, "refuse")
    async with working(database, refuse=refuse):
        await until(lambda: _failed(database))
    assert attempts == [1]
    (dead,) = await Jobs().listed(database)
    assert dead.error == "GiveUp: no such mailbox"


async def test_of_dead_letters_with_one_key_one_goes_back_and_none_beside_a_live_one(database: Database) -> None:
    async def refuse(_: Job) -> None:
        raise GiveUp("no")

    async with working(database, refuse=refuse):
        for _ in range(2):
            await enqueue(database, "refuse", key="one")
            await until(lambda: _none_waits(database))
    first, second = sorted(job.id for job in await Jobs().listed(database))
    assert await Jobs().retry(database, None) == [first]
    assert await Jobs().retry(database, [second]) == []
    assert (await Jobs().listed(database))[0].id == second


async def _none_waits(database: Database) -> bool:
    return not await database.value("select exists (select from core.job where status <> 'failed')")


async def test_a_job_that_takes_too_long_counts_as_failed(database: Database) -> None:
    async def sleep(_: Job) -> None:
        await asyncio.sleep(60)

    await enqueue(database, "sleep")
    async with working(database, sleep=Handler(run=sleep, delays=(), timeout=timedelta(seconds=0.1))):
        await until(lambda: _failed(database))
    (dead,) = await Jobs().listed(database)
    assert dead.error is not None
    assert dead.error.startswith("TimeoutError")


async def test_jobs_without_a_handler_wait_for_a_worker_that_has_one(database: Database) -> None:
    seen = []

    async def greet(job: Job) -> None:
        seen.append(job.name)

    await enqueue(database, "other")
    await enqueue(database, "greet")
    async with working(database, greet=greet):
        await until(lambda: seen == ["greet"])
    async with working(database, other=greet):
        await until(lambda: is_empty(database))
    assert seen == ["greet", "other"]


async def test_several_workers_share_the_queue_and_run_each_job_once(database: Database) -> None:
    seen: list[object] = []

    async def note(job: Job) -> None:
        await asyncio.sleep(0.001)
        seen.append(job.payload)

    async with database.transaction() as connection:
        for number in range(200):
            await Jobs().enqueue(connection, "note", number)
    async with working(database, note=note), working(database, note=note), working(database, note=note):
        await until(lambda: is_empty(database))
    assert sorted(seen, key=str) == sorted(range(200), key=str)


async def test_a_stop_lets_the_running_job_finish_and_takes_no_other(database: Database) -> None:
    begun, done = asyncio.Event(), []

    async def slow(job: Job) -> None:
        begun.set()
        await asyncio.sleep(0.5)
        done.append(job.payload)

    await enqueue(database, "slow", "first")
    async with working(database, slow=slow) as worker:
        await begun.wait()
        stopping = asyncio.create_task(worker.stop())
        await asyncio.sleep(0.1)
        await enqueue(database, "slow", "second")
        await stopping
    assert done == ["first"]
    (left,) = await Jobs().listed(database)
    assert left.state == "queued"


async def test_a_stop_that_cannot_wait_puts_the_job_back(database: Database) -> None:
    begun = asyncio.Event()

    async def endless(_: Job) -> None:
        begun.set()
        await asyncio.sleep(3600)

    number = await enqueue(database, "endless", {"kept": True})
    async with working(database, endless=endless) as worker:
        await begun.wait()
        await asyncio.wait_for(worker.stop(grace=0.1), 5)
    (left,) = await Jobs().listed(database)
    assert (left.id, left.state, left.error) == (number, "queued", "the worker was stopped")


async def test_jobs_go_on_after_all_connections_were_lost(database: Database, server_dsn: str) -> None:
    seen = []

    async def greet(job: Job) -> None:
        seen.append(job.payload)

    async with working(database, greet=greet):
        await enqueue(database, "greet", 1)
        await until(lambda: seen == [1])
        async with away(database, server_dsn):
            await asyncio.sleep(1)
        await enqueue(database, "greet", 2)
        await until(lambda: seen == [1, 2])


async def test_what_a_job_did_while_the_database_was_away_is_noted_afterwards(
    database: Database, server_dsn: str
) -> None:
    begun, gone, runs = asyncio.Event(), asyncio.Event(), []

    async def work(job: Job) -> None:
        begun.set()
        await gone.wait()
        runs.append(job.attempt)

    await enqueue(database, "work")
    async with working(database, work=work):
        await begun.wait()
        async with away(database, server_dsn):
            gone.set()
            await asyncio.sleep(2)  # longer than the lease: others would take the job over
        await until(lambda: is_empty(database))
        await asyncio.sleep(1)
    assert runs == [1]


async def test_a_job_that_kills_its_workers_becomes_a_dead_letter(database: Database) -> None:
    number = await enqueue(database, "deadly")
    for _ in range(5):  # each of these workers took the job and was never heard of again
        await database.execute(
            "insert into core.job_log (job_id, status, entrypoint, priority) values ($1, 'picked', 'deadly', 0)", number
        )
    seen = []

    async def deadly(job: Job) -> None:
        seen.append(job.attempt)

    async with working(database, deadly=deadly):
        await until(lambda: _failed(database))
        (dead,) = await Jobs().listed(database)
        assert dead.error == "WorkerDied: The process that ran the job died, again and again."
        assert seen == []
        assert await Jobs().retry(database, None) == [number]
        await until(lambda: is_empty(database))
    assert seen == [1]


async def test_long_jobs_leave_places_for_others(database: Database) -> None:
    running: list[int] = []
    mails: list[int] = []
    enough = asyncio.Event()

    async def long(job: Job) -> None:
        running.append(job.id)
        await enough.wait()
        running.remove(job.id)

    async def mail(job: Job) -> None:
        mails.append(job.id)

    async with working(database, long=Handler(run=long, most=2), mail=mail):
        for _ in range(20):
            await enqueue(database, "long")
        await until(lambda: len(running) == 2)
        await enqueue(database, "mail")
        await until(lambda: len(mails) == 1, 5)
        assert len(running) == 2
        enough.set()
        await until(lambda: is_empty(database))
    imports = (run_handler(database), undo_handler(database))
    assert 0 < sum(each.most for each in imports) < CONCURRENCY
    assert all(each.most for each in imports)


async def test_a_job_that_takes_longer_than_the_lease_is_left_to_its_worker(database: Database) -> None:
    runs = []

    async def long(job: Job) -> None:
        runs.append(job.attempt)
        beats = await _heartbeat(database)
        await until(lambda: _has_beaten(database, beats))
        await until(lambda: _has_beaten(database, beats, times=3))

    await enqueue(database, "long")
    async with working(database, long=long), working(database, long=long):
        await until(lambda: is_empty(database))
    assert runs == [1]


async def _heartbeat(database: Database) -> datetime:
    found = await database.value("select heartbeat from core.job")
    assert isinstance(found, datetime)
    return found


async def _has_beaten(database: Database, since: datetime, times: int = 1) -> bool:
    """Whether so many halves of a lease have gone by, each with its sign of life."""
    return await _heartbeat(database) - since >= timedelta(seconds=0.5) * times * 0.9
