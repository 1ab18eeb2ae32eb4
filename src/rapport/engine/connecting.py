"""The look-up of the records that relations are to be connected to."""

from collections.abc import Sequence

from rapport.engine.matching import not_empty
from rapport.engine.predicates import visible_rows
from rapport.engine.sql import Parameters, Value
from rapport.metadata.catalog import Object
from rapport.metadata.fieldtypes.base import Column
from rapport.metadata.names import quote


def write_lookup(schema: str, target: Object, wanted: Sequence[tuple[Column, Value]], parameters: Parameters) -> str:
    """Live records by the values of some columns, each column's values being one array parameter.

    Rows: the place of the values (from 1) and the record's id (text). The records found are kept from being destroyed
    until the transaction ends.
    """
    numbered = list(enumerate(wanted, start=1))
    given = ", ".join(parameters.add(values) for _, values in wanted)
    names = ", ".join(f"c{index}" for index, _ in numbered)
    same = " and ".join(
        f"t.{quote(column.name)} = wanted.c{index}{not_empty(column)}" for index, (column, _) in numbered
    )
    return (
        f"select wanted.place, t.id::text from unnest({given}) with ordinality as wanted({names}, place)"
        f' join {visible_rows(target, schema, parameters)} t on {same} and t."deletedAt" is null'
        " order by t.id for key share of t"
    )
