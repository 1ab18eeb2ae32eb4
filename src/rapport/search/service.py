"""Answers searches: reads what is asked, runs one statement, and shows what was found."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Generic, Protocol, TypeVar

import asyncpg

from rapport.access.principal import Principal
from rapport.base.errors import BadUserInput
from rapport.engine.filters import FilterBuilder
from rapport.engine.inputs import Bakes, Input
from rapport.engine.plan import EVERYTHING, Predicate
from rapport.engine.problems import Problems
from rapport.engine.searching import RankCursor, Search, Source, Words, compile_search
from rapport.engine.sql import Value
from rapport.metadata.catalog import Catalog
from rapport.search import words
from rapport.search.appearance import label, picture
from rapport.search.cursor import SearchCursor
from rapport.search.scope import Scope, any_record
from rapport.store.database import Database

MOST_RESULTS = 1000
MOST_CONDITIONS = 200  # of a filter; each is asked of every object
DEEPEST_FILTER = 20
_STALE = (asyncpg.UndefinedTableError, asyncpg.UndefinedColumnError, asyncpg.InvalidSchemaNameError)


class HasCatalog(Protocol):
    @property
    def catalog(self) -> Catalog: ...


M = TypeVar("M", bound=HasCatalog)


class Models(Protocol[M]):
    """Where the data models of workspaces come from."""

    def known(self, principal: Principal) -> M | None:
        """The model in memory."""

    async def load(self, principal: Principal) -> M:
        """The model, read when it is not in memory."""

    async def reload(self, principal: Principal, stale: M) -> M:
        """The model as it is now, after a statement met tables that are not those of ``stale``."""


@dataclass(frozen=True, kw_only=True)
class Question:
    """``filter`` is plain JSON of the type `ObjectRecordFilterInput`."""

    text: str
    limit: int
    offset: int = 0
    after: str | None = None
    scope: Scope = field(default_factory=Scope)
    filter: Mapping[str, object] | None = None


@dataclass(frozen=True, kw_only=True)
class Found:
    """A record that was found, and its place."""

    id: str
    object_name: str
    object_label: str
    label: str
    picture: str
    rank_of_all: float
    rank_of_any: float
    cursor: str


@dataclass(frozen=True, kw_only=True)
class Page:
    found: Sequence[Found] = ()
    has_next: bool = False


class SearchService(Generic[M]):
    def __init__(self, database: Database, models: Models[M]) -> None:
        self._database = database
        self._models = models

    async def search(self, principal: Principal, question: Question) -> Page:
        """Raises BadUserInput for a question that makes no sense, Forbidden without a workspace."""
        model = self._models.known(principal) or await self._models.load(principal)
        try:
            return await self._search(model.catalog, question)
        except _STALE:
            # Another process changed the data model a moment ago (design §3): read it again, once.
            model = await self._models.reload(principal, model)
            return await self._search(model.catalog, question)

    async def _search(self, catalog: Catalog, question: Question) -> Page:
        if question.limit < 0:
            raise BadUserInput("Limit argument must be non-negative", sub_code="INVALID_ARGS_LIMIT")
        if question.offset < 0:
            raise BadUserInput("Offset argument must be non-negative", sub_code="INVALID_ARGS_OFFSET")
        cursor = None if question.after is None else SearchCursor.decode(question.after)
        sources = question.scope.sources(catalog, cursor_object=None if cursor is None else cursor.object)
        query = words.read(question.text)
        if not sources:
            return Page()
        condition, mentions_deleted = _condition(catalog, sources, question.filter)
        if query is None and question.text.strip():
            return Page()
        limit = min(question.limit, MOST_RESULTS)
        statement = compile_search(
            Search(
                schema=catalog.schema,
                sources=sources,
                limit=limit + 1,
                offset=question.offset,
                words=None if query is None else _words(query),
                cursor=_rank_cursor(cursor, has_words=query is not None),
                filter=condition,
                mentions_deleted=mentions_deleted,
            )
        )
        rows = await self._database.rows(statement.sql, *statement.bind({}))
        last = dict(cursor.last) if cursor is not None else {}
        return Page(found=[_found(row, sources, last) for row in rows[:limit]], has_next=len(rows) > limit)


def _condition(
    catalog: Catalog, sources: Sequence[Source], given: Mapping[str, object] | None
) -> tuple[Predicate, bool]:
    """The filter, and whether it asks about deletedAt."""
    if not given:
        return EVERYTHING, False
    if _depth(given) > DEEPEST_FILTER or _size(given) > MOST_CONDITIONS:
        raise BadUserInput(
            f"A filter of a search may have {MOST_CONDITIONS} conditions, {DEEPEST_FILTER} deep at most.",
            sub_code="TOO_COMPLEX_QUERY",
        )
    problems = Problems()
    builder = FilterBuilder(catalog, problems)
    found = builder.build(any_record(sources[0].object), Input(value=given, bakes=Bakes()))
    for problem in problems.items:
        raise BadUserInput(problem.message, sub_code="INVALID_ARGS_FILTER")
    return found, builder.mentions_deleted


def _depth(value: object) -> int:
    children = value.values() if isinstance(value, Mapping) else value if isinstance(value, list) else ()
    return 1 + max(map(_depth, children), default=0)


def _size(value: object) -> int:
    """The number of keys in all objects; the values of a list count as one."""
    if isinstance(value, Mapping):
        return len(value) + sum(map(_size, value.values()))
    return sum(map(_size, value)) if isinstance(value, list) else 0


def _words(query: words.Query) -> Words:
    return Words(
        all=Value(sql_type="text", constant=query.all),
        any=None if query.any is None else Value(sql_type="text", constant=query.any),
    )


def _rank_cursor(cursor: SearchCursor | None, *, has_words: bool) -> RankCursor | None:
    if cursor is None:
        return None
    if not has_words and (cursor.rank_of_all or cursor.rank_of_any):
        return None  # of another search: where nothing has a rank, all of it stands behind
    return RankCursor(
        rank_of_all=Value(sql_type="float4", constant=cursor.rank_of_all),
        rank_of_any=Value(sql_type="float4", constant=cursor.rank_of_any),
        id=Value(sql_type="uuid", constant=cursor.id),
        has_all=cursor.rank_of_all > 0,
    )


def _found(row: asyncpg.Record, sources: Sequence[Source], last: dict[str, str]) -> Found:
    """``last`` holds the last record of each object up to here, the very last at the end."""
    source = sources[row["source"]]
    item, record_id = source.object, str(row["id"])
    last.pop(item.name, None)
    last[item.name] = record_id
    cursor = SearchCursor(rank_of_all=row["rankOfAll"], rank_of_any=row["rankOfAny"], last=last)
    return Found(
        id=record_id,
        object_name=item.name,
        object_label=item.label,
        label=label([row["first"], row["second"]][: len(source.texts)]),
        picture=picture(item, row["picture"]),
        rank_of_all=cursor.rank_of_all,
        rank_of_any=cursor.rank_of_any,
        cursor=cursor.encode(),
    )
