"""Indexes that users add over fields of an object, and take away again."""

from collections.abc import Mapping
from dataclasses import replace
from uuid import UUID

from rapport.base.ids import new_id
from rapport.metadata.catalog import Catalog, CustomIndex
from rapport.metadata.evolution.editing import find_object, with_object
from rapport.metadata.evolution.errors import IndexNotFound
from rapport.metadata.evolution.problems import Finding, InvalidModel, Issue, Verb
from rapport.metadata.fieldtypes.base import Json
from rapport.metadata.fieldtypes.composite import CompositeType
from rapport.metadata.indexes import indexes
from rapport.metadata.serial import index_id

MOST_PARTS = 8
_UNORDERED = frozenset({"jsonb", "tsvector"})


def create_index(catalog: Catalog, given: Mapping[str, Json], *, own_id: UUID | None = None) -> tuple[Catalog, UUID]:
    """The catalog with an index over the given fields, unique if wished for; and its id."""
    own_id = own_id or new_id()
    about: dict[str, Json] = {"id": str(own_id), "objectMetadataId": given.get("objectMetadataId")}
    item = find_object(catalog, UUID(str(given["objectMetadataId"])))
    if item is None:
        raise _invalid(
            "create", about, [_said("INDEX_OBJECT_NOT_FOUND", "Could not find index related object metadata")]
        )
    issues, parts = [], []
    by_id = {str(field.id): field for field in item.fields}
    wanted = given.get("fields")
    for part in wanted if isinstance(wanted, list) else []:
        assert isinstance(part, dict)
        field, sub = by_id.get(str(part.get("fieldMetadataId"))), str(part.get("subFieldName") or "")
        if field is None:
            issues.append(_said("INDEX_FIELD_NOT_FOUND", "Could not find index field related field metadata"))
            continue
        if not sub and isinstance(field.type, CompositeType):
            # The part by which a composite is unique stands for it.
            parts += [(field.id, column.sub) for column in field.columns if column.in_unique]
            issues += [] if any(column.in_unique for column in field.columns) else [_unfit(field.name)]
            continue
        column = field.column_of.get(sub)
        if column is None or column.leaf.sql_type in _UNORDERED or not column.reads:
            issues.append(_unfit(f"{field.name}.{sub}" if sub else field.name))
            continue
        parts.append((field.id, sub))
    if given.get("indexType") == "GIN":
        issues.append(_said("INVALID_INDEX_INPUT", "Indexes of type GIN are made for the search vector only"))
    if not issues and not 1 <= len(parts) <= MOST_PARTS:
        issues.append(_said("INVALID_INDEX_INPUT", f"An index has 1 to {MOST_PARTS} fields"))
    if len(set(parts)) < len(parts):
        issues.append(_said("INVALID_INDEX_INPUT", "The fields of an index must differ"))
    if not issues:
        custom = CustomIndex(id=own_id, parts=tuple(parts), is_unique=given.get("isUnique") is True)
        changed = replace(item, custom_indexes=(*item.custom_indexes, custom))
        if any(index.custom_id == own_id for index in indexes(changed)):
            return with_object(catalog, changed), own_id
        issues.append(_said("INVALID_INDEX_INPUT", "There is such an index already"))
    raise _invalid("create", about, issues)


def delete_index(catalog: Catalog, own_id: UUID) -> Catalog:
    """The catalog without an index that a user added."""
    for item in catalog.objects:
        for index in indexes(item):
            if index_id(item, index) != own_id:
                continue
            if index.custom_id is None:
                about: dict[str, Json] = {"id": str(own_id), "name": index.name}
                raise _invalid("delete", about, [_said("INVALID_INDEX_INPUT", "Standard indexes cannot be deleted")])
            left = tuple(each for each in item.custom_indexes if each.id != own_id)
            return with_object(catalog, replace(item, custom_indexes=left))
    raise IndexNotFound


def _unfit(name: str) -> Issue:
    return _said("INVALID_INDEX_INPUT", f"Field {name} cannot be indexed")


def _said(code: str, message: str) -> Issue:
    return Issue(code=code, message=message, user_message=message)


def _invalid(verb: Verb, about: Mapping[str, Json], issues: list[Issue]) -> InvalidModel:
    return InvalidModel(verb, "index", [Finding(kind="index", verb=verb, issues=tuple(issues), about=about)])
