"""What the address of a request asks for."""

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache

from rapport.edge.misuse import BadRequest
from rapport.edge.rest.paging import read_paging
from rapport.edge.rest.parameters import Parameters
from rapport.edge.rest.records.asked import Asked, Question, Verb
from rapport.edge.rest.records.changes import by_id
from rapport.edge.rest.records.filters import read_filter
from rapport.edge.rest.records.grouping import read_aggregates, read_group_by
from rapport.edge.rest.records.orders import read_order
from rapport.edge.rest.records.preconditions import TAGS
from rapport.edge.rest.records.reads import MOST, PAGE_SIZE
from rapport.edge.rest.records.showing import DEEPEST
from rapport.engine.inputs import shape

_MOST_GROUPS = 10_000
_KEPT = 1_000  # questions
_LONGEST_KEPT = 1_000  # bytes of a query string
_SHOWN = 80  # characters of what the client sent
_SHAPE_OF_ONE = shape({"filter": by_id("")})


def one_question(verb: Verb, plural: str, record_id: str, query: bytes, *, depth: int) -> Question:
    """About one record; ``depth`` unless the query string says another. Raises BadRequest."""
    asked = _asked_about_one if _is_secret(query) else _kept_asked_about_one
    values = {"filter": by_id(record_id)}
    return Question(asked=asked(verb, plural, query, depth), values=values, shape=_SHAPE_OF_ONE)


def unless_changed(question: Question, states: Sequence[bytes]) -> Question:
    """About the record in one of these states only."""
    asked = replace(question.asked, has_tags=True)
    return replace(question, asked=asked, values={**question.values, TAGS: states})


def _asked_about_one(verb: Verb, plural: str, query: bytes, depth: int) -> Asked:
    parameters = Parameters(query)
    if verb != "one":
        return Asked(verb=verb, plural=plural, depth=read_depth(parameters, depth))
    return Asked(
        verb=verb,
        plural=plural,
        depth=read_depth(parameters, depth),
        fields=_fields(parameters),
        omits_nulls=_omits_nulls(parameters),
    )


def list_question(plural: str, query: bytes) -> Question:
    """The page that is asked for. Raises BadRequest."""
    return (_list_question if _is_secret(query) else _kept_list_question)(plural, query)


def _list_question(plural: str, query: bytes) -> Question:
    parameters = Parameters(query)
    values = order_values(parameters) | read_paging(parameters, default=PAGE_SIZE, most=MOST)
    offset = parameters.whole("offset")
    if offset is not None:
        values["offset"] = offset
    filter_, of_texts = read_filter(parameters)
    if filter_ is not None:
        values["filter"] = filter_
    asked = Asked(
        verb="list",
        plural=plural,
        depth=read_depth(parameters, 1),
        of_texts=of_texts,
        fields=_fields(parameters),
        omits_nulls=_omits_nulls(parameters),
    )
    return Question.of(asked, values)


def _is_secret(query: bytes) -> bool:
    """Or too long to be kept."""
    return len(query) > _LONGEST_KEPT or b"token" in query


# Clients that poll ask the same again and again.
_kept_list_question = lru_cache(_KEPT)(_list_question)
_kept_asked_about_one = lru_cache(_KEPT)(_asked_about_one)


def group_question(plural: str, parameters: Parameters) -> Question:
    """The groups that are asked for. Raises BadRequest."""
    values = {"groupBy": read_group_by(parameters.text("group_by", "groupBy"))} | order_values(parameters)
    values |= order_values(parameters, "order_by_for_records", "orderByForRecords", argument="orderByForRecords")
    view = parameters.text("view_id", "viewId")
    if view is not None:
        values["viewId"] = view
    if parameters.text("limit") is not None:
        values["limit"] = parameters.limit(default=0, most=_MOST_GROUPS)
    filter_, of_texts = read_filter(parameters)
    if filter_ is not None:
        values["filter"] = filter_
    asked = Asked(
        verb="groups",
        plural=plural,
        depth=read_depth(parameters, 0),
        of_texts=of_texts,
        aggregates=read_aggregates(parameters.text("aggregate")),
        with_records=parameters.flag("include_records_sample", "includeRecordsSample") is True,
    )
    return Question.of(asked, values)


def many_question(verb: Verb, plural: str, parameters: Parameters) -> Question:
    """The change of all records that a filter finds. Raises BadRequest."""
    filter_, of_texts = read_filter(parameters)
    asked = Asked(verb=verb, plural=plural, many=True, depth=read_depth(parameters, 0), of_texts=of_texts)
    return Question.of(asked, {} if filter_ is None else {"filter": filter_})


def read_depth(parameters: Parameters, default: int) -> int:
    """How many relations away records are shown. Raises BadRequest."""
    text = parameters.text("depth")
    if text is None:
        return default
    if text not in map(str, range(DEEPEST + 1)):
        raise BadRequest(f"'depth={text[:_SHOWN]}' parameter invalid. Allowed values are 0, 1")
    return int(text)


def _fields(parameters: Parameters) -> tuple[str, ...]:
    """`id,name` → `("id", "name")`; none for all. Raises RepeatedParameter."""
    names = (name.strip() for name in (parameters.text("fields") or "").split(","))
    return tuple(name for name in names if name)


def _omits_nulls(parameters: Parameters) -> bool:
    return parameters.flag("omit_null_values", "omitNullValues") is True


def read_removal(parameters: Parameters) -> Verb:
    """Deleting is soft, unless somebody says that it is not. Raises BadRequest."""
    return "destroy" if parameters.flag("soft_delete", "softDelete") is False else "delete"


def order_values(parameters: Parameters, *spellings: str, argument: str = "orderBy") -> dict[str, object]:
    """The order that is asked for under the name that GraphQL gives it. Raises BadRequest."""
    for name in spellings or ("order_by", "orderBy"):
        text = parameters.text(name)
        if text is not None:
            return {argument: read_order(text, name)}
    return {}
