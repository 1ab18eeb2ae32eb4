"""What becomes of the fields when one record takes the place of several (core-api.md §7.8)."""

from collections.abc import Iterator, Mapping, Sequence

from rapport.metadata.catalog import Field, Object
from rapport.metadata.fieldtypes.base import Column, Json

Record = Mapping[str, Json]  # canonical values by column

# What is a record's own, and no other record can give it.
_OWN = frozenset({"id", "createdAt", "updatedAt", "deletedAt", "createdBy", "updatedBy", "position"})


def merged(item: Object, records: Sequence[Record], priority: int) -> dict[str, Json]:
    """The columns of the record at ``priority`` that get other values, with these.

    Of a field that one record alone has a value of, that value is taken. Where several have one the field's type
    unites them; where they exclude each other it is the one of the record at ``priority``, or else of the first that
    has one. A field that the caller may not update keeps the value of the record at ``priority``.
    """
    ids = {record["id"] for record in records}
    linked = [_without_links(item, record, ids - {records[priority]["id"] if at == priority else None})
              for at, record in enumerate(records)]  # fmt: skip
    changed: dict[str, Json] = {}
    for fields in _fields(item):
        if not all(field.may_update for field in fields):
            found: Record = {column.name: linked[priority][column.name] for field in fields for column in field.columns}
        elif len(fields) == 1:
            found = _united(fields[0], linked, priority)
        else:
            found = _chosen(fields, linked, priority)
        changed |= {name: value for name, value in found.items() if value != records[priority][name]}
    return changed


def _without_links(item: Object, record: Record, ids: set[Json]) -> Record:
    """The record without links to those that it is merged with: it would come to point to itself."""
    own_links = [
        field.column.name
        for field in item.fields
        if field.relation and field.is_to_one and field.relation.target_object == item.name
    ]
    return {**record, **{name: None for name in own_links if record[name] in ids}}


def _fields(item: Object) -> Iterator[list[Field]]:
    """The fields that take part; those of a morph group together, for only one of them is to be set."""
    groups: dict[str, list[Field]] = {}
    for field in item.fields:
        if field.name in _OWN or field.is_system or any(column.generated_sql for column in field.columns):
            continue
        group = field.relation.morph_group if field.relation else None
        groups.setdefault(f"group {group}" if group else field.name, []).append(field)
    return (fields for fields in groups.values() if fields[0].columns)


def _united(field: Field, records: Sequence[Record], priority: int) -> Record:
    values = [{column.sub: record[column.name] for column in field.columns} for record in records]
    having = [each for each in values if field.type.has_value(each)]
    preferred = values[priority] if values[priority] in having or not having else having[0]
    found = field.type.merge(having, preferred) if len(having) > 1 else preferred
    return {field.column_of[sub].name: value for sub, value in found.items()}


def _chosen(fields: Sequence[Field], records: Sequence[Record], priority: int) -> Record:
    columns: list[Column] = [field.column for field in fields]
    having = [record for record in (records[priority], *records) if any(record[each.name] for each in columns)]
    chosen = having[0] if having else records[priority]
    return {column.name: chosen[column.name] for column in columns}
