"""Statements about tables of `core`: lists of their rows as JSON, and writes of single rows.

Writes reach only what ``visible_rows`` shows the caller, as reads do.
"""

from collections.abc import Iterable

from rapport.engine.plan import ListOf, SliceOf
from rapport.engine.predicates import visible_rows
from rapport.engine.reading import Reader
from rapport.engine.sql import Parameters, Part, Value, concat
from rapport.engine.statement import Statement
from rapport.metadata.catalog import Object
from rapport.metadata.names import qualified, quote

CORE = "core"
ID = Value(sql_type="uuid", path=("@id",))
ROW = Value(sql_type="jsonb", path=("@row",))  # canonical values by column


def write_list(item: ListOf, schema: str) -> Statement:
    """One row, one column: the rows as the bytes of a JSON array. ``schema`` is that of the caller's records."""
    parameters = Parameters()
    return _json_of(Reader(schema, parameters).list_of(item), parameters)


def write_slice(item: SliceOf, schema: str) -> Statement:
    """Likewise, the bytes of a connection."""
    parameters = Parameters()
    return _json_of(Reader(schema, parameters).slice_of(item), parameters)


def _json_of(parts: list[Part], parameters: Parameters) -> Statement:
    return Statement.of(f"select {concat(parts)}::bpchar", parameters)


def write_insert(item: Object, columns: Iterable[str]) -> Statement:
    """Adds the row of ROW; the columns that are not named get their defaults."""
    parameters = Parameters()
    table, names = qualified(CORE, item.table), list(columns)
    into, given = ", ".join(map(quote, names)), ", ".join(f"d.{quote(name)}" for name in names)
    return Statement.of(
        f"insert into {table} ({into}) select {given} "
        f"from jsonb_populate_record(null::{table}, {parameters.add(ROW)}) d",
        parameters,
    )


def write_update(item: Object, columns: Iterable[str]) -> Statement:
    """Changes the columns of the row with ID; its id comes back if there is such a row."""
    parameters = Parameters()
    table = qualified(CORE, item.table)
    changes = [f"{quote(name)} = d.{quote(name)}" for name in columns]
    return Statement.of(
        f"update {table} t set {', '.join([*changes, quote('updatedAt') + ' = now()'])} "
        f"from jsonb_populate_record(null::{table}, {parameters.add(ROW)}) d "
        f"where {_is_theirs(item, parameters)} returning t.id::text",
        parameters,
    )


def write_delete(item: Object, *, softly: bool) -> Statement:
    """Deletes the row with ID; its id comes back if there is such a row."""
    parameters = Parameters()
    table = qualified(CORE, item.table)
    verb = f'update {table} t set "deletedAt" = now(), "updatedAt" = now()' if softly else f"delete from {table} t"
    return Statement.of(f"{verb} where {_is_theirs(item, parameters)} returning t.id::text", parameters)


def write_presence(item: Object) -> Statement:
    """One row if the caller has the row with ID."""
    parameters = Parameters()
    return Statement.of(
        f"select 1 from {visible_rows(item, CORE, parameters)} v "
        f'where v.id = {parameters.add(ID)} and v."deletedAt" is null',
        parameters,
    )


def _is_theirs(item: Object, parameters: Parameters) -> str:
    return (
        f"t.id = {parameters.add(ID)} and exists (select 1 from {visible_rows(item, CORE, parameters)} v "
        f'where v.id = t.id and v."deletedAt" is null)'
    )
