"""Fields that come, change and go (system-api.md §15). Each is a function from one catalog to the next."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any
from uuid import UUID

from rapport.base.ids import new_id
from rapport.metadata.catalog import Catalog, Field, Object
from rapport.metadata.evolution.collisions import ApiNames, field_collisions
from rapport.metadata.evolution.definitions import Definition, define
from rapport.metadata.evolution.editing import (
    find_field,
    find_object,
    morph_name,
    other_side,
    overriding,
    rename_field,
    text,
    text_or,
    with_field,
    without_fields,
)
from rapport.metadata.evolution.errors import FieldNotFound, StandardFieldFixed
from rapport.metadata.evolution.naming import field_issues, label_issues, name_of_label, taken_issues, text_issues
from rapport.metadata.evolution.problems import Finding, InvalidModel, Issue, Verb
from rapport.metadata.evolution.relations import read_other, relate
from rapport.metadata.fieldtypes.base import Json
from rapport.metadata.fieldtypes.registry import FIELD_TYPES
from rapport.metadata.indexes import index_name
from rapport.metadata.standard.model import STANDARD

_INVALID = "INVALID_FIELD_INPUT"
_DEFINING = frozenset({"isNullable", "isUnique", "defaultValue", "options", "settings"})
_OF_RELATION = frozenset({"label", "icon", "description", "name", "isActive", "isLabelSyncedWithName"})
_OF_STANDARD = frozenset(
    {
        "label",
        "icon",
        "description",
        "isActive",
        "options",
        "defaultValue",
        "settings",
        "isUnique",
        "isLabelSyncedWithName",
    }
)
_INDISPENSABLE = frozenset({"id", "createdAt", "updatedAt", "deletedAt", "position", "searchVector"})
_RELATION_TYPES = ("RELATION", "MORPH_RELATION")


def create_field(
    catalog: Catalog,
    object_id: UUID | None,
    given: Mapping[str, Json],
    *,
    field_id: UUID | None = None,
    taken: ApiNames | None = None,
) -> tuple[Catalog, UUID]:
    """The catalog with a new custom field, and with the other sides of a relation; the field's id.

    ``taken``: the names of what the API has beside objects.
    """
    field_id = field_id or new_id()
    owner = find_object(catalog, object_id) if object_id else None
    name, label, type_name = text(given, "name") or "", text(given, "label") or "", str(given.get("type"))
    about = _about(field_id, name, object_id)
    if owner is None:
        issue = Issue(
            code="OBJECT_METADATA_NOT_FOUND",
            message="Object metadata not found",
            user_message="Object metadata not found",
        )
        raise _invalid("create", about, [issue])
    is_synced = given.get("isLabelSyncedWithName") is True
    issues = [*field_issues(name=name, label=label, is_label_synced=is_synced), *text_issues(given, _INVALID)]
    base = Field(
        id=field_id,
        name=name,
        label=label,
        type=FIELD_TYPES[type_name],
        description=text(given, "description"),
        icon=text(given, "icon"),
        is_custom=True,
        is_active=given.get("isActive") is not False,
        is_label_synced=is_synced,
    )
    if type_name in _RELATION_TYPES:
        return _create_relation(catalog, owner, base, given, issues)
    definition, found = define(base.type, {key: given[key] for key in _DEFINING if key in given}, name=name)
    issues += found
    if definition is not None:
        base = _defined(base, definition)
        issues += taken_issues(owner, name, columns=[column.name for column in base.columns])
        issues += field_collisions(catalog, owner, base, taken)
    if issues:
        raise _invalid("create", about, issues, owner=owner, field=base)
    return with_field(catalog, owner.id, base), field_id


def update_field(
    catalog: Catalog, field_id: UUID, given: Mapping[str, Json], *, taken: ApiNames | None = None
) -> Catalog:
    """The catalog with the field as the given properties say; absent ones stay."""
    found = find_field(catalog, field_id)
    if found is None:
        message = "Field metadata to update not found"
        raise FieldNotFound(message, user_message=message)
    owner, field = found
    about = _about(field.id, field.name, owner.id)
    if not field.is_custom:
        fixed = sorted(given.keys() - _OF_STANDARD)
        if fixed:
            raise StandardFieldFixed(f"Cannot edit standard field metadata properties: {', '.join(fixed)}")
    issues: list[Issue] = []
    if field.relation is not None:
        odd = sorted(given.keys() - _OF_RELATION)
        if odd:
            issues.append(_said(f"Cannot edit relation field metadata properties: {', '.join(odd)}"))
    if given.get("isActive") is False and not field.is_custom and field.name in _INDISPENSABLE:
        issues.append(_said(f"Field {field.name} cannot be deactivated: records are found, sorted and deleted by it"))
    elif given.get("isActive") is False and field.name == owner.label_field:
        message = "Cannot deactivate, please update the label identifier field first"
        issues.append(Issue(code="FIELD_MUTATION_NOT_ALLOWED", message=message, user_message=message))
    label = text_or(given, "label", field.label)
    is_synced = _flag(given, "isLabelSyncedWithName", field.is_label_synced)
    name = field.name
    if field.is_custom:
        name = _new_name(field, given, label=label, is_synced=is_synced)
        issues += field_issues(name=_own_name(field, name), label=label, is_label_synced=is_synced)
    elif "label" in given:
        issues += label_issues(label, _INVALID)
    issues += text_issues(given, _INVALID)
    changed = replace(field, is_active=_flag(given, "isActive", field.is_active), is_label_synced=is_synced)
    defining = {key: given[key] for key in _DEFINING if key in given}
    if field.relation is None and defining:
        definition, wrong = define(field.type, defining, name=name, before=_definition(field))
        issues += wrong
        if given.get("isUnique") is False and _is_born_unique(owner, field):
            issues.append(_said("A standard unique field cannot be made not unique"))
        if definition is not None:
            changed = _defined(changed, definition)
    if name != field.name and field.relation is None:
        issues += field_collisions(catalog, owner, replace(changed, name=name), taken)
    if issues:
        raise _invalid("update", about, issues, owner=owner, field=replace(changed, name=name))
    changed = _described(changed, given, label)
    members = _members(owner, field)
    catalog = with_field(catalog, owner.id, changed)
    for member in members:
        follower = replace(member, is_active=changed.is_active, is_label_synced=changed.is_label_synced)
        catalog = with_field(catalog, owner.id, _described(follower, given, label))
    return catalog if name == field.name else _renamed(catalog, owner.id, [field, *members], name)


def delete_field(catalog: Catalog, field_id: UUID) -> Catalog:
    """The catalog without a custom field; relations go from both sides, morph relations with all their members."""
    found = find_field(catalog, field_id)
    if found is None:
        raise FieldNotFound("Field to delete not found")
    owner, field = found
    issues = []
    if field.name == owner.label_field:
        message = "Cannot delete, please update the label identifier field first"
        issues.append(Issue(code="FIELD_MUTATION_NOT_ALLOWED", message=message, user_message=message))
    if not field.is_custom:
        issues.append(_said("Standard Fields can't be deleted", "Standard fields cannot be deleted"))
        if field.is_active:
            issues.append(_said("Active fields can't be deleted", "Active fields cannot be deleted"))
    if issues:
        raise _invalid("delete", {"name": field.name, "objectMetadataId": str(owner.id)}, issues)
    gone = [field, *_members(owner, field)]
    gone += [other_side(catalog, each)[1] for each in gone if each.relation is not None]
    return without_fields(catalog, (each.id for each in gone))


def _is_born_unique(owner: Object, field: Field) -> bool:
    """Whether the standard model has the field unique; what users made unique they may undo."""
    specs = next((each.fields for each in STANDARD if each.name == owner.name and not owner.is_custom), ())
    return not field.is_custom and any(spec.name == field.name and spec.unique for spec in specs)


def _create_relation(
    catalog: Catalog, owner: Object, base: Field, given: Mapping[str, Json], issues: list[Issue]
) -> tuple[Catalog, UUID]:
    about = _about(base.id, base.name, owner.id)
    if given.get("isUnique") is True:
        issues.append(_said("A relation cannot be unique"))
    if base.type.name == "RELATION":
        other, found = read_other(catalog, given.get("relationCreationPayload"), given.get("settings"))
        issues += found
        if issues or other is None:
            raise _invalid("create", about, issues)
        catalog, field_id, taken = relate(catalog, owner.id, base, other)
        if taken:
            raise _invalid("create", about, taken)
        return catalog, field_id
    issues += _group_taken(owner, base.name)
    payloads = given.get("morphRelationsCreationPayload")
    if not isinstance(payloads, list) or not payloads:
        issues.append(_said("Morph relation creation payloads are required"))
        payloads = []
    others = []
    for payload in payloads:
        other, found = read_other(catalog, payload, given.get("settings"))
        issues += found
        if other is not None:
            others.append(other)
    if any(other.kind != "MANY_TO_ONE" for other in others):
        issues.append(_said("Morph relations must all be of type MANY_TO_ONE"))
    if len({other.target.id for other in others}) < len(others):
        issues.append(_said("Morph relations must have different target objects"))
    if issues:
        raise _invalid("create", about, issues)
    ids = []
    for other in others:
        catalog, field_id, taken = relate(catalog, owner.id, base, other, morph_group=base.name)
        issues += taken
        ids.append(field_id)
    if issues:
        raise _invalid("create", about, issues)
    return catalog, ids[0]


def _renamed(catalog: Catalog, owner_id: UUID, fields: Iterable[Field], name: str) -> Catalog:
    """``name`` is the field's own, or that of the group whose members the fields are."""
    fields = tuple(fields)
    if fields[0].relation is not None and fields[0].relation.morph_group:
        owner = find_object(catalog, owner_id)
        assert owner is not None
        if issues := _group_taken(owner, name):
            raise _invalid("update", _about(fields[0].id, fields[0].name, owner_id), issues)
    for each in fields:
        owner = find_object(catalog, owner_id)
        assert owner is not None
        field = _field(catalog, each.id)
        new_name = name
        if field.relation is not None and field.relation.morph_group:
            new_name = morph_name(name, field.relation.target_object)
            field = replace(field, relation=replace(field.relation, morph_group=name))
            catalog = with_field(catalog, owner_id, field)
        probe = replace(field, name=new_name)
        columns = [column.name for column in probe.columns] if field.relation is None else [f"{new_name}Id"]
        if field.is_to_many:
            columns = []
        issues = taken_issues(owner, new_name, but=field, columns=columns)
        if issues:
            raise _invalid("update", _about(field.id, field.name, owner_id), issues)
        catalog = rename_field(catalog, owner, field, new_name)
    return catalog


