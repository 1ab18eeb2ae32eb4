"""Aggregates (core-api.md §1.4): which an object has by name, and how one is computed over rows."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from rapport.engine.plan import Aggregate, AggregateFunction, TotalCount
from rapport.engine.sql import Expression, Part
from rapport.metadata.catalog import Field, Object
from rapport.metadata.fieldtypes.base import Column, Measure
from rapport.metadata.fieldtypes.leaves.time import DATE_TIME
from rapport.metadata.names import quote

_MEASURES = frozenset(get_args(Measure))
_OF_EVERY_FIELD: tuple[AggregateFunction, ...] = (
    "countUniqueValues",
    "countEmpty",
    "countNotEmpty",
    "percentageEmpty",
    "percentageNotEmpty",
)


@dataclass(frozen=True, kw_only=True)
class Available:
    """An aggregate that can be asked for. ``sub`` is the sub-field that it is of, when not of the whole field."""

    function: AggregateFunction
    field: Field
    sub: str = ""

    @property
    def scalar(self) -> Literal["Int", "Float", "DateTime"]:
        if self.function.startswith("count"):
            return "Int"
        is_moment = self.function in ("min", "max") and _is_moment(_measured(self.field))
        return "DateTime" if is_moment else "Float"


def aggregates_of(item: Object) -> Mapping[str, Available]:
    """All aggregates of an object but totalCount, by name: `countEmptyName`, `sumAmountAmountMicros` …"""
    found: dict[str, Available] = {}
    for field in item.field.values():
        for name, available in _of_field(field):
            found.setdefault(name, available)
    return found


def find_aggregate(item: Object, name: str) -> Available | None:
    """The aggregate of that name, without making all of them."""
    for field in item.field.values():
        if _capital(field.name) in name:
            for each, available in _of_field(field):
                if each == name:
                    return available
    return None


def measures_denied(item: Object, name: str) -> bool:
    """Whether it is the name of an aggregate of a field that the caller may not read."""
    return any(each == name for field in item.fields if field.name in item.denied for each, _ in _of_field(field))


def _of_field(field: Field) -> Iterator[tuple[str, Available]]:
    if not field.is_readable or field.is_to_many or field.type.name == "RELATION":
        return
    for function in _OF_EVERY_FIELD:
        yield function + _capital(field.name), Available(function=function, field=field)
    sub = field.type.measured_sub
    for measure in field.type.measures:
        yield measure + _capital(field.name) + _capital(sub), Available(function=measure, field=field, sub=sub)


def aggregate_sql(item: TotalCount | Aggregate, alias: str) -> str:
    """The typed value over the rows of an alias; NULL where there is none: no row to measure, or no row at all."""
    if isinstance(item, TotalCount):
        return "count(*)"
    if item.function in _MEASURES:
        column = _measured(item.field)
        return _measure(item.function, column, f"{alias}.{quote(column.name)}")
    match item.function:
        case "countUniqueValues":
            return _distinct(item.field, alias)
        case "countNotEmpty":
            return _filled(item.field, alias)
        case "countEmpty":
            return f"count(*)-{_filled(item.field, alias)}"
        case "percentageNotEmpty":
            return f"{_filled(item.field, alias)}::float8/nullif(count(*),0)"
        case _:
            return f"(count(*)-{_filled(item.field, alias)})::float8/nullif(count(*),0)"


def aggregate_json(item: TotalCount | Aggregate, value: str) -> Part:
    """The JSON of a value of ``aggregate_sql``."""
    if item.is_text:
        return Expression(f"coalesce('\"'||{value}||'\"', 'null')")
    if isinstance(item, TotalCount) or item.function.startswith("count"):
        return Expression(value)
    if item.function in ("min", "max") and _is_moment(_measured(item.field)):
        return Expression(f"coalesce({DATE_TIME.json_sql(value)}, 'null')")
    return Expression(f"coalesce({value}::text, 'null')")


def _measured(field: Field) -> Column:
    return field.column_of[field.type.measured_sub]


def _is_moment(column: Column) -> bool:
    return column.leaf.sql_type in ("date", "timestamptz(3)")


def _measure(function: str, column: Column, reference: str) -> str:
    kind = column.leaf.sql_type
    match function:
        case "countTrue":
            return f"count(*) filter (where {reference})"
        case "countFalse":
            return f"count(*) filter (where not {reference})"
        case "sum":
            return f"trim_scale(sum({reference}))" if kind == "numeric" else f"sum({reference})"
        case "avg" if kind == "numeric":
            return f"trim_scale(avg({reference}))"
        case "avg" if kind == "double precision":
            # avg() of doubles also sums their squares, which overflow long before the values do.
            return f"sum({reference})/count({reference})"
        case "avg":
            return f"avg({reference})::float8"
    return f"{function}({reference})::timestamp at time zone 'UTC'" if kind == "date" else f"{function}({reference})"


def _filled(field: Field, alias: str) -> str:
    """How many rows have a value."""
    condition = _has_value(field, alias)
    return "count(*)" if condition is None else f"count(*) filter (where {condition})"


def _has_value(field: Field, alias: str) -> str | None:
    """The condition that a row has a value: one of those sub-fields that matter is not empty. None: all rows have."""
    wanted = field.type.value_subs
    columns = [column for column in field.columns if column.reads and (not wanted or column.sub in wanted)]
    if not all(column.nullable or column.leaf.empty_sql for column in columns):
        return None
    return " or ".join(_is_filled(column, f"{alias}.{quote(column.name)}") for column in columns)


def _is_filled(column: Column, reference: str) -> str:
    empty = column.leaf.empty_sql
    return f"{reference} is not null" if empty is None else f"{reference} not in ({empty})"


def _distinct(field: Field, alias: str) -> str:
    keys = [column.leaf.group_sql(f"{alias}.{quote(column.name)}") for column in field.columns if column.reads]
    if len(keys) == 1:
        return f"count(distinct {keys[0]})"
    return f"count(distinct ({', '.join(keys)})) filter (where {_has_value(field, alias) or 'true'})"


def _capital(name: str) -> str:
    return name[:1].upper() + name[1:]
