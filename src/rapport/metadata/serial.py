"""Catalog objects and fields as rows of the metadata tables, and back."""

import sys
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import cast
from uuid import UUID, uuid5

from rapport.metadata.catalog import (
    Catalog,
    CustomIndex,
    Field,
    Object,
    OnDelete,
    Option,
    Relation,
    RelationKind,
    WorkspaceId,
)
from rapport.metadata.fieldtypes.base import Json
from rapport.metadata.fieldtypes.registry import FIELD_TYPES
from rapport.metadata.indexes import Index, indexes
from rapport.metadata.reach import reaching

Row = dict[str, Json]


@dataclass(frozen=True, kw_only=True)
class Rows:
    """The model as rows by id, of `objectMetadata`, `fieldMetadata`, `indexMetadata` and `indexFieldMetadata`."""

    objects: Mapping[str, Row]
    fields: Mapping[str, Row]
    indexes: Mapping[str, Row]
    index_fields: Mapping[str, Row]


NO_ROWS = Rows(objects={}, fields={}, indexes={}, index_fields={})


def rows_of(catalog: Catalog, *, but: Collection[UUID] = ()) -> Rows:
    """``but``: the ids of objects whose rows are not wanted."""
    workspace_id, by_name = catalog.workspace_id, {item.name: item for item in catalog.objects}
    wanted = [(place, item) for place, item in enumerate(catalog.objects) if item.id not in but]
    objects = [_object_row(item, workspace_id, place) for place, item in wanted]
    fields = [
        _field_row(item, owner, workspace_id, place, by_name)
        for _, owner in wanted
        for place, item in enumerate(owner.fields)
    ]
    shown = [(owner, index) for _, owner in wanted for index in indexes(owner) if index.is_shown]
    parts = [
        _index_field_row(owner, index, workspace_id, place)
        for owner, index in shown
        for place in range(len(index.parts))
    ]
    return Rows(
        objects=_by_id(objects),
        fields=_by_id(fields),
        indexes=_by_id(_index_row(owner, index, workspace_id) for owner, index in shown),
        index_fields=_by_id(parts),
    )


def changed_rows(before: Catalog, after: Catalog) -> tuple[Rows, Rows]:
    """The rows of the objects that differ: as they are, and as they are to be. Rows speak of other objects by id."""
    known = {item.id: item for item in before.objects}
    same = {item.id for item in after.objects if known.get(item.id) is item}
    return rows_of(before, but=same), rows_of(after, but=same)


def _by_id(rows: Iterable[Row]) -> Mapping[str, Row]:
    return {str(row["id"]): row for row in rows}


def index_id(owner: Object, index: Index) -> UUID:
    """The same for as long as the index is about the same fields."""
    parts = ",".join(f"{field_id}{sub}" for field_id, sub in index.parts)
    return index.custom_id or uuid5(owner.id, f"{index.kind}:{parts}")


def _index_row(owner: Object, index: Index, workspace_id: WorkspaceId) -> Row:
    return {
        "id": str(index_id(owner, index)),
        "workspaceId": str(workspace_id),
        "objectMetadataId": str(owner.id),
        "name": index.name,
        "isUnique": index.is_unique,
        "isCustom": index.kind == "custom",
        "indexType": index.method,
        "indexWhereClause": index.where,
    }


def _index_field_row(owner: Object, index: Index, workspace_id: WorkspaceId, place: int) -> Row:
    field_id, sub = index.parts[place]
    own_id = index_id(owner, index)
    return {
        "id": str(uuid5(own_id, f"{field_id}{sub}")),
        "workspaceId": str(workspace_id),
        "indexMetadataId": str(own_id),
        "fieldMetadataId": str(field_id),
        "subFieldName": sub,
        "order": place,
    }


