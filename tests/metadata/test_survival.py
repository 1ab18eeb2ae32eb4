"""Whatever a field type accepts is written, and read back as the same JSON, and as the same field of CSV."""

import asyncio
import csv
import io
import json
from collections.abc import Iterator, Mapping
from decimal import Decimal
from types import MappingProxyType

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from rapport.base.ids import new_id
from rapport.metadata.catalog import Catalog, Field, Object, WorkspaceId
from rapport.metadata.ddl import create_statements
from rapport.metadata.fieldtypes.base import Column, Json
from rapport.metadata.fieldtypes.registry import FIELD_TYPES
from rapport.metadata.names import qualified, quote
from rapport.store.database import Database
from tests.databases import fresh_name, new_database
from tests.metadata.fields import field
from tests.metadata.values import NUMBERS, VALUES

FIELDS: Mapping[str, tuple[Field, SearchStrategy[Json]]] = MappingProxyType(
    {f"f{name}": (field(name, f"f{name}"), values) for name, values in VALUES.items()}
    | {f"f{name}": (field("NUMBER", f"f{name}", settings={"dataType": name}), v) for name, v in NUMBERS.items()}
)
THING = Object(
    id=new_id(),
    name="thing",
    plural="things",
    label="Thing",
    label_plural="Things",
    table="_thing",
    fields=(field("UUID", "id", is_nullable=False, default="uuid"), *(item for item, _ in FIELDS.values())),
)
CATALOG = Catalog(workspace_id=WorkspaceId(new_id()), schema="survival", version=1, objects=(THING,))
TABLE = qualified("survival", "_thing")


class Arena:
    """A table with a column of every type, in a loop of its own: hypothesis runs plain functions."""

    def __init__(self, runner: asyncio.Runner, database: Database) -> None:
        self._runner = runner
        self._database = database

    def round_trip(self, item: Field, values: Mapping[str, Json]) -> dict[str, Json]:
        """What is read of the columns of a field after writing them as the record verbs do."""
        columns = [column for column in item.columns if column.name in values]
        return self._runner.run(self._round_trip(columns, values))

    async def _round_trip(self, columns: list[Column], values: Mapping[str, Json]) -> dict[str, Json]:
        names = ",".join(quote(column.name) for column in columns)
        types = ",".join(f"{quote(column.name)} {column.leaf.sql_type}" for column in columns)
        texts = ",".join(f"coalesce({column.leaf.json_sql(quote(column.name))},'null')" for column in columns)
        cells = ",".join(f"concat({column.leaf.cell_sql(quote(column.name))})" for column in columns)
        statement = (
            f"with i as (insert into {TABLE} ({names}) select {names} "
            f"from jsonb_to_recordset($1::jsonb) as x({types}) returning *) "
            f"select array[{texts}], array[{cells}] from i"
        )
        row = await self._database.row(statement, orjson.dumps([values]).decode())
        assert row is not None
        assert [of_cell(cell) for cell in row[1]] == [as_cell(text) for text in row[0]]
        return {column.name: parsed(text) for column, text in zip(columns, row[0], strict=True)}


def of_cell(text: str) -> str | None:
    """What a field of CSV holds; None for nothing at all."""
    if not text:
        return None
    ((found, after),) = csv.reader(io.StringIO(text + ",\r\n", newline=""), strict=True)
    assert after == ""
    return found


def as_cell(text: str) -> str | None:
    """What CSV should have for a value, from its JSON: texts as they are, lists and objects as JSON."""
    value = parsed(text)
    return value if isinstance(value, str | None) else text


def parsed(text: str) -> Json:
    """Strict JSON with exact numbers."""
    value: Json = json.loads(text, parse_float=Decimal, parse_constant=pytest.fail)
    return value


def same(read: object, written: object) -> bool:
    """Whether JSON from the database is the value that was written: numbers by value, all else exactly."""
    if isinstance(written, dict) and isinstance(read, dict):
        return written.keys() == read.keys() and all(same(read[key], written[key]) for key in written)
    if isinstance(written, list) and isinstance(read, list):
        return len(written) == len(read) and all(map(same, read, written))
    if isinstance(read, (int, Decimal)) and not isinstance(read, bool) and not isinstance(written, bool):
        return float(read) == written if isinstance(written, float) else read == Decimal(str(written))
    return type(read) is type(written) and read == written


@pytest.fixture(scope="module")
def arena(server_dsn: str) -> Iterator[Arena]:
    with asyncio.Runner() as runner:
        making = new_database(server_dsn, fresh_name())
        dsn = runner.run(making.__aenter__())
        database = runner.run(Database.connect(dsn, size=1))
        runner.run(database.script(";\n".join(create_statements(CATALOG))))
        yield Arena(runner, database)
        runner.run(database.close())
        runner.run(making.__aexit__(None, None, None))


def test_every_writable_type_is_tried() -> None:
    not_tried = {"TS_VECTOR", "RELATION", "MORPH_RELATION"}
    assert set(VALUES) == set(FIELD_TYPES) - not_tried


@pytest.mark.parametrize("name", FIELDS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_accepted_values_survive(arena: Arena, name: str, data: st.DataObject) -> None:
    item, values = FIELDS[name]
    written = item.type.write(item, data.draw(st.none() | values))
    if written:
        read = arena.round_trip(item, written)
        assert same(read, dict(written)), (read, written)


@pytest.mark.parametrize("name", FIELDS)
@settings(max_examples=100, deadline=None)
@given(data=st.data())
def test_canonical_values_are_accepted_again_unchanged(name: str, data: st.DataObject) -> None:
    item, values = FIELDS[name]
    for column in item.columns:
        value = item.type.write(item, data.draw(values)).get(column.name)
        if value is not None and item.type.name != "FILES":
            assert column.leaf.coerce(value, "x") == value
