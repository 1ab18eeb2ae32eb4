"""Old entries of the audit log go by themselves."""

import asyncio
from datetime import timedelta

import asyncpg

from rapport.app import background
from rapport.audit.log import record
from rapport.audit.reading import entries
from rapport.audit.retention import drop_old
from rapport.base.settings import Settings
from rapport.events.bell import Bell
from rapport.jobs.worker import Worker
from rapport.store.database import Database
from rapport.store.notifications import Notifications


async def write_old_and_new(database: Database) -> None:
    await record(database, action="signedIn", details={"is": "old"})
    await database.execute("""update core."auditEntry" set "createdAt" = now() - interval '31 days'""")
    await record(database, action="signedIn", details={"is": "new"})


async def test_a_worker_drops_old_entries_now_and_then(database: Database) -> None:
    await write_old_and_new(database)
    fails = iter([True])

    async def fail_at_first() -> None:
        if next(fails, False):
            raise asyncpg.DeadlockDetectedError

    worker = Worker(
        database,
        {},
        chores=[fail_at_first, lambda: drop_old(database, timedelta(days=30))],
        housekeeping=timedelta(milliseconds=20),
    )
    worker.start()
    try:
        for _ in range(200):
            found = [entry.details["is"] for entry in await entries(database)]
            if found == ["new"]:
                break
            await asyncio.sleep(0.02)
    finally:
        await worker.stop()
    assert found == ["new"]


async def test_the_server_keeps_them_for_as_long_as_its_setting_says(database: Database) -> None:
    await write_old_and_new(database)
    for days, kept in ((32, ["old", "new"]), (30, ["new"])):
        notifications = Notifications(database.dialing)
        bell = Bell(notifications.send)
        settings = Settings(audit_retention=timedelta(days=days))
        for chore in background(settings, database, bell=bell, notifications=notifications).worker.chores:
            await chore()
        assert [entry.details["is"] for entry in await entries(database)] == kept
