"""From the selection of an aggregate to the item of a plan."""

from collections.abc import Sequence

from rapport.base.errors import PermissionDenied
from rapport.edge.graphql.selection import Selected
from rapport.engine import plan
from rapport.engine.aggregates import aggregates_of, find_aggregate, measures_denied
from rapport.engine.problems import Problems, suggest
from rapport.metadata.catalog import Object


def read_aggregate(
    item: Object, entry: Selected, type_name: str, others: Sequence[str], problems: Problems
) -> plan.TotalCount | plan.Aggregate | None:
    """The aggregate that a connection's field asks for. ``others`` are the connection's fields that are none."""
    if entry.name == "totalCount":
        _refuse_selection(entry, "Int", problems)
        return plan.TotalCount(key=entry.key)
    available = find_aggregate(item, entry.name)
    if available is None:
        if measures_denied(item, entry.name):
            raise PermissionDenied
        hint = suggest(entry.name, [*others, "totalCount", *aggregates_of(item)])
        problems.at(f'Cannot query field "{entry.name}" on type "{type_name}".{hint}', entry.node)
        return None
    _refuse_selection(entry, available.scalar, problems)
    return plan.Aggregate(key=entry.key, function=available.function, field=available.field)


def _refuse_selection(entry: Selected, scalar: str, problems: Problems) -> None:
    if entry.selections:
        problems.at(
            f'Field "{entry.name}" must not have a selection since type "{scalar}" has no subfields.', entry.node
        )
