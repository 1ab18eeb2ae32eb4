"""Old entries of the audit log go by themselves."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from rapport.app import background
from rapport.audit.log import record
from rapport.audit.reading import entries
from rapport.base.settings import Settings
from rapport.events.bell import Bell
from rapport.store.database import Database
from rapport.store.notifications import Notifications
from tests.jobs.working import until
from tests.serving import SECRET


async def write_old_and_new(database: Database) -> None:
    await record(database, action="signedIn", details={"is": "old"})
    await database.execute("""update core."auditEntry" set "createdAt" = now() - interval '31 days'""")
    await record(database, action="signedIn", details={"is": "new"})


async def test_the_server_keeps_them_for_as_long_as_its_setting_says(database: Database) -> None:
    await write_old_and_new(database)
    async with working(database, days=31):
        await until(lambda: _is_scheduled(database))
    for days, kept in ((32, ["old", "new"]), (30, ["new"])):
        await database.execute("""update core.schedule set "dueAt" = now(), "wasDueAt" = null""")
        async with working(database, days=days):
            await until(lambda: _is_done(database))
        assert [entry.details["is"] for entry in await entries(database)] == kept


@asynccontextmanager
async def working(database: Database, *, days: int) -> AsyncIterator[None]:
    """What goes on beside requests, for as long as the block lasts."""
    notifications = Notifications(database.dialing)
    bell = Bell(notifications.send)
    settings = Settings(audit_retention=timedelta(days=days))
    work = background(settings, database, SECRET, url="http://x.example", bell=bell, notifications=notifications)
    work.start()
    try:
        yield
    finally:
        await work.stop()


async def _is_scheduled(database: Database) -> bool:
    return await database.value("select exists (select from core.schedule)") is True


async def _is_done(database: Database) -> bool:
    """Every chore has had its turn, and none has failed."""
    return not await database.value(
        """select exists (select from core.job) or exists (select from core.schedule where "wasDueAt" is null)"""
    )
