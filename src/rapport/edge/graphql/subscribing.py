"""Subscriptions to records: from the document to what is told of which events."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from rapport.base.errors import BadUserInput, RapportError
from rapport.edge.errors import graphql_error
from rapport.edge.graphql.kinds import fits
from rapport.edge.graphql.queries import by_id
from rapport.edge.graphql.request import Refused
from rapport.edge.graphql.roots import Roots, Translation, location
from rapport.edge.graphql.selecting import RecordSelector
from rapport.edge.graphql.selection import Selected
from rapport.edge.limits import TooComplex
from rapport.engine import plan
from rapport.engine.costs import cost_of_records
from rapport.engine.denials import check_named
from rapport.engine.filters import FilterBuilder
from rapport.engine.problems import NoSuchField
from rapport.engine.sql import Parameters, Value
from rapport.engine.statement import Statement
from rapport.engine.telling import write_told
from rapport.events.channels import Topic
from rapport.events.log import Action
from rapport.metadata.catalog import Object
from rapport.metadata.dialect import resolve

SEQS = "@seqs"  # the numbers of the events that a statement tells of, among the values of a request
_SEQS = Value(sql_type="bigint[]", path=(SEQS,))


@dataclass(frozen=True, kw_only=True)
class Watch:
    """What one subscription wants to be told. ``choice`` gives the values of `id` and `updatedFields`."""

    key: str
    object_name: str
    action: Action
    statement: Statement
    choice: Statement
    chosen: tuple[str, ...]  # of which arguments these are
    fields: frozenset[str] | None  # of whose changes the caller may hear: of updates only
    cost: int

    def topic(self, values: Mapping[str, object]) -> Topic:
        """Which events these are, for the values of a request."""
        chosen = dict(zip(self.chosen, self.choice.bind(values), strict=True))
        record_id, fields = chosen.get("id"), chosen.get("updatedFields")
        return Topic(
            object=self.object_name,
            actions=frozenset({self.action}),
            record_id=UUID(str(record_id)) if record_id is not None else None,
            fields=frozenset(map(str, fields)) if isinstance(fields, list) else self.fields,
        )


def compile_watch(translation: Translation, roots: Roots) -> Watch | None:
    """None when it is not about records, or when the translation has problems. Raises Refused and TooComplex."""
    if not roots.records or translation.model is None:
        return None
    (selected,) = roots.records
    try:
        return _watch(translation.records(), selected, translation)
    except TooComplex:
        raise
    except RapportError as error:
        shown = graphql_error(error, path=[selected.key], locations=location(selected.node))
        raise Refused([shown]) from None


def _watch(records: RecordSelector, selected: Selected, translation: Translation) -> Watch | None:
    root = records.model.subscriptions[selected.name]
    item = root.object
    records.wants(selected, item.type_name)
    given = records.arguments(selected, "Subscription", root.arguments)
    filters = FilterBuilder(records.model.catalog, records.problems)
    conditions: list[plan.Predicate] = []
    choice: list[Value] = []
    chosen: list[str] = []
    identity, fields, filter_ = given.get("id"), given.get("updatedFields"), given.get("filter")
    if identity is not None and not identity.is_null:
        conditions.append(by_id(filters, item, identity))
        if not records.problems.items:
            choice.append(_value_of(conditions[0]))
            chosen.append("id")
    if filter_ is not None:
        conditions.append(filters.build(item, filter_))
    if fields is not None and not fields.is_null and fits(records.problems, fields, "String", several=True):
        choice.append(fields.bind("text[]", partial(_names_of, item)))
        chosen.append("updatedFields")
    told = plan.Told(
        schema=records.model.catalog.schema,
        object=item,
        items=records.record(item, selected.selections, 1),
        seqs=_SEQS,
        filter=plan.All(items=tuple(conditions)),
    )
    if translation.problems.items:
        return None
    parameters = Parameters()
    return Watch(
        key=selected.key,
        object_name=item.name,
        action=root.action,
        statement=Statement.of(write_told(told, parameters), parameters),
        choice=Statement(sql="", values=tuple(choice)),
        chosen=tuple(chosen),
        fields=item.readable_fields if root.action == "updated" else None,
        cost=cost_of_records(told.items, 1, told.filter),
    )


def _value_of(condition: plan.Predicate) -> Value:
    """What a condition by id compares with."""
    while isinstance(condition, plan.All):
        (condition,) = condition.items
    assert isinstance(condition, plan.Compare)
    assert isinstance(condition.value, Value)
    return condition.value


def _names_of(item: Object, value: object) -> object:
    """Names of fields as events have them. Raises NoSuchField and PermissionDenied."""
    names = value if isinstance(value, list) else [value]
    if not names:
        raise BadUserInput("At least one field must be named in updatedFields.", sub_code="INVALID_ARGS_FILTER")
    return [_name_of(item, str(each)) for each in names]


def _name_of(item: Object, name: str) -> str:
    if name in item.to_one_by_column:
        return item.to_one_by_column[name].name
    field = item.field.get(name)
    if field is None:
        alias = resolve(item, name)
        check_named(item, alias.join_column or alias.field if alias else name)
        if alias is not None:
            return _name_of(item, alias.join_column or alias.field)
    if field is None or not field.is_readable or field.is_to_many:
        raise NoSuchField(item, name)
    return field.name
