"""Full-text search over several objects as one statement (core-api.md §6).

A search has two stages. Records that have all the words stand before the others, because the rank that counts first is
0 for those that lack one. So records with only some of the words, which may be very many, are looked for and ranked
only when those with all of them do not fill the page.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from rapport.engine.plan import EVERYTHING, Predicate
from rapport.engine.predicates import PredicateWriter, visible_rows
from rapport.engine.sql import Parameters, Value, all_of
from rapport.engine.statement import Statement
from rapport.metadata.catalog import Object
from rapport.metadata.fieldtypes.base import Column
from rapport.metadata.names import qualified, quote

# Where an object's records with the very ranks of the cursor stand: all before it, on both sides, all after it.
Standing = Literal["before", "around", "after"]


@dataclass(frozen=True, kw_only=True)
class Source:
    """An object that is searched, and what is fetched of a found record: one or two columns of text, and a picture.

    ``hidden`` are the columns that the vector covers and the caller may not read: their words find nothing.
    """

    object: Object
    vector: Column
    texts: tuple[Column, ...]
    picture: Column | None = None
    hidden: tuple[Column, ...] = ()
    standing: Standing = "after"


@dataclass(frozen=True, kw_only=True)
class Words:
    """The words as text search queries: for records that have all of them, and for those that have any.

    The schema's function `fold` is applied to both. ``any`` is None when there is but one word.
    """

    all: Value
    any: Value | None = None


@dataclass(frozen=True, kw_only=True)
class RankCursor:
    """The record after which a page starts. ``has_all``: it had all the words."""

    rank_of_all: Value
    rank_of_any: Value
    id: Value
    has_all: bool


@dataclass(frozen=True, kw_only=True)
class Search:
    """``sources``, of which there is at least one, stand in the order in which records of equal rank follow each other.

    Without words every record is found, without a rank; a cursor then only says where to go on.
    """

    schema: str
    sources: tuple[Source, ...]
    limit: int
    offset: int = 0
    words: Words | None = None
    cursor: RankCursor | None = None
    filter: Predicate = EVERYTHING
    mentions_deleted: bool = False


def compile_search(search: Search) -> Statement:
    """Rows of (source: its index, id, rankOfAll, rankOfAny, first, second, picture), best first.

    The ranks are doubles with the shortest decimal form of the four bytes that PostgreSQL computed.
    """
    parameters = Parameters()
    return Statement.of(_Writer(search, parameters).statement(), parameters)


_BEST_FIRST = '"rankOfAll" desc, "rankOfAny" desc, source, id'
_FETCHED = (
    'source, id, "rankOfAll"::text::float8 as "rankOfAll", "rankOfAny"::text::float8 as "rankOfAny", '
    "first, second, picture"
)
_NO_RANK = "0::float4"
_VISIBLE = "_visible"  # the vector without the words of hidden columns


class _Writer:
    def __init__(self, search: Search, parameters: Parameters) -> None:
        self._search = search
        self._parameters = parameters
        self._reach = search.limit + search.offset

    def statement(self) -> str:
        search = self._search
        offset = f" offset {search.offset}" if search.offset else ""
        page = f"order by {_BEST_FIRST} limit {search.limit}{offset}"
        if search.words is None:
            found = _union(self._without_words(index, source) for index, source in enumerate(search.sources))
            return f"select {_FETCHED} from ({found}) found {page}"
        every = self._parameters.add(search.words.all)
        some = every if search.words.any is None else self._parameters.add(search.words.any)
        fold = qualified(search.schema, "fold")
        head = f'with query as materialized (select {fold}({every})::tsquery "all", {fold}({some})::tsquery "any")'
        if search.words.any is None:
            best = _union(self._with_all(index, source) for index, source in enumerate(search.sources))
            return f"{head} select {_FETCHED} from ({best}) found {page}"
        rest = _union(self._with_any(index, source) for index, source in enumerate(search.sources))
        if search.cursor is not None and not search.cursor.has_all:
            return f"{head} select {_FETCHED} from ({rest}) found {page}"
        best = _union(self._with_all(index, source) for index, source in enumerate(search.sources))
        best = f"select * from ({best}) best order by {_BEST_FIRST} limit {self._reach}"
        found = f"select * from best union all {rest}"
        return f"{head}, best as materialized ({best}) select {_FETCHED} from ({found}) found {page}"

    def _without_words(self, index: int, source: Source) -> str:
        conditions = [*self._conditions(source), f"{_vector(source)} is not null"]
        cursor = self._search.cursor
        if cursor is not None and source.standing == "before":
            conditions = ["false"]
        elif cursor is not None and source.standing == "around":
            conditions.append(f"r.id > {self._parameters.add(cursor.id)}")
        columns = _columns(index, source, rank_of_all=_NO_RANK, rank_of_any=_NO_RANK)
        head = f"select {columns} from {self._table(source)} r"
        return f"{head} where {all_of(conditions)} order by r.id limit {self._reach}"

    def _with_all(self, index: int, source: Source) -> str:
        vector = _vector(source)
        columns = _columns(
            index,
            source,
            rank_of_all=f'ts_rank_cd({vector}, query."all")',
            rank_of_any=f'ts_rank({vector}, query."any")',
        )
        conditions = [*_found(source, 'query."all"'), *self._conditions(source)]
        ranked = f"select {columns} from query, {self._table(source)} r where {all_of(conditions)}"
        cursor = self._search.cursor
        if cursor is None:
            return self._best(ranked)
        last = f"({self._parameters.add(cursor.rank_of_all)}, {self._parameters.add(cursor.rank_of_any)})"
        return self._best(ranked, past=self._past('("rankOfAll", "rankOfAny")', last, source, cursor))

    def _with_any(self, index: int, source: Source) -> str:
        vector = _vector(source)
        columns = _columns(index, source, rank_of_all=_NO_RANK, rank_of_any=f'ts_rank({vector}, query."any")')
        conditions = [
            *_found(source, 'query."any"'),
            f'not {vector} @@ query."all"',
            *self._conditions(source),
        ]
        cursor = self._search.cursor
        if cursor is None or cursor.has_all:
            # Does not depend on the row: when it is false, PostgreSQL does not even look.
            conditions.append(f"(select count(*) from best) < {self._reach}")
        ranked = f"select {columns} from query, {self._table(source)} r where {all_of(conditions)}"
        if cursor is None or cursor.has_all:
            return self._best(ranked)
        last = self._parameters.add(cursor.rank_of_any)
        return self._best(ranked, past=self._past('"rankOfAny"', last, source, cursor))

    def _past(self, ranks: str, last: str, source: Source, cursor: RankCursor) -> str:
        """The record is worse than the cursor's, or as good and behind it."""
        match source.standing:
            case "before":
                return f"{ranks} < {last}"
            case "around":
                return f"({ranks} < {last} or ({ranks} = {last} and id > {self._parameters.add(cursor.id)}))"
            case "after":
                return f"{ranks} <= {last}"

    def _best(self, ranked: str, *, past: str | None = None) -> str:
        if past is not None:
            # `offset 0` keeps PostgreSQL from computing the ranks once more for each mention.
            ranked = f"select * from ({ranked} offset 0) ranked where {past}"
        return f"{ranked} order by {_BEST_FIRST} limit {self._reach}"

    def _table(self, source: Source) -> str:
        rows = visible_rows(source.object, self._search.schema, self._parameters)
        if not source.hidden:
            return rows
        words = (source.vector.generated_sql or "").replace("{schema}", quote(self._search.schema))
        for column in source.hidden:
            words = words.replace(quote(column.name), "null::text")
        return f"(select v.*, {words} as {_VISIBLE} from {rows} v)"

    def _conditions(self, source: Source) -> list[str]:
        live = [] if self._search.mentions_deleted else ['r."deletedAt" is null']
        writer = PredicateWriter(self._search.schema, self._parameters)
        return [*live, writer.write(self._search.filter, "r")]


def _union(branches: Iterable[str]) -> str:
    return " union all ".join(f"({branch})" for branch in branches)


def _columns(index: int, source: Source, *, rank_of_all: str, rank_of_any: str) -> str:
    texts = [_text(column) for column in source.texts]
    first, second = [*texts, "null::text"][:2]
    return (
        f'{index} source, r.id, {rank_of_all} "rankOfAll", {rank_of_any} "rankOfAny", '
        f"{first} as first, {second} as second, {_text(source.picture)} as picture"
    )


def _vector(source: Source) -> str:
    return f"r.{_VISIBLE if source.hidden else quote(source.vector.name)}"


def _found(source: Source, query: str) -> list[str]:
    """The record has the words. Where some are hidden, the index still tells which records are worth a look."""
    indexed = [f"r.{quote(source.vector.name)} @@ {query}"] if source.hidden else []
    return [*indexed, f"{_vector(source)} @@ {query}"]


def _text(column: Column | None) -> str:
    return "null::text" if column is None else f"r.{quote(column.name)}::text"
