"""What a model file says: objects, fields and indexes by name; and what is wrong with it as far as itself can tell."""

import difflib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from rapport.metadata.evolution.editing import morph_name
from rapport.metadata.fieldtypes.base import Json
from rapport.metadata.fieldtypes.registry import FIELD_TYPES
from rapport.metadata.model_file.errors import Fault, InvalidModelFile
from rapport.metadata.model_file.reading import Node

VERSION = 1
MOST_OBJECTS = 1000
MOST_FIELDS = 1000  # of one object; PostgreSQL's tables end at 1,600 columns

Kind = Literal["text", "text?", "flag", "any", "type", "relation", "onDelete", "options", "settings"]

OBJECT_KEYS: Mapping[str, Kind] = {
    "was": "text",
    "plural": "text",
    "label": "text",
    "labelPlural": "text",
    "description": "text?",
    "icon": "text?",
    "shortcut": "text?",
    "active": "flag",
    "labelSynced": "flag",
    "nameField": "flag",
    "labelField": "text",
    "imageField": "text?",
}
FIELD_KEYS: Mapping[str, Kind] = {
    "was": "text",
    "type": "type",
    "label": "text",
    "description": "text?",
    "icon": "text?",
    "active": "flag",
    "labelSynced": "flag",
    "nullable": "flag",
    "unique": "flag",
    "default": "any",
    "options": "options",
    "settings": "settings",
    "relation": "relation",
    "to": "text",
    "onDelete": "onDelete",
    "group": "text",
}
OPTION_KEYS: Mapping[str, Kind] = {"was": "text", "value": "text", "label": "text", "color": "text"}
INDEX_KEYS: Mapping[str, Kind] = {"unique": "flag"}
OF_RELATION = frozenset({"was", "type", "label", "description", "icon", "active", "labelSynced", "relation", "to"})
_CHOICES: Mapping[str, tuple[str, ...]] = {
    "type": tuple(FIELD_TYPES),
    "relation": ("MANY_TO_ONE", "ONE_TO_MANY"),
    "onDelete": ("SET_NULL", "CASCADE", "RESTRICT", "NO_ACTION"),
}
_INVERSE = {"MANY_TO_ONE": "ONE_TO_MANY", "ONE_TO_MANY": "MANY_TO_ONE"}


@dataclass(frozen=True, kw_only=True)
class FieldForm:
    """A field. ``given`` has those of FIELD_KEYS that are there, but `was`."""

    name: str
    line: int
    place: str
    was: str | None = None
    given: Mapping[str, Json] = field(default_factory=dict)

    def text(self, key: str) -> str | None:
        value = self.given.get(key)
        return value if isinstance(value, str) else None

    @property
    def is_relation(self) -> bool:
        return "relation" in self.given

    @property
    def target(self) -> tuple[str, str]:
        """The object and the field at the other end of a relation."""
        owner, _, name = (self.text("to") or "").partition(".")
        return owner, name


@dataclass(frozen=True, kw_only=True)
class IndexForm:
    """An index. ``fields``: `name`, or `address.addressCity` for a part of a composite field."""

    line: int
    place: str
    fields: tuple[str, ...]
    is_unique: bool


@dataclass(frozen=True, kw_only=True)
class ObjectForm:
    """An object. ``given`` has those of OBJECT_KEYS that are there, but `was`."""

    name: str
    line: int
    place: str
    was: str | None = None
    given: Mapping[str, Json] = field(default_factory=dict)
    fields: Mapping[str, FieldForm] = field(default_factory=dict)
    indexes: tuple[IndexForm, ...] = ()


@dataclass(frozen=True, kw_only=True)
class ModelForm:
    objects: Mapping[str, ObjectForm]


def read_form(root: Node) -> ModelForm:
    """Raises InvalidModelFile with all that is wrong."""
    reader = _Reader()
    form = reader.model(root)
    if not reader.faults:
        reader.faults += _misfits(form)
    if reader.faults:
        raise InvalidModelFile(reader.faults)
    return form


