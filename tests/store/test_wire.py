"""The short way to PostgreSQL: answers whole and in parts, errors, lost connections, cancelled questions, TLS."""

import asyncio
import inspect
import random
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import asyncpg
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from rapport.base.errors import Timeout, Unavailable
from rapport.store.connection import Connection, Question
from rapport.store.database import Database
from rapport.store.dialing import Dialing
from tests.waiting import until

PID = "select pg_backend_pid()"
SESSIONS = "select count(*) from pg_stat_activity where datname = current_database() and application_name = 'rapport'"
TEXT = "select $1::text::bpchar"


@pytest.fixture
async def single(database_dsn: str) -> AsyncIterator[Database]:
    """A database with one connection."""
    db = await Database.connect(database_dsn, size=1)
    yield db
    await db.close()


@pytest.fixture
async def connection(database_dsn: str) -> AsyncIterator[Connection]:
    raw = await Dialing(dsn=database_dsn, statement_timeout_ms=200).dial()
    yield Connection(raw, max_age=3600)
    await raw.close()


async def _short(connection: Connection, sql: str, *args: object) -> object:
    """What the short way gives for a statement that has been run before by the driver."""
    question = Question(sql, args)
    assert connection.ask(question)
    return await question.answer


@pytest.mark.parametrize("size", [0, 1, 1000, 250_000, 5_000_000])
async def test_an_answer_of_any_size_comes_whole(connection: Connection, size: int) -> None:
    sql = "select repeat('ü', $1)::bpchar, 'and'::text, null::text"
    await connection.row(sql, 1)
    for _ in range(3):
        assert await _short(connection, sql, size) == (("ü" * size).encode(), b"and", None)


async def test_of_several_rows_the_first_is_given_and_of_none_none(connection: Connection) -> None:
    sql = "select n::text::bpchar from generate_series(1, $1) n"
    assert await connection.value(sql, 3) == b"1"
    assert await _short(connection, sql, 100_000) == (b"1",)
    assert await _short(connection, sql, 0) is None
    nothing = "select null::bpchar"
    assert await connection.value(nothing) is None
    assert await _short(connection, nothing) == (None,)


async def test_an_answer_that_looks_like_the_end_of_one_is_read_to_its_end(connection: Connection) -> None:
    await connection.value(TEXT, "")
    for length in (*range(65_480, 65_560), *range(130_990, 131_100)):
        assert await _short(connection, TEXT, "I" * length) == (b"I" * length,)


async def test_an_error_is_the_drivers_and_the_connection_goes_on(connection: Connection) -> None:
    sql = "select (1 / $1)::text::bpchar"
    assert await connection.value(sql, 1) == b"1"
    with pytest.raises(asyncpg.DivisionByZeroError) as caught:
        await _short(connection, sql, 0)
    assert (caught.value.sqlstate, str(caught.value)) == ("22012", "division by zero")
    assert await _short(connection, sql, 1) == (b"1",)
    assert await connection.value(sql, 1) == b"1"  # and the driver has missed nothing


async def test_an_error_after_the_first_row_is_an_error(connection: Connection) -> None:
    sql = "select (1 / (n - $1))::text::bpchar from generate_series(1, 20000) n"
    await connection.value(sql, 0)
    with pytest.raises(asyncpg.DivisionByZeroError):
        await _short(connection, sql, 19_999)
    assert await _short(connection, sql, 0) == (b"1",)


async def test_the_error_tells_which_constraint_was_hurt(connection: Connection) -> None:
    await connection.script("create table t (a int primary key)")
    sql = "insert into t values ($1) returning a::text::bpchar"
    await connection.value(sql, 1)
    with pytest.raises(asyncpg.UniqueViolationError) as caught:
        await _short(connection, sql, 1)
    assert (caught.value.constraint_name, caught.value.table_name) == ("t_pkey", "t")
    assert caught.value.detail == "Key (a)=(1) already exists."


async def test_what_postgresql_says_besides_is_passed_over(connection: Connection) -> None:
    await connection.script(
        "create function t() returns bpchar language plpgsql as "
        "$$ begin raise warning 'hear'; perform set_config('application_name', 'other', false); return 'done'; end $$"
    )
    await connection.script("listen news")
    sql = "select t() from (select pg_notify('news', '') from generate_series(1, $1)) news"
    await connection.value(sql, 1)
    for _ in range(3):
        assert await _short(connection, sql, 1) == (b"done",)
    assert await connection.value(sql, 1) == b"done"


async def test_a_statement_that_takes_too_long_is_a_timeout(connection: Connection) -> None:
    sql = "select 'late'::bpchar from pg_sleep($1)"
    await connection.value(sql, 0)
    with pytest.raises(Timeout):
        await _short(connection, sql, 5)
    assert await _short(connection, sql, 0) == (b"late",)


