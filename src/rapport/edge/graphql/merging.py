"""`merge<Plural>`: from the document to a merge."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from rapport.edge.graphql.kinds import fits
from rapport.edge.graphql.model import RootField
from rapport.edge.graphql.selecting import RecordSelector
from rapport.edge.graphql.selection import Selected
from rapport.engine.costs import cost_of_records
from rapport.engine.inputs import Input
from rapport.engine.scalars import misfit
from rapport.engine.sql import Value
from rapport.engine.statement import Statement
from rapport.metadata.fieldtypes.base import Json
from rapport.metadata.fieldtypes.leaves.uuid import UUID
from rapport.records.merge import InvalidMerge, MergeRequest, RunningMerge
from rapport.store.database import Database


@dataclass(frozen=True, kw_only=True)
class MergeMutation:
    """One root field that merges records: see ``RootMutation``."""

    key: str
    node: object
    running: RunningMerge
    arguments: Statement  # binds ids, conflictPriorityIndex and dryRun
    cost: int
    data: None = None
    error: None = None

    def rows(self, values: Mapping[str, object]) -> MergeRequest:
        """What is to be merged. Raises what is wrong with it."""
        ids, priority, dry_run = self.arguments.bind(values)
        assert isinstance(ids, tuple)
        assert isinstance(priority, int)
        request = MergeRequest(ids=ids, priority=priority, dry_run=dry_run is True)
        request.check()
        return request

    async def run(self, database: Database, rows: object, values: Mapping[str, object]) -> bytes:
        assert isinstance(rows, MergeRequest)
        return await self.running.run(database, rows, values)


def compile_merge(records: RecordSelector, root: RootField, selected: Selected) -> MergeMutation:
    """Translates the root field; what is wrong with the document goes to the problems."""
    given = records.arguments(selected, "Mutation", ("ids", "conflictPriorityIndex", "dryRun"))
    for name, shown in (("ids", "[UUID!]!"), ("conflictPriorityIndex", "Int!")):
        if name not in given or given[name].is_null:
            records.require(selected, name, shown, given.get(name))
    values = (
        _bound(records, given.get("ids"), "UUID", _ids),
        _bound(records, given.get("conflictPriorityIndex"), "Int", _whole),
        _bound(records, given.get("dryRun"), "Boolean", bool),
    )
    items = records.record(root.object, selected.selections, 1)
    return MergeMutation(
        key=selected.key,
        node=selected.node,
        running=RunningMerge(records.model.catalog, root.object, items),
        arguments=Statement(sql="", values=values),
        cost=cost_of_records(items, 1),
    )


def _bound(records: RecordSelector, given: Input | None, scalar: str, convert: Callable[[object], object]) -> Value:
    """The argument as a value of the request."""
    if given is None or given.is_null or not fits(records.problems, given, scalar, several=scalar == "UUID"):
        return Value(sql_type="", constant=None)
    return given.bind("", convert)


def _ids(value: object) -> tuple[object, ...]:
    several: list[Json] = value if isinstance(value, list) else [value]  # type: ignore[list-item]
    return tuple(UUID.param(each, "id") for each in several)


def _whole(value: object) -> int:
    message = misfit("Int", value)
    if message is not None:
        raise InvalidMerge(message)
    return int(value)  # type: ignore[call-overload,no-any-return]
