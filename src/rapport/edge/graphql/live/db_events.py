"""The contract's own subscription: what happens to records of any object (core-api.md §1.10)."""

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from typing import Final, get_args
from uuid import UUID

import orjson

from rapport.access.principal import Principal
from rapport.access.request import NOTHING, RequestContext, Said, Selection, Written
from rapport.base.errors import BadUserInput, Forbidden
from rapport.edge.graphql.live.reading import UnreadableEvent, records_of
from rapport.edge.graphql.live.renewing import Renewing
from rapport.edge.graphql.model import Model
from rapport.edge.graphql.subscribing import SEQS
from rapport.engine import plan
from rapport.engine.denials import check_object
from rapport.engine.links import SIGNER
from rapport.engine.problems import suggest
from rapport.engine.sql import Parameters, Value
from rapport.engine.statement import Statement
from rapport.engine.telling import write_told
from rapport.events.channels import Interest, Topic
from rapport.events.cursor import Cursor
from rapport.events.log import Action, Event
from rapport.files.links import FileLinks
from rapport.metadata.catalog import Object
from rapport.records.showing import own_items
from rapport.store.database import Database
from rapport.system.area import Area, read_sdl

_SEQS = Value(sql_type="bigint[]", path=(SEQS,))
_UPSERTED: Final = "UPSERTED"  # beside its own action, for who asks for it
_ACTIONS: Final[Mapping[str, frozenset[Action]]] = {each.upper(): frozenset({each}) for each in get_args(Action)}


class UnknownObject(BadUserInput):
    """There is no such object."""

    sub_code = "OBJECT_NOT_FOUND"


def area(database: Database, renewing: Renewing, links: FileLinks) -> Area:
    return Area(
        sdl=read_sdl(__package__ or "", "db_events.graphql"),
        sources={"onDbEvent": DbEvents(database, renewing, links).listen},
    )


class DbEvents:
    def __init__(self, database: Database, renewing: Renewing, links: FileLinks) -> None:
        self._database = database
        self._renewing = renewing
        self._links = links

    async def listen(self, context: RequestContext, arguments: Mapping[str, object]) -> AsyncGenerator[Said, None]:
        telling = self._tell(context, arguments)
        await anext(telling)  # it has begun
        return telling

    async def _tell(self, context: RequestContext, arguments: Mapping[str, object]) -> AsyncGenerator[Said, None]:
        listening, principal = context.listening, context.principal
        if listening is None or principal is None or principal.workspace_id is None:
            raise Forbidden
        given = arguments["input"]
        assert isinstance(given, Mapping)

        def make(model: Model, principal: Principal) -> Interest:
            return self._interest(model, principal, given, context.selection)

        after = None if listening.after is None else Cursor.read(listening.after)
        has_begun = False
        async with aclosing(self._renewing.follow(principal, listening.recheck, make, after=after)) as portions:
            async for portion in portions:
                if not has_begun:
                    has_begun = True
                    yield Said(NOTHING, portion.cursor)
                if not portion.news:
                    yield Said(NOTHING, portion.cursor)
                for each in portion.news:
                    yield Said(Written(each.told) if each.told else UnreadableEvent(), each.cursor)

    def _interest(
        self, model: Model, principal: Principal, given: Mapping[str, object], selection: Selection
    ) -> Interest:
        action, name, record_id = given.get("action"), given.get("objectNameSingular"), given.get("recordId")
        catalog = model.catalog
        if name is not None:
            item = catalog.by_name.get(str(name))
            if item is None:
                raise UnknownObject(f'There is no object "{name}".{suggest(str(name), list(catalog.by_name))}')
            check_object(item)
        topic = Topic(
            object=None if name is None else str(name),
            actions=None if action is None or action == _UPSERTED else _ACTIONS[str(action)],
            record_id=None if record_id is None else UUID(str(record_id)),
            is_upsert=action == _UPSERTED,
        )
        values: dict[str, object] = {SIGNER: self._links.signer(catalog.workspace_id)}
        if catalog.has_row_rules:
            values["@member"] = principal.workspace_member_id
        shown = tuple((each.key, each.name) for each in selection)
        return Interest(
            key=("onDbEvent", model.key, topic, shown, values.get("@member")),
            topic=topic,
            tell=_Teller(self._database, model, values, shown, action=_UPSERTED if topic.is_upsert else None),
        )


class _Teller:
    """Makes the JSON of events, for those of each object with one statement. That of one that cannot be read is empty.

    ``action``: what all of them are called instead of their own.
    """

    def __init__(
        self,
        database: Database,
        model: Model,
        values: Mapping[str, object],
        shown: Sequence[tuple[str, str]],
        *,
        action: str | None,
    ) -> None:
        self._database = database
        self._catalog = model.catalog
        self._values = values
        self._shown = shown
        self._action = action
        self._statements: dict[str, Statement] = {}

    async def __call__(self, events: Sequence[Event]) -> Mapping[int, bytes]:
        of_object: dict[str, list[Event]] = {}
        for event in events:
            of_object.setdefault(event.object, []).append(event)
        found: dict[int, bytes] = {}
        for name, some in of_object.items():
            item = self._catalog.by_name.get(name)
            if item is not None and item.rights.read:
                fields = item.readable_fields
                seen = [
                    each
                    for each in some
                    if each.action != "updated" or not fields.isdisjoint(each.updated_fields or ())
                ]
                records = await self._records(item, seen) if seen else {}
                found |= {
                    event.seq: self._json(event, records[event.seq], fields) for event in seen if event.seq in records
                }
        return found

    async def _records(self, item: Object, events: Sequence[Event]) -> Mapping[int, bytes | None]:
        statement = self._statements.get(item.name)
        if statement is None:
            items = tuple(own_items(item, numbers_are_texts=False))
            told = plan.Told(schema=self._catalog.schema, object=item, items=items, seqs=_SEQS)
            parameters = Parameters()
            statement = self._statements[item.name] = Statement.of(write_told(told, parameters), parameters)
        return await records_of(self._database, statement, self._values, events)

    def _json(self, event: Event, record: bytes | None, fields: frozenset[str]) -> bytes:
        if record is None:
            return b""
        updated = event.updated_fields
        values: dict[str, object] = {
            "__typename": "OnDbEvent",
            "action": self._action or event.action.upper(),
            "eventDate": event.happened_at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
            "objectNameSingular": event.object,
            "record": orjson.Fragment(record),
            "updatedFields": None if updated is None else [name for name in updated if name in fields],
        }
        return orjson.dumps({key: values[name] for key, name in self._shown})
