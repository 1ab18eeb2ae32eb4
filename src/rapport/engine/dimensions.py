"""What rows are grouped by, as SQL: the value of a row, its JSON, and the order of groups (core-api.md §1.5)."""

from rapport.engine.plan import Calendar, Dimension
from rapport.engine.sql import Parameters

# Names sort as texts, as they do in the contract.
_NAMES = {
    "DAY_OF_THE_WEEK": ("isodow", ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")),
    "MONTH_OF_THE_YEAR": (
        "month",
        (
            "January", "February", "March", "April", "May", "June",
            "July", "August", "September", "October", "November", "December",
        ),
    ),
    "QUARTER_OF_THE_YEAR": ("quarter", ("Q1", "Q2", "Q3", "Q4")),
}  # fmt: skip
_DAYS_BEFORE_MONDAY = {"MONDAY": 0, "SUNDAY": 1, "SATURDAY": 2}


def dimension_sql(item: Dimension, reference: str, parameters: Parameters) -> str:
    """The typed value by which a row is grouped; equal values have equal texts."""
    calendar = item.calendar
    if calendar is None or calendar.granularity == "NONE":
        return item.column.leaf.group_sql(reference)
    local = _local(item, calendar, reference, parameters)
    if calendar.granularity in _NAMES:
        return f"extract({_NAMES[calendar.granularity][0]} from {local})::int"
    if calendar.granularity == "WEEK":
        shift = _DAYS_BEFORE_MONDAY[calendar.week_start]
        if shift:
            return f"(date_trunc('week', {local} + interval '{shift} days')::date - {shift})"
    return f"date_trunc('{calendar.granularity.lower()}', {local})::date"


def _local(item: Dimension, calendar: Calendar, reference: str, parameters: Parameters) -> str:
    """What the clock shows, as a timestamp without time zone. A day is the same day everywhere."""
    if item.column.leaf.sql_type == "date":
        return f"{reference}::timestamp"
    zone = "'UTC'" if calendar.zone is None else parameters.add(calendar.zone)
    return f"({reference} at time zone {zone})"


def dimension_json(item: Dimension, value: str) -> str:
    """SQL of the JSON of a value of ``dimension_sql``."""
    calendar = item.calendar
    if calendar is None or calendar.granularity == "NONE":
        return f"coalesce({item.column.leaf.group_json_sql(value)}, 'null')"
    if calendar.granularity in _NAMES:
        return f"coalesce('\"' || {_name(calendar, value)} || '\"', 'null')"
    # Who names no time zone speaks to the contract of before, which answered with a moment.
    rest = "T00:00:00.000Z" if calendar.zone is None else ""
    return f"coalesce('\"' || {value} || '{rest}\"', 'null')"


def dimension_order(item: Dimension, value: str) -> str:
    """What groups are ordered by."""
    if item.calendar is not None and item.calendar.granularity in _NAMES:
        return _name(item.calendar, value)
    return value


def _name(calendar: Calendar, value: str) -> str:
    names = ",".join(f"'{name}'" for name in _NAMES[calendar.granularity][1])
    return f"(array[{names}])[{value}]"
