"""The slow twin of aggregates and groups: what they are of rows in Python. Numbers are exact fractions."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from functools import cmp_to_key
from zoneinfo import ZoneInfo

from tests.engine.shape import ENTITIES, Entity, Leaf, Link, Shape
from tests.engine.twin import Json, Row, Twin, json_text

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_SHIFT = {"MONDAY": 0, "SUNDAY": 1, "SATURDAY": 2}


# -- aggregates -------------------------------------------------------------------------------------------------------


def aggregate_names(entity: Entity) -> list[str]:
    return ["totalCount", *(name for name, *_ in _named(entity))]


def aggregates(entity: Entity, rows: Sequence[Row]) -> dict[str, Json]:
    """All aggregates of rows by name."""
    found: dict[str, Json] = {"totalCount": len(rows)}
    for name, function, key, sub in _named(entity):
        shape = entity.fields[key]
        values = [row[key][sub] if sub else row[key] for row in rows]
        if function in ("min", "max", "avg", "sum", "countTrue", "countFalse"):
            found[name] = _measured(function, [value for value in values if value is not None])
        else:
            found[name] = _counted(function, shape, values)
    return found


def _named(entity: Entity) -> Iterator[tuple[str, str, str, str]]:
    """Name, function, field and sub-field of each aggregate."""
    for key, shape in entity.fields.items():
        if isinstance(shape, Link) or key == "companyId":
            continue
        capital = key[0].upper() + key[1:]
        for function in ("countUniqueValues", "countEmpty", "countNotEmpty", "percentageEmpty", "percentageNotEmpty"):
            yield f"{function}{capital}", function, key, ""
        if isinstance(shape, Leaf):
            measures = _MEASURES.get(shape.kind, ()) if key != "position" else ()
            for function in measures:
                yield f"{function}{capital}", function, key, ""
        elif "amountMicros" in shape:
            for function in _MEASURES["number"]:
                yield f"{function}{capital}AmountMicros", function, key, "amountMicros"


_MEASURES: Mapping[str, Sequence[str]] = {
    "moment": ("min", "max"),
    "boolean": ("countTrue", "countFalse"),
    "number": ("min", "max", "avg", "sum"),
    "integer": ("min", "max", "avg", "sum"),
}


def _measured(function: str, values: list[Json]) -> Json:
    match function:
        case "countTrue" | "countFalse":
            return values.count(function == "countTrue")
        case "min" | "max":
            return (min(values) if function == "min" else max(values)) if values else None
    total = sum(map(Fraction, values), Fraction(0))
    return None if not values else total if function == "sum" else total / len(values)


def _counted(function: str, shape: Shape, values: list[Json]) -> Json:
    filled = [value for value in values if not is_empty(shape, value)]
    share = None if not values else Fraction(len(filled), len(values))
    match function:
        case "countUniqueValues":
            return len({_distinct(shape, value) for value in filled})
        case "countNotEmpty":
            return len(filled)
        case "countEmpty":
            return len(values) - len(filled)
        case "percentageNotEmpty":
            return share
    return None if share is None else 1 - share


def is_empty(shape: Shape, value: Json) -> bool:
    if isinstance(shape, Mapping):
        subs = ("amountMicros",) if "amountMicros" in shape else tuple(shape)
        return all(is_empty(shape[sub], value[sub]) for sub in subs)
    return value is None or (isinstance(value, (str, list)) and not value)


def _distinct(shape: Shape, value: Json) -> Json:
    if isinstance(shape, Mapping):
        return tuple(None if is_empty(leaf, value[sub]) else _distinct(leaf, value[sub]) for sub, leaf in shape.items())
    return json_text(value) if isinstance(value, list) else value


def same(found: Json, expected: Json) -> bool:
    """Whether an answered aggregate is the twin's; quotients may be rounded."""
    if isinstance(expected, Fraction):
        if not isinstance(found, (int, Decimal)):
            return False
        return abs(Fraction(found) - expected) <= abs(expected) * Fraction(1, 10**14)
    if isinstance(expected, float):
        return isinstance(found, (int, Decimal)) and float(found) == expected
    return bool(found == expected) and isinstance(found, bool) == isinstance(expected, bool)


