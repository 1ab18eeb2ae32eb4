"""Finding records that must not be there twice, where no index forbids it."""

from rapport.engine.plan import Predicate
from rapport.engine.predicates import PredicateWriter
from rapport.engine.sql import Parameters, Value, all_of
from rapport.metadata.catalog import Object
from rapport.metadata.names import qualified, quote


def write_twins(
    schema: str,
    item: Object,
    groups: tuple[tuple[str, ...], ...],
    among: Predicate,
    parameters: Parameters,
    *,
    ids: Value | None = None,
) -> str:
    """The ids (uuid[], null for none) of the live records, of those for which ``among`` holds, that share the values of
    a group of columns with another one. With ``ids`` of these records only; else only those that are not the oldest.
    """
    table = qualified(schema, item.table)
    same = " or ".join(f"({all_of(f't.{quote(name)} = l.{quote(name)}' for name in group)})" for group in groups)
    conditions = ['t."deletedAt" is null', 'l."deletedAt" is null', f"({same})"]
    conditions += [PredicateWriter(schema, parameters).write(among, alias) for alias in ("t", "l")]
    conditions.append("l.id < t.id" if ids is None else f"t.id = any({parameters.add(ids)}) and l.id <> t.id")
    return f"select array_agg(distinct t.id) from {table} t cross join {table} l where {all_of(conditions)}"
