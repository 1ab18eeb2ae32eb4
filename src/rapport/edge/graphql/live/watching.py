"""Executes subscriptions: those to records from the event log, others as their areas say."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace

import orjson
from graphql import GraphQLError

from rapport.access.principal import Principal
from rapport.access.request import Listening, RequestContext
from rapport.edge.errors import graphql_error
from rapport.edge.freshness import Models, with_model
from rapport.edge.graphql.live.reading import UnreadableEvent, records_of
from rapport.edge.graphql.live.renewing import Renewing
from rapport.edge.graphql.live.source import Recheck, Told
from rapport.edge.graphql.model import Model
from rapport.edge.graphql.planning import Planner
from rapport.edge.graphql.plans import Compiled
from rapport.edge.graphql.request import Refused, Request
from rapport.edge.graphql.subscribing import Watch
from rapport.edge.graphql.system import InvalidRequest, SystemOperations, SystemResult
from rapport.edge.limits import Limits
from rapport.engine.links import SIGNER
from rapport.events.channels import MOST_AT_ONCE, Interest
from rapport.events.cursor import Cursor
from rapport.events.log import Event
from rapport.store.database import Database


class Watching:
    """The Subscriptions of ``source``."""

    def __init__(
        self,
        *,
        database: Database,
        models: Models,
        planner: Planner,
        system: SystemOperations,
        renewing: Renewing,
        limits: Limits,
    ) -> None:
        self._database = database
        self._models = models
        self._planner = planner
        self._system = system
        self._renewing = renewing
        self._limits = limits

    async def open(self, request: Request, *, after: Cursor | None, recheck: Recheck) -> AsyncGenerator[Told, None]:
        async def now() -> Principal:
            caller = await recheck()
            assert caller.principal is not None
            return caller.principal

        compiled, values = await self._compiled(request)
        if compiled.watch is not None:
            telling = self._records(request, after, now)
        else:
            listening = Listening(recheck=now, after=None if after is None else str(after))
            telling = await self._other(request, compiled, values, listening)
        await anext(telling)  # it has begun
        return telling

    # -- plans --------------------------------------------------------------------------------------------------

    async def _compiled(self, request: Request) -> tuple[Compiled, Mapping[str, object]]:
        async def attempt(model: Model | None) -> tuple[Compiled, Mapping[str, object]]:
            return self._plan(request, model)

        principal = request.principal
        if principal is None or principal.workspace_id is None:
            return await attempt(None)
        return await with_model(self._models, principal, attempt, refusals=(Refused,))

    def _plan(self, request: Request, model: Model | None) -> tuple[Compiled, Mapping[str, object]]:
        entry = self._planner.entry(request, model)
        if not entry.document.is_subscription:
            raise Refused([graphql_error(GraphQLError("Expected subscription operation."))])
        values = self._planner.values(entry.document, request, model)
        return self._planner.plan(entry, request, model, values), values

    # -- records ------------------------------------------------------------------------------------------------

    async def _records(
        self, request: Request, after: Cursor | None, recheck: Callable[[], Awaitable[Principal]]
    ) -> AsyncGenerator[Told, None]:
        principal = request.principal
        assert principal is not None

        def make(model: Model, principal: Principal) -> Interest:
            asked = replace(request, caller=replace(request.caller, principal=principal))
            compiled, values = self._plan(asked, model)
            assert compiled.watch is not None
            return self._interest(compiled.watch, values)

        has_begun = False
        async with aclosing(self._renewing.follow(principal, recheck, make, after=after)) as portions:
            async for portion in portions:
                if not has_begun:
                    has_begun = True
                    yield Told(b"", portion.cursor)
                if not portion.news:
                    yield Told(b"", portion.cursor)
                for each in portion.news:
                    yield Told(each.told, each.cursor)

    def _interest(self, watch: Watch, values: Mapping[str, object]) -> Interest:
        topic = watch.topic(values)
        bound = watch.statement.bind({**values, SIGNER: None})
        return Interest(
            key=(watch.statement.sql, repr(bound), watch.key, topic),
            topic=topic,
            tell=_Teller(self._database, watch, values),
            at_once=max(1, min(MOST_AT_ONCE, self._limits.max_cost // max(1, watch.cost))),
        )

    # -- others -------------------------------------------------------------------------------------------------

    async def _other(
        self, request: Request, compiled: Compiled, values: Mapping[str, object], listening: Listening
    ) -> AsyncGenerator[Told, None]:
        assert compiled.system is not None
        caller = request.caller
        context = RequestContext(
            principal=caller.principal,
            token=caller.token,
            address=caller.address,
            origin=caller.origin,
            host=caller.host,
            listening=listening,
        )
        try:
            results = await self._system.listen(compiled.system, values, context)
        except InvalidRequest as error:
            raise Refused([dict(each) for each in error.errors]) from None
        (selected,) = compiled.roots.system
        return _bodies(selected.key, results)


async def _bodies(
    key: str, results: AsyncGenerator[tuple[SystemResult | bytes, str | None], None]
) -> AsyncGenerator[Told, None]:
    start = b'{"data":{"%b":' % key.encode()
    async with aclosing(results):
        yield Told(b"")  # it has begun
        async for result, cursor in results:
            if isinstance(result, SystemResult):
                body: dict[str, object] = {"errors": result.errors} if result.errors else {}
                yield Told(orjson.dumps(body | {"data": result.data}), cursor)
            else:
                yield Told(start + result + b"}}" if result else b"", cursor)


class _Teller:
    """Makes results of events. What an event cannot be shown for is an error in its place."""

    def __init__(self, database: Database, watch: Watch, values: Mapping[str, object]) -> None:
        self._database = database
        self._statement = watch.statement
        self._values = values
        self._key = watch.key
        self._start = b'{"data":{"%b":' % watch.key.encode()

    async def __call__(self, events: Sequence[Event]) -> Mapping[int, bytes]:
        found = await records_of(self._database, self._statement, self._values, events)
        return {
            seq: self._unreadable() if record is None else b"%b%b}}" % (self._start, record)
            for seq, record in found.items()
        }

    def _unreadable(self) -> bytes:
        error = graphql_error(UnreadableEvent(), path=[self._key])
        return orjson.dumps({"errors": [error], "data": {self._key: None}})
