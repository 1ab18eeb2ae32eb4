"""Queries on records: from the document to one statement."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from rapport.base.errors import BadUserInput, RapportError, RecordNotFound
from rapport.edge.graphql.duplicates import compile_duplicates
from rapport.edge.graphql.grouping import compile_groups
from rapport.edge.graphql.model import RootField
from rapport.edge.graphql.roots import Roots, Translation
from rapport.edge.graphql.selecting import RecordSelector
from rapport.edge.graphql.selection import Selected
from rapport.edge.limits import TooComplex
from rapport.engine import plan
from rapport.engine.document import write_read
from rapport.engine.filters import FilterBuilder
from rapport.engine.inputs import Input
from rapport.engine.sql import Parameters
from rapport.engine.statement import Statement
from rapport.metadata.catalog import Object

Places = tuple[str, object]  # response key and node of a root field


@dataclass(frozen=True, kw_only=True)
class FieldError:
    """An error of one root field."""

    error: RapportError
    key: str
    node: object


@dataclass(frozen=True, kw_only=True)
class Query:
    """A compiled query. ``statement`` is None when no root field is left to ask for."""

    read: plan.Read
    statement: Statement | None
    has_single: bool
    places: tuple[Places, ...]  # by index of the roots
    errors: tuple[FieldError, ...]

    def absent(self, indexes: str) -> list[FieldError]:
        """Errors for the records that were not found, from the statement's second column."""
        found = [self.places[int(index)] for index in indexes.split(",") if index]
        return [FieldError(error=RecordNotFound(), key=key, node=node) for key, node in found]


def compile_query(translation: Translation, roots: Roots, schema: str) -> Query:
    """Translates and compiles; what is wrong with the document is in the translation's problems afterwards."""
    records = translation.records()
    found: list[plan.Root] = []
    places: list[Places] = []
    errors: list[FieldError] = []
    by_key: Mapping[str, Selected] = {each.key: each for each in [*roots.records, *roots.typenames]}
    for key in roots.order:
        selected = by_key.get(key)
        if selected is None:
            continue
        places.append((key, selected.node))
        try:
            found.append(_root(records, selected, roots.type_name))
        except TooComplex:
            raise
        except RapportError as error:
            errors.append(FieldError(error=error, key=key, node=selected.node))
            found.append(plan.Constant(key=key, value=None))
    read = plan.Read(schema=schema, roots=tuple(found))
    statement = None
    if not translation.problems.items:
        parameters = Parameters()
        statement = Statement.of(write_read(read, parameters), parameters)
    return Query(
        read=read,
        statement=statement,
        has_single=any(isinstance(root, plan.FindOne) for root in found),
        places=tuple(places),
        errors=tuple(errors),
    )


def split_query(query: Query) -> Sequence[tuple[str, Statement, bool]]:
    """The same roots as statements of their own, for a document that has other fields between them."""
    parts: list[tuple[str, Statement, bool]] = []
    for root in query.read.roots:
        parameters = Parameters()
        sql = write_read(replace(query.read, roots=(root,)), parameters)
        parts.append((root.key, Statement.of(sql, parameters), isinstance(root, plan.FindOne)))
    return parts


def _root(records: RecordSelector, selected: Selected, type_name: str) -> plan.Root:
    if selected.name == "__typename":
        return plan.Constant(key=selected.key, value=type_name)
    root: RootField = records.model.queries[selected.name]
    item = root.object
    if root.verb == "group":
        return compile_groups(records, root, selected)
    if root.verb == "duplicates":
        return compile_duplicates(records, root, selected)
    if root.many:
        if not selected.selections:
            records.wants(selected, f"{item.type_name}Connection")
        connection = records.connection(item, selected, 1, parent="Query")
        return plan.FindMany(key=selected.key, connection=connection)
    if not selected.selections:
        records.wants(selected, item.type_name)
    filters = FilterBuilder(records.model.catalog, records.problems)
    given = records.arguments(selected, "Query", ("filter", "id"))
    condition = _condition(records, filters, root, selected, given)
    return plan.FindOne(
        key=selected.key,
        object=item,
        items=records.record(item, selected.selections, 1),
        filter=condition,
        mentions_deleted=filters.mentions_deleted,
    )


def _condition(
    records: RecordSelector, filters: FilterBuilder, root: RootField, selected: Selected, given: dict[str, Input]
) -> plan.Predicate:
    item = root.object
    identity, filter_ = given.get("id"), given.get("filter")
    found: list[plan.Predicate] = []
    if identity is not None and not identity.is_null:
        found.append(by_id(filters, root.object, identity))
    if filter_ is not None and not filter_.is_null:
        if filter_.is_object and not list(filter_.items()):
            raise BadUserInput("Missing filter argument", sub_code="INVALID_QUERY_INPUT")
        found.append(filters.build(item, filter_))
    if not found and not records.problems.items:
        records.require(selected, "filter", f"{item.type_name}FilterInput!", filter_)
    return plan.All(items=tuple(found))


def by_id(filters: FilterBuilder, item: Object, identity: Input) -> plan.Predicate:
    """The condition of an `id` argument."""
    entries = {"id": replace(identity, value={}, path=None, entries={"eq": identity}, elements=None)}
    return filters.build(item, replace(identity, value={}, path=None, entries=entries, elements=None))
