"""Requests with an `Idempotency-Key`: the first is carried out, the others get its answer."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from datetime import timedelta
from weakref import WeakValueDictionary

import asyncpg
from starlette.types import Message, Receive

from rapport.base.errors import RapportError, Timeout, Unavailable
from rapport.edge.answer import Answer
from rapport.edge.body import read_body
from rapport.edge.rest.errors import OperationFailed
from rapport.edge.rest.idempotency.answers import Answers, Kept, replay
from rapport.edge.rest.idempotency.asked import Identity, Keyed, access_of, caller_of, fingerprint, read_key
from rapport.edge.rest.idempotency.errors import AnswerWithheld, KeyReused, OutcomeUnknown, StillRunning
from rapport.edge.rest.idempotency.once import Once, Taken
from rapport.edge.rest.request import RestRequest
from rapport.edge.rest.router import Route
from rapport.edge.rest.shapes import ErrorShape
from rapport.store.database import Database

HEADER = b"idempotency-key"
PATIENCE = timedelta(seconds=10)  # with a request that is still being carried out
LEASE = timedelta(seconds=30)  # a process that was silent for so long is dead
_LOOK_SECONDS = 0.05  # between two looks at what another process is doing

# What is wrong with the request itself, or was with the records when it came: the answer is as good as any other.
_LASTING = frozenset({400, 404, 409, 422})
_PASSING = frozenset({"WRITE_CONFLICT", "DATA_MODEL_BUSY", "TOO_MANY_IMPORTS", "REQUEST_CUT_SHORT"})  # "Try again."


class Idempotency:
    """``keep``: how long answers are. The rest is for tests."""

    def __init__(
        self,
        db: Database,
        *,
        keep: timedelta,
        error_shape: ErrorShape,
        patience: timedelta = PATIENCE,
        lease: timedelta = LEASE,
    ) -> None:
        self._db = db
        self._answers = Answers(db, keep)
        self._error_shape = error_shape
        self._patience = patience.total_seconds()
        self._lease = lease
        self._tasks: set[asyncio.Task[Answer]] = set()
        # Those of one process wait for each other without holding a connection.
        self._turns: WeakValueDictionary[Identity, asyncio.Lock] = WeakValueDictionary()

    async def answer(self, route: Route, request: RestRequest) -> Answer:
        """The answer to a request that has the header. Strangers have no keys."""
        principal = request.caller.principal
        if principal is None or principal.workspace_id is None:
            return await route.handler(request)
        key = read_key(request.headers[HEADER])
        body = None
        if not route.is_streamed:
            body = await read_body(request.receive, request.headers, request.caller, request.max_body_bytes)
        keyed = Keyed(
            identity=Identity(principal.workspace_id, caller_of(principal), key),
            fingerprint=fingerprint(route.path, request.path, request.query, request.headers, body),
            access=access_of(principal),
        )
        # A client that hangs up will come again for the answer: the request is carried out to its end.
        task = asyncio.create_task(self._answer(route, request, keyed, body))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return await asyncio.shield(task)

    async def _answer(self, route: Route, request: RestRequest, keyed: Keyed, body: bytes | None) -> Answer:
        deadline = asyncio.get_running_loop().time() + self._patience
        async with self._turn(keyed.identity, deadline):
            while True:
                kept = await self._answers.find(keyed.identity)
                if kept is not None and (kept.fingerprint != keyed.fingerprint or not kept.is_held):
                    return _again(kept, keyed)
                with suppress(Taken):
                    if kept is None and route.is_atomic:
                        return await self._at_once(route, _with_body(request, body), keyed)
                    if kept is None:
                        return await self._in_steps(route, _with_body(request, body), keyed)
                if asyncio.get_running_loop().time() > deadline:
                    raise StillRunning
                await asyncio.sleep(_LOOK_SECONDS)

    @asynccontextmanager
    async def _turn(self, identity: Identity, deadline: float) -> AsyncIterator[None]:
        """Raises StillRunning."""
        lock = self._turns.setdefault(identity, asyncio.Lock())
        try:
            async with asyncio.timeout_at(deadline):
                await lock.acquire()
        except TimeoutError:
            raise StillRunning from None
        try:
            yield
        finally:
            lock.release()

    async def _at_once(self, route: Route, request: RestRequest, keyed: Keyed) -> Answer:
        """The changes and the answer in one transaction (``Once``); without changes, only the answer. Raises Taken."""
        once = Once(self._db, self._answers, keyed)
        try:
            answer = await route.handler(replace(request, once=once))
        except (RapportError, OperationFailed) as error:
            answer = self._error_shape.answer(error)
            if not _is_lasting(answer, error):
                raise
        if not once.is_kept and not await self._answers.keep(self._db, keyed, answer):
            raise Taken
        return answer

    async def _in_steps(self, route: Route, request: RestRequest, keyed: Keyed) -> Answer:
        """A mark, the request, its answer: if the last is missing, nobody knows what happened. Raises Taken."""
        identity = keyed.identity
        if not await self._answers.mark(keyed, self._lease):
            raise Taken
        holding = asyncio.create_task(self._hold(identity))
        try:
            answer = await route.handler(request)
        except (RapportError, OperationFailed) as error:
            answer = self._error_shape.answer(error)
            if not _is_lasting(answer, error):
                await (self._answers.release if answer.status < 500 else self._answers.give_up)(identity)
                raise
        except BaseException:
            await self._answers.give_up(identity)
            raise
        finally:
            holding.cancel()
        await self._answers.settle(identity, answer)
        return answer

    async def _hold(self, identity: Identity) -> None:
        while True:
            await asyncio.sleep(self._lease.total_seconds() / 3)
            with suppress(Unavailable, Timeout, asyncpg.PostgresError):  # the next one may get through
                await self._answers.hold(identity, self._lease)


def _again(kept: Kept, keyed: Keyed) -> Answer:
    """The answer to a request that is known already. Raises KeyReused, OutcomeUnknown, AnswerWithheld."""
    if kept.fingerprint != keyed.fingerprint:
        raise KeyReused
    if kept.status is None:
        raise OutcomeUnknown
    if kept.body is None or kept.access != keyed.access:
        raise AnswerWithheld(kept.status)
    return replay(kept)


def _is_lasting(answer: Answer, error: RapportError | OperationFailed) -> bool:
    """Whether a refusal is an answer to keep, and not a moment's trouble."""
    if isinstance(error, OperationFailed):
        extensions = error.errors[0].get("extensions")
        sub_code = extensions.get("subCode") if isinstance(extensions, dict) else None
    else:
        sub_code = error.sub_code
    return answer.status in _LASTING and sub_code not in _PASSING


def _with_body(request: RestRequest, body: bytes | None) -> RestRequest:
    """The request, whose body has been read and can be read once more."""
    return request if body is None else replace(request, receive=_giving(body))


def _giving(body: bytes) -> Receive:
    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive
