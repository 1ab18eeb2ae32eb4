"""What a file says of options, indexes and relations, as the edits take it."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import cast
from uuid import UUID

from rapport.base.ids import new_id
from rapport.metadata.catalog import Catalog, Field, Object, OnDelete
from rapport.metadata.evolution.editing import other_side, with_field
from rapport.metadata.evolution.problems import Finding, InvalidModel
from rapport.metadata.evolution.relations import read_other, relate
from rapport.metadata.fieldtypes.base import Json
from rapport.metadata.fieldtypes.registry import FIELD_TYPES
from rapport.metadata.model_file.claims import claims
from rapport.metadata.model_file.errors import Fault, InvalidModelFile
from rapport.metadata.model_file.forms import IndexForm


def options_input(wanted: list[Json], item: Field) -> list[Json]:
    """Options with the ids of those that they are."""
    ids = {option.value: str(option.id) for option in item.options}
    given = [{"label": each} if isinstance(each, str) else dict(cast("dict[str, Json]", each)) for each in wanted]
    was = {str(each["value"]): cast("str | None", each.get("was")) for each in given if "value" in each}
    meant = claims(was, ids)
    found: list[Json] = []
    for place, each in enumerate(given):
        each.pop("was", None)
        value = each.get("value")
        if value in meant:
            each["id"] = ids[meant[str(value)]]
        found.append({**each, "position": place})
    return found


def index_input(item: Object, index: IndexForm) -> Mapping[str, Json]:
    ids = {each.name: str(each.id) for each in item.fields}
    parts: list[Json] = []
    for name in index.fields:
        field, _, sub = name.partition(".")
        if field not in ids:
            fault = Fault(line=index.line, place=index.place, message=f'there is no field "{field}"')
            raise InvalidModelFile([fault])
        parts.append({"fieldMetadataId": ids[field], "subFieldName": sub or None})
    return {"objectMetadataId": str(item.id), "fields": parts, "isUnique": index.is_unique}


def join_group(catalog: Catalog, owner_id: UUID, group: str, label: str, payload: Mapping[str, Json]) -> Catalog:
    """A further member of a morph relation that there is; the API makes them all at once."""
    other, issues = read_other(catalog, dict(payload), None)
    if other is not None and not issues:
        base = Field(id=new_id(), name=group, label=label, type=FIELD_TYPES["MORPH_RELATION"], is_custom=True)
        catalog, _, issues = relate(catalog, owner_id, base, other, morph_group=group)
        if not issues:
            return catalog
    about: Mapping[str, Json] = {"name": group, "objectMetadataId": str(owner_id)}
    finding = Finding(kind="fieldMetadata", verb="create", issues=tuple(issues), about=about)
    raise InvalidModel("create", "fieldMetadata", [finding])


def with_on_delete(catalog: Catalog, field_id: UUID, on_delete: str) -> Catalog:
    """What happens to records when the one that they point to is destroyed, as both sides of the relation say it."""
    for item in catalog.objects:
        for each in item.fields:
            if each.id != field_id:
                continue
            owner, other = other_side(catalog, each)
            catalog = _with_rule(catalog, item, each, on_delete)
            return _with_rule(catalog, owner, other, on_delete)
    return catalog


def _with_rule(catalog: Catalog, owner: Object, field: Field, on_delete: str) -> Catalog:
    assert field.relation is not None
    relation = replace(field.relation, on_delete=cast(OnDelete, on_delete))
    settings = {**field.settings, "onDelete": on_delete} if field.is_to_one else field.settings
    return with_field(catalog, owner.id, replace(field, relation=relation, settings=MappingProxyType(settings)))
