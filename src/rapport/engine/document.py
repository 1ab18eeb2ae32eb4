"""The reads of a whole document as one statement, whose value is the JSON of the answer."""

from rapport.engine.grouping import write_groups
from rapport.engine.plan import Constant, FindDuplicates, FindMany, FindOne, GroupBy, Read
from rapport.engine.reading import Reader, Source
from rapport.engine.sql import Expression, Literal, Parameters, Part, all_of, concat, json_object


def write_read(plan: Read, parameters: Parameters) -> str:
    """The statement of a query. Columns: the JSON of the answer (bytes), and the indexes of the roots found absent."""
    reader = Reader(plan.schema, parameters, omits_nulls=plan.omits_nulls)
    entries: list[tuple[str, list[Part]]] = []
    singles: list[str] = []
    absent: list[str] = []
    for index, root in enumerate(plan.roots):
        match root:
            case Constant(key=key, value=value):
                entries.append((key, [Literal("null" if value is None else f'"{value}"')]))
            case FindMany(key=key, connection=connection):
                entries.append((key, reader.connection(connection)))
            case GroupBy(key=key):
                entries.append((key, [write_groups(reader, root, parameters)]))
            case FindDuplicates(key=key):
                entries.append((key, reader.duplicates(root)))
            case FindOne(key=key):
                column = f"r{len(singles)}"
                singles.append(f"({_one(reader, root)}) as {column}")
                absent.append(f"case when q.{column} is null then '{index}' end")
                entries.append((key, [Expression(f"coalesce(q.{column}, 'null')")]))
    if plan.is_bare:
        ((_, parts),) = entries
        value = concat(parts)
    else:
        value = concat([Literal('{"data":'), *json_object(entries), Literal("}")])
    if not singles:
        return f"select {value}::bpchar"
    # OFFSET 0 keeps PostgreSQL from pulling the sub-selects up and running each of them twice.
    return f"select {value}::bpchar, concat_ws(',', {', '.join(absent)}) from (select {', '.join(singles)} offset 0) q"


def _one(reader: Reader, root: FindOne) -> str:
    source = Source(reader.alias())
    value = concat(reader.record(root.items, source))
    conditions = all_of(reader.conditions(root, source.alias))
    return (
        f"select {value} from {reader.table(root.object)} {source.alias} "
        f"where {conditions} order by {source.alias}.id limit 1"
    )
