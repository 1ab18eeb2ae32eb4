"""A change that needs tables for itself gives way to whoever is in a ring with it."""

import asyncio

import asyncpg
import pytest

from rapport.metadata.evolution.steps import Step
from rapport.metadata.seizing import LONGEST_WAIT_MS, seize
from rapport.store.database import Database

SCHEMA = "seized"
NEVER_BROKEN = "set local deadlock_timeout = '1h'"  # PostgreSQL does not look: whoever is in a ring has to leave it
ALONE = (Step(sql="", locks=("a", "b"), shares=("c",)),)


@pytest.fixture
async def tables(database: Database) -> Database:
    await database.script(f"create schema {SCHEMA}")
    for name in ("a", "b", "c"):
        await database.script(f"create table {SCHEMA}.{name} (id int)")
    return database


async def test_all_tables_are_locked(tables: Database) -> None:
    async with tables.transaction() as connection:
        await seize(connection, SCHEMA, ALONE, patience=1)
        rows = await connection.rows(
            "select relation::regclass::text, mode from pg_locks where pid = pg_backend_pid() and granted "
            f"and relation::regclass::text like '{SCHEMA}.%' order by 1"
        )
        timeout = await connection.value("show lock_timeout")
    assert [tuple(row) for row in rows] == [
        (f"{SCHEMA}.a", "AccessExclusiveLock"),
        (f"{SCHEMA}.b", "AccessExclusiveLock"),
        (f"{SCHEMA}.c", "ShareRowExclusiveLock"),
    ]
    assert timeout == f"{LONGEST_WAIT_MS}ms"


async def test_a_ring_is_left_before_postgresql_breaks_it(tables: Database) -> None:
    """Whoever has `b` and wants `a` gets it while the change, which has `a`, wants `b`."""
    async with tables.transaction() as reader:
        await reader.script(NEVER_BROKEN)
        await reader.value(f"select count(*) from {SCHEMA}.b")

        async def change() -> None:
            async with tables.transaction() as connection:
                await connection.script(NEVER_BROKEN)
                await seize(connection, SCHEMA, ALONE, patience=60)

        changing = asyncio.create_task(change())
        await asyncio.sleep(0.02)  # it has `a` by now, unless the machine is busy
        async with asyncio.timeout(30):
            assert await reader.value(f"select count(*) from {SCHEMA}.a") == 0
        assert not changing.done()
    await changing


async def test_a_change_waits_for_less_time_than_postgresql_takes_to_break_a_ring(tables: Database) -> None:
    deadlock_timeout = await tables.value("select setting::int from pg_settings where name = 'deadlock_timeout'")
    assert isinstance(deadlock_timeout, int)
    assert deadlock_timeout > 2 * LONGEST_WAIT_MS


async def test_readers_go_on_where_only_writers_have_to_wait(tables: Database) -> None:
    async with tables.transaction() as connection:
        await seize(connection, SCHEMA, (Step(sql="", shares=("c",)),), patience=1)
        assert await tables.value(f"select count(*) from {SCHEMA}.c") == 0


async def test_patience_ends(tables: Database) -> None:
    async with tables.transaction() as reader:
        await reader.value(f"select count(*) from {SCHEMA}.b")
        async with tables.transaction() as connection:
            with pytest.raises(asyncpg.LockNotAvailableError, match="table b is in use"):
                await seize(connection, SCHEMA, ALONE, patience=0.2)
            # What came before in the transaction is still there.
            assert await connection.value("select 1") == 1
