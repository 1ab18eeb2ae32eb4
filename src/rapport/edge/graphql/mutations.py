"""Mutations on records: from the document to changes, and from their data to rows."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal, cast
from uuid import UUID

from graphql import ValueNode

from rapport.base.errors import BadUserInput, RapportError
from rapport.edge.graphql.arguments import Absent, plain
from rapport.edge.graphql.model import RootField
from rapport.edge.graphql.queries import by_id
from rapport.edge.graphql.roots import Roots, Translation
from rapport.edge.graphql.selecting import RecordSelector
from rapport.edge.graphql.selection import Selected, TooComplex
from rapport.engine import plan
from rapport.engine.filters import FilterBuilder
from rapport.engine.inputs import Input
from rapport.engine.sql import Parameters, Value
from rapport.engine.statement import Statement
from rapport.engine.writing import needs_second_read, write_change, write_second_read
from rapport.records.actor import ACTOR
from rapport.records.create import DATA
from rapport.records.rows import Misfit, RowBuilder, Rows, TooManyRecords, UnknownField, UnknownSubField

IDS = "@ids"

_ARGUMENTS: Mapping[tuple[str, bool], tuple[str, ...]] = {
    ("create", False): ("data", "input", "upsert"),
    ("create", True): ("data", "input", "upsert"),
    ("update", False): ("id", "data", "input"),
    ("update", True): ("filter", "data", "input"),
}


@dataclass(frozen=True, kw_only=True)
class Write:
    """The statements of one change. ``read`` is set when the answer needs a second one (see engine/writing)."""

    change: Statement
    read: Statement | None


@dataclass(frozen=True, kw_only=True)
class Mutation:
    """One root field. Everything but the rows to write is fixed; statements are made for each set of columns."""

    key: str
    node: object
    many: bool
    schema: str
    change: plan.Change | None  # None: only `error` or `constant`
    data: ValueNode | None = None
    type_name: str = ""
    error: RapportError | None = None
    constant: str | None = None
    builder: RowBuilder | None = None
    identity: Statement | None = None  # binds the id argument, to compare an id in the data with
    max_batch: int = 60
    statements: dict[object, Write] = field(default_factory=dict)

    def rows(self, values: Mapping[str, object]) -> Rows | None:
        """The rows that the request's data stands for. Raises what is wrong with them."""
        if self.data is None or self.change is None:
            return None
        assert self.builder is not None
        given = plain(self.data, values)
        if self.change.verb == "update":
            return self._same_id(self.builder.update(given), values)
        if not self.many:
            return self.builder.creation([given])
        items = given if isinstance(given, list) else [given]
        if len(items) > self.max_batch:
            raise TooManyRecords(f"Maximum number of records to upsert is {self.max_batch}.")
        return self.builder.creation(items)

    def _same_id(self, rows: Rows, values: Mapping[str, object]) -> Rows:
        """An update cannot change the id; the record's own is accepted and left out."""
        given = rows.values[0].pop("id", None)
        if given is None:
            return rows
        own = str(UUID(str(self.identity.bind(values)[0]))) if self.identity is not None else None
        if given != own:
            raise BadUserInput("The id of a record cannot be changed.", sub_code="INVALID_ARGS_DATA")
        return replace(rows, columns=tuple(column for column in rows.columns if column.name != "id"))

    def write(self, rows: Rows | None) -> Write:
        """The statements for rows of these columns."""
        assert self.change is not None
        key = rows.plan_key if rows is not None else None
        known = self.statements.get(key)
        if known is None:
            if len(self.statements) >= 50:
                self.statements.clear()
            known = self.statements[key] = _write(self.change, rows)
        return known


