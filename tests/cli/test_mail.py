"""`rapport mail`."""

import asyncio
from pathlib import Path

from rapport.base.settings import Settings
from rapport.jobs.queue import Jobs
from rapport.mail.outbox import SEND, Outbox
from rapport.mail.sending import handler
from rapport.store.database import Database
from tests.cli.program import rapport
from tests.jobs.working import is_empty, until, working
from tests.mail.server import free_port, smtp_server


async def test_mails_of_a_server_without_smtp_are_listed_and_shown(
    tmp_path: Path, database: Database, database_dsn: str
) -> None:
    def mail(*arguments: str, **variables: str) -> tuple[int, str, str]:
        done = rapport("mail", *arguments, cwd=tmp_path, DATABASE_URL=database_dsn, **variables)
        return done.returncode, done.stdout, done.stderr

    assert mail("list") == (0, "No mails are kept.\n", "")
    smtp = {"RAPPORT_SMTP_URL": "smtp://127.0.0.1", "RAPPORT_MAIL_FROM": "crm@example.com"}
    assert mail("list", **smtp) == (0, "No mails are kept. They go out over SMTP.\n", "")
    async with working(database, **{SEND: handler(Settings(), database)}):
        for name in ("ada", "bob"):
            async with database.transaction() as connection:
                await Outbox(Jobs()).send(
                    connection, f"{name}@example.com", "test", "en", {"server": "https://crm.example.com/x"}
                )
            await until(lambda: is_empty(database))
    lines = mail("list")[1].splitlines()
    assert [line.split()[0] for line in lines] == ["2", "1"]
    assert lines[1].endswith("Z  ada@example.com  Test mail from Rapport")
    assert len(mail("list", "--limit", "1")[1].splitlines()) == 1
    code, shown, _ = mail("show", "1")
    assert code == 0
    assert shown.startswith("To: ada@example.com\nDate: ")
    assert "\nSubject: Test mail from Rapport\n\n" in shown
    assert "https://crm.example.com/x" in shown
    assert mail("show", "7") == (1, "", "rapport: There is no mail 7. See: rapport mail list\n")
    assert mail("show", "x")[0] == mail("show", "0")[0] == mail("show", str(2**80))[0] == 2


async def test_a_test_mail_is_sent_at_once(tmp_path: Path) -> None:
    async with smtp_server() as mailbox:
        smtp = {"RAPPORT_SMTP_URL": f"smtp://127.0.0.1:{mailbox.port}", "RAPPORT_MAIL_FROM": "crm@example.com"}
        done = await _in_thread("mail", "test", "ada@example.com", cwd=tmp_path, **smtp)
        assert done == (0, "The SMTP server has accepted a mail to ada@example.com.\n", "")
        assert mailbox.recipients == ["ada@example.com"]
        mailbox.answers = ["550 spam"]
        done = await _in_thread("mail", "test", "ada@example.com", cwd=tmp_path, **smtp)
        assert done == (1, "", "rapport: The mail was not sent. 550 spam\n")
        done = await _in_thread("mail", "test", "nobody", cwd=tmp_path, **smtp)
        assert done == (1, "", "rapport: This is not an e-mail address.\n")


async def _in_thread(*arguments: str, cwd: Path, **variables: str) -> tuple[int, str, str]:
    """The command, while the SMTP server of this process goes on."""
    done = await asyncio.to_thread(rapport, *arguments, cwd=cwd, **variables)
    return done.returncode, done.stdout, done.stderr


def test_without_a_server_to_reach_the_reason_is_said(tmp_path: Path) -> None:
    done = rapport("mail", "test", "ada@example.com", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (1, "rapport: No SMTP server is set: RAPPORT_SMTP_URL.\n")
    port = free_port()
    smtp = {"RAPPORT_SMTP_URL": f"smtp://u:secret@127.0.0.1:{port}", "RAPPORT_MAIL_FROM": "crm@example.com"}
    done = rapport("mail", "test", "ada@example.com", cwd=tmp_path, **smtp)
    assert done.returncode == 1
    assert done.stderr.startswith(f"rapport: The mail was not sent. 127.0.0.1:{port}: ")
    assert "secret" not in done.stderr
