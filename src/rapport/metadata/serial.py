"""Catalog objects and fields as rows of the metadata tables, and back."""

import sys
from collections.abc import Mapping
from types import MappingProxyType
from typing import cast
from uuid import UUID, uuid5

from rapport.metadata.catalog import Field, Object, OnDelete, Option, Relation, RelationKind, WorkspaceId
from rapport.metadata.fieldtypes.base import Json
from rapport.metadata.fieldtypes.registry import FIELD_TYPES

Row = dict[str, Json]


def object_row(item: Object, workspace_id: WorkspaceId, position: int) -> Row:
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
        "labelIdentifierFieldName": item.label_field,
        "imageIdentifierFieldName": item.image_field,
        "duplicateCriteria": _lists(item.duplicate_criteria),
        "uniqueConstraints": _lists(item.unique_constraints),
        "targetTableName": item.table,
        "position": position,
    }


def field_row(item: Field, owner: Object, workspace_id: WorkspaceId, position: int) -> Row:
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
        "defaultValue": _plain(item.default),
        "options": [_option_row(option) for option in item.options] or None,
        "settings": cast(Json, dict(item.settings)) or None,
        "relation": None if relation is None else _relation_row(relation),
        # The members of a morph relation share an id, made from their object and the name of the group.
        "morphId": str(uuid5(owner.id, relation.morph_group)) if relation and relation.morph_group else None,
        "position": position,
    }


def object_of(row: Mapping[str, Json], fields: tuple[Field, ...]) -> Object:
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
        fields=fields,
    )


def field_of(row: Mapping[str, Json]) -> Field:
    options, relation = row["options"], row["relation"]
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
        default=row["defaultValue"],
        options=tuple(_option(item) for item in options if isinstance(item, dict)) if isinstance(options, list) else (),
        settings=MappingProxyType(cast("dict[str, object]", row["settings"] or {})),
        relation=_relation(relation) if isinstance(relation, dict) else None,
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


def _relation_row(relation: Relation) -> Json:
    return {
        "kind": relation.kind,
        "targetObject": relation.target_object,
        "targetField": relation.target_field,
        "joinColumn": relation.join_column,
        "onDelete": relation.on_delete,
        "morphGroup": relation.morph_group,
    }


def _relation(row: Mapping[str, Json]) -> Relation:
    return Relation(
        kind=cast(RelationKind, _text(row["kind"])),
        target_object=_text(row["targetObject"]),
        target_field=_text(row["targetField"]),
        join_column=_text(row["joinColumn"]),
        on_delete=cast(OnDelete, _text(row["onDelete"])),
        morph_group=_text_or_none(row.get("morphGroup")),
    )


def _plain(default: object) -> Json:
    return cast(Json, dict(default) if isinstance(default, Mapping) else default)


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
