"""GraphQL over one WebSocket: who is there, and the operations that they have under way."""

import asyncio
from contextlib import aclosing, suppress
from dataclasses import replace
from typing import Final

import orjson

from rapport.base.errors import Busy, Forbidden, MissingToken, RapportError, Unauthenticated
from rapport.edge.caller import Caller
from rapport.edge.errors import graphql_error
from rapport.edge.graphql.live.credentials import token_of
from rapport.edge.graphql.live.messages import (
    ACK,
    BadMessage,
    Dialect,
    complete,
    errors,
    pong,
    read_message,
    read_operation,
    refusal,
    result,
    with_cursor,
)
from rapport.edge.graphql.live.operations import PASSING, DocumentTooLong, is_subscription, refused_errors
from rapport.edge.graphql.live.service import Live
from rapport.edge.graphql.live.websocket import GOING_AWAY, TRY_AGAIN_LATER, WebSocket
from rapport.edge.graphql.request import Refused, Request
from rapport.edge.traffic.errors import RateLimitExceeded
from rapport.edge.traffic.visit import Visit

NORMAL: Final = 1000
BAD_REQUEST: Final = 4400
UNAUTHORIZED: Final = 4401
FORBIDDEN: Final = 4403
INITIALISATION_TIMEOUT: Final = 4408
SUBSCRIBER_EXISTS: Final = 4409
TOO_MANY_INITIALISATIONS: Final = 4429
INTERNAL_ERROR: Final = 4500

_MOST_ANSWERS = 8  # that are made at a time, or are held until the client has taken off what was sent


class TooManyOperations(Busy):
    """There are too many operations on this connection."""


