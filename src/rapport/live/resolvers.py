"""The system operations of event streams."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

import asyncpg
import structlog

from rapport.access.principal import Principal
from rapport.access.request import NOTHING, RequestContext, Said, Written
from rapport.base.errors import Forbidden, RapportError
from rapport.base.spellings import part
from rapport.events.channels import Interest, Portion, Topic
from rapport.events.cursor import Cursor
from rapport.events.log import Event
from rapport.live.holding import Holder
from rapport.live.sights import HasCatalog, M, Sight, Sights
from rapport.live.signature import Signature, read_query, read_signature
from rapport.live.streams import EventStreams, Key, check_id, key_of
from rapport.live.telling import Telling, Words
from rapport.system.area import Area, read_sdl

Arguments = Mapping[str, object]

M_co = TypeVar("M_co", bound=HasCatalog, covariant=True)

_log = structlog.get_logger(__name__)


class Models(Protocol[M]):
    """Where the data models of workspaces come from, as callers see them."""

    def known(self, principal: Principal) -> M | None:
        """The model in memory."""

    async def load(self, principal: Principal) -> M:
        """The model, read when it is not in memory."""

    async def is_outdated(self, principal: Principal, model: M) -> bool:
        """Whether there is a later version of the model."""

    async def reload(self, principal: Principal, stale: M) -> M:
        """The model as it is now."""


class Logs(Protocol[M_co]):
    """The event logs of workspaces as they grow."""

    def follow(
        self,
        principal: Principal,
        recheck: Callable[[], Awaitable[Principal]],
        make: Callable[[M_co, Principal], Interest],
        *,
        after: Cursor | None,
    ) -> AsyncGenerator[Portion, None]:
        """What the interest tells, made anew whenever the rights of the caller or the model have changed.

        First comes an empty portion: what is committed from then on is told.
        """


def area(streams: EventStreams, holder: Holder, logs: Logs[M], models: Models[M], sights: Sights[M]) -> Area:
    live = _Live(streams, holder, logs, models, sights)
    return Area(
        sdl=read_sdl("rapport.live"),
        resolvers={"addQueryToEventStream": live.add, "removeQueryFromEventStream": live.remove},
        sources={"onEventSubscription": live.open},
    )


@dataclass(frozen=True)
class _Live(Generic[M]):
    streams: EventStreams
    holder: Holder
    logs: Logs[M]
    models: Models[M]
    sights: Sights[M]

    # -- the queries of a stream --------------------------------------------------------------------------------

    async def add(self, context: RequestContext, arguments: Arguments) -> object:
        principal, given = _principal(context), part(arguments, "input")
        key, query_id = key_of(principal, given["eventStreamId"]), check_id(given["queryId"])
        if not await self.streams.knows(key, principal):
            return False
        signature = read_signature(given["operationSignature"])
        await self._check(principal, signature)
        return await self.streams.add(key, principal, query_id, signature)

    async def remove(self, context: RequestContext, arguments: Arguments) -> object:
        principal, given = _principal(context), part(arguments, "input")
        key, query_id = key_of(principal, given["eventStreamId"]), check_id(given["queryId"])
        return await self.streams.remove(key, principal, query_id)

    async def _check(self, principal: Principal, signature: Signature) -> None:
        """Raises what is wrong with a signature. What the model in memory does not know may be new."""
        model = self.models.known(principal) or await self.models.load(principal)
        try:
            read_query(model.catalog, signature)
        except RapportError:
            if not await self.models.is_outdated(principal, model):
                raise
            model = await self.models.reload(principal, model)
            read_query(model.catalog, signature)

    # -- the stream ---------------------------------------------------------------------------------------------

    async def open(self, context: RequestContext, arguments: Arguments) -> AsyncGenerator[Said, None]:
        telling = self._tell(context, arguments)
        await anext(telling)  # what it has begun ends with it, whenever it is closed
        return telling

    async def _tell(self, context: RequestContext, arguments: Arguments) -> AsyncGenerator[Said, None]:
        principal, listening = _principal(context), context.listening
        assert listening is not None
        key = key_of(principal, arguments["eventStreamId"])
        words = Words(stream_id=key.id, selection=context.selection)
        after = None if listening.after is None else Cursor.read(listening.after)

        def make(model: M, principal: Principal) -> Interest:
            sight = self.sights.of(model, principal.workspace_member_id)
            return Interest(key=object(), topic=Topic(), tell=_Teller(self, key, words, sight))

        await self.streams.open(key, principal)
        self.holder.enter(key)
        try:
            is_open = False
            async with aclosing(self.logs.follow(principal, listening.recheck, make, after=after)) as portions:
                async for portion in portions:
                    if not is_open:
                        is_open = True
                        yield Said(NOTHING)
                        yield Said(Written(words.whole(())), portion.cursor)
                    elif portion.news:
                        yield Said(Written(words.whole([each.told for each in portion.news])), portion.cursor)
                    else:
                        yield Said(NOTHING, portion.cursor)
        finally:
            self.holder.leave(key)


class _Teller(Generic[M]):
    """Makes what is told of events to one stream."""

    def __init__(self, live: _Live[M], key: Key, words: Words, sight: Sight[M]) -> None:
        self._live = live
        self._key = key
        self._words = words
        self._sight = sight

    async def __call__(self, events: Sequence[Event]) -> Mapping[int, bytes]:
        revision = await self._live.holder.revision(self._key, events)
        if not revision.queries:
            return {}
        elements = await self._elements(Telling(self._live.sights, self._sight, revision.queries), events)
        return {seq: self._words.element(told) for seq, told in elements.items()}

    async def _elements(self, telling: Telling[M], events: Sequence[Event]) -> Mapping[int, Mapping[str, object]]:
        try:
            return await telling.elements(events)
        except asyncpg.DataError as error:
            if len(events) == 1:
                # A field has another type than it had then. Nobody can be told, and the rest is not to wait for it.
                _log.warning("an event cannot be read any more", seq=events[0].seq, reason=repr(error))
                return {}
            middle = len(events) // 2
            first, second = events[:middle], events[middle:]
            return {**await self._elements(telling, first), **await self._elements(telling, second)}


def _principal(context: RequestContext) -> Principal:
    if context.principal is None:
        raise Forbidden
    return context.principal
