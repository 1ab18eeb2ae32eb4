"""The filter of a search, which asks about what the records of all objects have."""

from collections.abc import Mapping

from rapport.base.errors import BadUserInput
from rapport.engine.filters import FilterBuilder
from rapport.engine.inputs import Bakes, Input
from rapport.engine.plan import EVERYTHING, Predicate
from rapport.engine.problems import Problems
from rapport.metadata.catalog import Catalog, Object
from rapport.search.scope import any_record

MOST_CONDITIONS = 200  # each is asked of every object
DEEPEST = 20


def condition(catalog: Catalog, item: Object, given: Mapping[str, object] | None) -> tuple[Predicate, bool]:
    """The condition, and whether it asks about deletedAt. ``item`` is any of the objects searched."""
    if not given:
        return EVERYTHING, False
    if _depth(given) > DEEPEST or _size(given) > MOST_CONDITIONS:
        raise BadUserInput(
            f"A filter of a search may have {MOST_CONDITIONS} conditions, {DEEPEST} deep at most.",
            sub_code="TOO_COMPLEX_QUERY",
        )
    problems = Problems()
    builder = FilterBuilder(catalog, problems)
    found = builder.build(any_record(item), Input(value=given, bakes=Bakes()))
    for problem in problems.items:
        raise BadUserInput(problem.message, sub_code="INVALID_ARGS_FILTER")
    return found, builder.mentions_deleted


def _depth(value: object) -> int:
    return 1 + max(map(_depth, _children(value)), default=0)


def _size(value: object) -> int:
    """The number of keys in all objects; a list of values is one value."""
    return sum(map(_size, _children(value))) + (len(value) if isinstance(value, Mapping) else 0)


def _children(value: object) -> list[object]:
    if isinstance(value, Mapping):
        return list(value.values())
    return value if isinstance(value, list) else []
