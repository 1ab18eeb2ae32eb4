"""What the tables of a schema are, as PostgreSQL tells it: in a form that two schemas can be compared by."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from rapport.store.database import Connection
from rapport.store.queries import load

_SQL = load("rapport.metadata")


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column. ``expression`` is its default, or what it is computed from."""

    type: str
    is_required: bool
    is_generated: bool = False
    identity: str = ""  # a: always, d: by default
    expression: str | None = None


@dataclass(frozen=True, kw_only=True)
class Constraint:
    """A constraint. ``kind`` is PostgreSQL's letter: p, f, c …"""

    kind: str
    definition: str
    is_validated: bool = True


@dataclass(frozen=True, kw_only=True)
class Index:
    """An index. ``definition`` is `USING btree (…)` and what follows."""

    definition: str
    is_unique: bool
    is_valid: bool = True


@dataclass(frozen=True, kw_only=True)
class Table:
    """A table, or something else that has its name: ``kind`` is PostgreSQL's letter, r for a table."""

    kind: str = "r"
    is_unlogged: bool = False
    columns: Mapping[str, Column] = field(default_factory=dict)
    constraints: Mapping[str, Constraint] = field(default_factory=dict)
    indexes: Mapping[str, Index] = field(default_factory=dict)
    followers: tuple[str, ...] = ()  # triggers and rules: `trigger "audit"`


@dataclass(frozen=True, kw_only=True)
class Tables:
    """All that is in a schema. ``functions``: their definitions by name."""

    exists: bool = True
    tables: Mapping[str, Table] = field(default_factory=dict)
    functions: Mapping[str, str] = field(default_factory=dict)


async def read_tables(connection: Connection, schema: str) -> Tables:
    if await connection.value(_SQL["schema_exists"], schema) is not True:
        return Tables(exists=False)
    ids = await connection.value(_SQL["table_ids"], schema)
    columns: dict[str, dict[str, Column]] = {}
    for row in await connection.rows(_SQL["actual_columns"], ids, schema):
        columns.setdefault(row["table"], {})[row["name"]] = Column(
            type=row["type"],
            is_required=row["required"],
            is_generated=row["generated"],
            identity=row["identity"],
            expression=row["expression"],
        )
    constraints: dict[str, dict[str, Constraint]] = {}
    for row in await connection.rows(_SQL["actual_constraints"], ids):
        constraints.setdefault(row["table"], {})[row["name"]] = Constraint(
            kind=row["kind"], definition=row["definition"], is_validated=row["validated"]
        )
    indexes: dict[str, dict[str, Index]] = {}
    for row in await connection.rows(_SQL["actual_indexes"], ids):
        indexes.setdefault(row["table"], {})[row["name"]] = Index(
            definition=row["definition"], is_unique=row["unique"], is_valid=row["valid"]
        )
    tables = {
        row["name"]: Table(
            kind=row["kind"],
            is_unlogged=row["unlogged"],
            columns=columns.get(row["name"], {}),
            constraints=constraints.get(row["name"], {}),
            indexes=indexes.get(row["name"], {}),
            followers=tuple(row["followers"]),
        )
        for row in await connection.rows(_SQL["actual_tables"], ids)
    }
    functions = {row["name"]: row["definition"] for row in await connection.rows(_SQL["actual_functions"], schema)}
    return Tables(tables=tables, functions=functions)
