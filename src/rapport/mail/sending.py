"""The job that sends a mail: over SMTP, or, where no server is set, into the log and a table for `rapport mail`."""

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import structlog

from rapport.base.settings import Settings
from rapport.jobs.handler import GiveUp, Handler, Job
from rapport.mail.message import Message
from rapport.store.database import Database
from rapport.store.queries import load

if TYPE_CHECKING:
    from rapport.mail.smtp import SmtpServer

# Greylisting wants minutes, a broken server hours. After some two days the link in the mail is of no use.
DELAYS = tuple(timedelta(minutes=each) for each in (1, 5, 15, 60, 180, 360, 720, 1440))
TIMEOUT = timedelta(minutes=5)
MOST = 10  # at a time: servers for mail do not like to be asked by many at once

_log = structlog.get_logger(__name__)


def handler(settings: Settings, db: Database) -> Handler:
    """The handler of `mail.send`. Raises ConfigurationError."""
    if not settings.smtp_url:
        return Handler(run=_Keeping(db).run, delays=DELAYS, timeout=TIMEOUT)
    from rapport.mail.smtp import SmtpServer  # only who sends loads it

    server = SmtpServer.of(settings)
    return Handler(run=_Sending(server).run, delays=DELAYS, timeout=TIMEOUT, most=MOST)


class _Sending:
    def __init__(self, server: "SmtpServer") -> None:
        self._server = server

    async def run(self, job: Job) -> None:
        from rapport.mail.smtp import Refused

        message = Message.of(job.payload)
        try:
            await self._server.send(message)
        except Refused as error:
            raise GiveUp(str(error)) from error
        _log.info("mail sent", template=message.template, job=job.id, attempt=job.attempt)


class _Keeping:
    """Without SMTP. Bodies are in the log and in the database then: their links are all that the operator has."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._sql = load("rapport.mail")

    async def run(self, job: Job) -> None:
        mail = Message.of(job.payload)
        number = await self._db.value(
            self._sql["keep_mail"],
            UUID(mail.id),
            mail.to,
            mail.template,
            mail.subject,
            mail.text,
            mail.html,
            mail.written_at,
        )
        if number is not None:
            _log.info("mail not sent, no SMTP server is set", to=mail.to, subject=mail.subject, text=mail.text)
