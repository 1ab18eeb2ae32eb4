"""What one caller is told of events: which of them, as which action, and with which record."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, lru_cache
from typing import Literal
from weakref import WeakKeyDictionary

import asyncpg
import orjson

from rapport.edge.graphql.model import Model
from rapport.edge.rest.events.asked import Asked, ToldAction
from rapport.edge.rest.records.objects import UnknownObject
from rapport.engine import plan
from rapport.engine.denials import check_object
from rapport.engine.sql import Parameters, Value
from rapport.engine.statement import Statement
from rapport.engine.telling import write_told
from rapport.events.log import Event
from rapport.metadata.catalog import Catalog, Object
from rapport.records.showing import own_items
from rapport.store.database import Database

SEQS = "@seqs"
_SEQS = Value(sql_type="bigint[]", path=(SEQS,))
_OF_ACTOR = ("source", "name", "userId", "workspaceMemberId", "apiKeyId")
_AUTHORS = ("createdBy", "updatedBy")
_MOVES = frozenset({"shown", "hidden"})
_NULL = b"null"

State = Literal["before", "after"]


@dataclass(frozen=True, eq=False)
class Seen:
    """An object as a caller sees it."""

    schema: str
    item: Object

    @property
    def fields(self) -> frozenset[str]:
        return self.item.readable_fields

    @property
    def has_rule(self) -> bool:
        """Whether some of its records do not exist for the caller."""
        return self.item.rights.rows is not None

    @cached_property
    def hides_authors(self) -> bool:
        return any(name in self.item.denied for name in _AUTHORS)

    @cached_property
    def after(self) -> Statement:
        """The records after events, as far as they exist for the caller."""
        return self._statement("after", tuple(own_items(self.item, numbers_are_texts=True)))

    @cached_property
    def before(self) -> Statement:
        return self._statement("before", tuple(own_items(self.item, numbers_are_texts=True)))

    @cached_property
    def existed(self) -> Statement:
        """Like ``before``, but without what was in the records."""
        return self._statement("before", ())

    def _statement(self, state: State, items: tuple[plan.Item, ...]) -> Statement:
        parameters = Parameters()
        told = plan.Told(schema=self.schema, object=self.item, items=items, seqs=_SEQS, state=state)
        return Statement.of(write_told(told, parameters), parameters)

    def concerns(self, event: Event, actions: frozenset[str] | None) -> bool:
        """Whether the event may be told as one of these actions, as far as that can be said without its record."""
        if self.has_rule:
            return actions is None or event.action in actions or not actions.isdisjoint(_MOVES)
        if actions is not None and event.action not in actions:
            return False
        return event.action != "updated" or bool(self.shown_fields(event))

    def shown_fields(self, event: Event) -> list[str]:
        return [name for name in event.updated_fields or () if name in self.fields]

    def wants_after(self, event: Event) -> bool:
        return event.action != "destroyed"

    def wants_before(self, event: Event, *, has_before: bool) -> bool:
        return event.action != "created" and (has_before or self.has_rule)

    def action(self, event: Event, *, is_there: bool, existed: bool) -> ToldAction | None:
        """What the event is for the caller; None: nothing. ``is_there``, ``existed``: whether there was a record for
        them after it and before it, as far as that was wanted."""
        was_there = event.action != "created" and (existed or not self.has_rule)
        if not (is_there or was_there) or not (is_there or self.has_rule or event.action == "destroyed"):
            return None
        if event.action not in ("created", "destroyed") and is_there != was_there:
            return "shown" if is_there else "hidden"
        return event.action if event.action != "updated" or self.shown_fields(event) else None


class Views:
    """What callers see of objects, made once for each model."""

    def __init__(self) -> None:
        self._known: WeakKeyDictionary[Model, dict[str, Seen]] = WeakKeyDictionary()

    def of(self, model: Model, asked: Asked) -> Mapping[str, Seen]:
        """By singular name. Raises UnknownObject, and PermissionDenied for one that is asked for by name."""
        known = self._known.setdefault(model, {})
        items = _readable(model.catalog) if asked.objects is None else _named(model.catalog, asked.objects)
        return {item.name: known.setdefault(item.name, Seen(model.catalog.schema, item)) for item in items}


def _readable(catalog: Catalog) -> Iterator[Object]:
    return (item for item in catalog.by_name.values() if item.rights.read)


def _named(catalog: Catalog, names: Sequence[str]) -> Iterator[Object]:
    for name in names:
        item = catalog.by_name.get(name) or catalog.by_plural.get(name)
        if item is None:
            raise UnknownObject(name, "eg: person")
        check_object(item)
        yield item


class Teller:
    """Tells one caller of events."""

    def __init__(
        self, database: Database, seen: Mapping[str, Seen], asked: Asked, values: Mapping[str, object]
    ) -> None:
        """``values``: those of the statements, beside the numbers of events."""
        self._database = database
        self._seen = seen
        self._asked = asked
        self._values = values

    @property
    def tells_all(self) -> bool:
        """Whether most events are told."""
        asked = self._asked
        return (
            asked.objects is None and asked.actions is None and not any(each.has_rule for each in self._seen.values())
        )

    def concerns(self, event: Event) -> bool:
        """Whether it may be one to tell, as far as that can be said without its record."""
        seen = self._seen.get(event.object)
        return seen is not None and seen.concerns(event, self._asked.actions)

    async def told(self, events: Sequence[Event]) -> Sequence[tuple[Event, bytes]]:
        """Those of the events that are told, in order, with their JSON (without a cursor)."""
        has_before = self._asked.has_before
        states: dict[tuple[bool, int], bytes] = {}
        for name in {event.object: None for event in events}:
            seen = self._seen[name]
            own = [event for event in events if event.object == name]
            after = [event.seq for event in own if seen.wants_after(event)]
            before = [event.seq for event in own if seen.wants_before(event, has_before=has_before)]
            if after:
                states |= {(True, seq): record for seq, record in await self._records(seen.after, after)}
            if before:
                statement = seen.before if has_before else seen.existed
                states |= {(False, seq): record for seq, record in await self._records(statement, before)}
        found: list[tuple[Event, bytes]] = []
        for event in events:
            seen = self._seen[event.object]
            record, was = states.get((True, event.seq)), states.get((False, event.seq))
            action = seen.action(event, is_there=record is not None, existed=was is not None)
            if action is not None and (self._asked.actions is None or action in self._asked.actions):
                found.append((event, self._json(event, seen, action, record, was)))
        return found

    async def _records(self, statement: Statement, seqs: Sequence[int]) -> list[asyncpg.Record]:
        return await self._database.rows(statement.sql, *statement.bind({**self._values, SEQS: list(seqs)}))

    def _json(self, event: Event, seen: Seen, action: ToldAction, record: bytes | None, before: bytes | None) -> bytes:
        """Names have no characters that JSON would escape."""
        fields = ""
        if action == "updated":
            fields = f'"updatedFields":{orjson.dumps(seen.shown_fields(event)).decode()},'
        head = (
            f'{{"id":"{event.id}","action":"{action}","object":"{event.object}","recordId":"{event.record_id}",'
            f'"happenedAt":"{_moment(event.happened_at)}",{fields}'
            f'"actor":{"null" if seen.hides_authors else _actor(event.actor)},"record":'
        )
        end = b',"before":' + (before or _NULL) + b"}" if self._asked.has_before else b"}"
        return head.encode() + (record or _NULL) + end


def with_cursor(json: bytes, cursor: str) -> bytes:
    """The JSON of an event with its place: `{"cursor": "…", "id": …}`"""
    return b'{"cursor":"%b",%b' % (cursor.encode(), json[1:])


@lru_cache(maxsize=1_000)
def _actor(text: str | None) -> str:
    """Who acts in the name of a user is for the audit log."""
    if text is None:
        return "null"
    actor = orjson.loads(text)
    return orjson.dumps({name: actor.get(name) for name in _OF_ACTOR}).decode()


@lru_cache(maxsize=100)
def _moment(moment: datetime) -> str:
    """As in records: `2026-11-22T09:30:00.000Z`."""
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
