"""The rows of the metadata by themselves: whether they are a model at all, and whether they are all of it."""

from collections.abc import Iterable, Iterator, Mapping
from typing import cast, get_args
from uuid import UUID

import orjson

from rapport.metadata.catalog import Catalog, OnDelete, RelationKind, WorkspaceId
from rapport.metadata.doctor.difference import Difference, RowChange, RowTable
from rapport.metadata.fieldtypes.base import Json
from rapport.metadata.fieldtypes.defaults import plain_default
from rapport.metadata.fieldtypes.registry import FIELD_TYPES
from rapport.metadata.serial import Row, Rows, objects_of, rows_of
from rapport.metadata.standard.spec import BASE_FIELDS
from rapport.metadata.store import WorkspaceNotFound
from rapport.store.database import Connection
from rapport.store.queries import load

_SQL = load("rapport.metadata")
_TABLES: Mapping[RowTable, str] = {
    "objects": "objectMetadata",
    "fields": "fieldMetadata",
    "indexes": "indexMetadata",
    "index_fields": "indexFieldMetadata",
}
_TIMES = frozenset({"createdAt", "updatedAt"})
_INVERSE = {"MANY_TO_ONE": "ONE_TO_MANY", "ONE_TO_MANY": "MANY_TO_ONE"}


async def read_rows(connection: Connection, workspace_id: UUID) -> tuple[str, Rows]:
    """The schema of a workspace and the rows of its model as they are; raises WorkspaceNotFound."""
    row = await connection.row(_SQL["model_rows"], workspace_id)
    if row is None:
        raise WorkspaceNotFound
    found: dict[str, list[Row] | None] = orjson.loads(row["rows"])
    return row["schema"], Rows(**{table: _by_id(rows or []) for table, rows in found.items()})


def _by_id(rows: Iterable[Row]) -> Mapping[str, Row]:
    return {str(row["id"]): {key: value for key, value in row.items() if key not in _TIMES} for row in rows}


def model_of(workspace_id: UUID, schema: str, rows: Rows) -> Catalog:
    """The model that the rows are, as ``load_catalog`` reads it."""
    fields: dict[Json, list[Json]] = {}
    for row in sorted(rows.fields.values(), key=_place):
        fields.setdefault(row["objectMetadataId"], []).append(row)
    parts: dict[Json, list[Json]] = {}
    for row in sorted(rows.index_fields.values(), key=lambda row: cast(int, row["order"])):
        parts.setdefault(row["indexMetadataId"], []).append(row)
    indexes: dict[Json, list[Json]] = {}
    for row in sorted(rows.indexes.values(), key=lambda row: str(row["id"])):
        if row["isCustom"] is True:
            indexes.setdefault(row["objectMetadataId"], []).append({**row, "parts": parts.get(row["id"], [])})
    objects = [
        {**row, "fields": fields.get(row["id"], []), "indexes": indexes.get(row["id"], [])}
        for row in sorted(rows.objects.values(), key=_place)
    ]
    return Catalog(workspace_id=WorkspaceId(workspace_id), schema=schema, version=0, objects=objects_of(objects))


def _place(row: Row) -> tuple[int, str]:
    return cast(int, row["position"]), str(row["id"])


def faults(rows: Rows) -> Iterator[Difference]:
    """What keeps the rows from being a model. Nothing more can be said of a workspace that has any."""
    yield from _Faults(rows).all()


def differing_rows(rows: Rows, catalog: Catalog) -> Iterator[Difference]:
    """Where the rows are not those that the model made of them would be written as."""
    wanted = rows_of(catalog)
    named = _Names(rows, wanted)
    for table in _TABLES:
        now: Mapping[str, Row] = getattr(rows, table)
        then: Mapping[str, Row] = getattr(wanted, table)
        for row_id, row in then.items():
            found = now.get(row_id)
            change = RowChange(table=table, before=found, after=row)
            what = named.what(table, row)
            if found is None:
                yield Difference(what=what, problem="is missing", row=change, is_safe=True)
                continue
            for column, value in row.items():
                if column != "position" and found.get(column) != value:
                    problem = f"has {column} {_shown(found.get(column))}, should have {_shown(value)}"
                    yield Difference(what=what, problem=problem, row=change, is_safe=True)
        for row_id, row in now.items():
            if row_id not in then:
                change = RowChange(table=table, before=row, after=None)
                yield Difference(
                    what=named.what(table, row),
                    problem="is not of the model",
                    row=change,
                    is_safe=table.startswith("index"),
                )


def row_mending(change: RowChange) -> str:
    """What a change of a row does, in words."""
    verb = "delete" if change.after is None else "write" if change.before is None else "write again"
    return f'{verb} core."{_TABLES[change.table]}" {change.id}'


