"""Answers searches: reads what is asked, runs one statement, and shows what was found."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Generic, Protocol, TypeAlias
from uuid import UUID

import asyncpg

from rapport.access.principal import Principal
from rapport.base.errors import BadUserInput
from rapport.engine.searching import Source
from rapport.records.failures import STALE
from rapport.search import words
from rapport.search.appearance import label, picture
from rapport.search.cursor import SearchCursor, encode
from rapport.search.plans import M, PlanCache, Shape, make_plan, values
from rapport.search.question import Found, Page, Question
from rapport.store.database import Database

_MOST_ATTEMPTS = 5

FileLink: TypeAlias = Callable[[UUID, str], str]


class Models(Protocol[M]):
    """Where the data models of workspaces come from."""

    def known(self, principal: Principal) -> M | None:
        """The model in memory."""

    async def load(self, principal: Principal) -> M:
        """The model, read when it is not in memory."""

    async def reload(self, principal: Principal, stale: M) -> M:
        """The model as it is now, after a statement met tables that are not those of ``stale``."""


class SearchService(Generic[M]):
    def __init__(self, database: Database, models: Models[M], *, link: FileLink = lambda _, path: path) -> None:
        """``link``: under which address the file at a path of a workspace is found."""
        self._database = database
        self._link = link
        self._models = models
        self._plans = PlanCache[M]()

    async def search(self, principal: Principal, question: Question) -> Page:
        """Raises BadUserInput for a question that makes no sense, Forbidden without a workspace."""
        model = self._models.known(principal) or await self._models.load(principal)
        for _ in range(_MOST_ATTEMPTS - 1):
            try:
                return await self._search(model, question, principal)
            except STALE:
                # Another process changed the data model a moment ago (design §3): read it again.
                model = await self._models.reload(principal, model)
        return await self._search(model, question, principal)

    async def _search(self, model: M, question: Question, principal: Principal) -> Page:
        if question.limit < 0:
            raise BadUserInput("Limit argument must be non-negative", sub_code="INVALID_ARGS_LIMIT")
        if question.offset < 0:
            raise BadUserInput("Offset argument must be non-negative", sub_code="INVALID_ARGS_OFFSET")
        cursor = None if question.after is None else SearchCursor.decode(question.after)
        query = words.read(question.text)
        shape = Shape.of(question, query, cursor)
        given = question.filter
        plan = make_plan(model.catalog, shape, given) if given else self._plans.get(model, shape)
        if plan is None or (query is None and question.text.strip()):
            return Page()
        given_values = {**values(query, cursor), "@member": principal.workspace_member_id}
        rows = await self._database.rows(plan.statement.sql, *plan.statement.bind(given_values))
        last = {} if cursor is None else dict(cursor.last)
        assert principal.workspace_id is not None
        link = partial(self._link, principal.workspace_id)
        return Page(
            found=[_found(row, plan.sources, last, link) for row in rows[: shape.limit]],
            has_next=len(rows) > shape.limit,
        )


def _found(row: asyncpg.Record, sources: Sequence[Source], last: dict[str, str], link: Callable[[str], str]) -> Found:
    """``last`` holds the last record of each object up to here, the very last at the end."""
    place, record_id, rank_of_all, rank_of_any, first, second, image = row
    source = sources[place]
    item, shown_id = source.object, str(record_id)
    last.pop(item.name, None)
    last[item.name] = shown_id
    return Found(
        id=shown_id,
        object_name=item.name,
        object_label=item.label,
        label=label((first, second)[: len(source.texts)]),
        picture=link(picture(item, image)),
        rank_of_all=rank_of_all,
        rank_of_any=rank_of_any,
        cursor=encode(rank_of_all, rank_of_any, last),
    )
