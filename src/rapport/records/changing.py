"""Runs changes: the statement for the columns that the rows have, tried again where others got in the way."""

from collections.abc import Mapping
from dataclasses import dataclass

import asyncpg

from rapport.base.errors import RecordNotFound
from rapport.engine import plan
from rapport.engine.sql import Parameters, Value
from rapport.engine.statement import Statement
from rapport.engine.writing import needs_second_read, write_change, write_second_read
from rapport.metadata.catalog import Catalog, Object
from rapport.records.actor import ACTOR
from rapport.records.contention import persisting
from rapport.records.create import DATA, encode_rows, with_rows
from rapport.records.failures import refused
from rapport.records.links import resolve_connects
from rapport.records.rows import Creation, Rows
from rapport.records.upsert import Upsert
from rapport.store.database import Connection, Database

IDS = "@ids"
_MOST_STATEMENTS = 50  # of one root field, for different sets of columns


@dataclass(frozen=True, kw_only=True)
class ChangeStatements:
    """``read`` is set when the answer needs a second statement (see engine/writing)."""

    change: Statement
    read: Statement | None = None


class RunningChange:
    """A change whose filter and selection are fixed, for any rows. Kept with the plan of its document."""

    def __init__(self, catalog: Catalog, change: plan.Change) -> None:
        self.change = change
        self._catalog = catalog
        self._statements: dict[object, ChangeStatements] = {}
        self._upsert = Upsert(change)

    async def run(self, database: Database, rows: Rows | None, values: Mapping[str, object]) -> bytes:
        """The JSON of the answer. ``values`` are those of the request, with the actor's.

        Raises RecordNotFound, and what PostgreSQL's refusals stand for.
        """
        if rows is not None and not rows.values:
            return b"[]"
        value = await persisting(lambda: self._attempt(database, rows, values))
        if value is None:
            if self.change.many:
                return b"[]"
            raise RecordNotFound
        assert isinstance(value, bytes)
        return value

    async def _attempt(self, database: Database, rows: Rows | None, values: Mapping[str, object]) -> object:
        try:
            if rows is not None and rows.is_upsert:
                return await self._upsert.run(database, rows, values)
            if rows is not None and rows.is_linked:
                try:
                    async with database.transaction() as connection:
                        return await self._linked(connection, rows, values)
                except RecordNotFound:
                    return None
            statements = self._for(rows)
            given = values if rows is None else {**values, DATA: encode_rows(rows)}
            if statements.read is None:
                return await database.value(statements.change.sql, *statements.change.bind(given))
            async with database.transaction() as connection:
                return await _change_and_read(connection, statements, given)
        except asyncpg.PostgresError as error:
            refusal = refused(error, self.change.object)
            if refusal is None:
                raise
            raise refusal from None

    async def _linked(self, connection: Connection, rows: Rows, values: Mapping[str, object]) -> object:
        """Finds the records to connect to, creates those to create before and after, all in one transaction."""
        await resolve_connects(connection, self._catalog.schema, rows.connects, rows.values)
        for creation in rows.before:
            await self._create(connection, creation, values)
        statements = self._for(rows, answer_last=True)
        ids = await connection.value(
            statements.change.sql, *statements.change.bind({**values, DATA: encode_rows(rows)})
        )
        if not ids:
            raise RecordNotFound  # what was created before must not stay
        for creation in rows.after:
            await self._create(connection, creation, values)
        assert statements.read is not None
        return await connection.value(statements.read.sql, *statements.read.bind({**values, IDS: ids}))

    async def _create(self, connection: Connection, creation: Creation, values: Mapping[str, object]) -> None:
        item, rows = creation.object, creation.rows
        await resolve_connects(connection, self._catalog.schema, rows.connects, rows.values)
        for inner in rows.before:
            await self._create(connection, inner, values)
        change = self._creation(item)
        parameters = Parameters()
        sql = write_change(with_rows(change, rows), parameters, ids_only=True)
        bound = Statement.of(sql, parameters).bind({**values, DATA: encode_rows(rows)})
        try:
            await connection.value(sql, *bound)
        except asyncpg.PostgresError as error:
            refusal = refused(error, item)
            if refusal is None:
                raise
            raise refusal from None
        for inner in rows.after:
            await self._create(connection, inner, values)

    def _creation(self, item: Object) -> plan.Change:
        return plan.Change(schema=self._catalog.schema, verb="create", object=item, many=True, items=(), actor=ACTOR)

    def _for(self, rows: Rows | None, *, answer_last: bool = False) -> ChangeStatements:
        """The statements for rows of these columns."""
        key = (None if rows is None else rows.plan_key, answer_last)
        known = self._statements.get(key)
        if known is None:
            if len(self._statements) >= _MOST_STATEMENTS:
                self._statements.clear()
            known = self._statements[key] = _statements(self.change, rows, answer_last)
        return known


def second_read(change: plan.Change) -> Statement:
    """The statement that answers for the ids given as `@ids`."""
    parameters = Parameters()
    return Statement.of(write_second_read(change, parameters, Value(sql_type="uuid[]", path=(IDS,))), parameters)


def _statements(change: plan.Change, rows: Rows | None, answer_last: bool) -> ChangeStatements:
    if rows is not None:
        change = with_rows(change, rows)
    parameters = Parameters()
    if not answer_last and not needs_second_read(change):
        return ChangeStatements(change=Statement.of(write_change(change, parameters), parameters))
    first = Statement.of(write_change(change, parameters, ids_only=True), parameters)
    return ChangeStatements(change=first, read=second_read(change))


async def _change_and_read(
    connection: Connection, statements: ChangeStatements, values: Mapping[str, object]
) -> object:
    ids = await connection.value(statements.change.sql, *statements.change.bind(values))
    if not ids or statements.read is None:
        return None
    return await connection.value(statements.read.sql, *statements.read.bind({**values, IDS: ids}))