def _object_row(item: Object, workspace_id: WorkspaceId, position: int) -> Row:
    return {
        "id": str(item.id),
        "workspaceId": str(workspace_id),
        "nameSingular": item.name,
        "namePlural": item.plural,
        "labelSingular": item.label,
        "labelPlural": item.label_plural,
        "description": item.description,
        "icon": item.icon,
        "shortcut": item.shortcut,
        "isCustom": item.is_custom,
        "isSystem": item.is_system,
        "isActive": item.is_active,
        "isSearchable": item.is_searchable,
        "isAuditLogged": item.is_audit_logged,
        "isUIReadOnly": item.is_read_only,
        "isLabelSyncedWithName": item.is_label_synced,
        "standardOverrides": _overrides(item.overrides),
        "labelIdentifierFieldName": item.label_field,
        "imageIdentifierFieldName": item.image_field,
        "duplicateCriteria": _lists(item.duplicate_criteria),
        "uniqueConstraints": _lists(item.unique_constraints),
        "targetTableName": item.table,
        "position": position,
    }


def _field_row(
    item: Field,
    owner: Object,
    workspace_id: WorkspaceId,
    position: int,
    by_name: Mapping[str, Object],
) -> Row:
    relation = item.relation
    return {
        "id": str(item.id),
        "workspaceId": str(workspace_id),
        "objectMetadataId": str(owner.id),
        "name": item.name,
        "label": item.label,
        "type": item.type.name,
        "description": item.description,
        "icon": item.icon,
        "isNullable": item.is_nullable,
        "isSystem": item.is_system,
        "isUIReadOnly": item.is_read_only,
        "isUnique": item.is_unique,
        "isActive": item.is_active,
        "isCustom": item.is_custom,
        "isLabelSyncedWithName": item.is_label_synced,
        "standardOverrides": _overrides(item.overrides),
        "defaultValue": _plain(item.default),
        "options": [_option_row(option) for option in item.options] or None,
        "settings": cast(Json, dict(item.settings)) or None,
        "relation": None if relation is None else _relation_row(relation, by_name),
        # The members of a morph relation share an id, made from their object and the name of the group.
        "morphId": str(uuid5(owner.id, relation.morph_group)) if relation and relation.morph_group else None,
        "position": position,
    }


def objects_of(rows: Sequence[Mapping[str, Json]]) -> tuple[Object, ...]:
    """The objects, from rows that have those of their `fields` and of their own `indexes` in them."""
    names: dict[Json, tuple[str, str]] = {}
    for row in rows:
        for field in _dicts(row["fields"]):
            names[field["id"]] = (_text(row["nameSingular"]), _text(field["name"]))
    return reaching([_object_of(row, names) for row in rows])


def _dicts(value: Json) -> Iterator[dict[str, Json]]:
    assert isinstance(value, list)
    yield from (item for item in value if isinstance(item, dict))


def _object_of(row: Mapping[str, Json], names: Mapping[Json, tuple[str, str]]) -> Object:
    return Object(
        id=UUID(_text(row["id"])),
        name=_text(row["nameSingular"]),
        plural=_text(row["namePlural"]),
        label=_text(row["labelSingular"]),
        label_plural=_text(row["labelPlural"]),
        description=_text_or_none(row["description"]),
        icon=_text_or_none(row["icon"]),
        shortcut=_text_or_none(row["shortcut"]),
        is_custom=row["isCustom"] is True,
        is_system=row["isSystem"] is True,
        is_active=row["isActive"] is True,
        is_searchable=row["isSearchable"] is True,
        is_audit_logged=row["isAuditLogged"] is True,
        label_field=_text_or_none(row["labelIdentifierFieldName"]) or "id",
        image_field=_text_or_none(row["imageIdentifierFieldName"]),
        duplicate_criteria=_groups(row["duplicateCriteria"]),
        unique_constraints=_groups(row["uniqueConstraints"]),
        table=_text(row["targetTableName"]),
        is_read_only=row["isUIReadOnly"] is True,
        is_label_synced=row["isLabelSyncedWithName"] is True,
        overrides=cast("dict[str, Json] | None", row["standardOverrides"]),
        fields=tuple(_field_of(item, names) for item in _dicts(row["fields"])),
        custom_indexes=tuple(
            CustomIndex(
                id=UUID(_text(index["id"])),
                parts=tuple(
                    (UUID(_text(part["fieldMetadataId"])), _text(part["subFieldName"]))
                    for part in _dicts(index["parts"])
                ),
                is_unique=index["isUnique"] is True,
            )
            for index in _dicts(row["indexes"])
        ),
    )


