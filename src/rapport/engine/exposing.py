"""Which of the records that point to others do not exist for the caller, and which of them do all the same."""

from collections.abc import Sequence

from rapport.engine.predicates import row_rule, visible_rows
from rapport.engine.sql import Parameters, Value
from rapport.metadata.catalog import Object
from rapport.metadata.fieldtypes.base import Column
from rapport.metadata.names import qualified, quote


def write_hidden(schema: str, item: Object, joins: Sequence[Column], parameters: Parameters, ids: Value) -> str:
    """The ids (uuid[], null for none) of the records that point to any of these and do not exist for the caller."""
    wanted = parameters.add(ids)
    points = " or ".join(f"t.{quote(join.name)} = any({wanted})" for join in joins)
    rule = row_rule(item, schema, parameters, "t")
    return f"select array_agg(t.id) from {qualified(schema, item.table)} t where ({points}) and ({rule}) is not true"


def write_shown(schema: str, item: Object, parameters: Parameters, ids: Value) -> str:
    """How many of these exist for the caller."""
    rows = visible_rows(item, schema, parameters)
    return f"select count(*) from {rows} t where t.id = any({parameters.add(ids)})"