async def test_a_connection_that_is_lost_meanwhile_is_unavailable(single: Database) -> None:
    sql = "select case when $1 then pg_terminate_backend(pg_backend_pid()) end::text::bpchar"
    for _ in range(2):
        assert await single.value(sql, False) is None
    with pytest.raises(Unavailable):
        await single.value(sql, True)
    assert await single.value(sql, False) is None


async def test_a_changed_table_is_prepared_anew_without_an_error(single: Database) -> None:
    await single.script("create table t (a int); insert into t values (1)")
    sql = "select row_to_json(t)::text::bpchar, t::text from t"
    for _ in range(3):
        assert await single.columns(sql) == (b'{"a":1}', b"(1)")
    await single.script("alter table t add b text default 'new'")
    for _ in range(3):
        assert await single.columns(sql) == (b'{"a":1,"b":"new"}', b"(1,new)")
    changing = "select a::bpchar from t"
    with pytest.raises(asyncpg.PostgresError):
        await single.value("select c::bpchar from t")
    await single.script("alter table t alter a type text")
    for _ in range(3):
        assert await single.value(changing) == b"1"
    await single.script("alter table t drop a")
    with pytest.raises(asyncpg.UndefinedColumnError):
        await single.value(changing)
    await single.script("alter table t add a text default '7'")
    assert await single.value(changing) == b"7"


async def test_a_question_that_is_cancelled_stops_and_its_connection_is_not_used_again(single: Database) -> None:
    sql = "select 'slowly'::bpchar from pg_sleep($1)"
    for _ in range(2):
        assert await single.value(sql, 0) == b"slowly"
    before = await single.value(PID)
    task = asyncio.create_task(single.value(sql, 30))
    await asyncio.sleep(0.1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await single.value(PID) != before
    running = "select count(*) from pg_stat_activity where pid = $1"

    async def gone() -> bool:
        return await single.value(running, before) == 0

    await until(gone)


async def test_a_question_that_is_cancelled_while_it_waits_is_not_asked(single: Database) -> None:
    await single.script("create table t (a text)")
    sql = "insert into t values ($1) returning a::bpchar"
    assert await single.value(sql, "first") == b"first"
    async with single.transaction():
        waiting = [asyncio.create_task(single.value(sql, text)) for text in ("second", "third")]
        await asyncio.sleep(0.01)
        waiting[0].cancel()
    assert await waiting[1] == b"third"
    assert [row["a"] for row in await single.rows("select a from t")] == ["first", "third"]


async def test_who_gives_up_opening_a_connection_makes_room_for_who_waits(database_dsn: str) -> None:
    db = await Database.connect(database_dsn, size=1)
    opening, waiting = asyncio.create_task(db.value("select 1")), asyncio.create_task(db.value("select 2"))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    opening.cancel()
    async with asyncio.timeout(10):
        assert await waiting == 2
    assert opening.cancelled()
    await db.close()


async def test_a_value_that_nobody_expects_costs_no_connection(single: Database) -> None:

    for sql, good, bad in (
        ("select $1::numeric::text::bpchar", Decimal(1), 10**5000),
        ("select $1::timestamptz::text::bpchar", datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 1)),  # noqa: DTZ001
    ):
        for _ in range(2):
            await single.value(sql, good)
        for _ in range(3):
            found = await asyncio.gather(
                single.value(sql, good), single.value(sql, bad), single.value(sql, good), return_exceptions=True
            )
            assert found[0] == found[2]
    assert (single.usage.in_use, single.usage.idle) == (0, 1)


async def test_those_who_give_up_keep_no_more_sessions_than_there_may_be(database_dsn: str) -> None:
    db = await Database.connect(database_dsn, size=4)
    sql = "select 'slowly'::bpchar from pg_sleep($1)"
    await asyncio.gather(*(db.value(sql, 0.05) for _ in range(4)))
    other = await asyncpg.connect(database_dsn)
    most = 0
    for _ in range(3):
        tasks = [asyncio.create_task(db.value(sql, 30)) for _ in range(4)]
        await asyncio.sleep(0.05)
        for task in tasks:
            task.cancel()
        after = asyncio.gather(*(db.value(sql, 0) for _ in range(4)))
        while not after.done():
            most = max(most, await other.fetchval(SESSIONS))
        assert await after == [b"slowly"] * 4
    await other.close()
    await db.close()
    assert most <= 2 * 4 + 2  # those that are ending are still there for a moment, and two that stop others