def _field_of(row: Mapping[str, Json], names: Mapping[Json, tuple[str, str]]) -> Field:
    options = row["options"]
    return Field(
        id=UUID(_text(row["id"])),
        name=_text(row["name"]),
        type=FIELD_TYPES[_text(row["type"])],
        label=_text(row["label"]),
        description=_text_or_none(row["description"]),
        icon=_text_or_none(row["icon"]),
        is_nullable=row["isNullable"] is True,
        is_system=row["isSystem"] is True,
        is_unique=row["isUnique"] is True,
        is_read_only=row["isUIReadOnly"] is True,
        is_active=row["isActive"] is True,
        is_custom=row["isCustom"] is True,
        is_label_synced=row["isLabelSyncedWithName"] is True,
        overrides=cast("dict[str, Json] | None", row["standardOverrides"]),
        default=row["defaultValue"],
        options=tuple(_option(item) for item in options if isinstance(item, dict)) if isinstance(options, list) else (),
        settings=MappingProxyType(cast("dict[str, object]", row["settings"] or {})),
        relation=_relation(row["relation"], names) if isinstance(row["relation"], dict) else None,
    )


def _option_row(option: Option) -> Json:
    return {
        "id": str(option.id),
        "value": option.value,
        "label": option.label,
        "color": option.color,
        "position": option.position,
    }


def _option(row: Mapping[str, Json]) -> Option:
    position = row["position"]
    return Option(
        id=UUID(_text(row["id"])),
        value=_text(row["value"]),
        label=_text(row["label"]),
        color=_text(row["color"]),
        position=position if isinstance(position, int) else 0,
    )


def _relation_row(relation: Relation, by_name: Mapping[str, Object]) -> Json:
    target = by_name[relation.target_object]
    return {
        "kind": relation.kind,
        "targetObjectId": str(target.id),
        "targetFieldId": str(next(item.id for item in target.fields if item.name == relation.target_field)),
        "joinColumn": relation.join_column,
        "onDelete": relation.on_delete,
        "morphGroup": relation.morph_group,
    }


def _relation(row: Mapping[str, Json], names: Mapping[Json, tuple[str, str]]) -> Relation:
    target_object, target_field = names[row["targetFieldId"]]
    return Relation(
        kind=cast(RelationKind, _text(row["kind"])),
        target_object=target_object,
        target_field=target_field,
        join_column=_text(row["joinColumn"]),
        on_delete=cast(OnDelete, _text(row["onDelete"])),
        morph_group=_text_or_none(row.get("morphGroup")),
    )


def _plain(default: object) -> Json:
    return cast(Json, dict(default) if isinstance(default, Mapping) else default)


def _overrides(overrides: Mapping[str, Json] | None) -> Json:
    return dict(overrides) if overrides else None


def _lists(groups: tuple[tuple[str, ...], ...]) -> Json:
    return [list(group) for group in groups] or None


def _groups(value: Json) -> tuple[tuple[str, ...], ...]:
    groups = value if isinstance(value, list) else []
    return tuple(tuple(_text(name) for name in group) for group in groups if isinstance(group, list))


def _text(value: Json) -> str:
    assert isinstance(value, str)
    # Most workspaces share most names and labels: one copy of each is enough.
    return sys.intern(value)


def _text_or_none(value: Json) -> str | None:
    return sys.intern(value) if isinstance(value, str) else None
