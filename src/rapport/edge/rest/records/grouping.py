"""`/rest/{objects}/groupBy`: groups of records with aggregates (core-api.md §1.5)."""

import orjson

from rapport.base.errors import PermissionDenied
from rapport.edge.misuse import BadRequest
from rapport.edge.rest.records.given import Given
from rapport.edge.rest.records.grammar import Tree, nested
from rapport.edge.rest.records.showing import record_items
from rapport.engine import plan
from rapport.engine.aggregates import find_aggregate, measures_denied
from rapport.engine.denials import check_object
from rapport.engine.groups import RECORDS_PER_GROUP, GroupBuilder, InvalidGroups
from rapport.engine.orders import OrderBuilder
from rapport.engine.problems import NoSuchField
from rapport.metadata.catalog import Field, Object

_SHOWN = 80  # characters of what the client sent


class InvalidGroupBy(BadRequest):
    """Invalid group_by query parameter - should be a valid array of objects - ex: [{"firstField": true}, \
{"secondField": {"subField": true}}, {"dateField": {"granularity": 'DAY'}}]"""


class InvalidAggregate(BadRequest):
    """Invalid aggregate query parameter - should be a valid array of strings - ex: ["countNotEmptyId", \
"countEmptyField"]"""


def read_group_by(text: str | None) -> list[object]:
    """The dimensions as GraphQL has them. Raises InvalidGroupBy.

    >>> read_group_by('[{"stage": true}]'), read_group_by("stage,company.name")
    ([{'stage': True}], [{'stage': True}, {'company': {'name': True}}])
    """
    if text is None or not text.strip():
        raise InvalidGroupBy
    if not text.lstrip().startswith(("[", "{", '"')):
        return [nested(each.strip(), value=True) for each in text.split(",")]
    try:
        found = orjson.loads(text)
    except ValueError:
        raise InvalidGroupBy from None
    return [_dimension(each) for each in (found if isinstance(found, list) else [found])]


def _dimension(given: object) -> Tree:
    if isinstance(given, str):
        return nested(given, value=True)
    if isinstance(given, dict):
        return given
    raise InvalidGroupBy


def read_aggregates(text: str | None) -> tuple[str, ...]:
    """The names of aggregates, of a list of JSON or with commas between them. Raises InvalidAggregate.

    >>> read_aggregates('["countNotEmptyId"]'), read_aggregates("sumEmployees, totalCount"), read_aggregates(None)
    (('countNotEmptyId',), ('sumEmployees', 'totalCount'), ('totalCount',))
    """
    if text is None:
        return ("totalCount",)
    if not text.lstrip().startswith(("[", "{", '"')):
        return tuple(dict.fromkeys(each.strip() for each in text.split(",")))
    try:
        found = orjson.loads(text)
    except ValueError:
        raise InvalidAggregate from None
    names = found if isinstance(found, list) else [found]
    if not all(isinstance(each, str) for each in names):
        raise InvalidAggregate
    return tuple(dict.fromkeys(names))


def group_root(given: Given) -> plan.GroupBy:
    item, catalog, asked = given.object, given.catalog, given.asked
    check_object(item)
    condition, mentions_deleted = given.condition(item)
    groups = GroupBuilder(catalog, given.problems)
    groups.view(given.get("viewId"))
    group_by = given.get("groupBy")
    assert group_by is not None
    try:
        dimensions = groups.dimensions(item, group_by)
    except NoSuchField as error:
        raise InvalidGroups(f"Unidentified field in groupBy: {error.name[:_SHOWN]}") from None
    items: list[plan.GroupItem] = [plan.DimensionValues(key="groupByDimensionValues")]
    items += [_aggregate(item, name) for name in asked.aggregates]
    if asked.with_records:
        items.append(plan.Records(key="records", items=record_items(catalog, item, asked.depth)))
    return plan.GroupBy(
        key=f"{item.plural}GroupBy",
        object=item,
        dimensions=dimensions,
        items=tuple(items),
        order=groups.order(item, given.get("orderBy"), dimensions),
        limit=groups.limit(given.get("limit"), given.limits.page_limit),
        record_order=OrderBuilder(catalog, given.problems).build(item, given.get("orderByForRecords")),
        record_limit=RECORDS_PER_GROUP,
        filter=condition,
        mentions_deleted=mentions_deleted,
    )


def _aggregate(item: Object, name: str) -> plan.TotalCount | plan.Aggregate:
    if name == "totalCount":
        return plan.TotalCount(key=name, is_text=True)
    available = find_aggregate(item, name)
    if available is None:
        if measures_denied(item, name):
            raise PermissionDenied
        raise InvalidGroups(f"aggregate '{name[:_SHOWN]}' is not available for object '{item.name}'")
    function, field = available.function, available.field
    return plan.Aggregate(key=name, function=function, field=field, is_text=_is_large(function, field))


def _is_large(function: plan.AggregateFunction, field: Field) -> bool:
    """Whether PostgreSQL counts with numbers that not every reader of JSON can: those are texts of digits."""
    if function.startswith("count"):
        return True
    if function not in ("min", "max", "sum", "avg"):
        return False
    kind = field.column_of[field.type.measured_sub].leaf.sql_type
    return kind == "numeric" or (kind == "bigint" and function != "avg") or (kind == "integer" and function == "sum")
