"""Objects and fields by the keys that a model file has for them, and what they are where the file says nothing."""

from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import cast

from rapport.base.errors import InvalidValue
from rapport.metadata.catalog import Catalog, CustomIndex, Field, Object
from rapport.metadata.evolution.definitions import INNER_SETTINGS
from rapport.metadata.evolution.objects import create_object
from rapport.metadata.evolution.relations import RELATION_ICON
from rapport.metadata.fieldtypes.base import Json
from rapport.metadata.fieldtypes.defaults import plain_default
from rapport.metadata.standard.model import standard_catalog

Description = Mapping[str, Json]

# An object that is made to see what custom objects come with.
_PROBE: Description = MappingProxyType(
    {
        "nameSingular": "modelFileProbe",
        "namePlural": "modelFileProbes",
        "labelSingular": "Model file probe",
        "labelPlural": "Model file probes",
    }
)
OBJECT_DEFAULTS: Description = MappingProxyType(
    {"description": None, "icon": None, "shortcut": None, "active": True, "labelSynced": False, "imageField": None}
)
FIELD_DEFAULTS: Description = MappingProxyType(
    {
        "description": None,
        "icon": None,
        "active": True,
        "labelSynced": False,
        "nullable": True,
        "unique": False,
        "default": None,
        "options": None,
        "settings": None,
    }
)
RELATION_DEFAULTS: Description = MappingProxyType(
    {"description": None, "icon": RELATION_ICON, "active": True, "labelSynced": False, "onDelete": "SET_NULL"}
)
_NAMING = ("label", "description", "icon", "active", "labelSynced")
_OF_STANDARD_OBJECT = ("label", "labelPlural", "description", "icon", "active")
_OF_STANDARD_FIELD = frozenset({*_NAMING, "unique", "default", "options", "settings"})


def describe_object(item: Object) -> Description:
    names = item.overrides or {}
    found: dict[str, Json] = {
        "plural": item.plural,
        "label": names.get("labelSingular", item.label),
        "labelPlural": names.get("labelPlural", item.label_plural),
        "description": names.get("description", item.description),
        "icon": names.get("icon", item.icon),
        "shortcut": item.shortcut,
        "active": item.is_active,
        "labelSynced": item.is_label_synced,
        "labelField": item.label_field,
        "imageField": item.image_field,
    }
    if item.is_custom:
        found["nameField"] = has_name_field(item)
    return found


def has_name_field(item: Object) -> bool:
    """Whether a custom object came with a field for its name."""
    return any(each.name == "name" and not each.is_custom for each in item.fields)


def describe_field(item: Field) -> Description:
    names = item.overrides or {}
    found: dict[str, Json] = {
        "type": item.type.name,
        "label": names.get("label", item.label),
        "description": names.get("description", item.description),
        "icon": names.get("icon", item.icon),
        "active": item.is_active,
        "labelSynced": item.is_label_synced,
    }
    if item.relation is not None:
        found["relation"] = item.relation.kind
        found["to"] = f"{item.relation.target_object}.{item.relation.target_field}"
        if item.is_to_one:
            found["onDelete"] = item.relation.on_delete
        if item.relation.morph_group is not None:
            found["group"] = item.relation.morph_group
        return found
    return {
        **found,
        "nullable": item.is_nullable,
        "unique": item.is_unique,
        "default": readable_default(item),
        "options": readable_options(item),
        "settings": cast(Json, {key: value for key, value in item.settings.items() if key not in INNER_SETTINGS})
        or None,
    }


def readable_options(item: Field) -> Json:
    """None for types whose options nobody chooses."""
    if not item.options or item.type.fixed_options:
        return None
    return [
        {"value": option.value, "label": option.label, "color": option.color}
        for option in sorted(item.options, key=lambda option: option.position)
    ]


def readable_default(item: Field) -> Json:
    """The default without the quotes that the metadata have; as it is where that would mean something else."""
    default = cast(Json, item.default)
    if default is None or item.type.is_relation:
        return None
    plain: Json = plain_default(default, "" if len(item.columns) != 1 else item.column.leaf.sql_type)
    if isinstance(plain, dict) and len(item.columns) > 1:
        plain = {sub: value for sub, value in plain.items() if value is not None}
    try:
        is_same = plain is not None and item.type.spelled_default(item, plain) == default
    except InvalidValue:
        is_same = False
    return plain if is_same else default


def describe_index(item: Object, index: CustomIndex) -> Description:
    names = {each.id: each.name for each in item.fields}
    return {
        "fields": [f"{names[field_id]}.{sub}" if sub else names[field_id] for field_id, sub in index.parts],
        "unique": index.is_unique,
    }


class Baseline:
    """What the objects and fields are that nobody has changed: their own names, and what the standard model says."""

    def __init__(self, catalog: Catalog) -> None:
        standard = standard_catalog(catalog.workspace_id, catalog.schema)
        self._fields = {(item.name, each.name): each for item in standard.objects for each in item.fields}
        made, own_id = create_object(standard, _PROBE)
        self._of_custom = {each.name: each for item in made.objects if item.id == own_id for each in item.fields}

    def of_object(self, item: Object) -> Description:
        """Of a custom object what need not be said, of a standard one what can change."""
        if item.is_custom:
            has_name = has_name_field(item)
            return {**OBJECT_DEFAULTS, "nameField": True, "labelField": "name" if has_name else "id"}
        described = describe_object(replace(item, overrides=None, is_active=True))
        return {key: described[key] for key in _OF_STANDARD_OBJECT}

    def of_field(self, owner: Object, item: Field) -> Description:
        """Of a custom field what need not be said, of a standard one what can change."""
        if item.is_custom:
            return RELATION_DEFAULTS if item.relation is not None else FIELD_DEFAULTS
        described = describe_field(replace(item, overrides=None, is_active=True, is_label_synced=False))
        original = self._of_custom.get(item.name) if owner.is_custom else self._fields.get((owner.name, item.name))
        if original is not None and original.type is item.type:
            described = {**describe_field(original), **{key: described[key] for key in _NAMING}}
        return {key: value for key, value in described.items() if key in _OF_STANDARD_FIELD}
