"""Writes rows by one statement where that is possible, and without the rows that the database refuses."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal, TypeAlias, cast

import asyncpg

from rapport.base.errors import PermissionDenied, RapportError
from rapport.engine import plan
from rapport.engine.matching import write_holders
from rapport.engine.sql import Parameters, Value
from rapport.engine.statement import Statement
from rapport.engine.writing import write_change
from rapport.metadata.catalog import Catalog, Object
from rapport.metadata.fieldtypes.base import Column, Json
from rapport.metadata.indexes import unique_groups
from rapport.records.actor import ACTOR
from rapport.records.create import DATA, encode_rows, with_rows
from rapport.records.failures import WriteConflict, conflicting_columns, duplicate, refused, unknown_target
from rapport.records.rights import demand_within_rows
from rapport.records.rows import Rows
from rapport.store.database import Connection

_MOST_STATEMENTS = 50


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a row is refused, and the table's column that is at fault, where that is known."""

    reason: RapportError
    column: str = ""


Refusals: TypeAlias = dict[int, Refusal]  # by the index of what is refused


class RowWriter:
    """Creates and updates records of one object, in transactions of others. ``values`` are those of the actor."""

    def __init__(self, catalog: Catalog, item: Object, values: Mapping[str, object]) -> None:
        self._catalog = catalog
        self._object = item
        self._values = values
        self._changes = {verb: self._change(verb) for verb in ("create", "update")}
        self._statements: dict[object, Statement] = {}

    async def create(self, connection: Connection, rows: Rows) -> Refusals:
        """Creates those of the records that can be; gives what is wrong with the others."""
        return await self._write(connection, "create", rows)

    async def update(self, connection: Connection, rows: Rows) -> Refusals:
        """Likewise. Each row has the `_id` of its record, which is locked."""
        return (await self.updated(connection, rows))[0]

    async def updated(self, connection: Connection, rows: Rows) -> tuple[Refusals, int]:
        """Likewise, and how many records really are others now."""
        changed: list[int] = []
        refusals = await self._write(connection, "update", rows, changed)
        return refusals, sum(changed)

    async def missing(self, connection: Connection, rows: Rows) -> list[tuple[int, str]]:
        """Links to records that are not there: the indexes of their rows, and their columns."""
        found: list[tuple[int, str]] = []
        names = {column.name for column in rows.columns}
        for name, link in self._object.to_one_by_column.items():
            if name in names:
                target = self._catalog.target(link)
                places = [index for index, row in enumerate(rows.values) if row.get(name) is not None]
                there = await self._lookup(connection, target, rows, places, [target.field["id"].column], (name,))
                found += [(index, name) for index in places if index not in there]
        return found

    async def _write(
        self,
        connection: Connection,
        verb: Literal["create", "update"],
        rows: Rows,
        changed: list[int] | None = None,
    ) -> Refusals:
        def only(indexes: Sequence[int]) -> Rows:
            return rows if len(indexes) == len(rows.values) else _some(rows, indexes)

        async def attempt(indexes: Sequence[int]) -> None:
            count = await self._execute(connection, verb, only(indexes))
            if changed is not None:
                changed.append(count)

        async def suspect(indexes: Sequence[int]) -> Refusals:
            found = await self._conflicts(connection, only(indexes))
            return {indexes[place]: reason for place, reason in found.items()}

        return await write_apart(connection, self._object, range(len(rows.values)), attempt, suspect)

    async def _execute(self, connection: Connection, verb: str, rows: Rows) -> int:
        """How many records of an update are others now."""
        change = self._changes[verb]
        statement = self._statement(verb, change, rows)
        row = await connection.row(statement.sql, *statement.bind({**self._values, DATA: encode_rows(rows)}))
        assert row is not None
        ids = row[0]
        if not isinstance(ids, list):
            # A record that is to be updated is locked: it is there, but perhaps not for the caller.
            raise WriteConflict if self._object.rights.rows is None else PermissionDenied
        await demand_within_rows(connection, change, ids, self._values)
        return int(row[1]) if verb == "update" else 0

    def _statement(self, verb: str, change: plan.Change, rows: Rows) -> Statement:
        key = (verb, rows.plan_key)
        known = self._statements.get(key)
        if known is None:
            if len(self._statements) >= _MOST_STATEMENTS:
                self._statements.clear()
            parameters = Parameters()
            sql = write_change(with_rows(change, rows), parameters, ids_only=True, counted=verb == "update")
            known = self._statements[key] = Statement.of(sql, parameters)
        return known

    def _change(self, verb: str) -> plan.Change:
        return plan.Change(
            schema=self._catalog.schema,
            verb=cast(Literal["create", "update"], verb),
            object=self._object,
            many=True,
            items=(),
            actor=ACTOR,
            is_keyed=verb == "update",
        )

    # -- what is in the way of rows -------------------------------------------------------------------------------

    async def _conflicts(self, connection: Connection, rows: Rows) -> Refusals:
        """Rows with links that lead nowhere, and with values that other records have, or rows before them."""
        found: Refusals = {}
        columns = {column.name: column for column in rows.columns}
        for index, name in await self.missing(connection, rows):
            reason = unknown_target(name, str(rows.values[index][name]))
            found.setdefault(index, Refusal(reason, name))
        for group in (("id",), *unique_groups(self._object)):
            if columns.keys() >= set(group):
                await self._holders(connection, rows, [columns[name] for name in group], found)
        return found

    async def _holders(self, connection: Connection, rows: Rows, columns: Sequence[Column], found: Refusals) -> None:
        names = tuple(column.name for column in columns)
        refusal = Refusal(duplicate(self._object, names), names[0])
        places = [
            index for index, row in enumerate(rows.values) if row.get(names[0]) not in (None, "") and index not in found
        ]
        holders = await self._lookup(connection, self._object, rows, places, columns, names)
        seen: set[tuple[str, ...]] = set()
        for index in places:
            row = rows.values[index]
            key = tuple(str(row.get(name)) for name in names)
            if key in seen or holders.get(index, row.get("_id")) != row.get("_id"):
                found[index] = refusal
            seen.add(key)

    async def _lookup(
        self,
        connection: Connection,
        target: Object,
        rows: Rows,
        places: Sequence[int],
        columns: Sequence[Column],
        names: Sequence[str],
    ) -> Mapping[int, str]:
        """The ids of the records that have the values of these rows, by the indexes of the rows."""
        parameters = Parameters()
        wanted = [
            (column, array_of(column, [rows.values[index].get(name) for index in places]))
            for column, name in zip(columns, names, strict=True)
        ]
        is_id = columns[0].name == "id"
        sql = write_holders(self._catalog.schema, target, wanted, parameters, deleted=is_id)
        found = await connection.rows(sql, *Statement.of(sql, parameters).bind(self._values))
        return {places[row[0] - 1]: row[1] for row in found}


