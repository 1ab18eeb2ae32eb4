"""Conditions as SQL."""

from collections.abc import Callable
from typing import cast
from uuid import UUID

from rapport.base.errors import PermissionDenied
from rapport.engine.plan import (
    All,
    Any,
    Compare,
    IsEmptyArray,
    IsNull,
    MemberValue,
    Not,
    Nothing,
    Predicate,
    Related,
    RelatedMany,
    View,
)
from rapport.engine.sql import Parameters, Value
from rapport.metadata.applications import custom_application, standard_application
from rapport.metadata.catalog import Object
from rapport.metadata.names import qualified, quote

MEMBER = Value(sql_type="uuid", path=("@member",))  # the id of the caller's own member record; null for an API key

_WORKSPACE = ("@workspace",)
# What a view may name, each with its value. None is the beginning of another.
_WORDS = {
    "@workspace": Value(sql_type="uuid", path=_WORKSPACE),
    "@user": Value(sql_type="uuid", path=("@user",)),
    "@standardApplication": Value(
        sql_type="uuid", path=_WORKSPACE, convert=lambda found: _of(found, standard_application)
    ),
    "@customApplication": Value(sql_type="uuid", path=_WORKSPACE, convert=lambda found: _of(found, custom_application)),
}

_COMPARE = {
    "eq": "{c} = {v}",
    "gt": "{c} > {v}",
    "gte": "{c} >= {v}",
    "lt": "{c} < {v}",
    "lte": "{c} <= {v}",
    "in": "{c} = any({v})",
    "like": "{c} like {v}",
    "ilike": "{c} ilike {v}",
    "startsWith": "starts_with({c}, {v})",
    "endsWith": "right({c}, length({v})) = {v}",
    "containsAny": "{c} && {v}",
    "containsIlike": "exists (select 1 from unnest({c}) item where item ilike {v})",
    "search": "{c} @@ to_tsquery('pg_catalog.simple', {fold}({v}))",
}

# Operators that a NULL text column must answer as if it were '' (core-api.md §2.2), whatever the value.
_NULL_AS_EMPTY = frozenset({"neq", "lt", "lte", "gte"})


def visible_rows(item: Object, schema: str, parameters: Parameters) -> str:
    """The records of an object that there are for the caller: what every read selects from.

    The gate of all reads. Translators refuse earlier and in better words; nothing comes past this one.
    """
    if not item.rights.read:
        raise PermissionDenied
    table = _view(item.view, schema, parameters) if isinstance(item.view, View) else qualified(schema, item.table)
    if item.rights.rows is None:
        return table
    return f"(select * from {table} v where {row_rule(item, schema, parameters, 'v')})"


def _view(view: View, schema: str, parameters: Parameters) -> str:
    sql = view.sql if schema or view.nothing is None else view.nothing
    sql = sql.replace("@schema", quote(schema))
    for word, value in _WORDS.items():
        if word in sql:
            sql = sql.replace(word, parameters.add(value))
    return f"({sql})"


def _of(workspace_id: object, application: Callable[[UUID], UUID]) -> UUID | None:
    return application(workspace_id) if isinstance(workspace_id, UUID) else None


def row_rule(item: Object, schema: str, parameters: Parameters, alias: str) -> str:
    """The condition under which a row of the table exists for the caller."""
    if item.rights.rows is None:
        return "true"
    return PredicateWriter(schema, parameters).write(cast(Predicate, item.rights.rows), alias)


class PredicateWriter:
    """Writes conditions on rows of one table alias; numbers the aliases of its sub-selects itself."""

    def __init__(self, schema: str, parameters: Parameters, depth: int = 0) -> None:
        self._schema = schema
        self._parameters = parameters
        self._depth = depth

    def write(self, predicate: Predicate, alias: str, *, negated: bool = False) -> str:
        match predicate:
            case All(items=items):
                return self._join(" and ", "true", items, alias, negated)
            case Any(items=items):
                return self._join(" or ", "false", items, alias, negated)
            case Not(item=item):
                return f"not ({self.write(item, alias, negated=True)})"
            case Compare():
                return self._compare(predicate, alias, negated)
            case IsNull(column=column, negated=wants_value):
                return self._is_null(f"{alias}.{quote(column.name)}", column.leaf.empty_sql, wants_value)
            case IsEmptyArray(column=column, negated=wants_value):
                reference = f"{alias}.{quote(column.name)}"
                empty = f"coalesce(cardinality({reference}), 0) = 0"
                return f"not ({empty})" if wants_value else empty
            case Related(field=field, target=target, item=item, mentions_deleted=mentions_deleted):
                self._depth += 1
                inner = f"f{self._depth}"
                live = "" if mentions_deleted else f' and {inner}."deletedAt" is null'
                return (
                    f"exists (select 1 from {self._rows(target)} {inner} "
                    f"where {inner}.id = {alias}.{quote(field.column.name)}{live} "
                    f"and ({self.write(item, inner)}))"
                )
            case RelatedMany():
                return self._related_many(predicate, alias)
            case Nothing():
                return "null::boolean"

    def _related_many(self, item: RelatedMany, alias: str) -> str:
        self._depth += 1
        inner = f"f{self._depth}"
        condition = self.write(item.item, inner)
        if item.quantifier == "every":
            condition = f"({condition}) is not true"
        conditions = [f"{inner}.{quote(item.join.name)} = {alias}.id", f"({condition})"]
        if not item.mentions_deleted:
            conditions.insert(1, f'{inner}."deletedAt" is null')
        found = f"exists (select 1 from {self._rows(item.target)} {inner} where {' and '.join(conditions)})"
        return found if item.quantifier == "some" else f"not {found}"

    def _join(self, word: str, none: str, items: tuple[Predicate, ...], alias: str, negated: bool) -> str:
        if not items:
            return none
        if len(items) == 1:
            return self.write(items[0], alias, negated=negated)
        return "(" + word.join(self.write(item, alias, negated=negated) for item in items) + ")"

    def _is_null(self, reference: str, empty: str | None, wants_value: bool) -> str:
        if empty is None:
            return f"{reference} is {'not ' if wants_value else ''}null"
        if wants_value:
            return f"({reference} is not null and {reference} not in ({empty}))"
        return f"({reference} is null or {reference} in ({empty}))"

    def _compare(self, item: Compare, alias: str, negated: bool) -> str:
        leaf = item.column.leaf
        reference = f"{alias}.{quote(item.column.name)}"
        if leaf.empty_is_null and (negated or item.blank or item.operator in _NULL_AS_EMPTY):
            reference = f"coalesce({reference}, '')"
        elif item.operator in ("like", "ilike") and leaf.sql_type != "text":
            reference = f"{reference}::text"
        value = self._value(item.value)
        if item.operator == "neq":
            return f"{reference} <> {value}"
        return _COMPARE[item.operator].format(c=reference, v=value, fold=f"{quote(self._schema)}.fold")

    def _value(self, value: Value | MemberValue) -> str:
        if isinstance(value, Value):
            return self._parameters.add(value)
        table = qualified(self._schema, "workspaceMember")
        return f"(select m.{quote(value.column.name)} from {table} m where m.id = {self._parameters.add(MEMBER)})"

    def _rows(self, item: Object) -> str:
        return visible_rows(item, self._schema, self._parameters)
