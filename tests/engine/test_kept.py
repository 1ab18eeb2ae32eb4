"""What events have kept of rows is read whatever has become of the fields since."""

import json
from typing import Any

import asyncpg

from rapport.engine import plan
from rapport.engine.kept import _CHECKS
from rapport.engine.links import SIGNER
from rapport.engine.sql import Parameters, Value
from rapport.engine.statement import Statement
from rapport.engine.telling import write_told
from rapport.metadata.catalogs import Catalogs
from rapport.records.showing import own_items
from rapport.store.database import Database
from tests.edge.openapi.models import KINDS, OPTIONS, field_name
from tests.edge.rest.records import ADA, ask, fill
from tests.serving import Client

VALUES = [
    "true", '"true"', "1", "1.5", "-0", "1e400", "1e-400", "2147483648", "9223372036854775808",
    "12345678901234567890123", '"1"', '"abc"', '""', '"2026-02-28"', '"2026-02-29"', '"0000-01-01"', '"99999-12-31"',
    '"2026-13-01"', '"2026-01-01T10:00:00"', '"2026-02-30T10:00:00.123+00:00"', '"2026-01-01T10:00:00.123+00:00"',
    '"2026-01-01T25:00:00+00:00"', '"2026-01-01T10:00:00+99:00"', '"294277-01-01T10:00:00+00:00"', '"infinity"',
    '"0044-03-15 BC"', "[]", '["a",null]', "[1]", '[["a"],["b","c"]]', '[["a"]]', '{"a":1}', '{"a":[1]}',
    '"b0000001-0000-4000-8000-000000000001"', '"b00000010000400080000000000000001"', '"2026-01-01T10:00:00.000000001Z"',
]  # fmt: skip
GENUINE = {  # what rows have, as events keep it
    "boolean": ["true", "false"],
    "integer": ["0", "-2147483647", "2147483647"],
    "bigint": ["0", "9223372036854775807"],
    "double precision": ["0", "-1.5", "1e300", "0.1"],
    "numeric": ["0", "12345678901234567890", "0.5"],
    "uuid": ['"b0000001-0000-4000-8000-000000000001"'],
    "date": ['"2024-02-29"', '"0001-01-01"', '"10000-12-31"'],
    "timestamptz(3)": ['"2026-01-31T10:00:00.123+00:00"', '"2024-02-29T23:59:59+14:00"', '"2026-01-31T10:00:00-03:30"'],
    "text[]": ["[]", '["a"]', '["a",null]'],
}  # fmt: skip


async def test_what_is_found_fit_can_be_read_and_what_rows_have_is_fit(database: Database) -> None:
    for number, (sql_type, check) in enumerate(_CHECKS.items()):
        await database.script(f"create table kept{number} (x {sql_type})")

        async def is_fit(value: str, check: str = check) -> bool:
            return bool(await database.value(f"select ({check}) is true from (select $1::text::jsonb as v) f", value))

        populated = f"select x::text from jsonb_populate_record(null::kept{number}, jsonb_build_object('x', $1::jsonb))"
        for value in [*VALUES, *GENUINE[sql_type]]:
            if await is_fit(value):
                await database.value(populated, value)
        assert [value for value in GENUINE[sql_type] if not await is_fit(value)] == []
        unfit = [value for value in VALUES if not await is_fit(value)]
        assert len(unfit) > len(VALUES) / 2


async def make_field(client: Client, kind: str, name: str, **more: object) -> str:
    objects = (await ask(client, "GET", "/metadata/objects"))["data"]["objects"]
    (person,) = [each for each in objects if each["nameSingular"] == "person"]
    body = {"objectMetadataId": person["id"], "name": name, "label": name, "type": kind, **more}
    made: dict[str, Any] = (await ask(client, "POST", "/metadata/fields", body, 201))["data"]["createOneField"]
    return str(made["id"])


async def told(client: Client, state: str) -> list[dict[str, Any]]:
    """What all events tell of people."""
    catalog = await Catalogs().of(client.database, client.tenant.workspace_id)
    item, parameters = catalog.by_name["person"], Parameters()
    seqs = Value(sql_type="bigint[]", path=("@seqs",))
    asked: dict[str, Any] = {"schema": catalog.schema, "object": item, "seqs": seqs, "state": state}
    items = tuple(own_items(item, numbers_are_texts=True))
    statement = Statement.of(write_told(plan.Told(**asked, items=items), parameters), parameters)
    bound = statement.bind({"@seqs": list(range(1, 100)), SIGNER: None})
    return [json.loads(row["record"]) for row in await client.database.rows(statement.sql, *bound)]


async def test_a_field_may_have_come_back_with_another_type(client: Client) -> None:
    await fill(client)
    first = await make_field(client, "TEXT", "shoes")
    await ask(client, "PATCH", f"/people/{ADA}", {"shoes": "brown"})
    assert [each["shoes"] for each in await told(client, "after")] == [None, None, None, "brown"]
    await ask(client, "DELETE", f"/metadata/fields/{first}")
    await make_field(client, "NUMBER", "shoes")
    await ask(client, "PATCH", f"/people/{ADA}", {"shoes": 42})

    assert [each["shoes"] for each in await told(client, "after")] == [None, None, None, None, 42]
    assert [each["shoes"] for each in await told(client, "before")] == [None, None]


async def test_fields_that_came_later_are_told_as_far_as_there_is_something(client: Client) -> None:
    await fill(client)
    for kind in sorted(set(KINDS) - {"SELECT", "MULTI_SELECT", "RATING"}):
        await make_field(client, kind, field_name(kind), isNullable=False)
    await make_field(client, "SELECT", "size", isNullable=False, options=OPTIONS, defaultValue="'A'")
    shown = (await ask(client, "GET", f"/people/{ADA}?depth=0"))["data"]["person"]

    (ada, *_) = await told(client, "after")
    assert list(ada) == list(shown)
    assert ada["size"] == shown["size"] == "A"
    assert {name for name in shown if name in ("city", "position", "companyId") and shown[name] != ada[name]} == set()
    with_values = {name for name in shown if name.startswith("some") and ada[name] is not None}
    assert "someNumber" not in with_values or ada["someNumber"] == shown["someNumber"]
    assert isinstance(asyncpg.PostgresError, type)
