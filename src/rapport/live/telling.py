"""What an event stream tells of events, in the words that its client has selected."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, Generic

import orjson

from rapport.access.request import Selection
from rapport.events.log import Event
from rapport.live.sights import M, Sight, Sights, State
from rapport.live.signature import Query, Signature
from rapport.metadata.catalog import Object

_LISTS: Final = ("eventWithQueryIdsList", "objectRecordEventsWithQueryIds")
_AUTHORS: Final = ("createdBy", "updatedBy")
_BETWEEN: Final = b"\n"  # never in JSON that PostgreSQL or orjson has written
_BEFORE, _AFTER = 1, 2


@dataclass(frozen=True, kw_only=True)
class Words:
    """What the client of a stream has selected of it."""

    stream_id: str
    selection: Selection

    def element(self, told: Mapping[str, object]) -> bytes:
        """What is told of one event: for each list that is selected the JSON of the element."""
        return _BETWEEN.join(orjson.dumps(_cut(told, each.inside)) for each in self.selection if each.name in _LISTS)

    def whole(self, elements: Sequence[bytes]) -> bytes:
        """The JSON of all of it."""
        lists = zip(*(each.split(_BETWEEN) for each in elements), strict=True)
        shown: dict[str, object] = {}
        for each in self.selection:
            if each.name in _LISTS:
                shown[each.key] = orjson.Fragment(b"[" + b",".join(next(lists, ())) + b"]")
            else:
                shown[each.key] = each.parent if each.name == "__typename" else self.stream_id
        return orjson.dumps(shown)


def _cut(value: object, selection: Selection) -> object:
    if callable(value):  # is worked out for those only who want it
        value = value()
    if not selection:
        return value
    assert isinstance(value, Mapping)
    return {
        each.key: each.parent if each.name == "__typename" else _cut(value[each.name], each.inside)
        for each in selection
    }


class Telling(Generic[M]):
    """Finds out what is told of events to one who sees records so, and has these queries."""

    def __init__(self, sights: Sights[M], sight: Sight[M], queries: Mapping[str, Signature]) -> None:
        self._sights = sights
        self._sight = sight
        self._queries = queries

    async def elements(self, events: Sequence[Event]) -> Mapping[int, Mapping[str, object]]:
        """By the numbers of the events; those that concern no query are left out."""
        by_object: dict[str, dict[str, tuple[Signature, Query]]] = {}
        named = {event.object for event in events}
        for query_id, signature in self._queries.items():
            query = self._sights.query(self._sight, signature) if signature.object_name in named else None
            if query is not None:
                by_object.setdefault(signature.object_name, {})[query_id] = (signature, query)
        found: dict[int, Mapping[str, object]] = {}
        for name, queries in by_object.items():
            found |= await self._of_object([event for event in events if event.object == name], queries)
        return found

    async def _of_object(
        self, events: Sequence[Event], queries: Mapping[str, tuple[Signature, Query]]
    ) -> dict[int, Mapping[str, object]]:
        wanted: dict[Signature, tuple[Query, tuple[int, ...]]] = {}
        for signature, query in queries.values():
            seqs = tuple(event.seq for event in events if query.ids is None or event.record_id in query.ids)
            if seqs:
                wanted[signature] = (query, seqs)
        asked = {signature: each for signature, each in wanted.items() if not each[0].is_simple}
        hits = await self._sights.hits(self._sight, asked) if asked else {}
        simple = {signature: frozenset(seqs) for signature, (query, seqs) in wanted.items() if query.is_simple}
        concerned = {seq for each in hits.values() for seq in each}.union(*simple.values())
        if not concerned:
            return {}
        item = next(iter(queries.values()))[1].object
        states = await self._sights.states(self._sight, item, sorted(concerned))
        found: dict[int, Mapping[str, object]] = {}
        for event in events:
            if event.seq not in concerned:
                continue
            state = states[event.seq]
            met: dict[str, int] = {}
            for query_id, (signature, query) in queries.items():
                if query.is_simple:
                    how = _met(query, state) if event.seq in simple.get(signature, ()) else 0
                else:
                    how = hits.get(signature, {}).get(event.seq, 0)
                if how:
                    met[query_id] = how
            told = _event(event, state, item) if met else None
            if told is not None:
                left = [query_id for query_id, how in met.items() if how == _BEFORE]
                found[event.seq] = {
                    "event": told,
                    "objectRecordEvent": told,
                    "queryIds": list(met),
                    "leftQueryIds": left,
                }
        return found


def _met(query: Query, state: State) -> int:
    """As ``Sights.hits`` has it, of a query that finds every record that there is."""
    if query.condition.mentions_deleted:
        return (_BEFORE if state.before is not None else 0) + (_AFTER if state.after is not None else 0)
    return (_BEFORE if state.was else 0) + (_AFTER if state.is_ else 0)


def _event(event: Event, state: State, item: Object) -> Mapping[str, object] | None:
    """None where the caller can see nothing of it."""
    before, after, action = state.before, state.after, event.action
    if action in ("updated", "deleted", "restored"):
        if before is None:
            action = "created"
        elif after is None:
            action = "destroyed"
    properties: dict[str, object] = {
        "before": None if before is None else orjson.Fragment(before),
        "after": None if after is None else orjson.Fragment(after),
        "diff": None,
        "updatedFields": None,
    }
    if action == "updated":
        fields = [name for name in event.updated_fields or () if name in item.field and item.field[name].is_readable]
        if not fields:
            return None
        properties["updatedFields"] = fields
        properties["diff"] = partial(state.diff, tuple(_keys(item, fields)))
    actor = _actor(event, item)
    return {
        "action": action.upper(),
        "objectNameSingular": event.object,
        "recordId": str(event.record_id),
        "userId": actor.get("userId"),
        "workspaceMemberId": actor.get("workspaceMemberId"),
        "properties": properties,
    }


def _keys(item: Object, fields: Sequence[str]) -> Iterator[str]:
    """Under which records show the fields: `companyId` for `company`."""
    for name in fields:
        field = item.field[name]
        yield field.column.name if field.is_to_one else name


def _actor(event: Event, item: Object) -> Mapping[str, object]:
    """Nobody for one who may not see who the authors of records are."""
    if event.actor is None or any(name in item.denied for name in _AUTHORS):
        return {}
    actor: Mapping[str, object] = orjson.loads(event.actor)
    return actor
