"""Records created in the place of deleted ones with the same ids (core-api.md §9 row 21).

For clients to whom deleting means destroying: what they have deleted they may create anew.
"""

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property

from rapport.engine import plan
from rapport.engine.sql import Parameters, Value
from rapport.engine.statement import Statement
from rapport.engine.writing import write_change
from rapport.metadata.catalog import Catalog
from rapport.records.consequences import Consequences
from rapport.records.exposure import Exposure
from rapport.records.failures import IdTaken
from rapport.records.rows import Rows
from rapport.store.database import Connection

_IDS = "@successors"


class Succession:
    """Destroys deleted records whose ids are wanted anew. ``change``: the create that wants them."""

    def __init__(self, catalog: Catalog, change: plan.Change) -> None:
        item = change.object
        wanted = plan.Compare(
            column=item.field["id"].column, operator="in", value=Value(sql_type="uuid[]", path=(_IDS,))
        )
        is_deleted = plan.IsNull(column=item.field["deletedAt"].column, negated=True)
        self._removal = replace(
            change,
            verb="destroy",
            many=True,
            items=(),
            filter=plan.All(items=(wanted, is_deleted)),
            mentions_deleted=True,
        )
        self._exposure = Exposure(catalog, self._removal)
        self._consequences = Consequences(catalog, self._removal)

    async def make_way(self, connection: Connection, rows: Rows, values: Mapping[str, object]) -> None:
        """Raises IdTaken when the caller may not destroy records, or there are none that are deleted."""
        if not self._removal.object.rights.destroy:
            raise IdTaken
        given = {**values, _IDS: [row["id"] for row in rows.values]}
        hidden = await self._exposure.hidden(connection, given)
        await self._consequences.log(connection, given)
        gone = await connection.value(self._statement.sql, *self._statement.bind(given))
        if not gone:
            raise IdTaken
        await self._exposure.demand_hidden(connection, hidden, given)

    @cached_property
    def _statement(self) -> Statement:
        parameters = Parameters()
        return Statement.of(write_change(self._removal, parameters, ids_only=True), parameters)
