"""What all changes of a catalog share: finding things by id, putting changed ones in, and names that follow others."""

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType
from uuid import UUID

from rapport.metadata.catalog import Catalog, Field, Object, Relation
from rapport.metadata.fieldtypes.base import Json
from rapport.metadata.search import search_expression


def find_object(catalog: Catalog, object_id: UUID) -> Object | None:
    return next((item for item in catalog.objects if item.id == object_id), None)


def find_field(catalog: Catalog, field_id: UUID) -> tuple[Object, Field] | None:
    """The field with the object that has it."""
    return next(((item, field) for item in catalog.objects for field in item.fields if field.id == field_id), None)


def with_object(catalog: Catalog, item: Object) -> Catalog:
    """The catalog with the object in the place of the one with its id, or at the end."""
    if find_object(catalog, item.id) is None:
        return replace(catalog, objects=(*catalog.objects, item))
    return replace(catalog, objects=tuple(item if each.id == item.id else each for each in catalog.objects))


def with_field(catalog: Catalog, owner_id: UUID, field: Field) -> Catalog:
    """The catalog with the field in the place of the one with its id, or at the end of its object."""
    owner = find_object(catalog, owner_id)
    assert owner is not None
    if any(each.id == field.id for each in owner.fields):
        fields = tuple(field if each.id == field.id else each for each in owner.fields)
    else:
        fields = (*owner.fields, field)
    return with_object(catalog, replace(owner, fields=fields))


def without_fields(catalog: Catalog, field_ids: Iterable[UUID]) -> Catalog:
    """The catalog less some fields and the indexes that users added over them."""
    gone = frozenset(field_ids)
    return replace(
        catalog,
        objects=tuple(
            replace(
                item,
                fields=tuple(field for field in item.fields if field.id not in gone),
                image_field=None if _is_among(item, item.image_field, gone) else item.image_field,
                custom_indexes=tuple(
                    index for index in item.custom_indexes if not any(part in gone for part, _ in index.parts)
                ),
            )
            if any(field.id in gone for field in item.fields)
            else item
            for item in catalog.objects
        ),
    )


def _is_among(item: Object, name: str | None, ids: Collection[UUID]) -> bool:
    return any(field.name == name and field.id in ids for field in item.fields)


def other_side(catalog: Catalog, field: Field) -> tuple[Object, Field]:
    """The field at the other end of a relation, with its object."""
    assert field.relation is not None
    target = next(item for item in catalog.objects if item.name == field.relation.target_object)
    return target, next(item for item in target.fields if item.name == field.relation.target_field)


def rename_field(catalog: Catalog, owner: Object, field: Field, name: str) -> Catalog:
    """The field under another name, with all that is named after it: its columns, and the other side of a relation."""
    changed = replace(field, name=name)
    if field.relation is not None:
        join_column = f"{name}Id" if field.is_to_one else field.relation.join_column
        changed = replace(changed, relation=replace(field.relation, join_column=join_column))
        if field.is_to_one:
            changed = replace(changed, settings=MappingProxyType({**field.settings, "joinColumnName": join_column}))
        other_owner, other = other_side(catalog, field)
        other_relation = replace(_relation(other), target_field=name, join_column=join_column)
        if other.id != field.id:
            catalog = with_field(catalog, other_owner.id, replace(other, relation=other_relation))
    columns = {
        old.name: new.name for old, new in zip(field.columns, changed.columns, strict=True) if old.name != new.name
    }
    owner = find_object(catalog, owner.id) or owner
    owner = replace(
        owner,
        fields=tuple(changed if each.id == field.id else each for each in owner.fields),
        label_field=name if owner.label_field == field.name else owner.label_field,
        image_field=name if owner.image_field == field.name else owner.image_field,
        duplicate_criteria=_renamed_groups(owner.duplicate_criteria, columns),
        unique_constraints=_renamed_groups(owner.unique_constraints, columns),
    )
    return with_object(catalog, with_search(owner))


def rename_object(catalog: Catalog, item: Object, name: str) -> Catalog:
    """The object under another name; the relations that point to it follow."""

    def pointing(relation: Relation) -> Relation:
        return replace(relation, target_object=name) if relation.target_object == item.name else relation

    return replace(
        catalog,
        objects=tuple(
            replace(
                each,
                name=name if each.id == item.id else each.name,
                fields=tuple(_with_relation(field, pointing) for field in each.fields),
            )
            for each in catalog.objects
        ),
    )


def with_search(item: Object) -> Object:
    """The object with a search vector over the field that its records are known by. Standard objects have their own."""
    if not item.is_custom:
        return item
    label = next((field for field in item.fields if field.name == item.label_field), None)
    covered = [label] if label is not None and label.name != "id" else []
    expression = search_expression(covered)
    fields = tuple(
        replace(field, settings=MappingProxyType({**field.settings, "asExpression": expression}))
        if field.type.name == "TS_VECTOR" and field.settings.get("asExpression") != expression
        else field
        for field in item.fields
    )
    return replace(item, fields=fields)


def morph_name(group: str, target: str) -> str:
    """`targetPerson`: the member of a morph relation that leads to people."""
    return f"{group}{target[:1].upper()}{target[1:]}"


def text(given: Mapping[str, Json], name: str) -> str | None:
    """A text among what was given, trimmed; None when it is absent or null."""
    value = given.get(name)
    return value.strip() if isinstance(value, str) else None


def text_or(given: Mapping[str, Json], name: str, now: str) -> str:
    """A text among what was given, trimmed; ``now`` when it is absent or null. An empty one is given, and is told."""
    value = text(given, name)
    return now if value is None else value


def overriding(
    original: Mapping[str, Json], overrides: Mapping[str, Json] | None, given: Mapping[str, Json]
) -> Mapping[str, Json] | None:
    """What users call a standard object or field. A value that is the original one is no override; none left: None."""
    found = dict(overrides or {})
    for name, value in given.items():
        if value == original[name] or value is None:
            found.pop(name, None)
        else:
            found[name] = value
    return found or None


def _renamed_groups(groups: tuple[tuple[str, ...], ...], names: Mapping[str, str]) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(names.get(name, name) for name in group) for group in groups)


def _with_relation(field: Field, change: Callable[[Relation], Relation]) -> Field:
    if field.relation is None:
        return field
    changed = change(field.relation)
    return field if changed is field.relation else replace(field, relation=changed)


def _relation(field: Field) -> Relation:
    assert field.relation is not None
    return field.relation
