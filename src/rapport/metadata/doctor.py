"""Proves that the metadata of a workspace and its tables agree."""

from collections.abc import Iterator
from dataclasses import dataclass

from rapport.metadata.catalog import Catalog
from rapport.metadata.ddl import check_name, foreign_key_name, foreign_keys
from rapport.metadata.fieldtypes.leaves.select import SelectLeaf
from rapport.metadata.indexes import indexes
from rapport.metadata.names import bounded
from rapport.store.database import Connection, Database
from rapport.store.queries import load

_SQL = load("rapport.metadata")

# Tables of a workspace that hold no records.
_OWN_TABLES = frozenset({"event"})
_TYPE = {"timestamptz(3)": "timestamp(3) with time zone"}


@dataclass(frozen=True, kw_only=True)
class Difference:
    """Something that one side has and the other has not, or has otherwise."""

    table: str
    what: str  # `column "name"`, `index "ix_person_companyId"`
    problem: str  # `is missing`, `is not in the metadata`, `is text, should be uuid`

    def __str__(self) -> str:
        return f'table "{self.table}": {self.what} {self.problem}'


@dataclass(frozen=True, kw_only=True)
class _ColumnShape:
    type: str
    required: bool
    generated: bool


async def differences(database: Database | Connection, catalog: Catalog) -> list[Difference]:
    """All differences between the catalog and the tables in its schema; none when they agree."""
    columns: dict[str, dict[str, _ColumnShape]] = {}
    for row in await database.rows(_SQL["actual_columns"], catalog.schema):
        shape = _ColumnShape(type=row["type"], required=row["required"], generated=row["generated"])
        columns.setdefault(row["table"], {})[row["column"]] = shape
    constraints = {
        (row["table"], row["name"]) for row in await database.rows(_SQL["actual_constraints"], catalog.schema)
    }
    index_names = {(row["table"], row["name"]) for row in await database.rows(_SQL["actual_indexes"], catalog.schema)}
    found = list(_column_differences(catalog, columns))
    missing_tables = {item.table for item in catalog.objects if item.table not in columns}
    found += _name_differences("constraint", _expected_constraints(catalog), constraints, missing_tables)
    found += _name_differences("index", _expected_indexes(catalog), index_names, missing_tables)
    return sorted(found, key=lambda item: (item.table, item.what))


def _column_differences(catalog: Catalog, actual: dict[str, dict[str, _ColumnShape]]) -> Iterator[Difference]:
    expected_tables = {item.table for item in catalog.objects}
    for table in actual.keys() - expected_tables - _OWN_TABLES:
        yield Difference(table=table, what="it", problem="is not in the metadata")
    for item in catalog.objects:
        if item.table not in actual:
            yield Difference(table=item.table, what="it", problem="is missing")
            continue
        shapes = dict(actual[item.table])
        for column in item.columns:
            shape, what = shapes.pop(column.name, None), f'column "{column.name}"'
            if shape is None:
                yield Difference(table=item.table, what=what, problem="is missing")
                continue
            type_ = _TYPE.get(column.leaf.sql_type, column.leaf.sql_type)
            if shape.type != type_:
                yield Difference(table=item.table, what=what, problem=f"is {shape.type}, should be {type_}")
            if shape.required != (not column.nullable):
                problem = "must not be empty but may be" if not column.nullable else "may be empty but must not be"
                yield Difference(table=item.table, what=what, problem=problem)
            if shape.generated != (column.generated_sql is not None):
                problem = "is computed but should not be" if shape.generated else "is not computed but should be"
                yield Difference(table=item.table, what=what, problem=problem)
        for name in shapes:
            yield Difference(table=item.table, what=f'column "{name}"', problem="is not in the metadata")


def _expected_constraints(catalog: Catalog) -> Iterator[tuple[str, str]]:
    for item in catalog.objects:
        yield item.table, bounded("pk", item.table)
        for column, _, _ in foreign_keys(catalog, item):
            yield item.table, foreign_key_name(item, column)
        for checked in item.columns:
            if isinstance(checked.leaf, SelectLeaf):
                yield item.table, check_name(item, checked)


def _expected_indexes(catalog: Catalog) -> Iterator[tuple[str, str]]:
    for item in catalog.objects:
        for index in indexes(item):
            yield item.table, index.name


def _name_differences(
    kind: str, expected: Iterator[tuple[str, str]], actual: set[tuple[str, str]], missing_tables: set[str]
) -> Iterator[Difference]:
    """Missing names, and names too many; on tables that are not there, nothing is worth saying twice."""
    wanted = set(expected)
    for table, name in wanted - actual:
        if table not in missing_tables:
            yield Difference(table=table, what=f'{kind} "{name}"', problem="is missing")
    known_tables = {table for table, _ in wanted}
    for table, name in actual - wanted:
        if table in known_tables:
            yield Difference(table=table, what=f'{kind} "{name}"', problem="is not in the metadata")
