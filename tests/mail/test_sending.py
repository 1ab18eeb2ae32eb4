"""From a change to somebody's mailbox: the queue, the worker and a real SMTP server together."""

import dataclasses
import io
import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
import structlog

from rapport.base.errors import ConfigurationError
from rapport.base.observations import configure_logging
from rapport.base.settings import Settings
from rapport.jobs.handler import Handler
from rapport.jobs.queue import Jobs
from rapport.mail.outbox import SEND, Outbox
from rapport.mail.sending import DELAYS, handler
from rapport.store.database import Database
from tests.jobs.working import AT_ONCE, is_empty, until, working
from tests.mail.reading import mails_of, only_mail
from tests.mail.server import Mailbox, free_port, smtp_server

ROOT = Path(__file__).parents[2]


async def write(database: Database, to: str = "ada@example.com") -> None:
    async with database.transaction() as connection:
        await Outbox(Jobs()).send(
            connection, to=to, template="test", locale="en", values={"server": "https://crm.example.com/x"}
        )


def sending(database: Database, mailbox: Mailbox | int) -> Handler:
    """The handler for this server, with its delays made short."""
    port = mailbox if isinstance(mailbox, int) else mailbox.port
    settings = Settings.from_environment(
        {"RAPPORT_SMTP_URL": f"smtp://127.0.0.1:{port}", "RAPPORT_MAIL_FROM": "crm@example.com"}
    )
    return dataclasses.replace(handler(settings, database), delays=AT_ONCE)


async def failed(database: Database) -> bool:
    return bool(await Jobs().listed(database, only_failed=True))


async def test_a_mail_goes_out_once_and_nothing_of_it_is_kept(database: Database) -> None:
    async with smtp_server() as mailbox, working(database, **{SEND: sending(database, mailbox)}):
        await write(database)
        await until(lambda: is_empty(database))
    (mail,) = mailbox.mails
    assert (mail["To"], mail["Subject"]) == ("ada@example.com", "Test mail from Rapport")
    assert await database.value("select count(*) from core.mail") == 0
    assert await mails_of(database) == []


async def test_a_temporary_failure_is_tried_again_and_gives_the_same_mail(database: Database) -> None:
    async with smtp_server() as mailbox, working(database, **{SEND: sending(database, mailbox)}):
        mailbox.answers = ["450 greylisted", "421 busy"]
        await write(database)
        written = (await only_mail(database)).id
        await until(lambda: is_empty(database))
    (mail,) = mailbox.mails
    assert mailbox.begun == 3
    assert mail["Message-ID"] == f"<{written}@example.com>"


async def test_a_server_that_is_away_is_tried_again(database: Database) -> None:
    port = free_port()
    await write(database)
    slow = dataclasses.replace(sending(database, port), delays=(timedelta(seconds=0.3),) * 20)
    async with working(database, **{SEND: slow}):
        await until(lambda: _attempted(database))
        async with smtp_server(port=port) as mailbox:
            await until(lambda: is_empty(database))
    assert len(mailbox.mails) == 1


async def _attempted(database: Database) -> bool:
    return await database.value("select exists (select from core.job where attempts > 0)") is True


async def test_a_refused_mail_is_a_dead_letter_that_can_be_sent_again(database: Database) -> None:
    async with smtp_server() as mailbox, working(database, **{SEND: sending(database, mailbox)}):
        mailbox.refused_recipients = {"ada@example.com": "550 no such mailbox"}
        await write(database)
        await until(lambda: failed(database))
        (dead,) = await Jobs().listed(database)
        assert (dead.attempts, dead.error) == (0, "GiveUp: 550 no such mailbox")
        mailbox.refused_recipients = {}
        await Jobs().retry(database, [dead.id])
        await until(lambda: is_empty(database))
    assert len(mailbox.mails) == 1


