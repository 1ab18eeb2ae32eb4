"""Database: statements, transactions, and what happens when a connection or a statement is lost."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress

import asyncpg
import pytest
import structlog

from rapport.base.errors import ConfigurationError, Timeout, Unavailable
from rapport.store.connection import STATEMENTS_IN_A_LIFE, STATEMENTS_PER_CONNECTION, STATEMENTS_SIZE
from rapport.store.database import Database

BACKENDS = "select count(*) from pg_stat_activity where datname = current_database() and application_name = 'rapport'"
PID = "select pg_backend_pid()"


@pytest.fixture
async def single(database_dsn: str) -> AsyncIterator[Database]:
    """A database with one connection."""
    db = await Database.connect(database_dsn, size=1)
    yield db
    await db.close()


async def test_the_four_methods_give_value_row_rows_and_tag(database: Database) -> None:
    assert await database.value("select $1::int + 1", 41) == 42
    assert await database.value("select 1 where false") is None
    row = await database.row("select 1 as a, 'x' as b")
    assert row is not None
    assert dict(row) == {"a": 1, "b": "x"}
    assert await database.row("select 1 where false") is None
    assert [r["n"] for r in await database.rows("select n from generate_series(1, 3) n")] == [1, 2, 3]
    await database.script("create table t (a int); insert into t values (1), (2)")
    assert await database.execute("update t set a = a + $1", 1) == "UPDATE 2"


async def test_finished_json_comes_as_bytes_and_jsonb_as_text(database: Database) -> None:
    assert await database.value("""select '{"a": "ü"}'::bpchar""") == '{"a": "ü"}'.encode()
    assert await database.value("""select '{"a":1}'::jsonb""") == '{"a": 1}'
    assert await database.value("select 'ü'::text") == "ü"


async def test_sessions_use_utc_iso_dates_and_no_parallel_workers(database: Database) -> None:
    names = ("timezone", "datestyle", "jit", "max_parallel_workers_per_gather", "statement_timeout")
    found = [await database.value("select current_setting($1)", name) for name in names]
    assert found == ["UTC", "ISO, MDY", "off", "0", "10s"]


async def test_a_statement_is_prepared_once_per_connection(single: Database) -> None:
    for number in range(5):
        assert await single.value("select $1::int as marker", number) == number
    assert await single.value("select count(*) from pg_prepared_statements where statement like '%as marker'") == 1


async def test_the_statements_used_least_recently_are_forgotten(single: Database) -> None:
    await single.value("select 'kept'")
    for number in range(STATEMENTS_PER_CONNECTION + 20):
        await single.value(f"select {number}")
        await single.value("select 'kept'")
    statements = {row["statement"] for row in await single.rows("select statement from pg_prepared_statements")}
    assert len(statements) <= STATEMENTS_PER_CONNECTION + 1  # one is closed when the next is prepared
    assert "select 'kept'" in statements
    assert "select 0" not in statements


async def test_long_statements_are_forgotten_sooner(single: Database) -> None:
    long = "x" * (STATEMENTS_SIZE // 4)
    for number in range(8):
        assert await single.value(f"select '{number}{long}'") == f"{number}{long}"
    kept = await single.rows("select substr(statement, 9, 1) as number from pg_prepared_statements")
    assert {row["number"] for row in kept} - set(" ") <= set("4567u")
    longest = "y" * (STATEMENTS_SIZE + 1)
    for _ in range(2):
        assert await single.value(f"select '{longest}'") == longest


async def test_a_changed_result_type_is_prepared_again_without_an_error(single: Database) -> None:
    await single.script("create table t (a int); insert into t values (1)")
    assert await single.value("select t from t") is not None
    assert dict(await single.row("select * from t") or {}) == {"a": 1}
    await single.script("alter table t add b text default 'new'")
    assert dict(await single.row("select * from t") or {}) == {"a": 1, "b": "new"}


async def test_a_changed_result_type_in_a_transaction_reaches_the_caller_once(single: Database) -> None:
    await single.script("create table t (a int); insert into t values (1)")
    await single.rows("select * from t")
    await single.script("alter table t add b int")
    with pytest.raises(asyncpg.InvalidCachedStatementError):
        async with single.transaction() as connection:
            await connection.rows("select * from t")
    async with single.transaction() as connection:
        assert len(await connection.rows("select * from t")) == 1


async def test_a_lost_column_is_an_error_and_the_statement_is_forgotten(single: Database) -> None:
    await single.script("create table t (a int)")
    await single.rows("select a from t")
    await single.script("alter table t drop a")
    with pytest.raises(asyncpg.UndefinedColumnError):
        await single.rows("select a from t")
    await single.script("alter table t add a int; insert into t values (7)")
    assert await single.value("select a from t") == 7


async def test_a_transaction_is_committed_at_its_end(database: Database) -> None:
    await database.script("create table t (a int)")
    async with database.transaction() as connection:
        await connection.execute("insert into t values ($1)", 1)
        assert await database.value("select count(*) from t") == 0
    assert await database.value("select count(*) from t") == 1


async def test_a_transaction_is_rolled_back_when_the_block_raises(single: Database) -> None:
    await single.script("create table t (a int)")

    async def fail() -> None:
        async with single.transaction() as connection:
            await connection.execute("insert into t values (1)")
            raise KeyError

    with pytest.raises(KeyError):
        await fail()
    assert await single.value("select count(*) from t") == 0


async def test_swallowing_an_error_does_not_look_like_a_commit(single: Database) -> None:
    async def swallow() -> None:
        async with single.transaction() as connection:
            with suppress(asyncpg.DivisionByZeroError):
                await connection.value("select 1 / 0")

    with pytest.raises(RuntimeError):
        await swallow()
    assert await single.value("select 1") == 1


async def test_isolation_can_be_chosen(database: Database) -> None:
    async with database.transaction(isolation="repeatable read") as connection:
        assert await connection.value("show transaction_isolation") == "repeatable read"


async def test_the_connection_used_last_is_used_next(database: Database) -> None:
    await asyncio.gather(*(database.value("select pg_sleep(0.05)") for _ in range(3)))
    assert len({await database.value(PID) for _ in range(10)}) == 1


async def test_connections_are_opened_when_needed_and_never_more_than_allowed(database: Database) -> None:
    assert await database.value(BACKENDS) == 1
    await asyncio.gather(*(database.value("select pg_sleep(0.05)") for _ in range(20)))
    assert await database.value(BACKENDS) == 5


async def test_waiting_callers_are_served_in_the_order_of_their_arrival(single: Database) -> None:
    order: list[int] = []

    async def ask(number: int) -> None:
        await single.value("select pg_sleep(0.005)")
        order.append(number)

    await asyncio.gather(*(ask(number) for number in range(10)))
    assert order == list(range(10))


async def test_a_cancelled_statement_stops_and_its_connection_is_not_used_again(single: Database) -> None:
    before = await single.value(PID)
    task = asyncio.create_task(single.value("select 'slow', pg_sleep(30)"))
    await asyncio.sleep(0.1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await single.value("select 'next'") == "next"
    assert await single.value(PID) != before
    running = "select count(*) from pg_stat_activity where query like '%slow%' and state = 'active' and pid = $1"
    for _ in range(100):
        if await single.value(running, before) == 0:
            break
        await asyncio.sleep(0.02)
    assert await single.value(running, before) == 0


async def test_a_cancelled_transaction_leaves_nothing(single: Database) -> None:
    await single.script("create table t (a int)")

    async def write() -> None:
        async with single.transaction() as connection:
            await connection.execute("insert into t values (1)")
            await asyncio.sleep(30)

    task = asyncio.create_task(write())
    await asyncio.sleep(0.1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await single.value("select count(*) from t") == 0


async def test_a_caller_who_stops_waiting_does_not_keep_the_connection(single: Database) -> None:
    async with single.transaction():
        waiting = [asyncio.create_task(single.value("select 1")) for _ in range(3)]
        await asyncio.sleep(0.01)
        waiting[0].cancel()
    assert await asyncio.gather(*waiting[1:]) == [1, 1]
    assert await single.value("select 2") == 2


async def test_being_cancelled_in_the_moment_of_the_hand_over_loses_no_connection(single: Database) -> None:
    async with single.transaction():
        waiting = asyncio.create_task(single.value("select 1"))
        await asyncio.sleep(0.01)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert await asyncio.wait_for(single.value("select 2"), 5) == 2


async def test_a_lost_connection_is_unavailable_once_and_then_replaced(single: Database, database_dsn: str) -> None:
    pid = await single.value(PID)
    task = asyncio.create_task(single.value("select pg_sleep(30)"))
    await asyncio.sleep(0.05)
    other = await asyncpg.connect(database_dsn)
    await other.execute(f"select pg_terminate_backend({pid})")
    with pytest.raises(Unavailable):
        await task
    assert await single.value("select 1") == 1
    pid = await single.value(PID)
    await other.execute(f"select pg_terminate_backend({pid}, 1000)")
    await other.close()
    await asyncio.sleep(0.05)
    assert await single.value("select 1") == 1  # lost while idle: nobody notices


async def test_those_who_wait_for_a_lost_connection_get_another(single: Database, database_dsn: str) -> None:
    pid = await single.value(PID)
    tasks = [asyncio.create_task(single.value("select 1 from pg_sleep(0.2)")) for _ in range(3)]
    await asyncio.sleep(0.05)
    other = await asyncpg.connect(database_dsn)
    await other.execute(f"select pg_terminate_backend({pid})")
    await other.close()
    first, *others = await asyncio.gather(*tasks, return_exceptions=True)
    assert isinstance(first, Unavailable)
    assert others == [1, 1]


async def test_a_statement_that_takes_too_long_is_a_timeout(database_dsn: str) -> None:
    db = await Database.connect(database_dsn, size=1, statement_timeout_ms=50)
    with pytest.raises(Timeout):
        await db.value("select pg_sleep(5)")
    assert await db.value("select 1") == 1
    await db.close()


async def test_connections_are_replaced_when_they_are_old(database_dsn: str) -> None:
    db = await Database.connect(database_dsn, size=1, connection_max_age=0.05)
    first = await db.value(PID)
    await asyncio.sleep(0.1)
    await db.value("select 1")
    assert await db.value(PID) != first
    await db.close()


async def test_connections_are_replaced_when_they_have_met_many_statements(single: Database) -> None:
    first = await single.value(PID)
    for number in range(STATEMENTS_IN_A_LIFE):
        assert await single.value(f"select {number}") == number
    assert await single.value("select -1") == -1
    assert await single.value(PID) != first


async def test_errors_of_postgresql_reach_the_caller_and_the_connection_stays(single: Database) -> None:
    pid = await single.value(PID)
    with pytest.raises(asyncpg.DivisionByZeroError):
        await single.value("select 1 / $1::int", 0)
    with pytest.raises(asyncpg.DataError):
        await single.value("select $1::int", "not a number")
    assert await single.value(PID) == pid


async def test_a_closed_database_is_unavailable(database_dsn: str) -> None:
    db = await Database.connect(database_dsn)
    await db.value("select 1")
    await db.close()
    with pytest.raises(Unavailable):
        await db.value("select 1")


@pytest.mark.parametrize(
    "dsn",
    ["postgresql://rapport:hunter22@127.0.0.1:1/x", "postgresql://rapport:hunter22@127.0.0.1:notaport/x"],
)
async def test_an_address_that_leads_nowhere_is_a_clear_error_without_the_password(dsn: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        await Database.connect(dsn)
    assert caught.value.message.startswith("DATABASE_URL (")
    assert "hunter22" not in caught.value.message
    assert "\n" not in caught.value.message


async def test_a_database_that_does_not_exist_is_a_clear_error(database_dsn: str) -> None:
    with pytest.raises(ConfigurationError, match=r"DATABASE_URL .*does not exist"):
        await Database.connect(database_dsn.replace("rapport_test_", "rapport_absent_"))


@pytest.mark.parametrize(
    ("condition", "message"),
    [
        ("disk_full", "The database's disk is full. Nothing can be changed until there is room on it."),
        ("out_of_memory", "The database is out of memory."),
        ("too_many_connections", "The database has too many connections."),
        ("configuration_limit_exceeded", "The database lacks resources."),
    ],
)
async def test_a_database_that_lacks_resources_is_unavailable_and_says_so_in_one_line(
    single: Database, condition: str, message: str
) -> None:
    failing = f"""
        create function pg_temp.fails() returns int language plpgsql as
        $$ begin raise exception 'could not extend file' using errcode = '{condition}'; end $$"""
    await single.script(failing)
    calls: tuple[Callable[[], Awaitable[object]], ...] = (
        lambda: single.value("select pg_temp.fails()"),
        lambda: single.value("select pg_temp.fails()"),  # known by now
        lambda: single.rows("select pg_temp.fails()"),
        lambda: single.script("select pg_temp.fails()"),
    )
    for call in calls:
        with structlog.testing.capture_logs() as logged, pytest.raises(Unavailable) as caught:
            await call()
        assert caught.value.message == message
        expected = {"event": "PostgreSQL lacks what it needs", "reason": "could not extend file", "log_level": "error"}
        assert logged == [expected]
    assert await single.value("select 1") == 1
