"""Filters of system operations: `{isActive: {is: true}, or: [{id: {in: […]}}, …]}` as a shape, values apart from it.

Everything that is said together must hold. The SDL says which columns can be compared, and by which operators.
"""

from collections.abc import Iterator, Mapping
from typing import TypeAlias
from uuid import UUID

from rapport.engine.plan import All, Any, Compare, IsNull, Not, Nothing, Predicate
from rapport.engine.sql import Value
from rapport.metadata.fieldtypes.base import Column
from rapport.system.errors import InvalidComparison

# Columns and what they must be: a value, one of several (a list), or null (None).
Where: TypeAlias = Mapping[str, object]
# ("and", …), ("or", …) or (column, operator, name of the value): what a statement can be kept for.
Condition: TypeAlias = tuple[object, ...]

_OPERATORS = {"like": "like", "iLike": "ilike", "notLike": "like", "notILike": "ilike", "notIn": "in"}
_NEGATED = frozenset({"notLike", "notILike", "notIn"})


class Values:
    """The values of one request, under the names by which a statement knows them."""

    def __init__(self) -> None:
        self.by_name: dict[str, object] = {}

    def add(self, value: object) -> str:
        name = f"@{len(self.by_name)}"
        self.by_name[name] = value
        return name


def read_where(where: Where, values: Values) -> Condition:
    return ("and", *(_equals(name, value, values) for name, value in where.items()))


def _equals(name: str, value: object, values: Values) -> Condition:
    if value is None:
        return (name, "is", None)
    return (name, "in" if isinstance(value, list | tuple | set | frozenset) else "eq", values.add(value))


def read_filter(given: object, values: Values) -> Condition:
    """The shape of a `filter` argument; null asks for nothing."""
    assert isinstance(given, Mapping | None)
    return ("and", *_parts(given or {}, values))


def _parts(given: Mapping[str, object], values: Values) -> Iterator[Condition]:
    for name, value in given.items():
        match name, value:
            case _, None:
                pass
            case "and", list():
                yield from (read_filter(each, values) for each in value)
            case "or", list():
                if value:
                    yield ("or", *(read_filter(each, values) for each in value))
            case _, Mapping():
                yield from (_comparison(name, operator, operand, values) for operator, operand in value.items())


def _comparison(name: str, operator: str, operand: object, values: Values) -> Condition:
    if operator in ("is", "isNot"):
        return (name, operator, operand)
    return (name, "none", None) if operand is None else (name, operator, values.add(operand))


def predicate(columns: Mapping[str, Column], condition: Condition) -> Predicate:
    """Raises LookupError for a column that there is not, InvalidComparison for what cannot be compared."""
    match condition:
        case ("and", *parts):
            return All(items=tuple(predicate(columns, part) for part in parts))  # type: ignore[arg-type]
        case ("or", *parts):
            return Any(items=tuple(predicate(columns, part) for part in parts))  # type: ignore[arg-type]
        case (str() as name, str() as operator, value):
            return _compared(columns[name], operator, value)
    raise TypeError(condition)


def _compared(column: Column, operator: str, value: object) -> Predicate:
    if operator == "none":
        return Nothing()
    if operator == "is":
        return _is(column, value)
    if operator == "isNot":
        same = _is(column, value)
        # What is not known is not true, and not false either.
        return Not(item=same) if value is None else Any(items=(Not(item=same), IsNull(column=column)))
    found = _OPERATORS.get(operator, operator)
    if found in ("like", "ilike") and column.leaf.sql_type == "uuid":
        found = "eq"  # the scalar takes whole ids only
    comparison = Compare(column=column, operator=found, value=_value(column, str(value), is_list=found == "in"))
    return Not(item=comparison) if operator in _NEGATED else comparison


def _is(column: Column, value: object) -> Predicate:
    if value is None:
        return IsNull(column=column)
    if column.leaf.sql_type != "boolean":
        raise InvalidComparison
    return Compare(column=column, operator="eq", value=Value(sql_type="boolean", constant=value))


def _value(column: Column, name: str, *, is_list: bool) -> Value:
    leaf = column.leaf

    def one(value: object) -> object:
        return leaf.param(str(value) if isinstance(value, UUID) else value, column.name)  # type: ignore[arg-type]

    def convert(value: object) -> object:
        return [one(each) for each in value] if is_list else one(value)  # type: ignore[attr-defined]

    return Value(sql_type=f"{leaf.sql_type}[]" if is_list else leaf.sql_type, path=(name,), convert=convert)
