"""Objects that come, change and go (system-api.md §15). Each is a function from one catalog to the next."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from uuid import UUID

from rapport.base.ids import new_id
from rapport.metadata.catalog import Catalog, Field, Object
from rapport.metadata.evolution.collisions import ApiNames, object_collisions
from rapport.metadata.evolution.editing import (
    find_object,
    morph_name,
    other_side,
    overriding,
    rename_field,
    rename_object,
    text,
    text_or,
    with_field,
    with_object,
    with_search,
    without_fields,
)
from rapport.metadata.evolution.errors import ObjectNotFound, StandardObjectFixed
from rapport.metadata.evolution.naming import name_of_label, object_issues, taken_issues, text_issues
from rapport.metadata.evolution.problems import Finding, InvalidModel, Issue, Verb
from rapport.metadata.evolution.reserved import OF_OBJECTS
from rapport.metadata.fieldtypes.base import Json
from rapport.metadata.names import bounded
from rapport.metadata.standard.model import field_of_spec, object_of_spec
from rapport.metadata.standard.spec import (
    CREATED_BY,
    POSITION,
    UPDATED_BY,
    FieldSpec,
    ObjectSpec,
    field,
    morph,
    to_many,
    to_one,
)

_INVALID = "INVALID_OBJECT_INPUT"
_OF_STANDARD = frozenset({"description", "icon", "isActive", "labelPlural", "labelSingular"})
_LABEL_TYPES = frozenset({"TEXT", "FULL_NAME"})
_NAME = field("name", "TEXT", "Name", "IconAbc")

# What every object is linked to: the object that points to it, the list on its side, a label and an icon. The link is
# called `targetRocket` where it is one of a group, and `rocket` where it is not.
_LINKS = (
    ("timelineActivity", "timelineActivities", "TimelineActivities", "IconTimelineEvent"),
    ("favorite", "favorites", "Favorites", "IconHeart"),
    ("attachment", "attachments", "Attachments", "IconFileImport"),
    ("noteTarget", "noteTargets", "NoteTargets", "IconCheckbox"),
    ("taskTarget", "taskTargets", "TaskTargets", "IconCheckbox"),
)


def create_object(
    catalog: Catalog, given: Mapping[str, Json], *, object_id: UUID | None = None, taken: ApiNames | None = None
) -> tuple[Catalog, UUID]:
    """The catalog with a custom object of the given names and labels, its own fields and its links; and its id.

    ``taken``: the names of what the API has beside objects.
    """
    object_id = object_id or new_id()
    names = {key: text(given, key) or "" for key in ("nameSingular", "namePlural", "labelSingular", "labelPlural")}
    is_synced = given.get("isLabelSyncedWithName") is True
    issues = object_issues(
        name_singular=names["nameSingular"],
        name_plural=names["namePlural"],
        label_singular=names["labelSingular"],
        label_plural=names["labelPlural"],
        is_label_synced=is_synced,
    )
    issues += [*text_issues(given, _INVALID), *_taken(catalog, names["nameSingular"], names["namePlural"])]
    if not issues:
        probe = Object(id=object_id, name=names["nameSingular"], plural=names["namePlural"], label="", label_plural="")
        issues += object_collisions(catalog, probe, taken)
    if given.get("isRemote") is True:
        issues.append(Issue(code=_INVALID, message="Remote objects are not supported"))
    _refuse("create", object_id, names, issues)
    has_name = given.get("skipNameField") is not True
    spec = ObjectSpec(
        name=names["nameSingular"],
        plural=names["namePlural"],
        label=names["labelSingular"],
        label_plural=names["labelPlural"],
        icon=text(given, "icon") or "",
        shortcut=text(given, "shortcut"),
        is_searchable=True,
        label_field="name" if has_name else "id",
        search=("name",) if has_name else ("id",),
        fields=(*((_NAME,) if has_name else ()), POSITION, CREATED_BY, UPDATED_BY, *_lists(names["nameSingular"])),
    )
    made = object_of_spec(spec)
    item = replace(
        made,
        fields=tuple(sorted(made.fields, key=lambda each: (each.name != "id", each.name != "name"))),
        id=object_id,
        description=text(given, "description"),
        icon=text(given, "icon"),
        is_custom=True,
        is_label_synced=is_synced,
        table=bounded("", names["nameSingular"]),
    )
    catalog = with_object(catalog, with_search(item))
    return _with_links(catalog, item), object_id


def update_object(
    catalog: Catalog, object_id: UUID, given: Mapping[str, Json], *, taken: ApiNames | None = None
) -> Catalog:
    """The catalog with the object as the given properties say; absent ones stay."""
    item = find_object(catalog, object_id)
    if item is None:
        raise ObjectNotFound("Object to update not found")
    return _update_custom(catalog, item, given, taken) if item.is_custom else _update_standard(catalog, item, given)


def delete_object(catalog: Catalog, object_id: UUID) -> Catalog:
    """The catalog without a custom object and all relations to it."""
    item = find_object(catalog, object_id)
    if item is None:
        raise ObjectNotFound("Object to delete not found")
    if not item.is_custom:
        issues = [_said("Standard objects cannot be deleted")]
        if item.is_active:
            issues.append(_said("Active objects cannot be deleted"))
        _refuse("delete", item.id, {"nameSingular": item.name, "namePlural": item.plural}, issues)
    links = [other_side(catalog, each)[1].id for each in item.fields if each.relation is not None]
    catalog = without_fields(catalog, links)
    return replace(catalog, objects=tuple(each for each in catalog.objects if each.id != item.id))


def _update_standard(catalog: Catalog, item: Object, given: Mapping[str, Json]) -> Catalog:
    fixed = sorted(given.keys() - _OF_STANDARD)
    if fixed:
        raise StandardObjectFixed(f"Cannot edit standard object metadata properties: {', '.join(fixed)}")
    issues = object_issues(
        name_singular=item.name,
        name_plural=item.plural,
        label_singular=text_or(given, "labelSingular", item.label),
        label_plural=text_or(given, "labelPlural", item.label_plural),
        is_label_synced=False,
    )
    issues += text_issues(given, _INVALID)
    _refuse("update", item.id, {"nameSingular": item.name, "namePlural": item.plural}, issues)
    original = {
        "labelSingular": item.label,
        "labelPlural": item.label_plural,
        "description": item.description,
        "icon": item.icon,
    }
    overrides = overriding(original, item.overrides, {key: text(given, key) for key in original if key in given})
    return with_object(catalog, replace(item, overrides=overrides, is_active=_flag(given, "isActive", item.is_active)))


def _update_custom(catalog: Catalog, item: Object, given: Mapping[str, Json], taken: ApiNames | None) -> Catalog:
    is_synced = _flag(given, "isLabelSyncedWithName", item.is_label_synced)
    label = text_or(given, "labelSingular", item.label)
    label_plural = text_or(given, "labelPlural", item.label_plural)
    names = {
        "nameSingular": text_or(given, "nameSingular", _synced(item.name, item.label, label, is_synced)),
        "namePlural": text_or(given, "namePlural", _synced(item.plural, item.label_plural, label_plural, is_synced)),
    }
    issues = object_issues(
        name_singular=names["nameSingular"],
        name_plural=names["namePlural"],
        label_singular=label,
        label_plural=label_plural,
        is_label_synced=is_synced,
    )
    others = replace(catalog, objects=tuple(each for each in catalog.objects if each.id != item.id))
    issues += [*text_issues(given, _INVALID), *_taken(others, names["nameSingular"], names["namePlural"])]
    if not issues and (item.name, item.plural) != (names["nameSingular"], names["namePlural"]):
        probe = replace(item, name=names["nameSingular"], plural=names["namePlural"])
        issues += object_collisions(others, probe, taken)
    label_field, found = _identifier(item, given, "labelIdentifierFieldMetadataId", item.label_field, _LABEL_TYPES)
    issues += found
    image_field, found = _identifier(item, given, "imageIdentifierFieldMetadataId", item.image_field, None)
    issues += found
    _refuse("update", item.id, {"nameSingular": item.name, "namePlural": item.plural}, issues)
    changed = replace(
        item,
        plural=names["namePlural"],
        label=label,
        label_plural=label_plural,
        description=text(given, "description") if "description" in given else item.description,
        icon=text(given, "icon") if "icon" in given else item.icon,
        shortcut=text(given, "shortcut") if "shortcut" in given else item.shortcut,
        is_active=_flag(given, "isActive", item.is_active),
        is_label_synced=is_synced,
        label_field=label_field or "id",
        image_field=image_field,
    )
    catalog = with_object(catalog, with_search(changed))
    if names["nameSingular"] != item.name:
        catalog = _renamed(catalog, changed, names["nameSingular"])
    return _with_labels(catalog, _object(catalog, item.id), old=item.label)


def _synced(name: str, old_label: str, label: str, is_synced: bool) -> str:
    """The name that goes with a label, where the one follows the other and the label has changed."""
    return name_of_label(label, OF_OBJECTS) if is_synced and label != old_label else name


def _renamed(catalog: Catalog, item: Object, name: str) -> Catalog:
    """With its table, and the links that are named after it."""
    links = list(_named_after(catalog, item))
    catalog = rename_object(catalog, item, name)
    catalog = with_object(catalog, replace(_object(catalog, item.id), table=bounded("", name)))
    for owner_id, link_id, group in links:
        owner = _object(catalog, owner_id)
        link = _field(owner, link_id)
        new_name = morph_name(group, name) if group else name
        _refuse(
            "update",
            item.id,
            {"nameSingular": name, "namePlural": item.plural},
            taken_issues(owner, new_name, but=link, columns=[f"{new_name}Id"]),
        )
        catalog = rename_field(catalog, owner, link, new_name)
    return catalog


def _with_labels(catalog: Catalog, item: Object, *, old: str) -> Catalog:
    """The links that came with the object are called what it is called."""
    for owner_id, link_id, _ in list(_named_after(catalog, item)):
        link = _field(_object(catalog, owner_id), link_id)
        if not link.is_custom and link.label == old != item.label:
            catalog = with_field(catalog, owner_id, replace(link, label=item.label))
    return catalog


def _named_after(catalog: Catalog, item: Object) -> Iterator[tuple[UUID, UUID, str | None]]:
    """The links to an object that bear its name: owner, field, and the group that a morph relation belongs to."""
    for owner in catalog.objects:
        for link in owner.fields:
            relation = link.relation
            if relation is None or not link.is_to_one or relation.target_object != item.name:
                continue
            group = relation.morph_group
            if group and link.name == morph_name(group, item.name):
                yield owner.id, link.id, group
            elif owner.name == "favorite" and link.name == item.name:
                yield owner.id, link.id, None


def _with_links(catalog: Catalog, item: Object) -> Catalog:
    issues: list[Issue] = []
    for owner_name, list_name, _, _ in _LINKS:
        owner = next(each for each in catalog.objects if each.name == owner_name)
        name = _link_name(owner_name, item.name)
        issues += taken_issues(owner, name, columns=[f"{name}Id"])
        make = to_one if owner_name == "favorite" else morph
        spec = make(
            name,
            f"{item.name}.{list_name}",
            item.label,
            item.icon or "",
            on_delete="CASCADE",
            read_only=True,
            system=True,
        )
        owner_spec = ObjectSpec(
            name=owner.name, plural=owner.plural, label=owner.label, label_plural=owner.label_plural, icon="", fields=()
        )
        link = field_of_spec(spec, owner_spec)
        catalog = with_field(catalog, owner.id, replace(link, icon=item.icon))
    _refuse("create", item.id, {"nameSingular": item.name, "namePlural": item.plural}, issues)
    return catalog


def _lists(name: str) -> tuple[FieldSpec, ...]:
    return tuple(
        to_many(list_name, f"{owner}.{_link_name(owner, name)}", label, icon, system=True)
        for owner, list_name, label, icon in _LINKS
    )


def _link_name(owner: str, name: str) -> str:
    return name if owner == "favorite" else morph_name("target", name)


def _identifier(
    item: Object, given: Mapping[str, Json], key: str, now: str | None, types: frozenset[str] | None
) -> tuple[str | None, list[Issue]]:
    """The name of the field that identifies records, by its given id."""
    if key not in given:
        return now, []
    if given[key] is None:
        return (None, []) if types is None else (now, [_said(f"{key} validation failed: a field is needed")])
    found = next((each for each in item.fields if str(each.id) == given[key]), None)
    if found is None:
        message = f"{key} validation failed: related field metadata not found"
        return now, [Issue(code=_INVALID, message=message, user_message="Field declared as identifier not found")]
    if types is not None and found.type.name not in types:
        message = f"{key} validation failed: field type not compatible"
        return now, [Issue(code=_INVALID, message=message, user_message="Field cannot be used as label identifier")]
    if not found.is_active:
        return now, [_said(f"{key} validation failed: the field is not active")]
    return found.name, []


def _taken(catalog: Catalog, singular: str, plural: str) -> list[Issue]:
    used = {name for item in catalog.objects for name in (item.name, item.plural)}
    return [
        Issue(code="NOT_AVAILABLE", message=message, user_message=message, value=name)
        for name in (singular, plural)
        if name in used and (message := f'Name "{name}" is not available as it is already used by another object')
    ]


def _object(catalog: Catalog, object_id: UUID) -> Object:
    return next(each for each in catalog.objects if each.id == object_id)


def _field(owner: Object, field_id: UUID) -> Field:
    return next(each for each in owner.fields if each.id == field_id)


def _flag(given: Mapping[str, Json], name: str, now: bool) -> bool:
    value = given.get(name)
    return value if isinstance(value, bool) else now


def _said(message: str) -> Issue:
    return Issue(code=_INVALID, message=message, user_message=message)


def _refuse(verb: Verb, object_id: UUID, names: Mapping[str, str], issues: list[Issue]) -> None:
    if issues:
        about: dict[str, Json] = {
            "id": str(object_id),
            "nameSingular": names["nameSingular"],
            "namePlural": names["namePlural"],
        }
        finding = Finding(kind="objectMetadata", verb=verb, issues=tuple(issues), about=about)
        raise InvalidModel(verb, "objectMetadata", [finding])
