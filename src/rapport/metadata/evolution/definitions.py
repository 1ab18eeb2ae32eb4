"""What a field holds: whether it may be empty, its default, options and settings, from what a caller gives."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

import orjson

from rapport.base.errors import InvalidValue
from rapport.base.ids import new_id
from rapport.metadata.catalog import Field, Option
from rapport.metadata.evolution.given_options import COLORS, option_changes, read_options
from rapport.metadata.evolution.naming import FIELD_INPUT
from rapport.metadata.evolution.problems import Issue
from rapport.metadata.fieldtypes.base import FieldType, Json
from rapport.metadata.fieldtypes.defaults import spelled, unquoted
from rapport.metadata.fieldtypes.shown import printable, shown
from rapport.metadata.fieldtypes.storable import storable_json

__all__ = ["Definition", "define", "option_changes"]

# Settings by which the server itself knows something of a field: callers may repeat them, but not set them.
INNER_SETTINGS = frozenset(
    {"asExpression", "generatedType", "isSecret", "joinColumnName", "onDelete", "relationType", "sourceFields"}
)
_LONGEST = 10_000  # bytes of a default, and of settings, as JSON


@dataclass(frozen=True, kw_only=True)
class Definition:
    """What a field holds. ``default`` is spelled as the metadata spell it: `"'text'"`, `"now"`, 5, `{…}`."""

    is_nullable: bool = True
    is_unique: bool = False
    default: Json = None
    options: tuple[Option, ...] = ()
    settings: Mapping[str, Json] = field(default_factory=dict)


def define(
    field_type: FieldType, given: Mapping[str, Json], *, name: str, before: Definition | None = None
) -> tuple[Definition | None, list[Issue]]:
    """The definition of a field of a type, or what is wrong with it.

    ``given`` has those of isNullable, isUnique, defaultValue, options and settings that the caller gave, as they are.
    With ``before`` the others stay; where the default was an option that goes, there is none, and where it was one that
    gets another value, it follows.
    """
    definer = _Definer(field_type, printable(name), before or Definition())
    if before is None and not field_type.is_creatable:
        definer.refuse(f"Fields of type {field_type.name} cannot be created")
        return None, definer.issues
    definition = definer.defined(given, is_new=before is None)
    return (None, definer.issues) if definer.issues else (definition, [])


class _Definer:
    def __init__(self, field_type: FieldType, name: str, before: Definition) -> None:
        self._type = field_type
        self._name = name
        self._before = before
        self.issues: list[Issue] = []

    def refuse(self, message: str, value: Json = None) -> None:
        self.issues.append(Issue(code=FIELD_INPUT, message=message, user_message=message, value=value))

    def defined(self, given: Mapping[str, Json], *, is_new: bool) -> Definition:
        found = Definition(
            is_nullable=self._flag(given, "isNullable", self._before.is_nullable),
            is_unique=self._flag(given, "isUnique", self._before.is_unique),
            options=self._options(given),
            settings=self._settings(given, is_new=is_new) if "settings" in given else self._before.settings,
        )
        if not self.issues:
            found = replace(found, default=self._default(given, found))
        if found.is_unique and not self.issues:
            self._check_unique(found)
        return found

    def _flag(self, given: Mapping[str, Json], key: str, now: bool) -> bool:
        value = given.get(key)
        if value is None:
            return now
        if not isinstance(value, bool):
            self.refuse(f"{key} must be true or false, found {shown(value)}")
            return now
        return value

    # -- options --------------------------------------------------------------------------------------------------

    def _options(self, given: Mapping[str, Json]) -> tuple[Option, ...]:
        now, wanted = self._before.options, given.get("options")
        if not self._type.has_options:
            if wanted:
                self.refuse(f"Fields of type {self._type.name} have no options")
            return now
        if self._type.fixed_options:
            return self._fixed_options(wanted)
        if wanted is None and now:
            return now
        options, issues = read_options(wanted if wanted is not None else [], now)
        self.issues += issues
        return options

    def _fixed_options(self, wanted: Json) -> tuple[Option, ...]:
        fixed = self._type.fixed_options
        if wanted:
            entries = wanted if isinstance(wanted, list) else [wanted]
            values = [entry.get("value") if isinstance(entry, dict) else entry for entry in entries]
            if values != [value for value, _ in fixed]:
                self.refuse(f"The options of a field of type {self._type.name} cannot be changed")
        return self._before.options or tuple(
            Option(id=new_id(), value=value, label=label, color=COLORS[-1], position=place)
            for place, (value, label) in enumerate(fixed)
        )

    # -- settings -------------------------------------------------------------------------------------------------

    def _settings(self, given: Mapping[str, Json], *, is_new: bool) -> Mapping[str, Json]:
        now, wanted = self._before.settings, given.get("settings")
        if self._type.is_relation:
            return now  # they follow from the relation
        if wanted is None:
            wanted = {}
        if not isinstance(wanted, dict):
            self.refuse(f"Settings must be an object, found {shown(wanted)}")
            return now
        inner = {key: value for key, value in now.items() if key in INNER_SETTINGS}
        settings: dict[str, Json] = {}
        for key, value in wanted.items():
            rule = self._type.settings_rules.get(key)
            if key in INNER_SETTINGS:
                if value != inner.get(key):
                    self.refuse(f"Setting {key} cannot be set")
            elif value is not None and rule is not None and (misfit := rule.misfit(value)):
                self.refuse(f"Setting {key} {misfit}, found {shown(value)}")
            elif value is not None or rule is None:
                # What no rule is about is for clients, who know more settings than the server needs to.
                settings[key] = value
        if "dataType" in now:
            settings.setdefault("dataType", now["dataType"])
        if not is_new and (problem := self._type.change_of_settings(now, settings)):
            self.refuse(problem)
        return MappingProxyType({**self._small(settings, "Settings"), **inner})

    def _small(self, value: dict[str, Json], what: str) -> dict[str, Json]:
        try:
            storable_json(value, f"{self._name}.{what.lower()}")
            size = len(orjson.dumps(value))
        except InvalidValue as error:
            self.refuse(error.message)
            return {}
        if size > _LONGEST:
            self.refuse(f"{what} are too long: they exceed {_LONGEST} bytes")
            return {}
        return value

    # -- defaults -------------------------------------------------------------------------------------------------

    def _default(self, given: Mapping[str, Json], found: Definition) -> Json:
        default = self._before.default
        if "defaultValue" in given:
            default = self._given_default(given["defaultValue"], found)
        elif default is not None and self._type.has_options:
            default = _following(default, self._before.options, found.options)
        if found.is_nullable and not self._before.is_nullable and "defaultValue" not in given:
            # It is what a field that had to have a value was given for want of another.
            default = None if default == self._type.empty_default() else default
        if self.issues or default is not None or found.is_nullable:
            return default
        if not self._before.is_nullable and self._before.default is None:
            return None  # it had none before, and has to be given by whoever makes a record
        empty = self._type.empty_default()
        if empty is None and self._type.has_options:
            self.refuse("A field that must have a value needs a default value")
        # A value that all records share cannot be unique: such a field has no default, and must be given a value.
        return None if found.is_unique and not _is_empty(empty) else empty

    def _given_default(self, given: Json, found: Definition) -> Json:
        if given is None or (given == [] == self._type.empty_default() and not found.is_nullable):
            return given
        if not self._type.may_have_default:
            self.refuse(f"Fields of type {self._type.name} cannot have a default value")
            return None
        probe = Field(
            id=new_id(),
            name=self._name,
            label="",
            type=self._type,
            options=found.options,
            settings=found.settings,
        )
        try:
            default = self._type.spelled_default(probe, given)
            size = len(orjson.dumps(default))
        except InvalidValue as error:
            self.refuse(f"Default value is not valid: {error.message}", _told(given))
            return None
        if size > _LONGEST:
            self.refuse(f"Default value is too long: it exceeds {_LONGEST} bytes")
        if default == [] and self._type.has_options:
            self.refuse("Default value cannot be an empty list")
        return default

    # -- unique ---------------------------------------------------------------------------------------------------

    def _check_unique(self, found: Definition) -> None:
        if not self._type.may_be_unique:
            self.refuse(f"Fields of type {self._type.name} cannot be unique")
        elif not _is_empty(found.default):
            self.issues.append(
                Issue(
                    code="INDEX_FIELD_INVALID_DEFAULT_VALUE",
                    # The contract's text, which has names where values were meant.
                    message="Unique index cannot be created for field {fieldName} of type {fieldType}",
                    user_message=f"{self._type.name} fields cannot have a default value.",
                )
            )


def _following(default: Json, before: Sequence[Option], after: Sequence[Option]) -> Json:
    """A default that is an option, or a list of them, after the options have changed."""
    renamed, removed = option_changes(before, after)
    wanted = unquoted(default)
    if isinstance(wanted, list):
        kept = [renamed.get(str(item), item) for item in wanted if item not in removed]
        return spelled(list(kept), "text[]") if kept or not wanted else None
    return None if wanted in removed else spelled(renamed.get(str(wanted), wanted), "text")


def _is_empty(default: Json) -> bool:
    """Whether records that have the default do not conflict with each other: unique indexes leave empty texts out."""
    if isinstance(default, dict):
        return all(_is_empty(item) for item in default.values())
    return default is None or default in ("uuid", "''")


def _told(given: Json) -> Json:
    """A value as an answer can carry it."""
    return given if isinstance(given, bool | int | float) and abs(given) < 2**53 else printable(shown(given))