async def test_without_smtp_the_mail_is_logged_with_its_link_and_kept(database: Database) -> None:
    log = io.StringIO()
    with logging_to(log):
        async with working(database, **{SEND: handler(Settings(), database)}):
            await write(database)
            await until(lambda: is_empty(database))
    (line,) = (json.loads(line) for line in log.getvalue().splitlines() if "no SMTP" in line)
    assert (line["to"], line["subject"]) == ("ada@example.com", "Test mail from Rapport")
    assert "https://crm.example.com/x" in line["text"]
    assert (await only_mail(database, to="ada@example.com")).link == "https://crm.example.com/x"


async def test_over_smtp_no_link_is_logged(database: Database) -> None:
    log = io.StringIO()
    with logging_to(log):
        async with smtp_server() as mailbox, working(database, **{SEND: sending(database, mailbox)}):
            mailbox.answers = ["450 not yet"]
            await write(database)
            await write(database, "refused@example.com")
            mailbox.refused_recipients = {"refused@example.com": "550 no"}
            await until(lambda: failed(database))
            await until(lambda: bool(mailbox.mails))
    assert "mail sent" in log.getvalue()
    assert "crm.example.com/x" not in log.getvalue()


@contextmanager
def logging_to(stream: io.StringIO) -> Iterator[None]:
    root = logging.getLogger()  # noqa: TID251
    handlers, level = root.handlers[:], root.level
    configure_logging("info", stream)
    try:
        yield
    finally:
        root.handlers[:], root.level = handlers, level
        structlog.reset_defaults()


async def test_only_the_last_mails_are_kept(database: Database) -> None:
    async with working(database, **{SEND: handler(Settings(), database)}):
        async with database.transaction() as connection:
            outbox = Outbox(Jobs())
            for number in range(210):
                await outbox.send(connection, f"a{number}@example.com", "test", "en", {"server": "https://x"})
        await until(lambda: is_empty(database))
    assert await database.value("select count(*) from core.mail") == 200


def test_delays_reach_over_hours() -> None:
    assert timedelta(hours=12) < sum(DELAYS, timedelta()) < timedelta(days=4)


def test_a_sender_is_needed_at_the_start() -> None:
    with pytest.raises(ConfigurationError, match="RAPPORT_MAIL_FROM"):
        handler(Settings.from_environment({"RAPPORT_SMTP_URL": "smtp://127.0.0.1"}), None)  # type: ignore[arg-type]


async def test_the_mail_of_a_killed_worker_is_taken_over(database: Database, database_dsn: str) -> None:
    async with smtp_server() as mailbox:
        mailbox.delay = 60  # the first worker is killed while the server has the mail and has not answered
        await write(database)
        with worker_process(database_dsn, mailbox) as process:
            await until(lambda: mailbox.begun == 1)
            process.kill()
            process.wait()
            assert mailbox.mails == []
            mailbox.delay = 0
            with worker_process(database_dsn, mailbox):
                await until(lambda: is_empty(database))
    assert mailbox.begun == 2
    assert mailbox.recipients == ["ada@example.com"]


async def test_a_worker_killed_after_the_handover_sends_the_mail_once_more_at_most(
    database: Database, database_dsn: str
) -> None:
    async with smtp_server() as mailbox:
        for number in range(5):
            await write(database, f"a{number}@example.com")
        with worker_process(database_dsn, mailbox) as process:
            await until(lambda: len(mailbox.mails) > 0)
            process.kill()
            process.wait()
        with worker_process(database_dsn, mailbox):
            await until(lambda: is_empty(database))
    ids = [mail["Message-ID"] for mail in mailbox.mails]
    assert len(set(ids)) == 5
    assert all(ids.count(each) <= 2 for each in ids)


@contextmanager
def worker_process(dsn: str, mailbox: Mailbox) -> "Iterator[subprocess.Popen[bytes]]":
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.mail.worker_process", dsn, f"smtp://127.0.0.1:{mailbox.port}"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "src")])},
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
