"""Merging: one record takes the place of several, with their values and with all that pointed to them (§7.8)."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import asyncpg

from rapport.base.errors import BadUserInput, PermissionDenied, RecordNotFound
from rapport.base.ids import new_id
from rapport.engine import plan
from rapport.engine.merging import write_linked, write_preview, write_records
from rapport.engine.sql import Parameters, Value
from rapport.engine.statement import Statement
from rapport.engine.writing import write_change
from rapport.metadata.catalog import EVERY_RIGHT, Catalog, Object
from rapport.metadata.fieldtypes.base import Column, Json
from rapport.records.actor import ACTOR
from rapport.records.changing import IDS, second_read
from rapport.records.contention import persisting
from rapport.records.create import DATA, encode_rows, with_rows
from rapport.records.failures import refused
from rapport.records.followers import followers
from rapport.records.merged import Record, merged
from rapport.records.rights import demand_within_rows
from rapport.records.rows import Rows
from rapport.records.soles import find_twins
from rapport.store.database import Connection, Database

MOST_RECORDS = 9

_SURVIVOR, _LOSERS, _FRESH_ID = "@survivor", "@losers", "@freshId"


class InvalidMerge(BadUserInput):
    """Records cannot be merged like this."""

    sub_code = "INVALID_QUERY_INPUT"


class MergedRecordNotFound(RecordNotFound):
    """One or more records not found"""


@dataclass(frozen=True, kw_only=True)
class MergeRequest:
    """``ids`` are in lower case; the record at ``priority`` survives. A dry run only shows what would become of it."""

    ids: tuple[str, ...]
    priority: int
    dry_run: bool = False

    def check(self) -> None:
        """Raises InvalidMerge."""
        count = len(self.ids)
        if count < 2:
            raise InvalidMerge("At least 2 record IDs are required for merge")
        if count > MOST_RECORDS:
            raise InvalidMerge(f"Maximum {MOST_RECORDS} records can be merged at once")
        if len(set(self.ids)) < count:
            raise InvalidMerge("The record IDs to merge must be different from each other")
        if not 0 <= self.priority < count:
            raise InvalidMerge(
                f"Invalid conflict priority '{self.priority}'. Valid options for {count} records: 0-{count - 1}"
            )

    @property
    def survivor(self) -> str:
        return self.ids[self.priority]

    @property
    def losers(self) -> list[str]:
        return [each for each in self.ids if each != self.survivor]


class RunningMerge:
    """The merge of records of one object, with a fixed selection. Kept with the plan of its document."""

    def __init__(self, catalog: Catalog, item: Object, items: tuple[plan.Item, ...]) -> None:
        self._catalog = catalog
        self._object = item
        self._update = plan.Change(
            schema=catalog.schema,
            verb="update",
            object=item,
            many=False,
            items=items,
            actor=ACTOR,
            filter=_is(item.field["id"].column, "eq", Value(sql_type="uuid", path=(_SURVIVOR,))),
        )

    async def run(self, database: Database, request: MergeRequest, values: Mapping[str, object]) -> bytes:
        """The JSON of the answer. ``values`` are those of the request, with the actor's.

        Raises InvalidMerge, MergedRecordNotFound, and what PostgreSQL's refusals stand for.
        """
        request.check()
        given = {
            **values,
            IDS: list(request.ids),
            _SURVIVOR: request.survivor,
            _LOSERS: request.losers,
            _FRESH_ID: str(new_id()),
        }
        attempt = self._preview if request.dry_run else self._merge
        value = await persisting(lambda: attempt(database, request, given))
        assert isinstance(value, bytes)
        return value

    # -- the merge ----------------------------------------------------------------------------------------------

    async def _merge(self, database: Database, request: MergeRequest, values: Mapping[str, object]) -> object:
        """All in one transaction. The records are locked first, so that no link to them can be made meanwhile."""
        try:
            async with database.transaction() as connection:
                records = await self._records(connection, request, values, lock=True)
                rows = self._rows(merged(self._object, records, request.priority))
                # Before the survivor takes their values, which may be unique.
                await _execute(connection, self._removal, values)
                change = _statement(with_rows(self._update, rows))
                await _execute(connection, change, {**values, DATA: encode_rows(rows)})
                await demand_within_rows(connection, self._update, [request.survivor], values)
                seen = [await _execute(connection, linked, values) for linked in self._linked]
                for join, relink in self._relinks:
                    link = Rows(values=[{join.name: request.survivor}], columns=(join,))
                    await _execute(connection, relink, {**values, DATA: encode_rows(link)})
                if seen != [await _execute(connection, linked, values) for linked in self._linked]:
                    raise PermissionDenied  # a record that now points elsewhere would come into view, or leave it
                await self._drop_twin_favorites(connection, request, values)
                return await _execute(connection, self._answer, {**values, IDS: [request.survivor]})
        except asyncpg.PostgresError as error:
            refusal = refused(error, self._refusing(error))
            if refusal is None:
                raise
            raise refusal from None

    async def _records(
        self, connection: Connection, request: MergeRequest, values: Mapping[str, object], *, lock: bool
    ) -> Sequence[Record]:
        """The records in the order in which they are named. Raises MergedRecordNotFound."""
        parameters = Parameters()
        ids = Value(sql_type="uuid[]", path=(IDS,))
        sql = write_records(self._catalog.schema, self._object, parameters, ids, lock=lock)
        found: dict[Json, Record] = {}
        for row in await connection.rows(sql, *Statement.of(sql, parameters).bind(values)):
            record: dict[str, Json] = json.loads(row[0])
            found[record["id"]] = record
        if len(found) < len(request.ids):
            raise MergedRecordNotFound
        return [found[each] for each in request.ids]

    def _rows(self, changed: Mapping[str, Json]) -> Rows:
        columns = tuple(column for column in self._object.columns if column.name in changed)
        return Rows(values=[dict(changed)], columns=columns)

    async def _drop_twin_favorites(
        self, connection: Connection, request: MergeRequest, values: Mapping[str, object]
    ) -> None:
        """Who had several of the records among their favorites keeps the oldest."""
        favorite = self._catalog.by_name.get("favorite")
        for follower in followers(self._catalog, self._object):
            if follower.object is favorite:
                survivor = Value(sql_type="uuid", constant=request.survivor)
                among = _is(follower.join, "eq", survivor)
                twins = await find_twins(connection, self._catalog.schema, favorite, (follower.sole,), among)
                if twins:
                    chosen = _is(favorite.field["id"].column, "in", Value(sql_type="uuid[]", constant=twins))
                    drop = replace(self._update, verb="delete", object=favorite, many=True, items=(), filter=chosen)
                    await _execute(connection, _statement(drop), values)

    @cached_property
    def _removal(self) -> Statement:
        losers = _is(self._object.field["id"].column, "in", Value(sql_type="uuid[]", path=(_LOSERS,)))
        return _statement(replace(self._update, verb="delete", many=True, items=(), filter=losers))

    @cached_property
    def _answer(self) -> Statement:
        return second_read(self._update)

    @cached_property
    def _relinks(self) -> list[tuple[Column, Statement]]:
        """For each column of the workspace that may point to the losers: the statement that turns it to the survivor.

        Always in the same order, so that merges wait for each other and do not block each other.
        """
        return [(join, _statement(change)) for join, change in self._relinking()]

    def _relinking(self) -> Iterator[tuple[Column, plan.Change]]:
        for item in self._catalog.objects:
            for field in item.fields:
                if field.relation is None or not field.is_to_one or field.relation.target_object != self._object.name:
                    continue
                yield (
                    field.column,
                    plan.Change(
                        schema=self._catalog.schema,
                        verb="update",
                        object=replace(item, rights=EVERY_RIGHT),  # no link may stay behind
                        many=True,
                        items=(),
                        actor=ACTOR,
                        filter=_is(field.column, "in", Value(sql_type="uuid[]", path=(_LOSERS,))),
                        mentions_deleted=True,
                        columns=(field.column,),
                        data=Value(sql_type="jsonb", path=(DATA,)),
                    ),
                )

    @cached_property
    def _linked(self) -> list[Statement]:
        """For each object of which some records do not exist for the caller: those that do, and point to the merged."""
        found: list[Statement] = []
        for item in self._catalog.objects:
            joins = [
                link.column
                for link in item.fields
                if link.is_to_one and link.relation and link.relation.target_object == self._object.name
            ]
            if joins and item.rights.read and item.rights.rows is not None:
                parameters = Parameters()
                ids = Value(sql_type="uuid[]", path=(IDS,))
                sql = write_linked(self._catalog.schema, item, joins, parameters, ids)
                found.append(Statement.of(sql, parameters))
        return found

    def _refusing(self, error: asyncpg.PostgresError) -> Object:
        """The object whose table refused a write."""
        return next((item for item in self._catalog.objects if item.table == error.table_name), self._object)

    # -- the dry run --------------------------------------------------------------------------------------------

    async def _preview(self, database: Database, request: MergeRequest, values: Mapping[str, object]) -> object:
        async with database.transaction(isolation="repeatable read") as connection:
            records = await self._records(connection, request, values, lock=False)
            rows = self._rows(merged(self._object, records, request.priority))
            parameters = Parameters()
            sql = write_preview(
                self._catalog.schema,
                self._object,
                self._update.items,
                rows.columns,
                parameters,
                survivor=Value(sql_type="uuid", path=(_SURVIVOR,)),
                ids=Value(sql_type="uuid[]", path=(IDS,)),
                data=Value(sql_type="jsonb", path=(DATA,)),
                fresh_id=Value(sql_type="uuid", path=(_FRESH_ID,)),
            )
            return await _execute(connection, Statement.of(sql, parameters), {**values, DATA: encode_rows(rows)})


def _is(column: Column, operator: str, value: Value) -> plan.Predicate:
    return plan.Compare(column=column, operator=operator, value=value)


def _statement(change: plan.Change) -> Statement:
    parameters = Parameters()
    return Statement.of(write_change(change, parameters, ids_only=True), parameters)


async def _execute(connection: Connection, statement: Statement, values: Mapping[str, object]) -> object:
    return await connection.value(statement.sql, *statement.bind(values))
