"""Destroying a record empties the links to it. That must not bring records into view that the caller's rules keep away.

A rule such as "company is not Acme" holds for a record without a company: without this, whoever may destroy Acme would
see what pointed to it.
"""

from collections.abc import Mapping, Sequence
from functools import cached_property

from rapport.base.errors import PermissionDenied
from rapport.engine import plan
from rapport.engine.exposing import write_hidden, write_shown
from rapport.engine.sql import Parameters, Value
from rapport.engine.statement import Statement
from rapport.engine.writing import write_targets
from rapport.metadata.catalog import Catalog, Object
from rapport.metadata.fieldtypes.base import Column
from rapport.store.database import Connection

_GOING, _HIDDEN = "@going", "@hidden"

Hidden = Sequence[tuple[Object, list[object]]]


class Exposure:
    """What the destruction of records could bring into view."""

    def __init__(self, catalog: Catalog, change: plan.Change) -> None:
        self._change = change
        self._links = _links(catalog, change.object) if change.verb == "destroy" else []

    @property
    def is_possible(self) -> bool:
        return bool(self._links)

    async def hidden(self, connection: Connection, values: Mapping[str, object]) -> Hidden:
        """The records that point to those that will be destroyed and do not exist for the caller."""
        going = await connection.value(self._targets.sql, *self._targets.bind(values))
        found: list[tuple[Object, list[object]]] = []
        for item, joins in self._links if going else ():
            parameters = Parameters()
            ids = Value(sql_type="uuid[]", path=(_GOING,))
            sql = write_hidden(self._change.schema, item, joins, parameters, ids)
            hidden = await connection.value(sql, *Statement.of(sql, parameters).bind({**values, _GOING: going}))
            if isinstance(hidden, list):
                found.append((item, hidden))
        return found

    async def demand_hidden(self, connection: Connection, hidden: Hidden, values: Mapping[str, object]) -> None:
        """They must still not exist: raises PermissionDenied, and the caller takes the change back."""
        for item, ids in hidden:
            parameters = Parameters()
            sql = write_shown(self._change.schema, item, parameters, Value(sql_type="uuid[]", path=(_HIDDEN,)))
            if await connection.value(sql, *Statement.of(sql, parameters).bind({**values, _HIDDEN: ids})):
                raise PermissionDenied

    @cached_property
    def _targets(self) -> Statement:
        parameters = Parameters()
        return Statement.of(write_targets(self._change, parameters, lock=True), parameters)


def _links(catalog: Catalog, target: Object) -> list[tuple[Object, list[Column]]]:
    """The objects of which some records do not exist for the caller, with the columns that would be emptied."""
    found: list[tuple[Object, list[Column]]] = []
    for item in catalog.objects:
        if item.rights.rows is None or not item.rights.read:
            continue
        joins = [
            field.column
            for field in item.fields
            if field.is_to_one
            and field.relation is not None
            and field.relation.target_object == target.name
            and field.relation.on_delete == "SET_NULL"
        ]
        if joins:
            found.append((item, joins))
    return found
