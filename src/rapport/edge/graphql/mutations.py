"""Mutations on records: from the document to changes, and from their data to rows."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol, cast
from uuid import UUID

import orjson
from graphql import ValueNode

from rapport.base.errors import BadUserInput, RapportError
from rapport.edge.graphql.arguments import Absent, plain
from rapport.edge.graphql.merging import compile_merge
from rapport.edge.graphql.model import RootField
from rapport.edge.graphql.queries import by_id
from rapport.edge.graphql.roots import Roots, Translation
from rapport.edge.graphql.selecting import RecordSelector
from rapport.edge.graphql.selection import Selected
from rapport.edge.limits import TooComplex
from rapport.engine import plan
from rapport.engine.costs import cost_of_records
from rapport.engine.filters import FilterBuilder
from rapport.engine.inputs import Input
from rapport.engine.scalars import misfit
from rapport.engine.sql import Value
from rapport.engine.statement import Statement
from rapport.records.actor import ACTOR
from rapport.records.changing import RunningChange
from rapport.records.restricted import Hooks, running_change
from rapport.records.restrictions import check_verb
from rapport.records.rights import check_right
from rapport.records.rows import RowBuilder, Rows
from rapport.store.database import Database

_ARGUMENTS: Mapping[tuple[str, bool], tuple[str, ...]] = {
    ("create", False): ("data", "input", "upsert"),
    ("create", True): ("data", "input", "upsert"),
    ("update", False): ("id", "data", "input"),
    ("update", True): ("filter", "data", "input"),
}


class RootMutation(Protocol):
    """One root field of a mutation, ready to be executed for the values of a request."""

    @property
    def key(self) -> str:
        """Where its value stands in the answer."""

    @property
    def node(self) -> object: ...

    @property
    def data(self) -> ValueNode | None:
        """The argument with the data to write."""

    @property
    def cost(self) -> int:
        """What its answer may cost: see engine/costs."""

    @property
    def error(self) -> RapportError | None:
        """Why it was refused while planning."""

    def rows(self, values: Mapping[str, object]) -> object:
        """What it makes of the request's values, before anything is executed. Raises what is wrong with them."""

    async def run(self, database: Database, rows: object, values: Mapping[str, object]) -> bytes:
        """Executes it with what ``rows`` gave; the JSON of its value. ``values`` have the actor's among them."""


@dataclass(frozen=True, kw_only=True)
class Mutation:
    """One root field. Everything but the rows to write is fixed; statements are made for each set of columns."""

    key: str
    node: object
    running: RunningChange | None = None  # None: only `error` or `constant`
    data: ValueNode | None = None
    error: RapportError | None = None
    constant: str | None = None
    builder: RowBuilder | None = None
    is_upsert: bool = False
    cost: int = 0
    identity: Statement | None = None  # binds the id argument: an id in the data must be the same

    def rows(self, values: Mapping[str, object]) -> Rows | None:
        """The rows that the request's data stands for. Raises what is wrong with them."""
        if self.data is None or self.running is None:
            return None
        assert self.builder is not None
        given = plain(self.data, values)
        if self.running.change.verb == "update":
            return self.builder.update(given, self._own_id(values))
        if not self.running.change.many:
            return self.builder.creation([given], upsert=self.is_upsert)
        items = given if isinstance(given, list) else [given]
        return self.builder.creation(items, upsert=self.is_upsert)

    async def run(self, database: Database, rows: object, values: Mapping[str, object]) -> bytes:
        if self.constant is not None:
            return orjson.dumps(self.constant)
        if self.error is not None:
            raise self.error
        assert self.running is not None
        assert rows is None or isinstance(rows, Rows)
        return await self.running.run(database, rows, values)

    def _own_id(self, values: Mapping[str, object]) -> str | None:
        return None if self.identity is None else str(UUID(str(self.identity.bind(values)[0])))


def compile_mutations(translation: Translation, roots: Roots, schema: str, hooks: Hooks) -> list[RootMutation]:
    """The record root fields in document order; what is wrong with the document is in the translation's problems."""
    records = translation.records()
    found: list[RootMutation] = []
    by_key = {each.key: each for each in [*roots.records, *roots.typenames]}
    for key in roots.order:
        selected = by_key.get(key)
        if selected is None:
            continue
        if selected.name == "__typename":
            found.append(Mutation(key=key, node=selected.node, constant=roots.type_name))
            continue
        try:
            found.append(_mutation(translation, records, selected, schema, hooks))
        except TooComplex:
            raise
        except RapportError as error:
            found.append(Mutation(key=key, node=selected.node, error=error))
    return found


