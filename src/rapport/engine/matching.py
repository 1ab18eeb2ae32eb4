"""Records found by values that many rows have: to be updated with them, or in their way."""

from collections.abc import Sequence

from rapport.engine.predicates import visible_rows
from rapport.engine.sql import Parameters, Value
from rapport.metadata.catalog import Object
from rapport.metadata.fieldtypes.base import Column
from rapport.metadata.names import qualified, quote


def write_matches(schema: str, item: Object, column: Column, values: Value, parameters: Parameters) -> str:
    """Rows: the place of a value (from 1) and the id (text) of a live record that has it, which is locked."""
    given = parameters.add(values)
    return (
        f"select wanted.place, t.id::text from unnest({given}) with ordinality as wanted(value, place)"
        f" join {visible_rows(item, schema, parameters)} t"
        f' on t.{quote(column.name)} = wanted.value and t."deletedAt" is null{not_empty(column)}'
        " order by t.id for update of t"
    )


def write_holders(
    schema: str, item: Object, wanted: Sequence[tuple[Column, Value]], parameters: Parameters, *, deleted: bool
) -> str:
    """Rows: the place of the values of a unique key (from 1) and the id (text) of the record that has them.

    Also of records that do not exist for the caller; with ``deleted`` also of those that are deleted.
    """
    given = ", ".join(parameters.add(values) for _, values in wanted)
    names = ", ".join(f"c{index}" for index, _ in enumerate(wanted))
    first, *others = [
        f"t.{quote(column.name)} {{}} wanted.c{index}" for index, (column, _) in enumerate(wanted)
    ]  # the index begins with the first, which is never null in it
    same = " and ".join([first.format("="), *(each.format("is not distinct from") for each in others)])
    live = "" if deleted else f' and t."deletedAt" is null{not_empty(wanted[0][0])}'
    return (
        f"select wanted.place, t.id::text from unnest({given}) with ordinality as wanted({names}, place)"
        f" join {qualified(schema, item.table)} t on {same}{live}"
    )


def not_empty(column: Column) -> str:
    """What indexes of unique fields say of their rows, and PostgreSQL has to be told to use them. No value is empty."""
    return f" and t.{quote(column.name)} <> ''" if column.leaf.sql_type == "text" else ""