class _Reader:
    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def fault(self, line: int, place: str, message: str) -> None:
        self.faults.append(Fault(line=line, place=place, message=message))

    def model(self, root: Node) -> ModelForm:
        parts = self._mapping(root, "")
        self._check_keys(parts, ("version", "objects"), "")
        version = parts.get("version")
        if version is None or version.value != VERSION:
            line = root.line if version is None else version.line
            self.fault(line, "version", f"this release reads files that say: version: {VERSION}")
        objects = self._named(parts.get("objects"), "objects", MOST_OBJECTS)
        return ModelForm(objects={name: self._object(name, node) for name, node in objects.items()})

    def _object(self, name: str, node: Node) -> ObjectForm:
        place = f"objects.{name}"
        parts = self._mapping(node, place)
        self._check_keys(parts, (*OBJECT_KEYS, "fields", "indexes"), place)
        given = self._given(parts, OBJECT_KEYS, place)
        was = given.pop("was", None)
        fields = self._named(parts.get("fields"), f"{place}.fields", MOST_FIELDS)
        return ObjectForm(
            name=name,
            line=node.line,
            place=place,
            was=was if isinstance(was, str) else None,
            given=given,
            fields={each: self._field(each, part, f"{place}.fields.{each}") for each, part in fields.items()},
            indexes=tuple(self._indexes(parts.get("indexes"), f"{place}.indexes")),
        )

    def _field(self, name: str, node: Node, place: str) -> FieldForm:
        parts = self._mapping(node, place)
        self._check_keys(parts, tuple(FIELD_KEYS), place)
        given = self._given(parts, FIELD_KEYS, place)
        was = given.pop("was", None)
        form = FieldForm(name=name, line=node.line, place=place, was=was if isinstance(was, str) else None, given=given)
        self._check_relation(form)
        return form

    def _check_relation(self, form: FieldForm) -> None:
        keys, type_name = form.given.keys(), form.text("type")
        if type_name in ("RELATION", "MORPH_RELATION") or form.is_relation:
            allowed = OF_RELATION | ({"onDelete"} if form.text("relation") == "MANY_TO_ONE" else set())
            allowed |= {"group"} if type_name == "MORPH_RELATION" else set()
            for key in sorted(keys - allowed):
                self.fault(form.line, f"{form.place}.{key}", "a relation of this kind does not have it")
            for key in ("type", "relation", "to"):
                if key not in keys:
                    self.fault(form.line, form.place, f"a relation needs {key}")
            if type_name == "MORPH_RELATION" and "group" not in keys:
                self.fault(form.line, form.place, "a member of a morph relation needs group")
            if type_name not in (None, "RELATION", "MORPH_RELATION"):
                self.fault(form.line, form.place, f"a relation is not of type {type_name}")
            if type_name == "MORPH_RELATION" and form.text("relation") == "ONE_TO_MANY":
                self.fault(form.line, form.place, "the other side of a morph relation is of type RELATION")
        else:
            for key in sorted(keys & {"to", "onDelete", "group"}):
                self.fault(form.line, f"{form.place}.{key}", "only relations have it")

    def _indexes(self, node: Node | None, place: str) -> Iterator[IndexForm]:
        if node is None or node.value is None:
            return
        if not isinstance(node.value, list):
            self.fault(node.line, place, "it must be a list")
            return
        for number, item in enumerate(node.value):
            own_place = f"{place}[{number}]"
            parts = self._mapping(item, own_place)
            self._check_keys(parts, ("fields", *INDEX_KEYS), own_place)
            given = self._given(parts, INDEX_KEYS, own_place)
            fields = parts.get("fields")
            names = fields.plain() if fields is not None else None
            if not isinstance(names, list) or not names or not all(isinstance(name, str) for name in names):
                self.fault(item.line, own_place, "fields must be a list of names of fields")
                continue
            yield IndexForm(
                line=item.line,
                place=own_place,
                fields=tuple(str(name) for name in names),
                is_unique=given.get("unique") is True,
            )

    # -- values -----------------------------------------------------------------------------------------------------

    def _mapping(self, node: Node, place: str) -> dict[str, Node]:
        if isinstance(node.value, dict):
            return node.value
        if node.value is not None:
            self.fault(node.line, place, "it must be a mapping, `key: value`")
        return {}

    def _named(self, node: Node | None, place: str, most: int) -> dict[str, Node]:
        if node is None:
            return {}
        found = self._mapping(node, place)
        if len(found) > most:
            self.fault(node.line, place, f"there are more than {most}")
            return {}
        return found

    def _check_keys(self, parts: Mapping[str, Node], known: tuple[str, ...], place: str) -> None:
        for key, node in parts.items():
            if key not in known:
                close = difflib.get_close_matches(key[:50], known, n=1)
                hint = f"; did you mean {close[0]}?" if close else f"; there are {', '.join(known)}"
                self.fault(node.line, place, f'"{key[:50]}" is not known{hint}')

    def _given(self, parts: Mapping[str, Node], kinds: Mapping[str, Kind], place: str) -> dict[str, Json]:
        found: dict[str, Json] = {}
        for key, kind in kinds.items():
            if key in parts:
                misfit = self._misfit(parts[key], kind, f"{place}.{key}")
                if misfit is not None:
                    self.fault(parts[key].line, f"{place}.{key}", misfit)
                else:
                    found[key] = parts[key].plain()
        return found

    def _misfit(self, node: Node, kind: Kind, place: str) -> str | None:
        """What is wrong with a value, if anything."""
        value = node.value
        match kind:
            case "text" | "text?":
                if isinstance(value, str) and (value.strip() or kind == "text?"):
                    return None
                if value is None and kind == "text?":
                    return None
                quoted = isinstance(value, bool | int | float)
                return "it must be a text" + (", put it in quotes" if quoted else "")
            case "flag":
                return None if isinstance(value, bool) else "it must be true or false"
            case "settings":
                return None if isinstance(value, dict) or value is None else "it must be a mapping, `key: value`"
            case "options":
                return self._options_misfit(node, place)
            case "type" | "relation" | "onDelete":
                words = _CHOICES[kind]
                return None if value in words else f"it must be one of {', '.join(words)}"
        return None

    def _options_misfit(self, node: Node, place: str) -> str | None:
        if node.value is None:
            return None
        if not isinstance(node.value, list):
            return "it must be a list of options"
        for number, option in enumerate(node.value):
            if isinstance(option.value, dict):
                own_place = f"{place}[{number}]"
                self._check_keys(option.value, tuple(OPTION_KEYS), own_place)
                self._given(option.value, OPTION_KEYS, own_place)
                if "value" not in option.value:
                    self.fault(option.line, own_place, "an option needs a value")
            elif not isinstance(option.value, str):
                self.fault(option.line, f"{place}[{number}]", "an option is a text, or value, label and color")
        return None


