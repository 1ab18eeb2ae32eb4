"""Values go the short way to PostgreSQL as they go by the driver: both are asked what arrived."""

import json
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from uuid import UUID

import asyncpg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rapport.store.connection import Connection, Question
from rapport.store.dialing import Dialing
from rapport.store.encoding import Unfit, encoder_of

_TEXT = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]))
_ZONES = st.integers(-720, 720).map(lambda minutes: timezone(timedelta(minutes=minutes)))
VALUES: dict[str, st.SearchStrategy[object]] = {
    "bool": st.booleans(),
    "date": st.dates(),
    "float8": st.floats() | st.integers(-(2**70), 2**70),
    "int2": st.integers(-(2**15), 2**15 - 1),
    "int4": st.integers(-(2**31), 2**31 - 1),
    "int8": st.integers(-(2**63), 2**63 - 1),
    "json": st.recursive(_TEXT | st.integers(), st.lists).map(json.dumps),
    "jsonb": st.dictionaries(_TEXT.filter(lambda key: "\\" not in key), st.integers() | _TEXT).map(
        lambda found: json.dumps(found, ensure_ascii=False)
    ),
    "numeric": st.decimals(allow_nan=False, allow_infinity=False, places=6),
    "text": _TEXT,
    "timestamptz": st.datetimes(timezones=_ZONES).filter(lambda moment: 2 <= moment.year <= 9998),
    "uuid": st.uuids() | st.uuids().map(str),
    "varchar": _TEXT,
}
_LISTS = {
    f"{name}[]": st.lists(st.none() | values)
    for name, values in VALUES.items()
    if name not in ("numeric", "json", "jsonb")
}


@pytest.fixture(scope="module")
async def connection(server_dsn: str) -> AsyncIterator[Connection]:
    raw = await Dialing(dsn=server_dsn).dial()
    yield Connection(raw, max_age=3600)
    await raw.close()


@given(
    case=st.sampled_from([*VALUES, *_LISTS]).flatmap(
        lambda name: st.tuples(st.just(name), st.none() | {**VALUES, **_LISTS}[name])
    )
)
@settings(max_examples=1500, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_each_value_arrives_as_the_driver_sends_it(connection: Connection, case: tuple[str, object]) -> None:
    name, value = case
    sql = f"select coalesce(to_json($1::{name})::text, 'nothing')::bpchar"
    expected = await connection.value(sql, value)
    question = Question(sql, (value,))
    assert connection.ask(question), value
    assert await question.answer == (expected,)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("bool", 1),
        ("date", datetime(2026, 1, 1, tzinfo=UTC)),
        ("float8", "1.5"),
        ("float8", True),
        ("float8", 10**400),
        ("int2", 2**15),
        ("int4", True),
        ("int4", 2**31),
        ("int8", 1.0),
        ("int8", 2**63),
        ("jsonb", {}),
        ("numeric", 1.5),
        pytest.param("numeric", 10**5000, id="a number of 5000 digits"),
        ("numeric", Decimal("NaN")),
        ("numeric", Decimal("1E+200000")),
        ("numeric", Decimal("1E-20000")),
        ("text", 5),
        ("text", "\ud800"),
        ("text[]", "text"),
        ("text[]", ["a", 1]),
        ("timestamptz", datetime(2026, 1, 1)),  # noqa: DTZ001  # that is the point
        ("timestamptz", date(2026, 1, 1)),
        ("uuid", "no uuid"),
        ("uuid", "{00000000-0000-0000-0000-000000000000}"),
        ("uuid", "urn:uuid:00000000-0000-0000-0000-000000000000"),
        ("uuid", "00000000-0000-0000-0000-00000000000١"),  # a digit, but of another script
        ("uuid", UUID),
        ("uuid[]", [None, 5]),
    ],
)
def test_what_is_no_value_of_the_type_is_left_to_the_driver(name: str, value: object) -> None:
    found = encoder_of(name)
    assert found is not None
    with pytest.raises(Unfit):
        found[1](value)


@pytest.mark.parametrize("name", ["numeric[]", "bytea", "money", "_text"])
def test_other_types_are_left_to_the_driver(name: str) -> None:
    assert encoder_of(name) is None


async def test_numbers_too_large_for_their_type_are_the_drivers_error(connection: Connection) -> None:
    sql = "select ($1::int4)::text::bpchar"
    assert await connection.value(sql, 1) == b"1"
    assert not connection.ask(Question(sql, (2**31,)))
    with pytest.raises(asyncpg.DataError, match="out of int32 range"):
        await connection.value(sql, 2**31)
    assert not connection.ask(Question("select ($1::numeric)::text::bpchar", (Decimal(1),)))  # is not prepared
