"""What a query on an event stream is about: `{objectNameSingular, variables: {filter}}`, as a condition on records."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

import orjson

from rapport.base.errors import BadUserInput
from rapport.engine import plan
from rapport.engine.denials import check_object
from rapport.engine.filters import FilterBuilder
from rapport.engine.inputs import Bakes, Input
from rapport.engine.problems import Problems, TooManyProblems
from rapport.engine.sql import Value
from rapport.engine.watching import Condition
from rapport.live.errors import InvalidSignature
from rapport.metadata.catalog import Catalog, Object

LARGEST = 20_000  # bytes
DEEPEST = 20
MOST_CONDITIONS = 200


@dataclass(frozen=True, kw_only=True)
class Signature:
    """``filter`` is JSON, always the same for the same filter."""

    object_name: str
    filter: str

    @property
    def json(self) -> str:
        """As it is kept: `{"object": "person", "filter": {}}`"""
        return orjson.dumps({"object": self.object_name, "filter": orjson.Fragment(self.filter)}).decode()

    @classmethod
    def kept(cls, value: Mapping[str, object]) -> "Signature":
        """Reads what ``json`` wrote."""
        return cls(object_name=str(value["object"]), filter=_canonical(value["filter"]))


@dataclass(frozen=True, kw_only=True, eq=False)
class Query:
    """A signature for one who sees the catalog. ``ids``: the only records that can meet it, None for any.

    ``is_simple``: every one of these meets it.
    """

    object: Object
    condition: Condition
    ids: frozenset[UUID] | None
    is_simple: bool


def read_signature(given: object) -> Signature:
    """Raises InvalidSignature. What does not say which records are meant, such as their order, counts for nothing."""
    if not isinstance(given, Mapping) or not isinstance(given.get("objectNameSingular"), str):
        raise InvalidSignature
    variables = given.get("variables")
    if not isinstance(variables, Mapping | None):
        raise InvalidSignature
    filter_ = (variables or {}).get("filter")
    if not isinstance(filter_, Mapping | None):
        raise InvalidSignature("The filter of an operation signature is an object.")
    if not _fits(filter_, DEEPEST, [MOST_CONDITIONS]):
        raise InvalidSignature(
            f"The filter of an operation signature has at most {MOST_CONDITIONS} conditions, {DEEPEST} deep.",
            sub_code="TOO_COMPLEX_QUERY",
        )
    try:
        found = Signature(object_name=given["objectNameSingular"], filter=_canonical(filter_ or {}))
    except TypeError:  # a number that is none of JSON's
        raise InvalidSignature from None
    if len(found.json.encode()) > LARGEST:
        raise InvalidSignature(f"An operation signature has {LARGEST} bytes at most.")
    return found


def read_query(catalog: Catalog, signature: Signature) -> Query:
    """Raises BadUserInput for a signature that makes no sense, PermissionDenied where the caller may not look."""
    item = catalog.by_name.get(signature.object_name)
    if item is None:
        raise InvalidSignature(f'There is no object "{signature.object_name}".')
    check_object(item)
    problems = Problems()
    builder = FilterBuilder(catalog, problems)
    with suppress(TooManyProblems):
        found = builder.build(item, Input(value=orjson.loads(signature.filter), bakes=Bakes()))
    for problem in problems.items:
        raise BadUserInput(problem.message, sub_code="INVALID_ARGS_FILTER")
    ids, is_simple = _pins(found)
    condition = Condition(filter=found, mentions_deleted=builder.mentions_deleted)
    return Query(object=item, condition=condition, ids=ids, is_simple=is_simple)


def _pins(condition: plan.Predicate) -> tuple[frozenset[UUID] | None, bool]:
    """The ids that a condition names, and whether it asks for nothing else."""
    match condition:
        case plan.All(items=items):
            ids: frozenset[UUID] | None = None
            simple = True
            for each in items:
                some, is_simple = _pins(each)
                simple = simple and is_simple
                if some is not None:
                    ids = some if ids is None else ids & some
            return ids, simple
        case plan.Compare(column=column, operator="eq" | "in", value=Value(constant=constant)):
            if column.name == "id":
                values = constant if isinstance(constant, list) else [constant]
                return frozenset(UUID(str(each)) for each in values), True
    return None, plan.is_vacuous(condition)


def _canonical(value: object) -> str:
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS).decode()


def _fits(value: object, deepest: int, left: list[int]) -> bool:
    """Whether it is not too deep, and has no more keys than are ``left``; a list of values is one value."""
    if not isinstance(value, Mapping | list):
        return True
    if isinstance(value, Mapping):
        left[0] -= len(value)
    children = value.values() if isinstance(value, Mapping) else value
    return deepest > 0 and left[0] >= 0 and all(_fits(each, deepest - 1, left) for each in children)
