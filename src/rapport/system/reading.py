"""Reads of described tables: one statement each, however deep the selection, and only what there is for the caller."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import TypeAlias, cast
from uuid import UUID

import orjson

from rapport.access.principal import Principal
from rapport.access.request import (
    Fields,
    RequestContext,
    Selection,
    Written,
    has_arguments,
    selection_of,
    with_row_keys,
)
from rapport.engine.links import SIGNER, Signer
from rapport.engine.plan import ListOf, SliceOf
from rapport.engine.statement import Statement
from rapport.engine.tables import write_list, write_slice
from rapport.metadata.fieldtypes.base import Json
from rapport.store.database import Connection, Database
from rapport.system.conditions import Condition, Where, predicate, read_where
from rapport.system.listing import Listing
from rapport.system.registry import Registry
from rapport.system.selections import Finish, Selector
from rapport.system.shapes import Shape, Shaper
from rapport.system.tables import Addition, Table

KNOWN_STATEMENTS = 1_000

Row: TypeAlias = dict[str, Json]


class Tables:
    """The described tables of all areas, and reads of them. Made once, where the areas are put together.

    ``read`` gives rows, for resolvers that look at them. ``answer`` and ``page`` give what was selected as bytes that
    go into the response as they are.
    """

    def __init__(
        self,
        db: Database,
        descriptions: Iterable[Table | Addition],
        *,
        signer: Callable[[UUID], Signer] | None = None,
    ) -> None:
        """``signer``: signs the links to files of a workspace."""
        self.registry = Registry(descriptions)
        self._db = db
        self._signer = signer
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
        selection = selection_of(fields)
        found, finish = await self._rows(type_name, selection, principal, where, order, connection, False)
        rows: list[Row] = orjson.loads(found)
        if finish:
            finish(rows)  # type: ignore[arg-type]  # a list of rows is JSON
        if not has_arguments(selection):
            return rows
        return [cast(Row, with_row_keys(row, selection)) for row in rows]

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

    async def answer(
        self,
        type_name: str,
        context: RequestContext,
        *,
        where: Where | None = None,
        order: Sequence[str] = ("id",),
        connection: Connection | None = None,
    ) -> Written:
        """The list of rows that was asked for."""
        found, finish = await self._rows(
            type_name, context.selection, context.principal, where, order, connection, True
        )
        return Written(_finished(found, finish))

    async def answer_one(
        self, type_name: str, context: RequestContext, *, where: Where, connection: Connection | None = None
    ) -> Written | None:
        """The only row that meets the condition; None when there is none."""
        found = (await self.answer(type_name, context, where=where, connection=connection)).json
        return Written(found[1:-1]) if found != b"[]" else None

    async def page(
        self,
        type_name: str,
        context: RequestContext,
        arguments: Mapping[str, object],
        *,
        where: Where | None = None,
        order: Sequence[str] = ("id",),
        connection: Connection | None = None,
    ) -> Written:
        """A connection: of the arguments, `paging`, `filter` and `sorting` decide what is in it.

        ``where`` holds besides, ``order`` is what they are sorted by when the caller does not say.
        """
        described, shaper = self.registry[type_name], Shaper(self.registry)
        condition = read_where(where or {}, shaper.values)
        listing, shapes = shaper.page(described, context.selection, arguments)
        statement, finish = self._statement(
            type_name, listing, shapes, condition, tuple(order), shaper.schema(context.principal), True
        )
        found = await self._value(statement, context.principal, shaper, connection)
        return Written(_finished(found, finish))

    async def _rows(
        self,
        type_name: str,
        selection: Selection,
        principal: Principal | None,
        where: Where | None,
        order: Sequence[str],
        connection: Connection | None,
        is_whole: bool,
    ) -> tuple[bytes, Finish]:
        described, shaper = self.registry[type_name], Shaper(self.registry)
        condition = read_where(where or {}, shaper.values)
        shapes = shaper.rows(described, selection)
        schema = shaper.schema(principal)
        statement, finish = self._statement(type_name, None, shapes, condition, tuple(order), schema, is_whole)
        return await self._value(statement, principal, shaper, connection), finish

    async def _value(
        self, statement: Statement, principal: Principal | None, shaper: Shaper, connection: Connection | None
    ) -> bytes:
        values = {**caller(principal), **shaper.values.by_name}
        if self._signer is not None and principal is not None and principal.workspace_id is not None:
            values[SIGNER] = self._signer(principal.workspace_id)
        bound = statement.bind(values)
        found = await (connection or self._db).value(statement.sql, *bound)
        assert isinstance(found, bytes)
        return found

    def _write(
        self,
        type_name: str,
        listing: Listing | None,
        shapes: tuple[Shape, ...],
        condition: Condition,
        order: tuple[str, ...],
        schema: str,
        is_whole: bool,
    ) -> tuple[Statement, Finish]:
        """The statement of a page, or without a ``listing`` that of all rows that meet the condition."""
        described = self.registry[type_name]
        selector = Selector(self.registry, is_whole=is_whole)
        if listing is not None:
            entries, finish = selector.slice(described, shapes)
            page = SliceOf(
                key=type_name,
                object=described.object,
                items=entries,
                order=listing.order(described) or described.order(order),
                slice=listing.slice(),
                filter=predicate(described.columns, ("and", condition, listing.filter)),
            )
            return write_slice(page, schema), finish
        items, finish = selector.items(described, shapes)
        rows = ListOf(
            key=type_name,
            object=described.object,
            items=items,
            order=described.order(order),
            filter=predicate(described.columns, condition),
            mentions_deleted=any(isinstance(part, tuple) and part[0] == "deletedAt" for part in condition),
        )
        return write_list(rows, schema), finish


def caller(principal: Principal | None) -> Mapping[str, object]:
    """The values by which a statement knows the caller. Nobody has null for ids, which no row equals."""
    return {
        "@workspace": principal and principal.workspace_id,
        "@user": principal and principal.user_id,
    }


def _finished(found: bytes, finish: Finish) -> bytes:
    if not finish:
        return found
    value: Json = orjson.loads(found)
    finish(value)
    return orjson.dumps(value)
