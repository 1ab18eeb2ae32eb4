"""Reads pages of events as one caller may see them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from rapport.access.principal import Principal
from rapport.base.errors import Forbidden
from rapport.edge.caller import Caller
from rapport.edge.freshness import ModelOutdated, Models, with_model
from rapport.edge.graphql.model import Model
from rapport.edge.rest.events.asked import MOST, NOW, After, Asked
from rapport.edge.rest.events.telling import Teller, Views, with_cursor
from rapport.engine.links import SIGNER
from rapport.events.channels import Interest, Topic
from rapport.events.cursor import START, Cursor
from rapport.events.log import Batch, Event, present, read
from rapport.events.retention import check_kept
from rapport.store.database import Database

_LOOK_AT_LEAST = 500  # events at once, where not all of them may be told
_LOOK_AT_MOST = 20_000  # for one page


@dataclass(frozen=True, kw_only=True)
class Page:
    """``events``: each with its cursor, as JSON. ``cursor`` is behind all of them, and behind what is not told.

    ``has_more``: there may be more to read at once.
    """

    events: Sequence[tuple[str, bytes]]
    cursor: str
    has_more: bool


class Feed:
    def __init__(self, database: Database, models: Models) -> None:
        self._database = database
        self._models = models
        self._views = Views()

    async def page(self, caller: Caller, asked: Asked, after: After) -> Page:
        """The next events. Raises what is wrong with the request, EventsDropped among it."""
        principal = caller.principal
        if principal is None or principal.workspace_id is None:
            raise Forbidden
        return await with_model(self._models, principal, lambda model: self._page(model, principal, asked, after))

    def interest(self, model: Model, principal: Principal, asked: Asked) -> Interest:
        """What is to be told of what happens. Raises what is wrong with what is asked for."""
        seen = self._views.of(model, asked)
        teller = self._teller(model, principal, asked)

        async def tell(events: Sequence[Event]) -> Mapping[int, bytes]:
            told = await teller.told([event for event in events if teller.concerns(event)])
            await self._demand_current(model, principal)
            return {event.seq: json for event, json in told}

        rules = principal.workspace_member_id if model.catalog.has_row_rules else None
        topic = Topic(object=next(iter(seen))) if len(seen) == 1 else Topic()
        return Interest(key=("feed", model.key, replace(asked, limit=MOST), rules), topic=topic, tell=tell)

    def _teller(self, model: Model, principal: Principal, asked: Asked) -> Teller:
        # Files by their paths, as exports have them: links would expire in a mirror.
        values: Mapping[str, object] = {SIGNER: None, "@member": principal.workspace_member_id}
        return Teller(self._database, self._views.of(model, asked), asked, values)

    async def _page(self, model: Model, principal: Principal, asked: Asked, after: After) -> Page:
        teller = self._teller(model, principal, asked)
        if after == NOW:
            return Page(events=(), cursor=str(await present(self._database, model.catalog.schema)), has_more=False)
        reading = _Reading(self._database, model.catalog.schema, teller, asked.limit)
        page = await reading.page(after or START)
        if reading.looked_at:
            await self._demand_current(model, principal)
        if after is not None:
            await check_kept(self._database, model.catalog.workspace_id, after)
        return page

    async def _demand_current(self, model: Model, principal: Principal) -> None:
        """After reading: what an outdated model does not know of would have been left out, and nobody would come back
        for it. Raises ModelOutdated."""
        if await self._models.is_outdated(principal, model):
            raise ModelOutdated


class _Reading:
    """The making of one page."""

    def __init__(self, database: Database, schema: str, teller: Teller, limit: int) -> None:
        self._database = database
        self._schema = schema
        self._teller = teller
        self._limit = limit
        self._found: list[tuple[str, bytes]] = []
        self.looked_at = 0  # events

    async def page(self, cursor: Cursor) -> Page:
        while True:
            missing = self._limit - len(self._found)
            count = missing if self._teller.tells_all and not self.looked_at else max(missing, _LOOK_AT_LEAST)
            # Behind the end of a window there may be another one.
            was_within = cursor.until is not None
            batch = await read(self._database, self._schema, cursor, count)
            self.looked_at += len(batch.events)
            stop = await self._tell_of(batch)
            if stop is not None:
                cursor, is_end = stop
                return self._page(cursor, has_more=was_within or not (is_end and batch.is_last))
            cursor = batch.cursor
            if batch.is_last and not was_within:
                return self._page(cursor, has_more=False)
            if self.looked_at >= _LOOK_AT_MOST:
                return self._page(cursor, has_more=True)

    def _page(self, cursor: Cursor, *, has_more: bool) -> Page:
        return Page(events=self._found, cursor=str(cursor), has_more=has_more)

    async def _tell_of(self, batch: Batch) -> tuple[Cursor, bool] | None:
        """Adds what there is to tell. Where the page is full with it: up to where, and whether that is all of it."""
        events = [event for event in batch.events if self._teller.concerns(event)]
        while events:
            missing = self._limit - len(self._found)
            chosen, events = events[:missing], events[missing:]
            for event, json in await self._teller.told(chosen):
                cursor = str(batch.cursor_behind(event))
                self._found.append((cursor, with_cursor(json, cursor)))
            if len(self._found) == self._limit:
                return (batch.cursor_behind(chosen[-1]), False) if events else (batch.cursor, True)
        return None