def _write(change: plan.Change, rows: Rows | None) -> Write:
    if rows is not None:
        change = replace(
            change,
            columns=rows.columns,
            partial=rows.partial,
            position=cast(Literal["given", "first", "last", "mixed", "keep"], rows.position),
            data=Value(sql_type="jsonb", path=(DATA,)),
        )
    parameters = Parameters()
    if not needs_second_read(change):
        return Write(change=Statement.of(write_change(change, parameters), parameters), read=None)
    first = Statement.of(write_change(change, parameters, ids_only=True), parameters)
    parameters = Parameters()
    ids = Value(sql_type="uuid[]", path=(IDS,))
    return Write(change=first, read=Statement.of(write_second_read(change, parameters, ids), parameters))


def describe(error: RapportError, mutation: Mutation) -> str | None:
    """The message of an error in the data that GraphQL's own type check would have found; None for other errors."""
    match error:
        case UnknownField(name=name):
            return f'Field "{name}" is not defined by type "{mutation.type_name}".'
        case UnknownSubField(field=found, sub=sub):
            kind = "Create" if mutation.type_name.endswith("CreateInput") else "Update"
            return f'Field "{sub}" is not defined by type "{found.type.graphql_output}{kind}Input".'
        case Misfit():
            return error.message
    return None


def compile_mutations(translation: Translation, roots: Roots, schema: str) -> list[Mutation]:
    """The record root fields in document order; what is wrong with the document is in the translation's problems."""
    records = translation.records()
    found: list[Mutation] = []
    by_key = {each.key: each for each in [*roots.records, *roots.typenames]}
    for key in roots.order:
        selected = by_key.get(key)
        if selected is None:
            continue
        if selected.name == "__typename":
            found.append(
                Mutation(key=key, node=selected.node, many=False, schema=schema, change=None, constant=roots.type_name)
            )
            continue
        try:
            found.append(_mutation(translation, records, selected, schema))
        except TooComplex:
            raise
        except RapportError as error:
            found.append(Mutation(key=key, node=selected.node, many=False, schema=schema, change=None, error=error))
    return found


def _mutation(translation: Translation, records: RecordSelector, selected: Selected, schema: str) -> Mutation:
    root = records.model.mutations[selected.name]
    item = root.object
    records.wants(selected, item.type_name)
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
            identity = Statement(sql="", values=(compare.value,))
    if "upsert" in given and given["upsert"].bake() is True:
        raise BadUserInput("Upsert is not supported yet.", sub_code="UNSUPPORTED_OPERATION")
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
    return Mutation(
        key=selected.key,
        node=selected.node,
        many=root.many,
        schema=schema,
        change=change,
        data=data,
        type_name=f"{item.type_name}{'Create' if root.verb == 'create' else 'Update'}Input",
        builder=RowBuilder(records.model.catalog, item) if data is not None else None,
        identity=identity,
        max_batch=translation.limits.max_batch,
    )


def _condition(
    records: RecordSelector, filters: FilterBuilder, root: RootField, selected: Selected, given: Mapping[str, Input]
) -> plan.Predicate:
    if not root.many:
        identity = given.get("id")
        if identity is None or identity.is_null:
            _required(records, selected, "id", "UUID!")
            return plan.EVERYTHING
        return by_id(filters, root, identity)
    filter_ = given.get("filter")
    if filter_ is None or filter_.is_null:
        _required(records, selected, "filter", f"{root.object.type_name}FilterInput!")
        return plan.EVERYTHING
    condition = filters.build(root.object, filter_)
    if not records.problems.items and _is_vacuous(condition):
        raise BadUserInput("A non-empty filter is required", sub_code="INVALID_QUERY_INPUT")
    return condition


def _is_vacuous(condition: plan.Predicate) -> bool:
    """It holds for every row: `{}`, `{and: []}`, `{city: {}}`. Such a filter was not meant to change all records."""
    match condition:
        case plan.All(items=items):
            return all(map(_is_vacuous, items))
        case plan.Any(items=items):
            return any(map(_is_vacuous, items))
    return False


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


def _required(records: RecordSelector, selected: Selected, name: str, type_name: str) -> None:
    records.problems.at(
        f'Field "{selected.name}" argument "{name}" of type "{type_name}" is required, but it was not provided.',
        selected.node,
    )
