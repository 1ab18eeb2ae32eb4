"""Conditions as views and row rules have them: a field, an operand such as IS or CONTAINS, and a JSON value.

See system-api.md §16 for the operands and for what values look like.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Literal

import orjson

from rapport.base.errors import BadUserInput
from rapport.engine import plan
from rapport.engine.filters import FilterBuilder
from rapport.engine.inputs import Bakes, Input
from rapport.engine.problems import Problems
from rapport.engine.sql import Value
from rapport.metadata.catalog import Catalog, Field, Object
from rapport.metadata.fieldtypes.base import Column

_ORDER = {"GREATER_THAN_OR_EQUAL": "gte", "LESS_THAN_OR_EQUAL": "lte", "IS_BEFORE": "lt", "IS_AFTER": "gt"}
_NEGATED = {"IS_NOT": "IS", "DOES_NOT_CONTAIN": "CONTAINS", "IS_NOT_EMPTY": "IS_EMPTY", "IS_NOT_NULL": "IS_EMPTY"}
_UNITS = {"DAY": 1, "WEEK": 7}
_MOMENTS = frozenset({"timestamptz(3)", "date"})

Clock = Callable[[], datetime]


class InvalidCondition(BadUserInput):
    """This condition cannot be applied to the field."""

    sub_code = "INVALID_CONDITION"


def condition(
    catalog: Catalog,
    item: Object,
    field: Field,
    operand: str,
    value: object,
    *,
    sub_field: str | None = None,
    clock: Clock = lambda: datetime.now(UTC),
) -> plan.Predicate:
    """The condition on a record of the object; raises InvalidCondition when it makes no sense there.

    Days begin at midnight UTC. What is relative to now is so whenever the statement is executed.
    """
    if operand in _NEGATED:
        inner = condition(catalog, item, field, _NEGATED[operand], value, sub_field=sub_field, clock=clock)
        # A record without a value is not one that has it: NULL must count as false before it is negated.
        return (
            plan.Not(item=inner)
            if operand in ("IS_NOT_EMPTY", "IS_NOT_NULL")
            else _is_not(inner, _columns(field, sub_field))
        )
    if field.is_to_many or not field.columns:
        raise InvalidCondition
    value = _json(value)
    columns = _columns(field, sub_field)
    found = tuple(_of_column(catalog, item, field, column, operand, value, clock) for column in columns)
    if operand == "IS_EMPTY":
        return plan.All(items=found)
    return found[0] if len(found) == 1 else plan.Any(items=found)


def same_as_member(
    field: Field, operand: str, member_field: Field, *, sub: str | None, member_sub: str | None
) -> plan.Predicate:
    """The field compared with one of the caller's own member record; raises InvalidCondition."""
    (column, *others), (own, *more) = _columns(field, sub), _columns(member_field, member_sub)
    operator = {"IS": "eq", "IS_NOT": "eq", "CONTAINS": "containsAny"}.get(operand, _ORDER.get(operand))
    if others or more or operator is None or column.leaf.sql_type != own.leaf.sql_type:
        raise InvalidCondition
    if operator == "containsAny" and not column.leaf.sql_type.endswith("[]"):
        operator = "eq"
    same = plan.Compare(column=column, operator=operator, value=plan.MemberValue(column=own))
    return _is_not(same, (column,)) if operand == "IS_NOT" else same


def _is_not(item: plan.Predicate, columns: tuple[Column, ...]) -> plan.Predicate:
    empty = plan.All(items=tuple(plan.IsNull(column=column) for column in columns))
    return plan.Any(items=(plan.Not(item=item), empty))


