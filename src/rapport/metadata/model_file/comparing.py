"""What differs between two versions of a model, line by line: `+` comes, `~` changes, `-` goes."""

from collections.abc import Iterator, Mapping, Sequence
from uuid import UUID

from rapport.metadata.catalog import Catalog, CustomIndex, Field, Object, Option
from rapport.metadata.fieldtypes.base import Json
from rapport.metadata.fieldtypes.shown import shown
from rapport.metadata.model_file.describing import describe_field, describe_index, describe_object

_ELSEWHERE = frozenset({"to", "nameField", "options"})  # said by other lines, or never changing


def changes(before: Catalog, after: Catalog) -> list[str]:
    """`~ field company.tier: label "Tier" → "Level"`; nothing where the models are one."""
    return list(_changes(before, after))


def _changes(before: Catalog, after: Catalog) -> Iterator[str]:
    old, new = ({item.id: item for item in catalog.objects} for catalog in (before, after))
    for item in before.objects:
        if item.id not in new:
            yield f"- object {item.name}"
    for item in after.objects:
        known = old.get(item.id)
        if known is None:
            yield f"+ object {item.name} ({item.label}, {item.label_plural})"
        else:
            yield from _object(known, item)
        yield from _fields(known, item, gone={each.name for each in before.objects if each.id not in new})
        yield from _indexes(known, item)


def _object(old: Object, new: Object) -> Iterator[str]:
    if old.name != new.name:
        yield f"~ object {old.name} → {new.name}"
    yield from _differing(f"object {new.name}", describe_object(old), describe_object(new))


def _fields(old: Object | None, new: Object, *, gone: set[str]) -> Iterator[str]:
    """Without what comes and goes with objects by itself."""
    known: Mapping[UUID, Field] = {each.id: each for each in old.fields} if old else {}
    left = {each.id for each in new.fields}
    for each in known.values():
        if each.id not in left and each.is_custom and not (each.relation and each.relation.target_object in gone):
            yield f"- field {new.name}.{each.name} ({_kind(each)})"
    for each in new.fields:
        what, before = f"field {new.name}.{each.name}", known.get(each.id)
        if before is None:
            if each.is_custom:
                yield f"+ {what} ({_kind(each)})"
            continue
        if before.name != each.name and each.is_custom:
            yield f"~ field {new.name}.{before.name} → {each.name}"
        yield from _differing(what, describe_field(before), describe_field(each))
        yield from (f"~ {what}: option {line}" for line in _options(before.options, each.options))


def _indexes(old: Object | None, new: Object) -> Iterator[str]:
    known = {each.id: each for each in old.custom_indexes} if old else {}
    left = {each.id for each in new.custom_indexes}
    for each in known.values():
        if old is not None and each.id not in left:
            yield f"- {_index(old, each)}"
    for each in new.custom_indexes:
        if each.id not in known:
            yield f"+ {_index(new, each)}"


def _index(item: Object, index: CustomIndex) -> str:
    fields = describe_index(item, index)["fields"]
    listed = ", ".join(map(str, fields)) if isinstance(fields, list) else ""
    return f"{'unique ' if index.is_unique else ''}index {item.name} ({listed})"


def _kind(field: Field) -> str:
    if field.relation is None:
        return field.type.name
    return f"{field.relation.kind} to {field.relation.target_object}.{field.relation.target_field}"


def _differing(what: str, old: Mapping[str, Json], new: Mapping[str, Json]) -> Iterator[str]:
    for key, value in new.items():
        before = old.get(key)
        if key in _ELSEWHERE or value == before:
            continue
        yield f"~ {what}: {key} {shown(before)} → {shown(value)}"


def _options(old: Sequence[Option], new: Sequence[Option]) -> Iterator[str]:
    """`+ GOLD`, `NEW → FRESH`, `GOLD: color 'red' → 'blue'`"""
    before, after = {each.id: each for each in old}, {each.id: each for each in new}
    for each in old:
        if each.id not in after:
            yield f"- {each.value}"
    for each in new:
        known = before.get(each.id)
        if known is None:
            yield f"+ {each.value}"
            continue
        if known.value != each.value:
            yield f"{known.value} → {each.value}"
        for key in ("label", "color"):
            if getattr(known, key) != getattr(each, key):
                yield f"{each.value}: {key} {shown(getattr(known, key))} → {shown(getattr(each, key))}"
    kept = [each.id for each in _in_order(new) if each.id in before]
    if kept != [each.id for each in _in_order(old) if each.id in after]:
        yield f"order: {', '.join(each.value for each in _in_order(new))}"


def _in_order(options: Sequence[Option]) -> list[Option]:
    return sorted(options, key=lambda option: option.position)
