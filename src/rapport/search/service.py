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
        self._plans = PlanCache[M]()

    async def search(self, principal: Principal, question: Question) -> Page:
        """Raises BadUserInput for a question that makes no sense, Forbidden without a workspace."""
        model = self._models.known(principal) or await self._models.load(principal)
        try:
            return await self._search(model, question)
        except _STALE:
            # Another process changed the data model a moment ago (design §3): read it again, once.
            fresh = await self._models.reload(principal, model)
            return await self._search(fresh, question)

    async def _search(self, model: M, question: Question) -> Page:
        if question.limit < 0:
            raise BadUserInput("Limit argument must be non-negative", sub_code="INVALID_ARGS_LIMIT")
        if question.offset < 0:
            raise BadUserInput("Offset argument must be non-negative", sub_code="INVALID_ARGS_OFFSET")
        cursor = None if question.after is None else SearchCursor.decode(question.after)
        query = words.read(question.text)
        shape = Shape.of(question, cursor, query, limit=min(question.limit, MOST_RESULTS))
        plan = self._plans.get(model, shape) if not question.filter else make_plan(model.catalog, shape, question.filter)
        if plan is None or (query is None and question.text.strip()):
            return Page()
        rows = await self._database.rows(plan.statement.sql, *plan.statement.bind(_values(query, cursor)))
        last = dict(cursor.last) if cursor is not None else {}
        found = [_found(row, plan.sources, last) for row in rows[: shape.limit]]
        return Page(found=found, has_next=len(rows) > shape.limit)
