"""A worker in a process of its own, which a test can kill: `python -m tests.mail.worker_process DSN SMTP_URL`."""

import asyncio
import sys
from datetime import timedelta

from rapport.base.settings import Settings
from rapport.jobs.worker import Worker
from rapport.mail.outbox import SEND
from rapport.mail.sending import handler
from rapport.store.database import Database


async def main(dsn: str, smtp_url: str) -> None:
    settings = Settings.from_environment({"RAPPORT_SMTP_URL": smtp_url, "RAPPORT_MAIL_FROM": "crm@example.com"})
    db = await Database.connect(dsn, size=3)
    worker = Worker(db, {SEND: handler(settings, db)}, lease=timedelta(seconds=1), look=timedelta(seconds=0.5))
    worker.start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