def _misfits(form: ModelForm) -> Iterator[Fault]:
    """What is wrong between the parts of the file: both sides of relations, members of morph relations."""
    for owner in form.objects.values():
        groups: dict[str, FieldForm] = {}
        for each in owner.fields.values():
            if not each.is_relation:
                continue
            yield from _relation_misfits(form, owner, each)
            group = each.text("group")
            if group is None:
                continue
            expected = morph_name(group, each.target[0])
            if each.name != expected:
                message = f'the member of the group "{group}" that leads to {each.target[0]} is called {expected}'
                yield Fault(line=each.line, place=each.place, message=message)
            first = groups.setdefault(group, each)
            for key in ("label", "icon", "description"):
                if first.given.get(key) != each.given.get(key):
                    message = f"all members of the group have one {key}, see line {first.line}"
                    yield Fault(line=each.line, place=f"{each.place}.{key}", message=message)


def _relation_misfits(form: ModelForm, owner: ObjectForm, each: FieldForm) -> Iterator[Fault]:
    to, (target_object, target_field) = each.text("to") or "", each.target
    if not target_object or not target_field or "." in target_field:
        yield Fault(line=each.line, place=f"{each.place}.to", message="it must be object.field, the other side")
        return
    target = form.objects.get(target_object)
    other = target.fields.get(target_field) if target is not None else None
    if other is None or not other.is_relation:
        message = (
            f"the other side of the relation is missing: objects.{target_object}.fields.{target_field} with type: "
            f"RELATION, relation: {_INVERSE[each.text('relation') or 'ONE_TO_MANY']}, to: {owner.name}.{each.name}"
        )
        yield Fault(line=each.line, place=each.place, message=message)
    elif other.target != (owner.name, each.name) or other.text("relation") != _INVERSE[each.text("relation") or ""]:
        message = f"{to} (line {other.line}) is not the other side of this relation"
        yield Fault(line=each.line, place=each.place, message=message)
    elif other is each:
        yield Fault(line=each.line, place=each.place, message="a relation has two sides")
