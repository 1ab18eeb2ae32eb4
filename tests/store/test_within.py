"""A transaction as a database."""

import asyncpg
import pytest

from rapport.store.database import Database
from rapport.store.within import Within


class Stop(Exception):
    pass


async def _numbers(database: Database) -> list[int]:
    return [row["n"] for row in await database.rows("select n from public.numbers order by n")]


async def _in_vain(database: Database, add: str) -> None:
    async with database.transaction() as connection:
        assert await connection.value(add, 2) == 2
        raise Stop


async def _in_vain_within(database: Database) -> None:
    async with database.transaction() as connection:
        inner = Within(database.dialing, connection)
        async with inner.transaction() as nested:
            await nested.execute("insert into public.numbers values (1)")
        await inner.close()
        raise Stop


async def test_what_fails_is_undone_by_itself(database: Database) -> None:
    await database.script("create table public.numbers (n int primary key)")
    add = "insert into public.numbers values ($1) returning n"
    async with database.transaction() as connection:
        inner = Within(database.dialing, connection)
        assert await inner.value(add, 1) == 1
        with pytest.raises(asyncpg.UniqueViolationError):
            await inner.value(add, 1)
        with pytest.raises(Stop):
            await _in_vain(inner, add)
        async with inner.transaction() as nested:
            await nested.execute(add, 3)
            with pytest.raises(asyncpg.UniqueViolationError):
                await Within(database.dialing, nested).row(add, 1)
        await inner.script("insert into public.numbers values (4)")
        with pytest.raises(asyncpg.PostgresSyntaxError):
            await inner.rows("select from where")
        assert await _numbers(inner) == [1, 3, 4]
        assert await _numbers(database) == []
    assert await _numbers(database) == [1, 3, 4]


async def test_all_goes_with_the_outer_transaction(database: Database) -> None:
    await database.script("create table public.numbers (n int primary key)")
    with pytest.raises(Stop):
        await _in_vain_within(database)
    assert await _numbers(database) == []


async def test_another_isolation_cannot_begin_inside(database: Database) -> None:
    async with database.transaction() as connection:
        with pytest.raises(ValueError, match="repeatable read"):
            async with Within(database.dialing, connection).transaction(isolation="repeatable read"):
                pass