async def test_each_of_many_gets_its_own_answer(database: Database) -> None:
    dice = random.Random(5)

    async def ask(number: int) -> None:
        for _ in range(20):
            count = dice.choice((0, 1, 7, 900, 70_000))
            kind = dice.randrange(4)
            if kind == 0:
                assert await database.value("select repeat($1, $2)::bpchar", chr(65 + number), count) == (
                    chr(65 + number).encode() * count
                )
            elif kind == 1:
                assert await database.value("select $1::int + 1", number) == number + 1
            elif kind == 2:
                async with database.transaction() as connection:
                    assert await connection.value(TEXT, str(number)) == str(number).encode()
            else:
                with pytest.raises(asyncpg.InvalidTextRepresentationError):
                    await database.value("select ($1::text)::int::text::bpchar", f"x{number}")

    await asyncio.gather(*(ask(number) for number in range(30)))


async def test_what_waits_goes_out_before_the_answer_before_it_is_looked_at(single: Database) -> None:
    """PostgreSQL is not kept waiting by what is done with an answer."""
    await single.script("create table t (a text)")
    sql = "insert into t values ($1) returning a::bpchar"
    await single.value(sql, "0")
    seen: list[bool] = []

    async def first() -> None:
        await single.value(sql, "1")
        seen.append(second.done())
        assert single.usage.in_use == 1  # it is at work for the second

    task = asyncio.create_task(first())
    second = asyncio.create_task(single.value(sql, "2"))
    await asyncio.gather(task, second)
    assert seen == [False]


async def test_the_driver_is_as_the_short_way_expects_it(connection: Connection) -> None:
    """When this fails after an upgrade: wire.py stands on what it finds inside of the driver."""
    raw = connection.raw
    assert isinstance(raw._protocol, asyncio.Protocol)
    assert raw._transport.get_protocol() is not raw._protocol
    assert list(inspect.signature(raw._cancel).parameters)[:1] == ["waiter"]
    error = asyncpg.PostgresError.new({"S": "ERROR", "C": "23505", "M": "taken", "n": "name_key"})
    assert type(error) is asyncpg.UniqueViolationError
    assert error.constraint_name == "name_key"


# -- TLS --------------------------------------------------------------------------------------------------------------


def _certificate(folder: Path) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=1))
    signed = builder.not_valid_after(now + timedelta(days=1)).sign(key, hashes.SHA256())
    file = folder / "server.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    file.write_bytes(private + signed.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    return context


@asynccontextmanager
async def _tls_in_front_of(dsn: str, context: ssl.SSLContext) -> AsyncIterator[str]:
    """The address of a proxy that answers PostgreSQL's request for TLS; behind it goes what was encrypted, as it is."""
    parts = urlsplit(dsn)
    folder = parse_qs(parts.query).get("host", [""])[0]
    port = parse_qs(parts.query).get("port", [str(parts.port)])[0]

    async def pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
        while data := await source.read(7_000):
            sink.write(data)
            await sink.drain()
        sink.close()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(8)
        writer.write(b"S")
        await writer.drain()
        await writer.start_tls(context)
        if folder:
            behind = await asyncio.open_unix_connection(f"{folder}/.s.PGSQL.{port}")
        else:
            behind = await asyncio.open_connection(parts.hostname, parts.port)
        await asyncio.gather(pump(reader, behind[1]), pump(behind[0], writer), return_exceptions=True)

    server = await asyncio.start_server(serve, "127.0.0.1")
    async with server:
        host, listening = server.sockets[0].getsockname()[:2]
        login = f"{quote(parts.username or '')}:{parts.password or ''}"
        yield f"postgresql://{login}@{host}:{listening}{parts.path}?sslmode=require"


async def _ask_over_tls(dsn: str, folder: Path) -> None:
    async with _tls_in_front_of(dsn, _certificate(folder)) as address:
        db = await Database.connect(address, size=3)
        for size in (1, 1, 400_000, 3):
            assert await db.value("select repeat('x', $1)::bpchar", size) == b"x" * size
        await asyncio.gather(*(db.value(TEXT, "y" * 1000) for _ in range(50)))
        with pytest.raises(asyncpg.DivisionByZeroError):
            await db.value("select (1 / ($1::int))::text::bpchar", 0)
        assert await db.value("select ssl from pg_stat_ssl where pid = pg_backend_pid()") is False  # behind the proxy
        await db.close()


async def test_the_short_way_leads_through_tls(database_dsn: str, tmp_path: Path) -> None:
    await _ask_over_tls(database_dsn, tmp_path)


def test_it_needs_no_uvloop(database_dsn: str, tmp_path: Path) -> None:
    asyncio.run(_ask_over_tls(database_dsn, tmp_path))
