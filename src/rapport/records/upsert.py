"""Upsert: creates the records that are new and updates those that are there (core-api.md §7.6).

All rows at once, by one statement, where they have nothing to do with each other; else one after the other.
"""

from collections.abc import Mapping
from typing import Literal

import asyncpg

from rapport.base.errors import BadUserInput
from rapport.engine import plan
from rapport.engine.sql import Parameters, Value
from rapport.engine.statement import Statement
from rapport.engine.upserting import matchable, write_locks, write_upsert
from rapport.engine.writing import needs_second_read, write_second_read
from rapport.metadata.catalog import Object
from rapport.metadata.fieldtypes.base import Json
from rapport.metadata.indexes import unique_groups
from rapport.records.create import DATA, encode_rows, with_rows
from rapport.records.failures import WriteConflict, conflicting_columns
from rapport.records.links import resolve_connects
from rapport.records.rights import demand_within_rows
from rapport.records.rows import Rows
from rapport.records.soles import one_at_a_time
from rapport.store.database import Connection, Database

_IDS = "@ids"
_MOST_STATEMENTS = 50


class SeveralMatches(BadUserInput):
    """Multiple records found with the same unique field values. Cannot determine which record to update."""

    sub_code = "UPSERT_MULTIPLE_MATCHING_RECORDS_CONFLICT"


class Upsert:
    """The upsert of one root field."""

    def __init__(self, change: plan.Change) -> None:
        self.change = change
        self._groups = (*unique_groups(change.object), *change.sole)
        self._reads_twice = needs_second_read(change)
        self._statements: dict[object, Statement] = {}

    async def run(self, database: Database, rows: Rows, values: Mapping[str, object]) -> object:
        """The JSON of the answer, in the order of the rows. Raises SeveralMatches, and WriteConflict to try again."""
        try:
            if rows.connects or self._reads_twice:
                async with database.transaction() as connection:
                    await resolve_connects(connection, self.change.schema, rows.connects, rows.values, values)
                    answer, is_done = await self._at_once(connection, rows, values)
            else:
                answer, is_done = await self._at_once(database, rows, values)
            if is_done:
                return answer
        except SeveralMatches:
            if len(rows.values) == 1:
                raise  # else a row before it may take away what made it match
        except asyncpg.UniqueViolationError:
            pass  # of two rows here, or of a row here and one that another request has just written
        async with database.transaction() as connection:
            await resolve_connects(connection, self.change.schema, rows.connects, rows.values, values)
            return await self._read(connection, await self.in_order(connection, rows, values), values)

    async def _at_once(
        self, connection: Connection | Database, rows: Rows, values: Mapping[str, object]
    ) -> tuple[object, bool]:
        """The answer, and whether the rows are written; if they are not, none of them is."""
        sql, bound = self._bound(rows, values, "ids" if self._reads_twice else "answer")
        found, is_done = self._judge(await connection.row(sql, *bound), rows)
        if not is_done or not self._reads_twice:
            return found, is_done
        return await self._read(connection, found, values), True

    async def in_order(self, connection: Connection, rows: Rows, values: Mapping[str, object]) -> list[object]:
        """The ids of the records, one after the other: each row sees what those before it did.

        What is there is locked first: in the same order by everybody. Raises SeveralMatches, and WriteConflict.
        """
        if self.change.sole:
            await one_at_a_time(connection, self.change.schema, self.change.object)
        sql, bound = self._bound(rows, values, "locks")
        await connection.value(sql, *bound)
        ids: list[object] = []
        for index in range(len(rows.values)):
            single = rows.only(index)
            try:
                sql, bound = self._bound(single, values, "ids")
                outcome = await connection.row(sql, *bound)
            except asyncpg.UniqueViolationError as error:
                if not self._may_pass(single, error):
                    raise
                raise WriteConflict from error
            found, is_done = self._judge(outcome, single)
            if not is_done or not isinstance(found, list):
                raise WriteConflict
            ids.extend(found)
        return ids

    async def _read(self, connection: Connection | Database, ids: object, values: Mapping[str, object]) -> object:
        assert isinstance(ids, list)
        await demand_within_rows(connection, self.change, ids, values)
        parameters = Parameters()
        read = Statement.of(
            write_second_read(self.change, parameters, Value(sql_type="uuid[]", path=(_IDS,))), parameters
        )
        return await connection.value(read.sql, *read.bind({**values, _IDS: ids}))

    def _may_pass(self, rows: Rows, error: asyncpg.UniqueViolationError) -> bool:
        """Whether the row matches by what met another record: then it finds that record the next time."""
        if self.change.object.rights.rows is not None:
            return False  # the record may be one that does not exist for the caller
        (row,) = rows.values
        columns = conflicting_columns(error)
        if columns == ["id"]:
            # Who may not restore does not find a deleted record, however often they look.
            return "_id" in row and self.change.object.rights.soft_delete
        return all(row.get(name) not in (None, "") for name in columns)

    def _judge(self, outcome: asyncpg.Record | None, rows: Rows) -> tuple[object, bool]:
        """The answer, and whether the rows are written. Raises SeveralMatches."""
        assert outcome is not None
        is_done, answer, ambiguous = outcome
        if ambiguous:
            raise self._several(rows, rows.values[ambiguous[0]])
        return answer, is_done

    def _several(self, rows: Rows, row: Mapping[str, Json]) -> SeveralMatches:
        shown = [
            f"{_label(self.change.object, name)}: {row[name]}"
            for group in matchable(self._groups, rows.columns)
            for name in group
            if row.get(name) is not None
        ]
        if row.get("_id") is not None:
            shown.append(f"id: {row['_id']}")
        message = (
            f"Multiple records found with the same unique field values for {', '.join(shown)}."
            " Cannot determine which record to update."
        )
        return SeveralMatches(message, user_message=message)

    def _bound(
        self, rows: Rows, values: Mapping[str, object], purpose: Literal["answer", "ids", "locks"]
    ) -> tuple[str, list[object]]:
        """The statement for rows of these columns, and its parameters."""
        key = (rows.plan_key, purpose)
        statement = self._statements.get(key)
        if statement is None:
            if len(self._statements) >= _MOST_STATEMENTS:
                self._statements.clear()
            change = with_rows(self.change, rows)
            parameters = Parameters()
            if purpose == "locks":
                sql = write_locks(change, self._groups, parameters)
            else:
                sql = write_upsert(change, self._groups, parameters, ids_only=purpose == "ids")
            statement = self._statements[key] = Statement.of(sql, parameters)
        return statement.sql, statement.bind({**values, DATA: encode_rows(rows)})


def _label(item: Object, column_name: str) -> str:
    """`emails.primaryEmail` for the column `emailsPrimaryEmail`."""
    for field in item.fields:
        for column in field.columns:
            if column.name == column_name:
                return f"{field.name}.{column.sub}" if column.sub else field.name
    return column_name
