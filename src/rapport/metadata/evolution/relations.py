"""Relations between two objects, made in one go on both sides (system-api.md §15)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import cast
from uuid import UUID

from rapport.base.ids import new_id
from rapport.metadata.catalog import Catalog, Field, Object, OnDelete, Relation, RelationKind
from rapport.metadata.evolution.editing import find_object, morph_name, with_field
from rapport.metadata.evolution.naming import field_issues, name_of_label, taken_issues, text_issues
from rapport.metadata.evolution.problems import Issue
from rapport.metadata.fieldtypes.base import Json
from rapport.metadata.fieldtypes.registry import FIELD_TYPES

_INVALID = "INVALID_FIELD_INPUT"
RELATION_ICON = "IconRelationOneToMany"
_KINDS = ("MANY_TO_ONE", "ONE_TO_MANY")
_ON_DELETE = ("SET_NULL", "CASCADE", "RESTRICT", "NO_ACTION")


@dataclass(frozen=True, kw_only=True)
class Other:
    """The other side, as the caller describes it."""

    kind: RelationKind
    target: Object
    label: str
    name: str
    icon: str | None
    on_delete: OnDelete


def read_other(catalog: Catalog, payload: Json, settings: Json) -> tuple[Other | None, list[Issue]]:
    """A `relationCreationPayload`, or what is wrong with it."""
    if not isinstance(payload, dict):
        return None, [_said("Relation creation payload is required")]
    kind, target_id, label = payload.get("type"), payload.get("targetObjectMetadataId"), payload.get("targetFieldLabel")
    issues = []
    if kind not in _KINDS:
        issues.append(_said("Relation type must be MANY_TO_ONE or ONE_TO_MANY"))
    target = _target(catalog, target_id)
    if target is None:
        issues.append(_said("Target object of the relation not found", code="OBJECT_METADATA_NOT_FOUND"))
    if not isinstance(label, str) or not label.strip():
        issues.append(_said("Label of the relation on the target object is required"))
    on_delete = (
        payload.get("onDelete") or (settings.get("onDelete") if isinstance(settings, dict) else None) or "SET_NULL"
    )
    if on_delete not in _ON_DELETE:
        issues.append(_said(f"onDelete must be one of {', '.join(_ON_DELETE)}"))
    if issues or target is None or not isinstance(label, str):
        return None, issues
    icon = payload.get("targetFieldIcon")
    other = Other(
        kind=cast(RelationKind, kind),
        target=target,
        label=label.strip(),
        name=name_of_label(label.strip()),
        icon=icon if isinstance(icon, str) else None,
        on_delete=cast(OnDelete, on_delete),
    )
    issues += field_issues(name=other.name, label=other.label, is_label_synced=False)
    return other, [*issues, *text_issues({"icon": icon}, _INVALID)]


def relate(
    catalog: Catalog, owner_id: UUID, base: Field, other: Other, *, morph_group: str | None = None
) -> tuple[Catalog, UUID, list[Issue]]:
    """The catalog with both sides of a relation; the id of the side that ``base`` describes; names that are taken."""
    owner = find_object(catalog, owner_id)
    target = find_object(catalog, other.target.id)
    assert owner is not None
    assert target is not None
    name = morph_name(morph_group, target.name) if morph_group else base.name
    is_owning = other.kind == "MANY_TO_ONE"
    join_column = f"{name if is_owning else other.name}Id"
    own = replace(
        base,
        id=new_id() if morph_group else base.id,
        name=name,
        icon=base.icon or RELATION_ICON,
        type=FIELD_TYPES["MORPH_RELATION" if morph_group else "RELATION"],
        relation=Relation(
            kind=other.kind,
            target_object=target.name,
            target_field=other.name,
            join_column=join_column,
            on_delete=other.on_delete,
            morph_group=morph_group,
        ),
        settings=_settings(other.kind, other.on_delete, join_column),
    )
    inverse_kind: RelationKind = "ONE_TO_MANY" if is_owning else "MANY_TO_ONE"
    inverse = Field(
        id=new_id(),
        name=other.name,
        label=other.label,
        icon=other.icon or RELATION_ICON,
        type=FIELD_TYPES["RELATION"],
        is_custom=True,
        relation=Relation(
            kind=inverse_kind,
            target_object=owner.name,
            target_field=name,
            join_column=join_column,
            on_delete=other.on_delete,
        ),
        settings=_settings(inverse_kind, other.on_delete, join_column),
    )
    issues = taken_issues(owner, name, columns=[each.name for each in own.columns])
    catalog = with_field(catalog, owner_id, own)
    target = find_object(catalog, other.target.id)
    assert target is not None
    issues += taken_issues(target, other.name, columns=[each.name for each in inverse.columns])
    return with_field(catalog, target.id, inverse), own.id, issues


def _settings(kind: RelationKind, on_delete: OnDelete, join_column: str) -> Mapping[str, object]:
    if kind == "ONE_TO_MANY":
        return MappingProxyType({"relationType": kind})
    return MappingProxyType({"relationType": kind, "onDelete": on_delete, "joinColumnName": join_column})


def _target(catalog: Catalog, target_id: Json) -> Object | None:
    try:
        return find_object(catalog, UUID(str(target_id)))
    except ValueError:
        return None


def _said(message: str, *, code: str = _INVALID) -> Issue:
    return Issue(code=code, message=message, user_message=message)