def _columns(field: Field, sub_field: str | None) -> tuple[Column, ...]:
    """The columns that are meant: of a composite field the named one, else those that people look at."""
    if field.is_to_many or not field.columns:
        raise InvalidCondition
    if field.type.graphql_output is None or field.relation is not None:
        if sub_field:
            raise InvalidCondition
        return (field.column,)
    if sub_field:
        named = field.column_of.get(sub_field) or _named(field, sub_field)
        if named is None or not named.reads:
            raise InvalidCondition
        return (named,)
    main = field.column_of.get(field.type.shorthand_sub)
    texts = tuple(column for column in field.columns if column.reads and column.leaf.sql_type == "text")
    if main is not None and main.leaf.sql_type != "text":
        return (main,)
    return texts or field.columns[:1]


def _named(field: Field, name: str) -> Column | None:
    """`addressCity` for the sub-field `city` of `address`."""
    return next((column for column in field.columns if column.name == name), None)


def _of_column(
    catalog: Catalog, item: Object, field: Field, column: Column, operand: str, value: object, clock: Clock
) -> plan.Predicate:
    is_array = column.leaf.sql_type.endswith("[]")
    if operand == "IS_EMPTY":
        empty: list[plan.Predicate] = [plan.IsNull(column=column)]
        return plan.Any(items=(*empty, plan.IsEmptyArray(column=column))) if is_array else empty[0]
    if operand in ("IS_TODAY", "IS_IN_PAST", "IS_IN_FUTURE", "IS_RELATIVE"):
        return _relative(column, operand, value, clock)
    if field.relation is not None and operand == "IS" and isinstance(value, Mapping):
        return _records(catalog, item, field, column, value)
    if column.leaf.sql_type == "timestamptz(3)" and operand == "IS" and isinstance(value, str) and len(value) == 10:
        return _day(column, value)
    return _filtered(catalog, item, field, column, _operators(column, operand, value))


def _operators(column: Column, operand: str, value: object) -> Mapping[str, object]:
    """The operators of the API's filters for an operand."""
    values = value if isinstance(value, list) else [value]
    is_array = column.leaf.sql_type.endswith("[]")
    if operand in _ORDER:
        return {_ORDER[operand]: value}
    if operand == "VECTOR_SEARCH":
        return {"search": value}
    if operand == "IS":
        if is_array:
            return {"containsAny": values}
        return {"in": values} if isinstance(value, list) else {"eq": value}
    if operand == "CONTAINS":
        if "containsAny" in column.leaf.operators:
            return {"containsAny": values}
        if "containsIlike" in column.leaf.operators:
            return {"containsIlike": f"%{_escaped(value)}%"}
        return {"ilike": f"%{_escaped(value)}%"}
    raise InvalidCondition


def _filtered(
    catalog: Catalog, item: Object, field: Field, column: Column, operators: Mapping[str, object]
) -> plan.Predicate:
    given: object = operators
    if any(operator not in column.leaf.operators for operator in operators):
        raise InvalidCondition
    name = column.name if field.relation is not None else field.name
    if field.type.graphql_output is not None and field.relation is None:
        given = {column.sub: operators}
    problems = Problems()
    try:
        found = FilterBuilder(catalog, problems).build(item, Input(value={name: given}, bakes=Bakes()))
    except BadUserInput as error:
        raise InvalidCondition(error.message) from None
    if problems.items:
        raise InvalidCondition(problems.items[0].message)
    return found


def _records(
    catalog: Catalog, item: Object, field: Field, column: Column, value: Mapping[str, object]
) -> plan.Predicate:
    """`{"isCurrentWorkspaceMemberSelected": true, "selectedRecordIds": []}`"""
    found: list[plan.Predicate] = []
    ids = value.get("selectedRecordIds")
    if isinstance(ids, list) and ids:
        found.append(_filtered(catalog, item, field, column, {"in": ids}))
    if value.get("isCurrentWorkspaceMemberSelected") is True:
        member = catalog.by_name["workspaceMember"].field["id"].column
        found.append(plan.Compare(column=column, operator="eq", value=plan.MemberValue(column=member)))
    return plan.Any(items=tuple(found))


