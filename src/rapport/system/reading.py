"""Reads of described tables: one statement each, however deep the selection, and only what there is for the caller."""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import TypeAlias
from uuid import UUID

import orjson

from rapport.access.principal import Principal
from rapport.access.request import Fields
from rapport.engine.plan import All, Compare, IsNull, ListOf, Predicate
from rapport.engine.sql import Value
from rapport.engine.statement import Statement
from rapport.engine.tables import write_list
from rapport.metadata.fieldtypes.base import Column, Json
from rapport.store.database import Connection, Database
from rapport.system.registry import Described, Registry
from rapport.system.selections import Finish, Selector, Shape, shape_of, uses_schema
from rapport.system.tables import Addition, Table

KNOWN_STATEMENTS = 1_000

Row: TypeAlias = dict[str, Json]
# Columns and what they must be: a value, one of several (a list), or null (None).
Where: TypeAlias = Mapping[str, object]
_Condition: TypeAlias = tuple[tuple[str, str], ...]  # of a Where, its columns with their operators


class Tables:
    """The described tables of all areas, and reads of them. Made once, where the areas are put together.

    Arguments of nested fields (`fields(paging, filter)`) would come with their names in ``Fields`` and become a
    Connection of the plan where there is a ListOf now.
    """

    def __init__(self, db: Database, descriptions: Iterable[Table | Addition]) -> None:
        self.registry = Registry(descriptions)
        self._db = db
        self._statement = lru_cache(KNOWN_STATEMENTS)(self._write)

    async def read(
        self,
        type_name: str,
        fields: Fields,
        principal: Principal | None,
        *,
        where: Where | None = None,
        order: Sequence[str] = ("id",),
        connection: Connection | None = None,
    ) -> list[Row]:
        """The rows as the SDL shows them: what a Plain may hold. ``connection``: of a transaction that is under way.

        Fields that the description says are found elsewhere are left out.
        """
        where = where or {}
        shape, schema = shape_of(fields), ""
        if principal and principal.schema and uses_schema(self.registry, self.registry[type_name], shape):
            schema = principal.schema
        statement, finish = self._statement(type_name, shape, _shape(where), tuple(order), schema)
        source = connection or self._db
        found = await source.value(statement.sql, *statement.bind({**caller(principal), **where}))
        assert isinstance(found, bytes)
        rows: list[Row] = orjson.loads(found)
        if finish:
            finish(rows)  # type: ignore[arg-type]  # a list of rows is JSON
        return rows

    async def read_one(
        self,
        type_name: str,
        fields: Fields,
        principal: Principal | None,
        *,
        where: Where,
        connection: Connection | None = None,
    ) -> Row | None:
        """The only row that meets the condition; None when there is none."""
        rows = await self.read(type_name, fields, principal, where=where, connection=connection)
        return rows[0] if rows else None

    def _write(
        self, type_name: str, shape: Shape, condition: _Condition, order: tuple[str, ...], schema: str
    ) -> tuple[Statement, Finish]:
        described = self.registry[type_name]
        items, finish = Selector(self.registry).items(described, shape)
        plan = ListOf(
            key=type_name,
            object=described.object,
            items=items,
            order=described.order(order),
            filter=_filter(described, condition),
            mentions_deleted=any(name == "deletedAt" for name, _ in condition),
        )
        return write_list(plan, schema), finish


def caller(principal: Principal | None) -> Mapping[str, object]:
    """The values by which a statement knows the caller. Nobody has null for ids, which no row equals."""
    return {
        "@workspace": principal and principal.workspace_id,
        "@user": principal and principal.user_id,
    }


def _shape(where: Where) -> _Condition:
    return tuple(
        (name, "null" if value is None else "in" if isinstance(value, list | tuple | set | frozenset) else "eq")
        for name, value in where.items()
    )


def _filter(described: Described, condition: _Condition) -> Predicate:
    return All(items=tuple(_compare(described.columns[name], operator) for name, operator in condition))


def _compare(column: Column, operator: str) -> Predicate:
    if operator == "null":
        return IsNull(column=column)
    leaf, is_list = column.leaf, operator == "in"

    def one(value: object) -> object:
        return leaf.param(str(value) if isinstance(value, UUID) else value, column.name)  # type: ignore[arg-type]

    def convert(value: object) -> object:
        return [one(each) for each in value] if is_list else one(value)  # type: ignore[attr-defined]

    sql_type = f"{leaf.sql_type}[]" if is_list else leaf.sql_type
    return Compare(
        column=column, operator=operator, value=Value(sql_type=sql_type, path=(column.name,), convert=convert)
    )
