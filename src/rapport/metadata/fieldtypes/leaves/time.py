"""Columns of moments and of days."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import NoReturn

from rapport.base.errors import InvalidValue
from rapport.metadata.fieldtypes.base import Json, Leaf
from rapport.metadata.fieldtypes.shapes import Shape, Use, formatted
from rapport.metadata.fieldtypes.shown import shown

_MOMENT = re.compile(
    r"(?P<day>\d{4}-\d\d-\d\d)"
    r"(?:[Tt ](?P<hour>\d\d):(?P<minute>\d\d)(?::(?P<second>\d\d)(?:[.,](?P<fraction>\d+))?)?"
    r"(?P<zone>[Zz]|[+-]\d\d(?::?\d\d)?))?",
    re.ASCII,
)
_COMPARE = ("eq", "neq", "gt", "gte", "lt", "lte", "in", "is")


class DateTimeLeaf(Leaf):
    """A moment to the millisecond, given as ISO 8601 with an offset; a bare day is its midnight in UTC."""

    sql_type = "timestamptz(3)"
    scalar = "DateTime"
    input_scalar = "DateTime"
    filter_type = "DateTimeFilter"
    operators = _COMPARE

    def shape(self, use: Use) -> Shape:
        return formatted("date-time")

    def json_sql(self, column: str) -> str:
        # The added microsecond makes to_json write six digits of fraction; three of them are kept.
        return f"left(to_json({column}+interval '1 us')::text,24)||'Z\"'"

    def cell_sql(self, column: str, *, is_guarded: bool = False) -> str:
        return f"substr(to_json({column}+interval '1 us')::text,2,23)||'Z'"

    def coerce(self, value: Json, label: str) -> Json:
        moment = _moment(value)
        if moment is None:
            self._reject(value, label)
        return moment.isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"

    def param(self, value: Json, label: str) -> object:
        moment = _moment(value)
        if moment is None:
            self._reject(value, label)
        return moment

    def _reject(self, value: Json, label: str) -> NoReturn:
        raise InvalidValue(
            f"Invalid value {shown(value)} for date-time field \"{label}\". Expected format: 'YYYY-MM-DDTHH:mm:ssZ'"
        )


class DateLeaf(Leaf):
    """A day, given as `YYYY-MM-DD`; of a date-time only the day as written counts."""

    sql_type = "date"
    scalar = "Date"
    input_scalar = "Date"
    filter_type = "DateFilter"
    operators = _COMPARE

    def shape(self, use: Use) -> Shape:
        return formatted("date")

    def json_sql(self, column: str) -> str:
        return f"to_json({column})::text"

    def cell_sql(self, column: str, *, is_guarded: bool = False) -> str:
        return f"{column}::text"

    def coerce(self, value: Json, label: str) -> Json:
        return self._day(value, label).isoformat()

    def param(self, value: Json, label: str) -> object:
        return self._day(value, label)

    def _day(self, value: Json, label: str) -> date:
        if isinstance(value, str) and (match := _MOMENT.fullmatch(value)):
            try:
                return date.fromisoformat(match["day"])
            except ValueError:
                pass
        raise InvalidValue(f"Invalid value {shown(value)} for date field \"{label}\". Expected format: 'YYYY-MM-DD'")


def _moment(value: Json) -> datetime | None:
    """The moment in UTC, cut to milliseconds; None if the text is none, or lies outside the years 1 to 9999."""
    if not isinstance(value, str) or len(value) > 100 or not (match := _MOMENT.fullmatch(value)):
        return None
    try:
        day = date.fromisoformat(match["day"])
        if match["hour"] is None:
            return datetime(day.year, day.month, day.day, tzinfo=UTC)
        milliseconds = int(((match["fraction"] or "") + "000")[:3])
        local = datetime(
            day.year, day.month, day.day,
            int(match["hour"]), int(match["minute"]), int(match["second"] or 0), milliseconds * 1000, tzinfo=UTC,
        )  # fmt: skip
        return local - _offset(match["zone"])
    except (ValueError, OverflowError):
        return None


def _offset(zone: str) -> timedelta:
    if zone in "Zz":
        return timedelta(0)
    digits = zone[1:].replace(":", "")
    hours, minutes = int(digits[:2]), int(digits[2:] or 0)
    if hours > 23 or minutes > 59:
        raise ValueError(zone)
    return timedelta(hours=hours, minutes=minutes) * (-1 if zone[0] == "-" else 1)


DATE_TIME = DateTimeLeaf()
DATE = DateLeaf()