class Conversation:
    """The session of a WebSocket, and a listener of the audience.

    A subscription is a task that ends when the client wants no more. A query or a mutation runs to its end, as it does
    when a client of HTTP hangs up.
    """

    __slots__ = (
        "__weakref__", "_answering", "_began", "_dialect", "_following", "_is_acknowledged", "_is_ending",
        "_is_initialised", "_is_over", "_live", "_places", "_socket", "_under_way", "caller",
    )  # fmt: skip

    def __init__(self, socket: WebSocket, caller: Caller, dialect: Dialect, live: Live, *, now: float) -> None:
        """``caller``: as far as the request for the connection said; the token is not checked yet."""
        self.caller = caller
        self._socket = socket
        self._dialect = dialect
        self._live = live
        self._began = now
        self._following: dict[str, asyncio.Task[None]] = {}
        self._answering: dict[str, asyncio.Task[None]] = {}
        self._places: asyncio.Semaphore | None = None  # for answers; many connections never ask for any
        self._under_way = 0  # answers, those that nobody wants any more among them
        self._is_initialised = self._is_acknowledged = False
        self._is_ending = self._is_over = False

    # -- as the session of a WebSocket ---------------------------------------------------------------------------------

    def received(self, message: bytes | None) -> None:
        if self._is_over:
            return
        try:
            kind, found = read_message(message, self._dialect)
            if kind == "init":
                self._init(found.get("payload"))
            elif kind == "ping":
                self._socket.send(pong(found.get("payload")))
            elif kind == "subscribe":
                self._subscribe(str(found["id"]), found.get("payload"))
            elif kind == "complete":
                self._drop(str(found["id"]))
            elif kind == "terminate":
                self._socket.close(NORMAL)
        except BadMessage as error:
            self._socket.close(BAD_REQUEST, str(error))

    def over(self) -> None:
        self._is_over = True
        for task in self._following.values():
            task.cancel()
        self._following.clear()
        self._answering.clear()

    def lost(self) -> None:
        self._live.audience.leave(self)
        if not self._is_initialised:
            self._count(self.caller)

    # -- as a listener -------------------------------------------------------------------------------------------------

    def look(self, now: float) -> None:
        limits = self._live.limits
        if not self._is_initialised and now - self._began >= limits.init_seconds and not self._is_over:
            self._socket.close(INITIALISATION_TIMEOUT, "Connection initialisation timeout")
        self._socket.look(
            now,
            keep_alive=limits.keep_alive_seconds,
            message_seconds=limits.message_seconds,
            answer_seconds=limits.answer_seconds,
        )

    def dismiss(self, error: RapportError) -> None:
        self._socket.close(FORBIDDEN, error.message)

    def end(self) -> None:
        """What was asked already is still answered."""
        self._is_ending = True
        for task in self._following.values():
            task.cancel()
        self._close_when_done()

    # -- messages ------------------------------------------------------------------------------------------------------

    def _init(self, payload: object) -> None:
        if self._is_initialised:
            self._socket.close(TOO_MANY_INITIALISATIONS, "Too many initialisation requests")
            return
        self._is_initialised = True
        token = token_of(payload) if isinstance(payload, dict) else None
        if token is not None:
            self.caller = replace(self.caller, token=token)
        self._live.audience.begin(self._welcome())

    async def _welcome(self) -> None:
        live = self._live
        try:
            caller = await live.callers.checked(self.caller)
            live.door.visit(caller)
            if caller.principal is None:
                raise caller.failure or MissingToken
            self.caller = caller
            live.audience.note_caller(self)
        except (Unauthenticated, Forbidden) as error:
            self._refuse(FORBIDDEN, error)
        except RapportError as error:
            self._refuse(TRY_AGAIN_LATER, error)
        except Exception as error:  # noqa: BLE001  # the edge
            graphql_error(error)  # logs it
            self._socket.close(INTERNAL_ERROR, "Internal server error")
        else:
            self._socket.trust(live.limits.max_message_bytes)
            self._is_acknowledged = True
            self._socket.send(ACK)

    def _refuse(self, code: int, error: RapportError) -> None:
        if self._dialect.is_old:
            self._socket.send(refusal(error.message))
        self._socket.close(code, error.message)

    def _subscribe(self, name: str, payload: object) -> None:
        if not self._is_acknowledged:
            self._socket.close(UNAUTHORIZED, "Unauthorized")
            return
        operation = read_operation(payload)
        if name in self._following or name in self._answering:
            self._socket.close(SUBSCRIBER_EXISTS, f"Subscriber for {name} already exists")
            return
        if self._is_ending:
            return
        id_ = orjson.dumps(name)
        if len(self._following) + self._under_way >= self._live.limits.max_operations:
            self._socket.send(errors(self._dialect, id_, [graphql_error(TooManyOperations())]))
            return
        request = Request(
            query=operation.query, variables=operation.variables, operation_name=operation.name, caller=self.caller
        )
        try:
            visit = self._live.door.visit(self.caller)  # before the document costs anything
            is_one = is_subscription(request)
        except (RateLimitExceeded, DocumentTooLong) as error:
            self._socket.send(errors(self._dialect, id_, [graphql_error(error)]))
            return
        if is_one:
            following = self._follow(name, id_, request, visit, operation.after)
            self._following[name] = self._live.audience.begin(following)
        else:
            self._under_way += 1
            self._answering[name] = self._live.audience.begin(self._answer(name, id_, request, visit))

    def _drop(self, name: str) -> None:
        """The client does not want an operation any more."""
        self._answering.pop(name, None)
        task = self._following.pop(name, None)
        if task is not None:
            task.cancel()

    # -- operations ----------------------------------------------------------------------------------------------------

    async def recheck(self) -> Caller:
        """See ``source.Recheck``."""
        try:
            self.caller = await self._live.callers.again(self.caller)
        except (Unauthenticated, Forbidden) as error:
            self.dismiss(error)
            raise
        return self.caller

    async def _answer(self, name: str, id_: bytes, request: Request, visit: Visit) -> None:
        """Few answers wait for a client that does not take them off: the others are not made before."""
        self._places = self._places or asyncio.Semaphore(_MOST_ANSWERS)
        try:
            async with self._places:
                await self._until_taken_off()
                messages = await self._answered(id_, request, visit)
                await self._until_taken_off()
                if self._answering.get(name) is asyncio.current_task():
                    del self._answering[name]
                    for message in messages:
                        self._socket.send(message)
        finally:
            self._under_way -= 1
        if self._is_ending:
            self._close_when_done()

    async def _until_taken_off(self) -> None:
        """Waits until the client has taken off most of what was sent, or can be told nothing any more."""
        while not self._is_over:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._live.limits.answer_seconds):
                    await self._socket.writable()
                    return
            if self._is_ending:  # nobody looks after the connection any more
                self._socket.close(TRY_AGAIN_LATER, "What was sent was not taken off in time.")

    async def _answered(self, id_: bytes, request: Request, visit: Visit) -> list[bytes]:
        try:
            request = replace(request, caller=await self.recheck())
            answer = await self._live.operations.answer(request, visit)
            failed = refused_errors(answer)
            if failed is None:
                return [result(self._dialect, id_, answer.body), complete(id_)]
            return [errors(self._dialect, id_, failed)]
        except Exception as error:  # noqa: BLE001  # the edge: what nobody foresaw is logged and told without details
            return [errors(self._dialect, id_, [graphql_error(error)])]

    async def _follow(self, name: str, id_: bytes, request: Request, visit: Visit, after: str | None) -> None:
        begun = False
        try:
            request = replace(request, caller=await self.recheck())
            telling = await self._live.operations.open(request, visit, after=after, recheck=self.recheck)
            del request, visit  # they would be kept for as long as it lasts
            begun = True
            async with aclosing(telling):
                async for told in telling:
                    if told.body:
                        await self._socket.writable()
                        self._socket.send(result(self._dialect, id_, with_cursor(told)))
            last = complete(id_)
        except Refused as error:
            last = errors(self._dialect, id_, error.errors)
        except Exception as error:  # noqa: BLE001  # the edge
            if begun and isinstance(error, PASSING):
                self._socket.close(TRY_AGAIN_LATER, error.message)
                return
            last = errors(self._dialect, id_, [graphql_error(error)])
        if self._following.get(name) is asyncio.current_task():
            del self._following[name]
            self._socket.send(last)

    def _close_when_done(self) -> None:
        if not self._answering:
            self._socket.close(GOING_AWAY, "The server stops", at_once=True)

    def _count(self, caller: Caller) -> None:
        """A connection that asked for nothing was a request, too."""
        with suppress(RateLimitExceeded):
            self._live.door.visit(replace(caller, principal=None))
