"""The reads of a merge as SQL: the records that are merged, and the preview of what they would become."""

from collections.abc import Sequence

from rapport.engine.plan import Item
from rapport.engine.reading import Reader, Source
from rapport.engine.sql import Parameters, Value, concat
from rapport.metadata.catalog import Object
from rapport.metadata.fieldtypes.base import Column
from rapport.metadata.names import quote


def write_records(schema: str, item: Object, parameters: Parameters, ids: Value, *, lock: bool) -> str:
    """The live records with these ids: a row for each, of canonical values as a JSON object (text)."""
    columns = ", ".join(_canonical(column) for column in item.columns if not column.generated_sql)
    rows = (
        f"select {columns} from {Reader(schema, parameters).table(item)} t "
        f'where t.id = any({parameters.add(ids)}) and t."deletedAt" is null order by t.id'
    )
    return f"select to_jsonb(r.*)::text from ({rows}{' for update' if lock else ''}) r"


def _canonical(column: Column) -> str:
    """Exact decimals are written as texts: no reader of JSON would keep their digits."""
    reference = f"t.{quote(column.name)}"
    return f"{reference}::text as {quote(column.name)}" if column.leaf.sql_type == "numeric" else reference


def write_linked(schema: str, item: Object, joins: Sequence[Column], parameters: Parameters, ids: Value) -> str:
    """The ids (uuid[], null for none) of the object's records that there are for the caller and that point to any of
    these by one of the columns.
    """
    wanted = parameters.add(ids)
    points = " or ".join(f"t.{quote(join.name)} = any({wanted})" for join in joins)
    return f"select array_agg(t.id order by t.id) from {Reader(schema, parameters).table(item)} t where {points}"


class _Preview(Source):
    """The row of a record that is not there; what points to it are the links to the records it would be made of."""

    def __init__(self, alias: str, parameters: Parameters, ids: Value) -> None:
        super().__init__(alias)
        self._parameters = parameters
        self._ids = ids

    def links(self) -> str:
        return f"any({self._parameters.add(self._ids)})"


def write_preview(
    schema: str,
    item: Object,
    items: tuple[Item, ...],
    changed: Sequence[Column],
    parameters: Parameters,
    *,
    survivor: Value,
    ids: Value,
    data: Value,
    fresh_id: Value,
) -> str:
    """The answer for a record that is like the survivor but for the ``changed`` columns, which ``data`` has."""
    reader = Reader(schema, parameters)
    source = _Preview(reader.alias(), parameters, ids)
    value = concat(reader.record(items, source))
    given = {column.name for column in changed}
    columns = [f"{_previewed(name, given, parameters, fresh_id)} as {quote(name)}" for name in source.used]
    rows = f"select {', '.join(columns) or '1'} from {reader.table(item)} t"
    if changed:
        fields = ", ".join(f"{quote(column.name)} {column.leaf.sql_type}" for column in changed)
        rows += f" cross join jsonb_to_recordset({parameters.add(data)}) as x({fields})"
    return f"select {value}::bpchar from ({rows} where t.id = {parameters.add(survivor)}) {source.alias}"


def _previewed(name: str, given: set[str], parameters: Parameters, fresh_id: Value) -> str:
    if name == "id":
        return parameters.add(fresh_id)
    if name == "deletedAt":
        return "now()::timestamptz(3)"
    return f"{'x' if name in given else 't'}.{quote(name)}"
