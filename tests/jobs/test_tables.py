"""The tables of the queue are those that PgQueuer would install."""

from importlib.resources import files

import asyncpg
from pgqueuer.adapters.drivers.asyncpg import AsyncpgDriver
from pgqueuer.adapters.persistence.qb import QueryBuilderEnvironment

from rapport.jobs.naming import names
from rapport.jobs.repository import Repository


def test_the_migration_contains_what_the_library_installs() -> None:
    written = files("rapport.store").joinpath("migrations", "0003_jobs.pre.sql").read_text("utf-8")
    _, _, installed = QueryBuilderEnvironment(names()).build_install_query(create_schema=False).partition("\n")
    assert installed.strip() in written


async def test_the_library_lacks_nothing_but_the_table_of_its_schedules(database_dsn: str) -> None:
    raw = await asyncpg.connect(database_dsn)
    plan = await Repository.on(AsyncpgDriver(raw)).plan_upgrade()
    await raw.close()
    assert ([text.partition(" (")[0] for text in plan.statements], list(plan.notes)) == (
        ["CREATE TABLE core.job_schedule"],
        [],
    )


async def test_names_from_the_environment_change_nothing(monkeypatch) -> None:  # type: ignore[no-untyped-def]
    before = names()
    for variable in ("CHANNEL", "QUEUE_TABLE", "PGQUEUER_PREFIX", "PGQUEUER_SCHEMA", "DURABILITY", "TRIGGER"):
        monkeypatch.setenv(variable, "volatile")
    assert names() == before
