"""The types of aggregates and groups of one object's records."""

from collections.abc import Iterator

from rapport.edge.graphql.schema.definitions import Definitions, member
from rapport.engine.aggregates import Available, aggregates_of
from rapport.engine.places import groupable, is_moment
from rapport.metadata.catalog import Catalog, Field, Object

_WORDS = {
    "countUniqueValues": "Number of different values of {}",
    "countEmpty": "Number of records without {}",
    "countNotEmpty": "Number of records with {}",
    "percentageEmpty": "Share of records without {}, from 0 to 1",
    "percentageNotEmpty": "Share of records with {}, from 0 to 1",
    "countTrue": "Number of records where {} is true",
    "countFalse": "Number of records where {} is false",
    "min": "Least {}",
    "max": "Greatest {}",
    "avg": "Average of {}",
    "sum": "Sum of {}",
}


def connection_members(item: Object) -> list[str]:
    """The fields of a connection."""
    count = member("totalCount: Int", "Number of records, of all pages")
    aggregates = (_aggregate(name, each) for name, each in aggregates_of(item).items())
    return [f"edges: [{item.type_name}Edge!]!", "pageInfo: PageInfo", count, *aggregates]


def group_arguments(item: Object) -> str:
    """The arguments of a field that gives groups of the object's records."""
    name = item.type_name
    return (
        f"(groupBy: [{name}GroupByInput!]!, filter: {name}FilterInput, orderBy: [{name}OrderByWithGroupByInput], "
        f"orderByForRecords: [{name}OrderByInput], viewId: UUID, limit: Int)"
    )


def define_groups(definitions: Definitions, catalog: Catalog, item: Object) -> None:
    name = item.type_name
    values = member(
        "groupByDimensionValues: JSON!", "The values that the group's records share, in the order of groupBy"
    )
    definitions.add("type", f"{name}GroupByConnection", [*connection_members(item), values])
    definitions.add("input", f"{name}GroupByInput", _dimensions(definitions, catalog, item))
    aggregates = [f"{each}: OrderByDirection" for each in ("totalCount", *aggregates_of(item))]
    definitions.add("input", f"{name}OrderByAggregateInput", aggregates)
    orders = [f"aggregate: {name}OrderByAggregateInput", *_orders(definitions, catalog, item)]
    definitions.add("input", f"{name}OrderByWithGroupByInput", orders)


def _aggregate(name: str, available: Available) -> str:
    field = available.field
    what = f"{field.label} ({available.sub})" if available.sub else field.label
    return member(f"{name}: {available.scalar}", _WORDS[available.function].format(what))


def _dimensions(definitions: Definitions, catalog: Catalog, item: Object, *, related: bool = False) -> Iterator[str]:
    for field in _fields(catalog, item):
        if field.is_to_one:
            if not related:
                target = catalog.target(field)
                name = f"{target.type_name}RelationGroupByInput"
                definitions.add("input", name, _dimensions(definitions, catalog, target, related=True))
                yield f"{field.name}: {name}"
            yield f"{field.column.name}: Boolean"
        elif field.type.graphql_output is not None:
            yield f"{field.name}: {field.type.graphql_output}GroupByInput"
        else:
            yield f"{field.name}: {'GroupByDateGranularityInput' if is_moment(field.column) else 'Boolean'}"


def _orders(definitions: Definitions, catalog: Catalog, item: Object, *, related: bool = False) -> Iterator[str]:
    for field in _fields(catalog, item):
        if field.is_to_one:
            if not related:
                target = catalog.target(field)
                name = f"{target.type_name}RelationOrderByWithGroupByInput"
                definitions.add("input", name, _orders(definitions, catalog, target, related=True))
                yield f"{field.name}: {name}"
            yield f"{field.column.name}: OrderByDirection"
        elif field.type.graphql_output is not None:
            yield f"{field.name}: {field.type.graphql_output}OrderByInput"
        else:
            yield f"{field.name}: {'OrderByDateGranularityInput' if is_moment(field.column) else 'OrderByDirection'}"


def _fields(catalog: Catalog, item: Object) -> Iterator[Field]:
    for field in item.field.values():
        if groupable(field) and (field.relation is None or field.relation.target_object in catalog.by_name):
            yield field
