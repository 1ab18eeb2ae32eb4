"""What those who look see of events: the records before and after, and which queries found them. Asked once for all."""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, Generic, Protocol, TypeAlias, TypeVar
from uuid import UUID
from weakref import WeakKeyDictionary

import asyncpg
import orjson

from rapport.base.errors import BadUserInput, Forbidden
from rapport.engine.links import SIGNER, Signer
from rapport.engine.sql import Parameters, Value
from rapport.engine.statement import Statement
from rapport.engine.watching import Hits, States, write_hits, write_states
from rapport.live.shared import Shared
from rapport.live.signature import Query, Signature, read_query
from rapport.metadata.catalog import Catalog, Object
from rapport.records.showing import own_items
from rapport.store.database import Database

IN_A_STATEMENT: Final = 20  # conditions
_MOST_QUERIES = 5_000  # that are kept of a data model,
_MOST_STATEMENTS = 200  # and statements with the conditions of some of them
_SEQS = Value(sql_type="bigint[]", path=("@seqs",))

Seqs: TypeAlias = tuple[int, ...]


class HasCatalog(Protocol):
    @property
    def catalog(self) -> Catalog: ...


M = TypeVar("M", bound=HasCatalog)


@dataclass(frozen=True)
class State:
    """A record as an event tells of it; None where it does not exist for the one who looks.

    ``was``, ``is_``: it is there, and not soft-deleted.
    """

    before: bytes | None
    after: bytes | None
    was: bool
    is_: bool

    @cached_property
    def values(self) -> tuple[Mapping[str, object], Mapping[str, object]]:
        return orjson.loads(self.before or b"{}"), orjson.loads(self.after or b"{}")

    def diff(self, names: Sequence[str]) -> Mapping[str, object]:
        before, after = self.values
        return {name: {"before": before.get(name), "after": after.get(name)} for name in names if name in after}


UNSEEN: Final = State(before=None, after=None, was=False, is_=False)


@dataclass(eq=False)
class _Plans:
    queries: OrderedDict[Signature, Query | None] = field(default_factory=OrderedDict)
    states: dict[str, Statement] = field(default_factory=dict)
    hits: OrderedDict[tuple[Signature, ...], Statement] = field(default_factory=OrderedDict)


@dataclass(frozen=True)
class Sight(Generic[M]):
    """How somebody sees the records of a workspace. ``member``: their own record, where rules ask for it."""

    model: M
    member: UUID | None


class Sights(Generic[M]):
    def __init__(self, db: Database, signer: Callable[[UUID], Signer]) -> None:
        """``signer``: by which the links of a workspace are made."""
        self._db = db
        self._signer = signer
        self._plans: WeakKeyDictionary[M, _Plans] = WeakKeyDictionary()
        self._states: Shared[Hashable, State] = Shared()
        self._hits: Shared[Hashable, Mapping[int, int]] = Shared()

    @staticmethod
    def of(model: M, member: UUID | None) -> Sight[M]:
        return Sight(model, member if model.catalog.has_row_rules else None)

    def query(self, sight: Sight[M], signature: Signature) -> Query | None:
        """None for one that makes no sense to them: the object or a field is hidden, or is no more."""
        known = self._of(sight.model).queries
        if signature not in known:
            try:
                known[signature] = read_query(sight.model.catalog, signature)
            except (BadUserInput, Forbidden):
                known[signature] = None
            if len(known) > _MOST_QUERIES:
                known.popitem(last=False)
        return known[signature]

    async def states(self, sight: Sight[M], item: Object, seqs: Sequence[int]) -> Mapping[int, State]:
        """The records that events tell of."""

        async def find(keys: Sequence[tuple[Sight[M], str, int]]) -> Mapping[tuple[Sight[M], str, int], State]:
            statement = self._states_of(sight, item)
            rows = await self._rows(sight, statement, [seq for _, _, seq in keys])
            found = {row["seq"]: State(row["before"], row["after"], row["was"], row["is"]) for row in rows}
            return {key: found.get(key[2], UNSEEN) for key in keys}

        keys = [(sight, item.name, seq) for seq in seqs]
        found = await self._states.all(keys, find)  # type: ignore[arg-type]  # the keys are those given
        return {key[2]: found[key] for key in keys}

    async def hits(
        self, sight: Sight[M], wanted: Mapping[Signature, tuple[Query, Seqs]]
    ) -> Mapping[Signature, Mapping[int, int]]:
        """Which events each query is concerned by: 1 it found the record before, 2 after, 3 both. All of one object."""

        async def find(
            keys: Sequence[tuple[Sight[M], Signature, Seqs]],
        ) -> Mapping[tuple[Sight[M], Signature, Seqs], Mapping[int, int]]:
            found: dict[tuple[Sight[M], Signature, Seqs], Mapping[int, int]] = {}
            for start in range(0, len(keys), IN_A_STATEMENT):
                some = keys[start : start + IN_A_STATEMENT]
                statement = self._hits_of(sight, {key[1]: wanted[key[1]][0] for key in some})
                seqs = sorted({seq for key in some for seq in key[2]})
                rows = await self._rows(sight, statement, seqs)
                for place, key in enumerate(some):
                    found[key] = {row["seq"]: int(row["hits"][place]) for row in rows if row["hits"][place] != "0"}
            return found

        keys = [(sight, signature, seqs) for signature, (_, seqs) in wanted.items()]
        found = await self._hits.all(keys, find)  # type: ignore[arg-type]  # as above
        return {key[1]: found[key] for key in keys}

    async def _rows(self, sight: Sight[M], statement: Statement, seqs: Sequence[int]) -> list[asyncpg.Record]:
        catalog = sight.model.catalog
        values = {"@seqs": list(seqs), "@member": sight.member, SIGNER: self._signer(catalog.workspace_id)}
        return await self._db.rows(statement.sql, *statement.bind(values))

    # -- statements ---------------------------------------------------------------------------------------------

    def _of(self, model: M) -> _Plans:
        return self._plans.setdefault(model, _Plans())

    def _states_of(self, sight: Sight[M], item: Object) -> Statement:
        known = self._of(sight.model).states
        if item.name not in known:
            items = tuple(own_items(item, numbers_are_texts=False))
            parameters = Parameters()
            told = States(schema=sight.model.catalog.schema, object=item, items=items, seqs=_SEQS)
            known[item.name] = Statement.of(write_states(told, parameters), parameters)
        return known[item.name]

    def _hits_of(self, sight: Sight[M], queries: Mapping[Signature, Query]) -> Statement:
        known, key = self._of(sight.model).hits, tuple(queries)
        if key not in known:
            item = next(iter(queries.values())).object
            conditions = tuple(query.condition for query in queries.values())
            parameters = Parameters()
            asked = Hits(schema=sight.model.catalog.schema, object=item, conditions=conditions, seqs=_SEQS)
            known[key] = Statement.of(write_hits(asked, parameters), parameters)
            if len(known) > _MOST_STATEMENTS:
                known.popitem(last=False)
        return known[key]