# -- groups -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Group:
    values: tuple[Json, ...]  # as they are answered, numbers as numbers
    rows: list[Row]


def dimension_path(given: Json) -> tuple[str, ...]:
    """`("company", "name")` for `{company: {name: true}}`; what says how moments are put together is not part of it."""
    ((key, value),) = given.items()
    if isinstance(value, dict) and not set(value) & {"granularity", "timeZone", "weekStartDay", "orderBy"}:
        return (key, *dimension_path(value))
    return (key,)


def calendar(given: Json) -> Json:
    """The innermost value of a dimension."""
    for step in dimension_path(given):
        given = given[step]
    return given


def groups(twin: Twin, entity: Entity, rows: Sequence[Row], dimensions: Sequence[Json]) -> list[Group]:
    found: dict[Json, Group] = {}
    for row in rows:
        values = tuple(_value(twin, entity, row, each) for each in dimensions)
        key = tuple(json_text(value) if isinstance(value, list) else value for value in values)
        found.setdefault(key, Group(values=values, rows=[])).rows.append(row)
    return list(found.values())


def _value(twin: Twin, entity: Entity, row: Row | None, given: Json) -> Json:
    path = dimension_path(given)
    for step in path:
        if row is None:
            return None
        shape = entity.fields[step]
        if isinstance(shape, Link):
            row, entity = twin.linked(row, shape), ENTITIES[shape.target]
            continue
        if isinstance(shape, Mapping):
            shape, row = shape[path[-1]], row[step]
            step = path[-1]
        assert row is not None
        value = row[step]
        if is_empty(shape, value):
            return None
        return period(value, calendar(given)) if shape.kind == "moment" else value
    raise AssertionError(path)


def period(moment: str, given: Json) -> str:
    """What a moment is grouped by, as it is answered."""
    given = {} if given is True else given
    granularity = given.get("granularity") or "DAY"
    if granularity == "NONE":
        return moment
    zone = given.get("timeZone")
    local = datetime.fromisoformat(moment).astimezone(UTC if zone is None else ZoneInfo(zone))
    match granularity:
        case "DAY_OF_THE_WEEK":
            return DAYS[local.weekday()]
        case "MONTH_OF_THE_YEAR":
            return MONTHS[local.month - 1]
        case "QUARTER_OF_THE_YEAR":
            return f"Q{(local.month + 2) // 3}"
    day = local.date()
    match granularity:
        case "WEEK":
            day -= timedelta(days=(day.weekday() + _SHIFT[given.get("weekStartDay") or "MONDAY"]) % 7)
        case "MONTH":
            day = day.replace(day=1)
        case "QUARTER":
            day = day.replace(day=1, month=(day.month - 1) // 3 * 3 + 1)
        case "YEAR":
            day = day.replace(day=1, month=1)
    return day.isoformat() + ("T00:00:00.000Z" if zone is None else "")


def ordered(
    found: list[Group], keys: Sequence[tuple[int | str, str]], entity: Entity, dimensions: Sequence[Json]
) -> list[Group]:
    """Groups in order; a key is the index of a dimension or the name of an aggregate, with a direction."""
    asked = {by for by, _ in keys}
    everything = [*keys, *((index, "AscNullsLast") for index in range(len(dimensions)) if index not in asked)]
    computed = {id(group): aggregates(entity, group.rows) for group in found}

    def key_of(group: Group, by: int | str) -> Json:
        return group.values[by] if isinstance(by, int) else computed[id(group)][by]

    def compare(one: Group, other: Group) -> int:
        for by, direction in everything:
            left, right = key_of(one, by), key_of(other, by)
            if left == right:
                continue
            if left is None or right is None:
                return -1 if (left is None) == direction.endswith("NullsFirst") else 1
            return -1 if (left < right) == direction.startswith("Asc") else 1
        return 0

    return sorted(found, key=cmp_to_key(compare))