def _mutation(
    translation: Translation, records: RecordSelector, selected: Selected, schema: str, hooks: Hooks
) -> RootMutation:
    root = records.model.mutations[selected.name]
    item = root.object
    check_verb(item, root.verb)
    check_right(item, root.verb)
    records.wants(selected, item.type_name)
    if root.verb == "merge":
        return compile_merge(records, root, selected)
    known = _ARGUMENTS.get((root.verb, root.many), ("filter",) if root.many else ("id",))
    given = records.arguments(selected, "Mutation", known)
    filters = FilterBuilder(records.model.catalog, records.problems)
    condition: plan.Predicate = plan.EVERYTHING
    identity = None
    if root.verb != "create":
        condition = _condition(records, filters, root, selected, given)
        if not root.many and "id" in given and not given["id"].is_null and not records.problems.items:
            compare = condition
            while isinstance(compare, plan.All):
                (compare,) = compare.items
            assert isinstance(compare, plan.Compare)
            assert isinstance(compare.value, Value)
            identity = Statement(sql="", values=(compare.value,))
    data = _data(translation, root, selected) if "data" in known else None
    change = plan.Change(
        schema=schema,
        verb=cast(Literal["create", "update", "delete", "restore", "destroy"], root.verb),
        object=item,
        many=root.many,
        items=records.record(item, selected.selections, 1),
        actor=ACTOR,
        filter=condition,
        mentions_deleted=filters.mentions_deleted,
    )
    limit = translation.limits.max_batch
    return Mutation(
        key=selected.key,
        node=selected.node,
        running=running_change(records.model.catalog, change, hooks),
        data=data,
        builder=RowBuilder(records.model.catalog, item, limit=limit) if data is not None else None,
        is_upsert=_is_upsert(records, given),
        cost=cost_of_records(change.items, limit if root.many else 1, condition),
        identity=identity,
    )


def _is_upsert(records: RecordSelector, given: Mapping[str, Input]) -> bool:
    upsert = given.get("upsert")
    if upsert is None or upsert.is_null:
        return False
    message = misfit("Boolean", upsert.plain())
    if message is not None:
        records.problems.add(message, upsert)
        return False
    return upsert.bake() is True


def _condition(
    records: RecordSelector, filters: FilterBuilder, root: RootField, selected: Selected, given: Mapping[str, Input]
) -> plan.Predicate:
    if not root.many:
        identity = given.get("id")
        if identity is None or identity.is_null:
            records.require(selected, "id", "UUID!", identity)
            return plan.EVERYTHING
        return by_id(filters, root.object, identity)
    filter_ = given.get("filter")
    if filter_ is None or filter_.is_null:
        records.require(selected, "filter", f"{root.object.type_name}FilterInput!", filter_)
        return plan.EVERYTHING
    condition = filters.build(root.object, filter_)
    if not records.problems.items and plan.is_vacuous(condition):
        raise BadUserInput("A non-empty filter is required", sub_code="INVALID_QUERY_INPUT")
    return condition


def _data(translation: Translation, root: RootField, selected: Selected) -> ValueNode | None:
    """The node of `data` or of its older name `input`."""
    nodes = {argument.name.value: argument.value for argument in selected.node.arguments or ()}
    present: list[ValueNode] = []
    for name in ("data", "input"):
        node = nodes.get(name)
        if node is None:
            continue
        try:
            value = plain(node, translation.values)
        except Absent:
            continue
        if value is not None:
            present.append(node)
    if len(present) > 1:
        raise BadUserInput("Cannot provide both data and input", sub_code="ARGS_CONFLICT")
    if not present:
        kind = "Create" if root.verb == "create" else "Update"
        type_name = f"{root.object.type_name}{kind}Input!"
        shown = f"[{type_name}]!" if root.many and root.verb == "create" else type_name
        raise BadUserInput(
            f'Argument "data" of required type "{shown}" was not provided.', sub_code="INVALID_ARGS_DATA"
        )
    return present[0]
