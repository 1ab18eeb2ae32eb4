"""`<plural>GroupBy`: from the document to the groups of a plan."""

from rapport.edge.graphql.model import RootField
from rapport.edge.graphql.selecting import RecordSelector
from rapport.edge.graphql.selection import Selected
from rapport.engine import plan
from rapport.engine.denials import check_object
from rapport.engine.filters import FilterBuilder
from rapport.engine.groups import RECORDS_PER_GROUP, GroupBuilder
from rapport.engine.inputs import Input
from rapport.engine.orders import OrderBuilder
from rapport.metadata.catalog import Object

_ARGUMENTS = ("groupBy", "filter", "orderBy", "orderByForRecords", "viewId", "limit")
_VALUES = "groupByDimensionValues"


def compile_groups(records: RecordSelector, root: RootField, selected: Selected) -> plan.GroupBy:
    """Translates the root field; what is wrong with the document goes to the problems."""
    item, catalog, problems = root.object, records.model.catalog, records.problems
    check_object(item)
    records.wants(selected, _type_name(item))
    given = records.arguments(selected, "Query", _ARGUMENTS)
    filters = FilterBuilder(catalog, problems)
    groups = GroupBuilder(catalog, problems)
    predicate = filters.build(item, given["filter"]) if "filter" in given else plan.EVERYTHING
    record_order = OrderBuilder(catalog, problems).build(item, given.get("orderByForRecords"))
    groups.view(given.get("viewId"))
    dimensions = _dimensions(records, groups, item, selected, given.get("groupBy"))
    return plan.GroupBy(
        key=selected.key,
        object=item,
        dimensions=dimensions,
        items=_items(records, item, selected),
        order=groups.order(item, given.get("orderBy"), dimensions),
        limit=groups.limit(given.get("limit"), records.page_limit),
        record_order=record_order,
        record_limit=RECORDS_PER_GROUP,
        filter=predicate,
        mentions_deleted=filters.mentions_deleted,
    )


def _dimensions(
    records: RecordSelector, groups: GroupBuilder, item: Object, selected: Selected, given: Input | None
) -> tuple[plan.Dimension, ...]:
    wanted = f"[{item.type_name}GroupByInput!]!"
    if given is None or given.is_null:
        records.require(selected, "groupBy", wanted, given)
        return ()
    return groups.dimensions(item, given)


def _items(records: RecordSelector, item: Object, selected: Selected) -> tuple[plan.GroupItem, ...]:
    type_name = _type_name(item)
    found: list[plan.GroupItem] = []
    for entry in records.selector.collect(selected.selections, type_name, 2):
        if entry.name == _VALUES:
            records.refuse_arguments(type_name, entry)
            if entry.selections:
                records.problems.at(
                    f'Field "{_VALUES}" must not have a selection since type "JSON!" has no subfields.', entry.node
                )
            found.append(plan.DimensionValues(key=entry.key))
        else:
            translated = records.connection_item(item, entry, type_name, 1, others=(_VALUES,))
            if translated is not None:
                found.append(translated)
    return tuple(found)


def _type_name(item: Object) -> str:
    return f"{item.type_name}GroupByConnection"
