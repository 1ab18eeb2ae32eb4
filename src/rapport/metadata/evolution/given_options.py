"""The options of a field as callers give them, in full or as plain texts, and what becomes of those there were."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from rapport.base.errors import InvalidValue
from rapport.base.ids import new_id
from rapport.metadata.catalog import Option
from rapport.metadata.evolution.naming import FIELD_INPUT, LONGEST, folded
from rapport.metadata.evolution.problems import Issue
from rapport.metadata.evolution.reserved import words
from rapport.metadata.fieldtypes.base import Json
from rapport.metadata.fieldtypes.leaves.uuid import UUID as UUID_LEAF
from rapport.metadata.fieldtypes.shown import printable, shown
from rapport.metadata.fieldtypes.storable import obstacle

COLORS = ("green", "turquoise", "sky", "blue", "purple", "pink", "red", "orange", "yellow", "gray")
# Names that newer clients may give besides.
_COLORS = words("amber bronze brown crimson cyan gold grass iris jade lime mint plum ruby tomato violet") | {*COLORS}
_VALUE = re.compile(r"[A-Z][A-Z0-9_]*", re.ASCII)
MOST = 1000
_MOST_PLACE = 2**31 - 1


def read_options(given: Json, before: Sequence[Option] = ()) -> tuple[tuple[Option, ...], list[Issue]]:
    """Options as they are given: `{id?, value?, label?, color?, position?}` or texts, which are labels.

    What is missing comes from the option of before that is meant, or is made. An option is one of before if it has its
    id; without an id, if it has its value.
    """
    if not isinstance(given, list):
        return (), [_issue(f"Options must be a list, found {shown(given)}")]
    if not given:
        return (), [_issue("At least one option is needed")]
    if len(given) > MOST:
        return (), [_issue(f"A field can have {MOST} options at most")]
    reader = _Reader(given, before)
    options = tuple(option for place, item in enumerate(given) if (option := reader.read(place, item)) is not None)
    return options, [*reader.issues, *_repeated(options)]


def option_changes(before: Sequence[Option], after: Sequence[Option]) -> tuple[Mapping[str, str], frozenset[str]]:
    """What happens to values in rows: old values that become new ones, and values that go.

    An option is the same if its id is. A value that a new option takes over stays; one that another option of before
    is renamed to does not: its rows would turn into that option's.
    """
    later = {option.id: option.value for option in after}
    earlier = {option.id for option in before}
    renamed = {each.value: later[each.id] for each in before if later.get(each.id, each.value) != each.value}
    added = {option.value for option in after if option.id not in earlier}
    removed = frozenset(each.value for each in before if each.id not in later and each.value not in added)
    return renamed, removed


@dataclass(kw_only=True)
class _Given:
    """The parts of an option that are given."""

    option_id: UUID | None = None
    value: str | None = None
    label: str | None = None
    color: str | None = None
    position: int | None = None


@dataclass
class _Reader:
    given: list[Json]
    before: Sequence[Option]
    issues: list[Issue] = field(default_factory=list)

    def __post_init__(self) -> None:
        entries = [item for item in self.given if isinstance(item, dict)]
        # What is named by its id is not free to be meant by its value, and a number that is given is not free either.
        self._named = {str(item["id"]).lower() for item in entries if item.get("id") is not None}
        self._values = {text for item in entries if (text := _text(item.get("value"))) is not None}
        self._places = {item["position"] for item in entries if isinstance(item.get("position"), int)}

    def read(self, place: int, item: Json) -> Option | None:
        found = len(self.issues)
        if isinstance(item, str):
            parts = self._parts({"label": item})
        elif isinstance(item, dict):
            parts = self._parts(item)
        else:
            self.issues.append(_issue(f"Option {shown(item)} must be an object or a text"))
            return None
        if len(self.issues) > found:
            return None
        known = self._known(parts)
        value = (
            parts.value
            if parts.value is not None
            else (known.value if known else self._value(parts.label or "", place))
        )
        label = parts.label or (known.label if known else value.replace("_", " ").capitalize())
        if known and item == known.value:
            label = known.label  # a plain text that is the value, not a new label
        self.issues += [*_value_issues(value), *_label_issues(label)]
        if len(self.issues) > found:
            return None
        return Option(
            id=parts.option_id or (known.id if known else new_id()),
            value=value,
            label=label,
            color=parts.color or (known.color if known else COLORS[place % len(COLORS)]),
            position=self._place(place) if parts.position is None else parts.position,
        )

    def _parts(self, item: dict[str, Json]) -> _Given:
        for key in ("value", "label", "color"):
            if item.get(key) is not None and not isinstance(item[key], str):
                self.issues.append(_issue(f"Option {key} must be a text, found {shown(item[key])}"))
        parts = _Given(
            value=_text(item.get("value")), label=_text(item.get("label")), color=_text(item.get("color")) or None
        )
        if parts.label == "" or (parts.value is None and parts.label is None):
            self.issues.append(_issue("Option label cannot be empty"))
        if parts.color is not None and parts.color not in _COLORS:
            self.issues.append(_issue(f'Option color "{printable(parts.color)}" is not known', parts.color))
        if item.get("id") is not None:
            try:
                parts.option_id = UUID(str(UUID_LEAF.coerce(item["id"], "options.id")))
            except InvalidValue:
                self.issues.append(_issue(f"Option id must be a UUID, found {shown(item['id'])}"))
        position = item.get("position")
        if isinstance(position, float) and position.is_integer():
            position = int(position)
        if position is None:
            return parts
        if not isinstance(position, int) or isinstance(position, bool) or not 0 <= position <= _MOST_PLACE:
            self.issues.append(_issue(f"Option position must be a whole number, found {shown(position)}"))
        else:
            parts.position = position
        return parts

    def _known(self, parts: _Given) -> Option | None:
        """The option of before that is meant."""
        if parts.option_id is not None:
            return next((option for option in self.before if option.id == parts.option_id), None)
        free = [option for option in self.before if str(option.id) not in self._named]
        if parts.value is not None:
            return next((option for option in free if option.value == parts.value), None)
        by_label = next((option for option in free if option.label == parts.label), None)
        value = _value_of(parts.label or "")
        return by_label or next((option for option in free if option.value == value), None)

    def _value(self, label: str, place: int) -> str:
        """`IN_PROGRESS` for `In Progress`, unlike all other values."""
        value = _value_of(label) or f"OPTION_{place + 1}"
        unique, number = value, 2
        while unique in self._values:
            unique, number = f"{value[: LONGEST - 5]}_{number}", number + 1
        self._values.add(unique)
        return unique

    def _place(self, place: int) -> int:
        while place in self._places:
            place += 1
        self._places.add(place)
        return place


def _value_of(label: str) -> str:
    """`IN_PROGRESS` for `In Progress`; '' for a label without letters and digits."""
    value = "_".join(re.findall(r"[A-Z0-9]+", folded(label).upper(), re.ASCII))
    return (f"N{value}" if value[:1].isdigit() else value)[:LONGEST]


def _value_issues(value: str) -> Iterator[Issue]:
    if len(value) > LONGEST:
        yield _issue(f"Option value is too long: it exceeds the {LONGEST} characters limit", value)
    elif not _VALUE.fullmatch(value):
        yield _issue(f'Option value "{printable(value)}" must be in UPPER_SNAKE_CASE', value)


def _label_issues(label: str) -> Iterator[Issue]:
    if len(label) > LONGEST:
        yield _issue(f"Option label is too long: it exceeds the {LONGEST} characters limit", label)
    elif "," in label:
        yield _issue("Option label must not contain a comma", label)
    elif reason := obstacle(label):
        yield _issue(f"Option label is not valid{reason}", label)


def _repeated(options: Sequence[Option]) -> Iterator[Issue]:
    for key, each in (
        ("id", [str(option.id) for option in options]),
        ("value", [option.value for option in options]),
        ("position", [str(option.position) for option in options]),
    ):
        repeated = next((item for place, item in enumerate(each) if item in each[:place]), None)
        if repeated is not None:
            yield _issue(f'Option {key} "{repeated}" is given more than once', repeated)


def _text(value: Json) -> str | None:
    return value.strip() if isinstance(value, str) else None


def _issue(message: str, value: str | None = None) -> Issue:
    return Issue(
        code=FIELD_INPUT, message=message, user_message=message, value=None if value is None else printable(value)
    )