def _group_taken(owner: Object, name: str) -> list[Issue]:
    """Whether a morph relation of the object has this name: members of another would become members of it."""
    if all(each.relation is None or each.relation.morph_group != name for each in owner.fields):
        return []
    message = f'Name "{name}" is not available as it is already used by another field'
    return [Issue(code="NOT_AVAILABLE", message=message, user_message=message, value=name)]


def _new_name(field: Field, given: Mapping[str, Json], *, label: str, is_synced: bool) -> str:
    """The name as it is to be; of a member of a morph relation, that of the group."""
    name = text(given, "name")
    if name == "":
        return name
    now = field.relation.morph_group if field.relation and field.relation.morph_group else field.name
    if name:
        return field.name if name in (field.name, now) else name
    if is_synced and label != field.label:
        return name_of_label(label)
    return field.name


def _own_name(field: Field, name: str) -> str:
    """What the rules of names are about: a group's name is not that of its member."""
    if name == field.name and field.relation and field.relation.morph_group:
        return field.relation.morph_group
    return name


def _described(field: Field, given: Mapping[str, Json], label: str) -> Field:
    """With label, description and icon; a standard field keeps its own, and what users call it beside them."""
    if field.is_custom:
        return replace(
            field,
            label=label,
            description=text(given, "description") if "description" in given else field.description,
            icon=text(given, "icon") if "icon" in given else field.icon,
        )
    original: Mapping[str, Json] = {"label": field.label, "description": field.description, "icon": field.icon}
    names = {key: text(given, key) for key in original if key in given}
    return replace(field, overrides=overriding(original, field.overrides, names))


