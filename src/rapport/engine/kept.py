"""What events have kept of rows, as rows of tables that have changed since.

A field may have been deleted, and another one made under its name, of another type: what was in the first is no value
of the second, and PostgreSQL would refuse to read anything of the event. Or one may have come that is never null, and
the event has nothing for it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from rapport.engine.plan import Composite, Item, Last, Scalar
from rapport.metadata.catalog import Object
from rapport.metadata.fieldtypes.base import Column
from rapport.metadata.names import literal

_DAY = r"(?!0000)\d{4,5}-\d\d-\d\d"
_TIME = r"([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?([+-](0\d|1[0-4])(:[0-5]\d)?)?"
_UUID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
# Whether f.v, a jsonb, is a value of a type. The operator @? takes what cannot be converted for nothing found.
_IS_NUMBER = "jsonb_typeof(f.v) = 'number'"
_IS_DAY = "to_jsonb(split_part(f.v #>> '{}', 'T', 1)) @? '$.datetime(\"YYYY-MM-DD\")'"
_CHECKS = {
    "boolean": "jsonb_typeof(f.v) = 'boolean'",
    "integer": f"case when {_IS_NUMBER} then f.v::numeric % 1 = 0 and abs(f.v::numeric) < 2147483648 end",
    "bigint": f"case when {_IS_NUMBER} then f.v::numeric % 1 = 0 and abs(f.v::numeric) < 9223372036854775808 end",
    "double precision": f"{_IS_NUMBER} and f.v @? '$.double()'",
    "numeric": _IS_NUMBER,
    "uuid": f"f.v #>> '{{}}' ~ '^{_UUID}$'",
    "date": f"case when f.v #>> '{{}}' ~ '^{_DAY}$' then {_IS_DAY} end",
    "timestamptz(3)": f"case when f.v #>> '{{}}' ~ '^{_DAY}T{_TIME}$' then {_IS_DAY} end",
    "text[]": "jsonb_typeof(f.v) = 'array' and not f.v @? 'strict $[*] ? (@.type() == \"array\")'",
}
_MOST_PAIRS = 50  # PostgreSQL passes at most 100 arguments to a function


def fitting(kept: str, item: Object) -> str:
    """SQL of what an event kept, a jsonb, as values of the columns of today: without those that fit no more, and with
    the defaults of required fields that it has nothing for."""
    columns = [column for column in _custom(item) if column.generated_sql is None]
    misfits = [
        f"(select case when jsonb_typeof(f.v) <> 'null' and ({_CHECKS[column.leaf.sql_type]}) is not true "
        f"then {literal(column.name)} end from (select {kept}->{literal(column.name)} as v offset 0) f)"
        for column in columns
        if column.leaf.sql_type in _CHECKS
    ]
    if misfits:
        kept = f"({kept} - array_remove(array[{', '.join(misfits)}], null))"
    pairs = [f"{literal(each.name)}, {each.default_sql}" for each in columns if not each.nullable and each.default_sql]
    for start in range(0, len(pairs), _MOST_PAIRS):
        kept = f"(jsonb_build_object({', '.join(pairs[start : start + _MOST_PAIRS])}) || {kept})"
    return kept


def as_kept(items: Sequence[Item], item: Object) -> tuple[Item, ...]:
    """The items, where a required column may be without a value all the same."""
    required = {column.name for column in _custom(item) if not column.nullable}
    return tuple(_as_kept(each, required) for each in items) if required else tuple(items)


def _as_kept(item: Item, required: set[str]) -> Item:
    match item:
        case Scalar(column=column) if column.name in required:
            return replace(item, column=replace(column, nullable=True))
        case Composite(items=items):
            shown = tuple(_as_kept(each, required) if isinstance(each, Scalar) else each for each in items)
            return replace(item, items=shown)  # type: ignore[arg-type]  # scalars stay scalars
        case Last(item=inner):
            return replace(item, item=_as_kept(inner, required))
    return item


def _custom(item: Object) -> Iterator[Column]:
    """The columns of the fields that users have made: the others are there from the beginning, and stay."""
    return (column for field in item.fields if field.is_custom for column in field.columns)
