"""A model as the text of a file: what users have made in full, of the rest what differs from the standard model."""

from collections.abc import Mapping
from typing import cast

import yaml

from rapport.metadata.catalog import Catalog, Field, Object
from rapport.metadata.fieldtypes.base import Json
from rapport.metadata.model_file.describing import (
    Baseline,
    describe_field,
    describe_index,
    describe_object,
)
from rapport.metadata.model_file.forms import VERSION
from rapport.metadata.model_file.reading import resolved

_WIDTH = 120
_HEADER = """\
# The data model of the workspace "{name}".
#
#   rapport schema diff WORKSPACE FILE     shows what would change, and what data would be lost
#   rapport schema apply WORKSPACE FILE    changes the workspace's model to this one
#
# Custom objects and fields are here in full: what is not here is deleted by apply, with its data, if --allow-loss is
# given. Of standard objects there is what differs from the standard model: what is not here is as the standard has it.
# A name that changes needs `was: oldName` beside the rest: of an object, a field, the value of an option. A relation is
# in both of its objects. Indexes of links, unique fields and search come by themselves.
"""


def write_model_file(catalog: Catalog, name: str) -> str:
    """The file, in an order that stays the same. ``name``: of the workspace, for the comment."""
    document: dict[str, Json] = {"version": VERSION, "objects": _objects(catalog)}
    body = yaml.dump(
        document, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=_WIDTH, default_flow_style=False
    )
    return _HEADER.format(name=name.replace("\n", " ")) + body


def _objects(catalog: Catalog) -> dict[str, Json]:
    baseline = Baseline(catalog)
    found: dict[str, Json] = {}
    for item in sorted(catalog.objects, key=lambda item: item.is_custom):
        described = _object(item, baseline)
        if described or item.is_custom:
            found[item.name] = described
    return found


def _object(item: Object, baseline: Baseline) -> dict[str, Json]:
    found = _less(describe_object(item), baseline.of_object(item), is_all=item.is_custom)
    fields: dict[str, Json] = {}
    for each in item.fields:
        described = _field(item, each, baseline)
        if described:
            fields[each.name] = described
    if fields:
        found["fields"] = fields
    if item.custom_indexes:
        indexes = [describe_index(item, each) for each in item.custom_indexes]
        ordered = sorted(indexes, key=lambda each: (str(each["fields"]), each["unique"] is True))
        found["indexes"] = [_Inline(_less(each, {"unique": False}, is_all=True)) for each in ordered]
    return found


def _field(owner: Object, item: Field, baseline: Baseline) -> dict[str, Json]:
    found = _less(describe_field(item), baseline.of_field(owner, item), is_all=item.is_custom)
    if isinstance(found.get("options"), list):
        found["options"] = [_Inline(each) for each in cast("list[dict[str, Json]]", found["options"])]
    for key in ("settings", "default"):
        if isinstance(found.get(key), dict):
            found[key] = _Inline(cast("dict[str, Json]", found[key]))
    return found


def _less(described: Mapping[str, Json], without: Mapping[str, Json], *, is_all: bool) -> dict[str, Json]:
    """What differs; with ``is_all`` also what the other one does not speak of."""
    return {key: value for key, value in described.items() if (without[key] != value if key in without else is_all)}


class _Inline(dict[str, Json]):
    """A mapping on one line: `{value: NEW, label: New, color: red}`"""


class _Dumper(yaml.SafeDumper):
    """Quotes whatever we would read as something else than a text; each value stands for itself."""

    def ignore_aliases(self, data: object) -> bool:
        return True

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        super().increase_indent(flow, False)


def _text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = None if resolved(text) == text else "'"
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


def _inline(dumper: yaml.SafeDumper, value: _Inline) -> yaml.MappingNode:
    return dumper.represent_mapping("tag:yaml.org,2002:map", value, flow_style=True)


_Dumper.add_representer(str, _text)
_Dumper.add_representer(_Inline, _inline)