def _relative(column: Column, operand: str, value: object, clock: Clock) -> plan.Predicate:
    if column.leaf.sql_type not in _MOMENTS:
        raise InvalidCondition
    if operand == "IS_IN_PAST":
        return _bound(column, "lt", clock)
    if operand == "IS_IN_FUTURE":
        return _bound(column, "gt", clock)
    direction, amount, unit = ("THIS", 1, "DAY") if operand == "IS_TODAY" else _read_relative(value)

    def span() -> tuple[datetime, datetime]:
        return _span(clock(), direction, amount, unit)

    return plan.All(
        items=(_bound(column, "gte", lambda: span()[0]), _bound(column, "lt", lambda: span()[1])),
    )


def _read_relative(value: object) -> tuple[Literal["PAST", "THIS", "NEXT"], int, str]:
    """`{"direction": "PAST", "amount": 7, "unit": "DAY"}`, or the older `PAST_7_DAY`."""
    if isinstance(value, str):
        parts = value.split("_")
        value = {"direction": parts[0], "amount": parts[1] if len(parts) == 3 else "1", "unit": parts[-1]}
    if not isinstance(value, Mapping):
        raise InvalidCondition
    direction, unit, amount = value.get("direction"), value.get("unit"), value.get("amount", 1)
    if direction not in ("PAST", "THIS", "NEXT") or unit not in ("DAY", "WEEK", "MONTH", "YEAR"):
        raise InvalidCondition
    try:
        number = int(str(amount))
    except ValueError:
        raise InvalidCondition from None
    if not 0 < number <= 10_000:
        raise InvalidCondition
    return direction, number, str(unit)


def _span(now: datetime, direction: str, amount: int, unit: str) -> tuple[datetime, datetime]:
    """From when until when: the last so many units up to now, the next ones from now, or the one that is now."""
    if direction == "PAST":
        return _moved(now, -amount, unit), now
    if direction == "NEXT":
        return now, _moved(now, amount, unit)
    start = now.replace(hour=0, minute=0, second=0, microsecond=0)
    if unit == "WEEK":
        start -= timedelta(days=start.weekday())
    elif unit in ("MONTH", "YEAR"):
        start = start.replace(day=1, month=start.month if unit == "MONTH" else 1)
    return start, _moved(start, 1, unit)


def _moved(moment: datetime, amount: int, unit: str) -> datetime:
    try:
        if unit in _UNITS:
            return moment + timedelta(days=amount * _UNITS[unit])
        months = moment.year * 12 + moment.month - 1 + amount * (1 if unit == "MONTH" else 12)
        day = min(moment.day, _days_of(months // 12, months % 12 + 1))
        return moment.replace(year=months // 12, month=months % 12 + 1, day=day)
    except (OverflowError, ValueError):
        raise InvalidCondition from None


def _days_of(year: int, month: int) -> int:
    following = date(year + month // 12, month % 12 + 1, 1)
    return (following - date(year, month, 1)).days


def _day(column: Column, value: str) -> plan.Predicate:
    try:
        start = datetime.fromisoformat(value).replace(tzinfo=UTC)
    except ValueError:
        raise InvalidCondition from None
    end = start + timedelta(days=1)
    return plan.All(items=(_bound(column, "gte", lambda: start), _bound(column, "lt", lambda: end)))


def _bound(column: Column, operator: str, moment: Clock) -> plan.Predicate:
    """A comparison with a moment that is asked for when the statement is executed."""
    is_date = column.leaf.sql_type == "date"
    convert = (lambda _: moment().date()) if is_date else (lambda _: moment())
    return plan.Compare(
        column=column, operator=operator, value=Value(sql_type=column.leaf.sql_type, path=(), convert=convert)
    )


def _json(value: object) -> object:
    """Lists and objects may come as the text of their JSON: `["TODO"]`."""
    if isinstance(value, str) and value[:1] in ("[", "{"):
        try:
            return orjson.loads(value)
        except ValueError:
            return value
    return value


def _escaped(value: object) -> str:
    if not isinstance(value, str):
        raise InvalidCondition
    return value.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
