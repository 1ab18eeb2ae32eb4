"""Runs changes: the statement for the columns that the rows have, tried again where others got in the way."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import asyncpg

from rapport.base.errors import RecordNotFound
from rapport.engine import plan
from rapport.engine.sql import Parameters, Value
from rapport.engine.statement import Statement
from rapport.engine.writing import needs_second_read, write_change, write_second_read
from rapport.metadata.catalog import Catalog, Object
from rapport.metadata.fieldtypes.base import Json
from rapport.records.actor import ACTOR, principal_of
from rapport.records.attachments import Loss, attached
from rapport.records.consequences import Consequences
from rapport.records.contention import persisting
from rapport.records.create import DATA, encode_rows, with_rows
from rapport.records.exposure import Exposure
from rapport.records.failures import IdTaken, refused
from rapport.records.followers import followers
from rapport.records.links import resolve_connects
from rapport.records.refusals import Given
from rapport.records.restrictions import found_by, restriction_of
from rapport.records.rights import demand_within_rows
from rapport.records.rows import Creation, Rows
from rapport.records.soles import demand_sole
from rapport.records.successors import Succession
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

    may_succeed = True  # records may be created in the place of deleted ones

    def __init__(self, catalog: Catalog, change: plan.Change, *, loss: Loss | None = None) -> None:
        """``loss`` is what to do about files that go with records."""
        following = replace(change, followers=followers(catalog, change.object), sole=found_by(change.object))
        self.change = following if change.verb in ("delete", "restore") else change
        self._loss = loss
        if change.verb == "destroy" and loss is not None:
            self.change = replace(change, attached=attached(catalog, change.object))
        self._catalog = catalog
        self._statements: dict[object, ChangeStatements] = {}
        self._upsert = Upsert(following)
        self._exposure = Exposure(catalog, change)
        self._consequences = Consequences(catalog, self.change)

    async def run(self, database: Database, rows: Rows | None, values: Mapping[str, object]) -> bytes:
        """The JSON of the answer. ``values`` are those of the request, with the actor's.

        Raises RecordNotFound, and what PostgreSQL's refusals stand for.
        """
        if rows is not None and not rows.values:
            return b"[]"
        value = await persisting(lambda: self._attempt(database, rows, values))
        if value is None or (self.change.is_keyed and value == b"[]"):
            if self.change.many and not self.change.is_keyed:
                return b"[]"
            raise RecordNotFound
        assert isinstance(value, bytes)
        return value

    async def run_anew(self, database: Database, rows: Rows, values: Mapping[str, object]) -> bytes:
        """As ``run``, for a create that may take the ids of deleted records: those make way."""
        try:
            return await self.run(database, rows, values)
        except IdTaken:
            if not self.may_succeed:
                raise
        value = await persisting(lambda: self._succeed(database, rows, values))
        assert isinstance(value, bytes)
        return value

    async def _succeed(self, database: Database, rows: Rows, values: Mapping[str, object]) -> object:
        try:
            async with database.transaction() as connection:
                await Succession(self._catalog, self.change).make_way(connection, rows, values)
                return await self._linked(connection, rows, values)
        except asyncpg.PostgresError as error:
            refusal = refused(error, self.change.object)
            if refusal is None:
                raise
            raise refusal from None

    async def _attempt(self, database: Database, rows: Rows | None, values: Mapping[str, object]) -> object:
        try:
            if rows is not None and rows.is_upsert and not rows.has_creations:
                return await self._upsert.run(database, rows, values)
            if rows is not None and rows.is_linked:
                try:
                    async with database.transaction() as connection:
                        return await self._linked(connection, rows, values)
                except RecordNotFound:
                    return None
            return await self._at_once(database, self.change, rows, values)
        except asyncpg.PostgresError as error:
            refusal = refused(error, self.change.object)
            if refusal is None:
                raise
            raise refusal from None

    async def _at_once(
        self, database: Database, change: plan.Change, rows: Rows | None, values: Mapping[str, object]
    ) -> object:
        """By one statement, or two where the answer needs it. ``change`` is ours, or a narrower one."""
        statements = self._for(rows, change)
        given = values if rows is None else {**values, DATA: encode_rows(rows)}
        if self._exposure.is_possible or self._consequences.are_possible or change.attached is not None:
            async with database.transaction() as connection:
                return await self._destroy(connection, change, statements.change, given)
        if statements.read is None:
            return await database.value(statements.change.sql, *statements.change.bind(given))
        async with database.transaction() as connection:
            return await self._change_and_read(connection, statements, given)

    async def _destroy(
        self, connection: Connection, change: plan.Change, statement: Statement, values: Mapping[str, object]
    ) -> object:
        hidden = await self._exposure.hidden(connection, values) if self._exposure.is_possible else ()
        narrower = change is not self.change
        consequences = Consequences(self._catalog, change) if narrower else self._consequences
        await consequences.log(connection, values)
        row = await connection.row(statement.sql, *statement.bind(values))
        await self._exposure.demand_hidden(connection, hidden, values)
        if row is None:
            return None
        if len(row) > 1 and row[1] and self._loss is not None:
            await self._loss(connection, row[1], principal_of(values))
        return row[0]

    async def _change_and_read(
        self, connection: Connection, statements: ChangeStatements, values: Mapping[str, object]
    ) -> object:
        ids = await connection.value(statements.change.sql, *statements.change.bind(values))
        if not ids or statements.read is None:
            return None
        assert isinstance(ids, list)
        await demand_within_rows(connection, self.change, ids, values)
        return await connection.value(statements.read.sql, *statements.read.bind({**values, IDS: ids}))

    async def _linked(self, connection: Connection, rows: Rows, values: Mapping[str, object]) -> object:
        """Finds the records to connect to, creates those to create before and after, all in one transaction."""
        rows = await self._prepared(connection, rows, values)
        if rows.is_upsert:
            ids: object = await self._upsert.in_order(connection, rows, values)
        else:
            change = self._for(rows, self.change, answer_last=True).change
            ids = await connection.value(change.sql, *change.bind({**values, DATA: encode_rows(rows)}))
        if not ids:
            raise RecordNotFound  # what was created before must not stay
        assert isinstance(ids, list)
        await demand_within_rows(connection, self.change, ids, values)
        await self._create_after(connection, rows, ids, values)
        read = second_read(self.change)
        return await connection.value(read.sql, *read.bind({**values, IDS: ids}))

    # -- records that are created along -------------------------------------------------------------------------

    async def _prepared(self, connection: Connection, rows: Rows, values: Mapping[str, object]) -> Rows:
        """The rows with the ids of the records that they are connected to, and of those created before."""
        await resolve_connects(connection, self._catalog.schema, rows.connects, rows.values, values)
        for creation in rows.before:
            rows = rows.relinked(creation.join, await self._create(connection, creation, values))
        return rows

    async def _create_after(
        self, connection: Connection, rows: Rows, ids: Sequence[object], values: Mapping[str, object]
    ) -> None:
        real = _real_ids(rows, ids)
        for creation in rows.after:
            linked = replace(creation, rows=creation.rows.relinked(creation.join, real))
            await self._create(connection, linked, values)

    async def _create(
        self, connection: Connection, creation: Creation, values: Mapping[str, object]
    ) -> Mapping[Json, Json]:
        """Those ids of the rows that are not the ids of the records, with these: an upsert finds what is there."""
        if not creation.rows.values:
            return {}
        item = creation.object
        rows = await self._prepared(connection, creation.rows, values)
        limits = restriction_of(item, principal_of(values))
        if limits is not None:
            limits.check(Given(verb="create", rows=rows.values, principal=principal_of(values)))
        change = self._creation(item)
        try:
            if rows.is_upsert:
                if limits is not None:
                    principal = principal_of(values)
                    change, _ = limits.narrowed(self._catalog, change, frozenset(), principal, is_upsert=True)
                ids: object = await Upsert(change).in_order(connection, rows, values)
            else:
                parameters = Parameters()
                sql = write_change(with_rows(change, rows), parameters, ids_only=True)
                bound = Statement.of(sql, parameters).bind({**values, DATA: encode_rows(rows)})
                ids = await connection.value(sql, *bound)
        except asyncpg.PostgresError as error:
            refusal = refused(error, item)
            if refusal is None:
                raise
            raise refusal from None
        assert isinstance(ids, list)
        await demand_within_rows(connection, change, ids, values)
        if limits is not None:
            await demand_sole(connection, self._catalog, limits, change, rows, ids)
        await self._create_after(connection, rows, ids, values)
        return _real_ids(rows, ids)

    def _creation(self, item: Object) -> plan.Change:
        return plan.Change(
            schema=self._catalog.schema,
            verb="create",
            object=item,
            many=True,
            items=(),
            actor=ACTOR,
            followers=followers(self._catalog, item),
            sole=found_by(item),
        )

    def _for(self, rows: Rows | None, change: plan.Change, *, answer_last: bool = False) -> ChangeStatements:
        """The statements for rows of these columns."""
        key = (None if rows is None else rows.plan_key, answer_last, change is self.change)
        known = self._statements.get(key)
        if known is None:
            if len(self._statements) >= _MOST_STATEMENTS:
                self._statements.clear()
            known = self._statements[key] = _statements(change, rows, answer_last)
        return known


def _real_ids(rows: Rows, ids: Sequence[object]) -> Mapping[Json, Json]:
    """The ids of records that an upsert has found, by those that they would have had."""
    if not rows.is_upsert:
        return {}
    return {row["id"]: str(found) for row, found in zip(rows.values, ids, strict=True)}


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
