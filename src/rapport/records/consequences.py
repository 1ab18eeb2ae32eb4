"""Records that point to those that are destroyed: which there are, and that their fate is told."""

from collections.abc import Iterator, Mapping
from functools import cached_property

from rapport.engine import plan
from rapport.engine.consequences import Dependent, Link, write_consequences
from rapport.engine.sql import Parameters, Value
from rapport.engine.statement import Statement
from rapport.engine.writing import write_targets
from rapport.metadata.catalog import Catalog, Object, OnDelete
from rapport.store.database import Connection

_GOING = "@going"
_UNTOLD = frozenset({"timelineActivity"})  # these are made of events, and have none


class Consequences:
    """What the destruction of records does to others; other changes do nothing."""

    def __init__(self, catalog: Catalog, change: plan.Change) -> None:
        self._change = change
        self._dependents = dependents(catalog, change.object) if change.verb == "destroy" else []

    @property
    def are_possible(self) -> bool:
        return bool(self._dependents)

    async def log(self, connection: Connection, values: Mapping[str, object]) -> None:
        """In the transaction of the destruction, before it. Locks the records, so that none comes to point to them."""
        if not self._dependents:
            return
        going = await connection.value(self._targets.sql, *self._targets.bind(values))
        if going:
            bound = self._statement.bind({**values, _GOING: going})
            await connection.execute(self._statement.sql, *bound)

    @cached_property
    def _targets(self) -> Statement:
        parameters = Parameters()
        return Statement.of(write_targets(self._change, parameters, lock=True), parameters)

    @cached_property
    def _statement(self) -> Statement:
        parameters = Parameters()
        ids = Value(sql_type="uuid[]", path=(_GOING,))
        sql = write_consequences(self._change.schema, self._dependents, parameters, ids, self._change.actor)
        return Statement.of(sql, parameters)


def dependents(catalog: Catalog, item: Object) -> list[Dependent]:
    """The objects whose records point to those of an object, or to what goes with them; each behind those that it
    points to. What goes with records in a circle, back to its own object, is left out."""
    found: list[Dependent] = []
    going = {item.name: 0}
    for each in _in_order(catalog, item):
        fatal = tuple(_links(each, going, "CASCADE")) if each is not item else ()
        emptied = tuple(_links(each, going, "SET_NULL"))
        if fatal or emptied:
            found.append(Dependent(object=each, emptied=emptied, fatal=fatal))
        if fatal:
            going[each.name] = len(found)
    return found


def _in_order(catalog: Catalog, item: Object) -> Iterator[Object]:
    """All objects whose events are told: those whose records go with others come behind these."""
    objects = [each for each in catalog.objects if each.name not in _UNTOLD]
    seen: set[str] = set()
    reached: list[Object] = []

    def visit(target: Object) -> None:
        seen.add(target.name)
        for each in objects:
            if each.name not in seen and any(_links(each, {target.name: 0}, "CASCADE")):
                visit(each)
        reached.append(target)

    visit(item)
    yield from reached[-2::-1]
    yield from (each for each in objects if each is item or each.name not in seen)


def _links(item: Object, targets: Mapping[str, int], on_delete: OnDelete) -> Iterator[Link]:
    for each in item.fields:
        if each.relation is not None and each.is_to_one and each.relation.on_delete == on_delete:
            number = targets.get(each.relation.target_object)
            if number is not None:
                yield Link(field=each, to=number)
