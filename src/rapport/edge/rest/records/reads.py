"""Reads: from what a request asks for to one statement."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial

from rapport.edge.rest.records.asked import Verb
from rapport.edge.rest.records.given import Given
from rapport.edge.rest.records.grouping import group_root
from rapport.edge.rest.records.showing import chosen, record_items
from rapport.engine import plan
from rapport.engine.costs import cost_of
from rapport.engine.document import write_read
from rapport.engine.orders import OrderBuilder, PageBuilder, id_order
from rapport.engine.sql import Parameters
from rapport.engine.statement import Statement
from rapport.records.duplicates import Candidates, candidate_ids, criteria_of

PAGE_SIZE = 60
MOST = 200  # of one page

_PAGE_INFO = plan.PageInfo(
    key="pageInfo",
    items=(
        plan.PageFactItem(key="hasNextPage", fact="hasNextPage"),
        plan.PageFactItem(key="hasPreviousPage", fact="hasPreviousPage"),
        plan.PageFactItem(key="startCursor", fact="startCursor"),
        plan.PageFactItem(key="endCursor", fact="endCursor"),
    ),
)


@dataclass(frozen=True, kw_only=True)
class CompiledRead:
    """``is_single``: the second column of the statement says whether the record is absent."""

    statement: Statement
    is_single: bool = False

    @property
    def weight(self) -> int:
        """Bytes of memory, about."""
        return 10_000 + 2 * len(self.statement.sql) + 400 * len(self.statement.values)


def compile_read(given: Given) -> CompiledRead:
    """Raises what is wrong with the request: RapportErrors, or OperationFailed."""
    root = _ROOTS[given.asked.verb](given)
    given.refuse()
    is_single = isinstance(root, plan.FindOne)
    read = plan.Read(
        schema=given.catalog.schema, roots=(root,), is_bare=not is_single, omits_nulls=given.asked.omits_nulls
    )
    given.demand_cost(cost_of(read))
    parameters = Parameters()
    return CompiledRead(statement=Statement.of(write_read(read, parameters), parameters), is_single=is_single)


def _list(given: Given) -> plan.Root:
    item = given.object
    items = chosen(record_items(given.catalog, item, given.asked.depth), item, given.asked.fields)
    condition, mentions_deleted = given.condition(item)
    order = OrderBuilder(given.catalog, given.problems).build(item, given.get("orderBy"))
    connection = plan.Connection(
        object=item,
        items=(
            plan.Wrapped(key="data", entry=plan.Records(key=item.plural, items=items)),
            plan.TotalCount(key="totalCount"),
            _PAGE_INFO,
        ),
        order=order,
        page=PageBuilder(given.problems, default=PAGE_SIZE, limit=MOST).build(given.all(), order),
        filter=condition,
        mentions_deleted=mentions_deleted,
    )
    return plan.FindMany(key="", connection=connection)


def _one(given: Given) -> plan.Root:
    item = given.object
    items = record_items(given.catalog, item, given.asked.depth, has_end=not given.asked.is_partial)
    items = chosen(items, item, given.asked.fields)
    condition, _ = given.condition(item)
    return plan.FindOne(key=item.name, object=item, items=items, filter=condition)


def _duplicates(given: Given) -> plan.Root:
    item, most = given.object, given.limits.max_batch
    items = record_items(given.catalog, item, given.asked.depth)
    criteria = criteria_of(item)
    ids, data = given.get("ids"), given.get("data")
    connection = plan.Connection(
        object=item,
        items=(
            plan.TotalCount(key="totalCount"),
            _PAGE_INFO,
            plan.Records(key=f"{item.name}Duplicates", items=items),
        ),
        order=(id_order(item),),
        page=plan.Page(limit=PAGE_SIZE),
    )
    return plan.FindDuplicates(
        key="",
        connection=connection,
        criteria=criteria,
        count=given.asked.count,
        ids=None if ids is None else ids.bind("uuid[]", partial(candidate_ids, most=most)),
        data=None if data is None else data.bind("jsonb", Candidates(given.catalog, item, criteria, most)),
    )


_ROOTS: Mapping[Verb, Callable[[Given], plan.Root]] = {
    "list": _list,
    "one": _one,
    "duplicates": _duplicates,
    "groups": group_root,
}
