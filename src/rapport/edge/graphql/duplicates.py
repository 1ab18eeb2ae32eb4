"""`<singular>Duplicates`: from the document to the candidates whose duplicates are looked for."""

from functools import partial

from graphql import ValueNode

from rapport.base.errors import RapportError
from rapport.edge.graphql.kinds import fits
from rapport.edge.graphql.misfits import describe
from rapport.edge.graphql.model import RootField
from rapport.edge.graphql.selecting import RecordSelector
from rapport.edge.graphql.selection import Selected
from rapport.engine import plan
from rapport.engine.inputs import Input
from rapport.engine.sql import Value
from rapport.metadata.catalog import Object
from rapport.records.duplicates import Candidates, Criteria, candidate_ids, check_search, criteria_of


def compile_duplicates(records: RecordSelector, root: RootField, selected: Selected) -> plan.FindDuplicates:
    """Translates the root field; what is wrong with the document goes to the problems."""
    item = root.object
    records.wants(selected, f"{item.type_name}Connection")
    given = {
        name: each for name, each in records.arguments(selected, "Query", ("ids", "data")).items() if not each.is_null
    }
    data = given.get("data")
    check_search(has_ids="ids" in given, data=None if data is None else [None] * _count(data))
    criteria = criteria_of(item)
    return plan.FindDuplicates(
        key=selected.key,
        connection=records.first_page(item, selected, 1),
        criteria=criteria,
        count=sum(map(_count, given.values())),
        ids=_ids(records, given.get("ids")),
        data=_data(records, item, criteria, data),
    )


def _ids(records: RecordSelector, ids: Input | None) -> Value | None:
    if ids is None or not fits(records.problems, ids, "UUID", several=True, nullable=True):
        return None
    return ids.bind("uuid[]", partial(candidate_ids, most=records.max_batch))


def _data(records: RecordSelector, item: Object, criteria: Criteria, data: Input | None) -> Value | None:
    if data is None:
        return None
    try:
        return data.bind("jsonb", Candidates(records.model.catalog, item, criteria, records.max_batch))
    except RapportError as error:
        node = data.location
        problem = describe(error, node if isinstance(node, ValueNode) else None)
        if problem is None:
            raise
        records.problems.keep(problem)
        return None


def _count(given: Input) -> int:
    """How many candidates there are: part of the plan's key, because it decides what the plan may cost."""
    if given.elements is not None:
        return len(given.elements)
    count = given.bake(_length)
    assert isinstance(count, int)
    return count


def _length(value: object) -> int:
    return len(value) if isinstance(value, list) else 1
