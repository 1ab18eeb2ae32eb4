"""Statements of searches, kept for the next search of the same shape."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, Literal, Protocol, TypeVar
from weakref import WeakKeyDictionary

from rapport.engine.searching import RankCursor, Search, Source, Words, compile_search
from rapport.engine.sql import Value
from rapport.engine.statement import Statement
from rapport.metadata.catalog import Catalog
from rapport.search.conditions import condition
from rapport.search.cursor import SearchCursor
from rapport.search.question import Question
from rapport.search.scope import Scope
from rapport.search.words import Query

MOST_RESULTS = 1000
_MOST_PLANS = 200  # of a data model


class HasCatalog(Protocol):
    @property
    def catalog(self) -> Catalog: ...


M = TypeVar("M", bound=HasCatalog)


@dataclass(frozen=True, kw_only=True)
class Shape:
    """All that decides the statement of a search, but for its filter."""

    scope: Scope
    words: Literal["none", "one", "several"]
    limit: int
    offset: int
    cursor_object: str | None  # the object of the last record before
    cursor_has_all: bool  # whether that had all the words

    @classmethod
    def of(cls, question: Question, query: Query | None, cursor: SearchCursor | None) -> "Shape":
        if query is None and cursor is not None and (cursor.rank_of_all or cursor.rank_of_any):
            cursor = None  # of another search: where nothing has a rank, all of it stands behind
        return cls(
            scope=question.scope,
            words="none" if query is None else "one" if query.any is None else "several",
            limit=min(question.limit, MOST_RESULTS),
            offset=question.offset,
            cursor_object=None if cursor is None else cursor.object,
            cursor_has_all=cursor is not None and cursor.rank_of_all > 0,
        )


@dataclass(frozen=True, kw_only=True)
class SearchPlan:
    sources: tuple[Source, ...]
    statement: Statement


class PlanCache(Generic[M]):
    """Plans without a filter, by the model that they were made for; they go when it goes."""

    def __init__(self) -> None:
        self._plans: WeakKeyDictionary[M, dict[Shape, SearchPlan | None]] = WeakKeyDictionary()

    def get(self, model: M, shape: Shape) -> SearchPlan | None:
        plans = self._plans.setdefault(model, {})
        if shape not in plans:
            if len(plans) >= _MOST_PLANS:
                plans.clear()
            plans[shape] = make_plan(model.catalog, shape)
        return plans[shape]


def make_plan(catalog: Catalog, shape: Shape, given: Mapping[str, object] | None = None) -> SearchPlan | None:
    """None when there is no object to search. Raises BadUserInput for a filter that makes no sense."""
    sources = shape.scope.sources(catalog, cursor_object=shape.cursor_object)
    if not sources:
        return None
    predicate, mentions_deleted = condition(catalog, sources[0].object, given)
    search = Search(
        schema=catalog.schema,
        sources=sources,
        limit=shape.limit + 1,
        offset=shape.offset,
        words=None if shape.words == "none" else _words(several=shape.words == "several"),
        cursor=None if shape.cursor_object is None else _cursor(has_all=shape.cursor_has_all),
        filter=predicate,
        mentions_deleted=mentions_deleted,
    )
    return SearchPlan(sources=sources, statement=compile_search(search))


def values(query: Query | None, cursor: SearchCursor | None) -> Mapping[str, object]:
    """What a plan's parameters are bound to."""
    found: dict[str, object] = {}
    if query is not None:
        found |= {"all": query.all, "any": query.any}
    if cursor is not None:
        found |= {"rankOfAll": cursor.rank_of_all, "rankOfAny": cursor.rank_of_any, "id": cursor.id}
    return found


def _words(*, several: bool) -> Words:
    some = Value(sql_type="text", path=("any",)) if several else None
    return Words(all=Value(sql_type="text", path=("all",)), any=some)


def _cursor(*, has_all: bool) -> RankCursor:
    return RankCursor(
        rank_of_all=Value(sql_type="float4", path=("rankOfAll",)),
        rank_of_any=Value(sql_type="float4", path=("rankOfAny",)),
        id=Value(sql_type="uuid", path=("id",)),
        has_all=has_all,
    )
