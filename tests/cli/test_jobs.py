"""`rapport jobs` and `rapport worker`."""

import asyncio
import json
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from rapport.base.settings import Settings
from rapport.jobs.handler import GiveUp, Handler, Job
from rapport.jobs.queue import Jobs
from rapport.jobs.schedules import Schedule, Schedules
from rapport.mail.outbox import Outbox
from rapport.store.database import Database
from tests.cli.program import PROGRAM, environment, rapport, serving
from tests.jobs.working import enqueue, is_empty, until, working
from tests.mail.server import smtp_server
from tests.serving import make_tenant


@contextmanager
def worker(folder: Path, **variables: str) -> "Iterator[subprocess.Popen[str]]":
    """A running `rapport worker`."""
    process = subprocess.Popen(
        [*PROGRAM, "worker"], cwd=folder, env=environment(**variables), stdout=subprocess.PIPE, text=True
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


async def write(database: Database, to: str = "ada@example.com") -> None:
    async with database.transaction() as connection:
        await Outbox(Jobs()).send(connection, to, "test", "en", {"server": "https://crm.example.com/x"})


async def refuse(_: Job) -> None:
    raise GiveUp("550 no \x1b[31m\nred")


async def _state(database: Database) -> set[object]:
    return {row["status"] for row in await database.rows("select status::text from core.job")}


async def test_dead_letters_are_listed_and_put_back(tmp_path: Path, database: Database, database_dsn: str) -> None:
    def jobs(*arguments: str) -> "subprocess.CompletedProcess[str]":
        return rapport("jobs", *arguments, cwd=tmp_path, DATABASE_URL=database_dsn)

    assert jobs("list").stdout == "There are no jobs.\n"
    assert jobs("list", "--failed").stdout == "There are no failed jobs.\n"
    assert jobs("retry", "--all").stdout == "There are no failed jobs.\n"
    first = await enqueue(database, "refuse", {"secret": "token"})
    second = await enqueue(database, "refuse")
    async with working(database, refuse=refuse):
        await until(lambda: _all_failed(database))
    waiting = await enqueue(database, "later")
    lines = jobs("list").stdout.splitlines()
    assert [line.split()[:2] for line in lines] == [
        [str(first), "failed"],
        [str(second), "failed"],
        [str(waiting), "waiting"],
    ]
    assert lines[0].endswith("0 failures  refuse  GiveUp: 550 no ?[31m red")
    assert "token" not in "".join(lines)
    assert len(jobs("list", "--failed").stdout.splitlines()) == 2
    assert len(jobs("list", "--limit", "1").stdout.splitlines()) == 1
    done = jobs("retry", str(first), str(waiting))
    assert (done.returncode, done.stdout.splitlines()) == (
        1,
        [f"{first} will be tried again", f"{waiting} is not a failed job that can be tried again"],
    )
    done = jobs("retry", "--all")
    assert (done.returncode, done.stdout) == (0, f"{second} will be tried again\n")
    assert await _state(database) == {"queued"}


async def test_jobs_are_chosen_by_name_shown_and_discarded(
    tmp_path: Path, database: Database, database_dsn: str
) -> None:
    def jobs(*arguments: str) -> "subprocess.CompletedProcess[str]":
        return rapport("jobs", *arguments, cwd=tmp_path, DATABASE_URL=database_dsn)

    first = await enqueue(database, "refuse", {"secret": "token"}, key="only-one")
    second = await enqueue(database, "refuse")
    async with working(database, refuse=refuse):
        await until(lambda: _all_failed(database))
    waiting = await enqueue(database, "later")

    lines = [json.loads(line) for line in jobs("list", "--json").stdout.splitlines()]
    assert [(each["id"], each["state"], each["name"]) for each in lines] == [
        (first, "failed", "refuse"),
        (second, "failed", "refuse"),
        (waiting, "waiting", "later"),
    ]
    assert lines[0].keys() == {"id", "name", "state", "attempts", "createdAt", "runAfter", "error"}
    assert lines[0]["error"] == "GiveUp: 550 no \x1b[31m\nred"
    assert [line.split()[0] for line in jobs("list", "--name", "later").stdout.splitlines()] == [str(waiting)]

    shown = jobs("show", str(first)).stdout.splitlines()
    assert shown[0] == f"{first}  failed  refuse  0 failures"
    assert shown[2] == "key      only-one"
    assert [line[22:].split("  ")[0] for line in shown[3:]] == ["begun", "failed for good"]
    assert shown[-1].endswith("GiveUp: 550 no ?[31m red")
    assert "token" not in "".join(shown)
    assert 'payload  {"secret": "token"}' in jobs("show", str(first), "--payload").stdout.splitlines()
    told = json.loads(jobs("show", str(first), "--json").stdout)
    assert (told["key"], [step["state"] for step in told["history"]], "payload" in told) == (
        "only-one",
        ["picked", "failed"],
        False,
    )
    missing = jobs("show", "999999")
    assert (missing.returncode, missing.stdout) == (1, "There is no job 999999.\n")

    assert jobs("retry", "--all", "--name", "later").stdout == "There are no failed jobs.\n"
    done = jobs("discard", str(first), str(waiting))
    assert (done.returncode, done.stdout.splitlines()) == (
        1,
        [f"{first} is deleted", f"{waiting} is not a failed job"],
    )
    assert jobs("discard", "--all").stdout == f"{second} is deleted\n"
    assert [job.id for job in await Jobs().listed(database)] == [waiting]


async def test_schedules_are_listed(tmp_path: Path, database: Database, database_dsn: str) -> None:
    def schedules(*arguments: str) -> list[str]:
        done = rapport("jobs", "schedules", *arguments, cwd=tmp_path, DATABASE_URL=database_dsn)
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout.splitlines()

    assert schedules() == ["There are no schedules: no worker has run yet."]
    tenant = await make_tenant(database, "Tests")
    async with database.transaction() as connection:
        for name, owner in (("zz.server", None), ("workflow-1", tenant.workspace_id)):
            schedule = Schedule(name=name, cron="0 8 * * 1-5", time_zone="Europe/Berlin", job="workflow.start")
            await Schedules().put(connection, schedule, workspace_id=owner)
    await database.execute("""update core.schedule set "dueAt" = '2031-01-01', "wasDueAt" = '2030-12-31'""")
    await database.execute(
        """update core.schedule set "dueAt" = 'infinity', "wasDueAt" = null where name = 'zz.server'"""
    )
    first = f"2031-01-01 00:00:00Z  0 8 * * 1-5    Europe/Berlin   {tenant.workspace_id}  workflow-1"
    assert schedules() == [
        f"{first}  last 2030-12-31 00:00:00Z",
        "never                 0 8 * * 1-5    Europe/Berlin   server  zz.server",
    ]
    assert json.loads(schedules("--json", "--limit", "1")[0]) == {
        "name": "workflow-1",
        "workspaceId": str(tenant.workspace_id),
        "cron": "0 8 * * 1-5",
        "timeZone": "Europe/Berlin",
        "job": "workflow.start",
        "dueAt": "2031-01-01T00:00:00+00:00",
        "wasDueAt": "2030-12-31T00:00:00+00:00",
    }


async def _all_failed(database: Database) -> bool:
    return await _state(database) == {"failed"}


@pytest.mark.parametrize("arguments", [(), ("1", "--all"), ("0",), ("-1",), ("x",), (str(2**70),)])
def test_what_to_retry_must_be_said(tmp_path: Path, database_dsn: str, arguments: tuple[str, ...]) -> None:
    done = rapport("jobs", "retry", *arguments, cwd=tmp_path, DATABASE_URL=database_dsn)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


async def test_the_server_sends_the_mails_that_it_writes(tmp_path: Path, database: Database, database_dsn: str) -> None:
    with serving(tmp_path, DATABASE_URL=database_dsn) as server:
        await write(database)
        await until(lambda: is_empty(database))
        assert "https://crm.example.com/x" in server.output.read_text()
        assert server.stop() == 0
    shown = rapport("mail", "list", cwd=tmp_path, DATABASE_URL=database_dsn).stdout
    assert "ada@example.com  Test mail from Rapport" in shown


async def test_a_server_can_leave_the_work_to_a_worker(tmp_path: Path, database: Database, database_dsn: str) -> None:
    async with smtp_server() as mailbox:
        smtp = {
            "DATABASE_URL": database_dsn,
            "RAPPORT_SMTP_URL": f"smtp://127.0.0.1:{mailbox.port}",
            "RAPPORT_MAIL_FROM": "crm@example.com",
        }
        with serving(tmp_path, RAPPORT_WORKER="false", **smtp):
            await write(database)
            await asyncio.sleep(1)
            assert mailbox.mails == []
            with worker(tmp_path, **smtp) as process:
                await until(lambda: is_empty(database))
                assert len(mailbox.mails) == 1
                process.send_signal(signal.SIGTERM)
                assert process.wait(20) == 0


async def test_a_worker_told_to_stop_finishes_its_mail(tmp_path: Path, database: Database, database_dsn: str) -> None:
    async with smtp_server() as mailbox:
        mailbox.delay = 1.5
        await write(database)
        smtp = {"RAPPORT_SMTP_URL": f"smtp://127.0.0.1:{mailbox.port}", "RAPPORT_MAIL_FROM": "crm@example.com"}
        with worker(tmp_path, DATABASE_URL=database_dsn, **smtp) as process:
            await until(lambda: mailbox.begun == 1)
            process.send_signal(signal.SIGTERM)
            await until(lambda: process.poll() is not None)
            assert process.returncode == 0
    assert len(mailbox.mails) == 1
    assert await is_empty(database)


def test_a_worker_without_a_server_or_a_database_is_refused(tmp_path: Path) -> None:
    done = rapport("worker", cwd=tmp_path)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == ("rapport: No server runs on .rapport. Start `rapport serve` first, or set DATABASE_URL.\n")


def test_a_worker_works_beside_a_server_with_its_own_postgresql(tmp_path: Path) -> None:
    with serving(tmp_path, RAPPORT_WORKER="false"), worker(tmp_path) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "Rapport   worker is running\n"
        process.send_signal(signal.SIGINT)
        assert process.wait(20) == 0


def test_a_worker_waits_for_no_migration(tmp_path: Path, empty_database_dsn: str) -> None:
    done = rapport("worker", cwd=tmp_path, DATABASE_URL=empty_database_dsn)
    assert done.returncode == 1
    assert "rapport migrate" in done.stderr


def test_smtp_without_a_sender_stops_the_start(tmp_path: Path, database_dsn: str) -> None:
    done = rapport("serve", cwd=tmp_path, DATABASE_URL=database_dsn, RAPPORT_SMTP_URL="smtp://127.0.0.1", PORT="0")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.endswith("rapport: RAPPORT_MAIL_FROM must be set when RAPPORT_SMTP_URL is.\n")


def test_the_defaults_of_the_settings() -> None:
    settings = Settings()
    assert (settings.worker, settings.smtp_url, settings.mail_from) == (True, None, None)


def test_handlers_are_tried_for_about_a_day() -> None:
    assert 20 * 3600 < sum(delay.total_seconds() for delay in Handler(run=refuse).delays) < 30 * 3600