class _Faults:
    def __init__(self, rows: Rows) -> None:
        self.rows = rows
        self._fields: dict[Json, dict[Json, Row]] = {}
        for row in rows.fields.values():
            self._fields.setdefault(row["objectMetadataId"], {})[row["name"]] = row

    def all(self) -> Iterator[Difference]:
        tables: set[Json] = set()
        for row in self.rows.objects.values():
            name = row["nameSingular"]
            if row["targetTableName"] in tables or not row["targetTableName"]:
                yield _fault(f'object "{name}"', f"has the table of another object: {_shown(row['targetTableName'])}")
            tables.add(row["targetTableName"])
            yield from self._of_object(row)
        for row in self.rows.fields.values():
            yield from self._of_field(row)
        with_parts = {part["indexMetadataId"] for part in self.rows.index_fields.values()}
        for row in self.rows.indexes.values():
            if row["isCustom"] is True and row["id"] not in with_parts:
                change = RowChange(table="indexes", before=row, after=None)
                yield Difference(what=f'index "{row["name"]}"', problem="is over no field", row=change, is_safe=True)
        for row in self.rows.index_fields.values():
            yield from self._of_part(row)

    def _of_object(self, row: Row) -> Iterator[Difference]:
        what, fields = f'object "{row["nameSingular"]}"', self._fields.get(row["id"], {})
        for base in BASE_FIELDS:
            if base.name not in fields:
                yield _fault(what, f"lacks the field {base.name}")
        for key in ("labelIdentifierFieldName", "imageIdentifierFieldName"):
            name = row[key]
            if name is not None and (name not in fields or fields[name]["isActive"] is not True):
                yield _fault(what, f"has the {key} {_shown(name)}, which is no field of it", stops=False)

    def _of_field(self, row: Row) -> Iterator[Difference]:
        owner = self.rows.objects.get(str(row["objectMetadataId"]))
        what = f'field "{owner["nameSingular"] if owner else row["objectMetadataId"]}.{row["name"]}"'
        field_type = FIELD_TYPES.get(str(row["type"]))
        if field_type is None:
            yield _fault(what, f"is of a type that there is not: {_shown(row['type'])}")
            return
        relation = row["relation"]
        if not field_type.is_relation:
            if relation is not None:
                yield _fault(what, f"is of type {field_type.name}, but has a relation")
            if field_type.has_options:
                yield from _default_faults(what, row)
        elif not isinstance(relation, dict):
            yield _fault(what, "is a relation without another side")
        else:
            yield from self._of_relation(what, row, relation)

    def _of_relation(self, what: str, row: Row, relation: Mapping[str, Json]) -> Iterator[Difference]:
        kind = relation.get("kind")
        if kind not in get_args(RelationKind) or relation.get("onDelete") not in get_args(OnDelete):
            yield _fault(what, f"is a relation of a kind that there is not: {_shown(dict(relation))}")
            return
        other = self.rows.fields.get(str(relation.get("targetFieldId")))
        if other is None or other["objectMetadataId"] != relation.get("targetObjectId"):
            yield _fault(what, "is a relation to a field that there is not")
            return
        back = other["relation"]
        if (
            not isinstance(back, dict)
            or (back.get("targetFieldId"), back.get("targetObjectId")) != (row["id"], row["objectMetadataId"])
            or back.get("kind") != _INVERSE[str(kind)]
        ):
            yield _fault(what, f'is a relation to the field "{other["name"]}", which is not its other side')
        elif back.get("joinColumn") != relation.get("joinColumn") or not relation.get("joinColumn"):
            one, two = _shown(relation.get("joinColumn")), _shown(back.get("joinColumn"))
            yield _fault(what, f"has the join column {one}, and its other side {two}")

    def _of_part(self, row: Row) -> Iterator[Difference]:
        index = self.rows.indexes.get(str(row["indexMetadataId"]))
        field = self.rows.fields.get(str(row["fieldMetadataId"]))
        if index is None or field is None or index["isCustom"] is not True:
            return  # those of the model are written anew
        if field["objectMetadataId"] != index["objectMetadataId"]:
            yield _fault(f'index "{index["name"]}"', f'is over the field "{field["name"]}" of another object')


def _default_faults(what: str, row: Row) -> Iterator[Difference]:
    """No record could be made with a default that is not an option."""
    options = row["options"] if isinstance(row["options"], list) else []
    values = {option.get("value") for option in options if isinstance(option, dict)}
    default = plain_default(row["defaultValue"])
    for value in default if isinstance(default, list) else [default]:
        if value is not None and value not in values:
            yield _fault(what, f"has the default {_shown(value)}, which is none of its options")


class _Names:
    """What rows are called in messages."""

    def __init__(self, *rows: Rows) -> None:
        self._objects = {key: str(row["nameSingular"]) for each in rows for key, row in each.objects.items()}
        self._indexes = {key: str(row["name"]) for each in rows for key, row in each.indexes.items()}
        self._fields = {key: str(row["name"]) for each in rows for key, row in each.fields.items()}

    def what(self, table: RowTable, row: Row) -> str:
        owner = self._objects.get(str(row.get("objectMetadataId")), "?")
        match table:
            case "objects":
                return f'the metadata of the object "{row["nameSingular"]}"'
            case "fields":
                return f'the metadata of the field "{owner}.{row["name"]}"'
            case "indexes":
                return f'the metadata of the index "{row["name"]}"'
            case _:
                index = self._indexes.get(str(row["indexMetadataId"]), "?")
                field = self._fields.get(str(row["fieldMetadataId"]), "?")
                return f'the metadata of the part "{field}" of the index "{index}"'


def _fault(what: str, problem: str, *, stops: bool = True) -> Difference:
    return Difference(what=what, problem=problem, stops=stops)


def _shown(value: Json) -> str:
    text = orjson.dumps(cast(object, value)).decode()
    return text if len(text) <= 80 else f"{text[:80]}…"
