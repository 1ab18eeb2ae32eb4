"""FILES: links to uploaded files."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, NoReturn

from rapport.base.errors import InvalidValue
from rapport.metadata.fieldtypes.atomic import AtomicType
from rapport.metadata.fieldtypes.base import Json, Leaf
from rapport.metadata.fieldtypes.leaves.json import JSON, parsed_json
from rapport.metadata.fieldtypes.leaves.text import TEXT
from rapport.metadata.fieldtypes.leaves.uuid import UUID
from rapport.metadata.fieldtypes.settings import VALUES
from rapport.metadata.fieldtypes.shapes import STRING, Shape, Use, formatted, list_of, object_of, or_null
from rapport.metadata.fieldtypes.shown import shown

if TYPE_CHECKING:
    from rapport.metadata.catalog import Field


class FilesType(AtomicType):
    """A list of `{fileId, label}`, at most as many as the setting `maxNumberOfValues` allows."""

    name = "FILES"
    may_be_unique = False
    may_have_default = False  # a file belongs to one record
    settings_rules = VALUES

    def shape(self, field: "Field", use: Use) -> Shape:
        known = {"fileId": formatted("uuid"), "label": STRING}
        if use == "answer":
            return or_null(list_of(object_of(known)))
        files = list_of({**object_of(known), "required": ["fileId", "label"]})
        return or_null(files) if use == "update" else files

    def empty_default(self) -> Json:
        return []

    def leaf(self, field: "Field") -> Leaf:
        return JSON

    def write(self, field: "Field", value: Json) -> Mapping[str, Json]:
        if value is None:
            return super().write(field, None)
        items = parsed_json(value)
        if not isinstance(items, list):
            _reject(field, value, "a list of files is expected")
        most = field.settings.get("maxNumberOfValues")
        if isinstance(most, int) and len(items) > most:
            _reject(field, value, f"at most {most} file{'s' if most > 1 else ''} allowed")
        return super().write(field, [_file(field, item) for item in items])


def _file(field: "Field", item: Json) -> Json:
    if not isinstance(item, dict):
        _reject(field, item, "a file is an object with fileId and label")
    file_id, label = item.get("fileId"), item.get("label")
    if unknown := sorted(set(item) - {"fileId", "label", "extension", "url"}):
        _reject(field, item, f"unknown key {shown(unknown[0])}")
    if not isinstance(label, str):
        _reject(field, item, "label must be a string")
    # The contract's clients send url and extension back, which answers of its servers have: they are not kept.
    return {
        "fileId": UUID.coerce(file_id, f"{field.name}.fileId"),
        "label": TEXT.coerce(label, f"{field.name}.label"),
    }


def _reject(field: "Field", value: Json, reason: str) -> NoReturn:
    raise InvalidValue(f'Invalid value "{shown(value)}" for FILES field "{field.name}" - {reason}')