def _members(owner: Object, field: Field) -> list[Field]:
    """The other members of the morph relation that the field is one of, if users made it."""
    group = field.relation.morph_group if field.relation and field.is_to_one else None
    if group is None or not field.is_custom:
        return []
    return [
        each
        for each in owner.fields
        if each.id != field.id and each.is_custom and each.relation is not None and each.relation.morph_group == group
    ]


def _field(catalog: Catalog, field_id: UUID) -> Field:
    found = find_field(catalog, field_id)
    assert found is not None
    return found[1]


def _definition(field: Field) -> Definition:
    settings: Any = dict(field.settings)
    default: Any = field.default
    return Definition(
        is_nullable=field.is_nullable,
        is_unique=field.is_unique,
        default=default,
        options=field.options,
        settings=settings,
    )


def _defined(field: Field, definition: Definition) -> Field:
    return replace(
        field,
        is_nullable=definition.is_nullable,
        is_unique=definition.is_unique,
        default=definition.default,
        options=definition.options,
        settings=MappingProxyType(dict(definition.settings)),
    )


def _flag(given: Mapping[str, Json], name: str, now: bool) -> bool:
    value = given.get(name)
    return value if isinstance(value, bool) else now


def _about(field_id: UUID, name: str, object_id: UUID | None) -> Mapping[str, Json]:
    return {"id": str(field_id), "name": name, "objectMetadataId": str(object_id) if object_id else None}


def _said(message: str, user_message: str | None = None) -> Issue:
    return Issue(code=_INVALID, message=message, user_message=user_message or message)


def _invalid(
    verb: Verb,
    about: Mapping[str, Json],
    issues: list[Issue],
    *,
    owner: Object | None = None,
    field: Field | None = None,
) -> InvalidModel:
    """What is wrong with the index that a unique field needs is told of the index."""
    of_index = [issue for issue in issues if issue.code.startswith("INDEX_")]
    of_field = [issue for issue in issues if issue not in of_index]
    findings = []
    if of_field:
        findings.append(Finding(kind="fieldMetadata", verb=verb, issues=tuple(of_field), about=about))
    if of_index and owner is not None and field is not None:
        columns = tuple(column.name for column in field.columns if column.in_unique)
        name = index_name(owner.table, columns, is_unique=True)
        findings.append(Finding(kind="index", verb="create", issues=tuple(of_index), about={"name": name}))
    return InvalidModel(verb, "fieldMetadata", findings)