def array_of(column: Column, values: Sequence[Json]) -> Value:
    """Values of a column, in canonical form, as one parameter."""
    bound = [None if value is None else column.leaf.param(value, column.name) for value in values]
    return Value(sql_type=f"{column.leaf.sql_type}[]", constant=bound)


async def write_apart(
    connection: Connection,
    item: Object,
    indexes: Sequence[int],
    attempt: Callable[[Sequence[int]], Awaitable[None]],
    suspect: Callable[[Sequence[int]], Awaitable[Refusals]] | None = None,
) -> Refusals:
    """Attempts all at once; what is refused is found by looking (``suspect``), and then by halves.

    Gives why those are refused that are. Each attempt is undone when it fails.
    """
    if not indexes:
        return {}
    await connection.script("savepoint attempt")
    try:
        await attempt(indexes)
    except (asyncpg.PostgresError, RapportError) as error:
        if connection.raw.is_closed():
            raise
        reason = refused(error, item) if isinstance(error, asyncpg.PostgresError) else error
        if reason is None or reason.status >= 500 or isinstance(reason, WriteConflict):
            raise
        await connection.script("rollback to savepoint attempt; release savepoint attempt")
        columns = conflicting_columns(error) if isinstance(error, asyncpg.UniqueViolationError) else []
        refusal = Refusal(reason, columns[0] if columns else "")
    else:
        await connection.script("release savepoint attempt")
        return {}
    if len(indexes) == 1:
        return {indexes[0]: refusal}
    if suspect is not None:
        found = await suspect(indexes)
        if found:
            rest = [index for index in indexes if index not in found]
            return {**found, **await write_apart(connection, item, rest, attempt)}
    middle = len(indexes) // 2
    first = await write_apart(connection, item, indexes[:middle], attempt)
    return {**first, **await write_apart(connection, item, indexes[middle:], attempt)}


def _some(rows: Rows, indexes: Sequence[int]) -> Rows:
    return replace(rows, values=[rows.values[index] for index in indexes])
