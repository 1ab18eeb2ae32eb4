"""The connections of one process to PostgreSQL: last in, first out, so that few are warm rather than many lukewarm."""

import asyncio
from collections.abc import Coroutine, Hashable
from dataclasses import dataclass
from time import monotonic

import asyncpg

from rapport.base.errors import Unavailable
from rapport.store.connection import DRIVER_ERRORS, Connection, Question
from rapport.store.dialing import Dialing
from rapport.store.rotation import Rotation, on_behalf_of

WAIT_SECONDS = 30.0
CLOSE_SECONDS = 5.0
_STOPS = 2  # statements at a time: for each there is a connection beside those that are counted


@dataclass(frozen=True, slots=True, kw_only=True)
class PoolUsage:
    """How many connections are in use and idle, how many there may be, and how many callers wait for one."""

    in_use: int
    idle: int
    most: int
    waiting: int


class Pool:
    """Opens connections as they are needed, up to ``size``; later callers wait (``Rotation``)."""

    def __init__(self, dialing: Dialing, *, size: int, max_age: float, wait_seconds: float = WAIT_SECONDS) -> None:
        self._dialing = dialing
        self._size = size
        self._max_age = max_age
        self._idle: list[Connection] = []
        self._wait_seconds = wait_seconds
        self._next_look: asyncio.TimerHandle | None = None  # at those who wait
        self._waiting = Rotation[Question](most=max(1, size - max(1, size // 5)))
        self._open = 0  # idle, in use, and being opened
        self._tasks: set[asyncio.Task[None]] = set()
        self._stopping = asyncio.Semaphore(_STOPS)
        self._closed = False

    @property
    def usage(self) -> PoolUsage:
        return PoolUsage(
            in_use=self._open - len(self._idle),
            idle=len(self._idle),
            most=self._size,
            waiting=sum(not question.answer.done() for question in self._waiting),
        )

    def ask(self, sql: str, args: tuple[object, ...]) -> Question | None:
        """Has a statement executed, now or when it is its turn. None: a connection is to be opened first."""
        owner = on_behalf_of.get()
        may_have = self._waiting.may_have(owner)
        connection = self._take_idle(owner) if may_have else None
        if connection is None and may_have and self._open < self._size:
            return None
        question = Question(sql, args)
        if connection is None:
            self._line_up(owner, question)
        elif not connection.ask(question):
            question.answer.set_result(connection)
        return question

    def abandon(self, question: Question) -> None:
        """Nobody waits for the answer any more."""
        answer = question.answer
        if question.connection is not None:
            self.discard(question.connection)  # nobody knows how far the statement went
        elif answer.done() and not answer.cancelled() and answer.exception() is None:
            found = answer.result()
            if isinstance(found, Connection):
                self.release(found)  # it was handed over in the moment of the cancellation

    async def acquire(self) -> Connection:
        """A connection for the caller alone, to be given back by ``release`` or ``discard``."""
        owner = on_behalf_of.get()
        if self._waiting.may_have(owner):
            connection = self._take_idle(owner)
            if connection is not None:
                return connection
            if self._open < self._size:
                return await self._connect(owner)
        question = Question()
        self._line_up(owner, question)
        try:
            found = await question.answer
        except asyncio.CancelledError:
            self.abandon(question)
            raise
        assert isinstance(found, Connection)
        return found

    def release(self, connection: Connection) -> None:
        """Takes back a connection that has finished its work."""
        if self._closed or not connection.is_usable or connection.is_worn:
            self.discard(connection)
            return
        self._waiting.give_back(connection.owner)
        while self._waiting:
            connection.owner, question = self._waiting.popleft()
            if question.answer.done():
                continue
            self._waiting.take(connection.owner)
            if not connection.ask(question):
                question.answer.set_result(connection)
            return
        connection.owner = None
        self._idle.append(connection)

    def discard(self, connection: Connection) -> None:
        """Takes back a connection that must not be used again, such as one whose statement was cancelled half-way."""
        self._waiting.give_back(connection.owner)
        connection.question = None
        if connection.is_busy:
            self._in_background(self._stop(connection))
            return
        self._in_background(self._hang_up(connection))
        self._make_room()

    async def close(self) -> None:
        """Closes the idle connections, and each other one when it is released."""
        self._closed = True
        if self._next_look is not None:
            self._next_look.cancel()
        self._refuse_all(Unavailable("The connections to the database are closed."))
        while self._idle:
            self.discard(self._idle.pop())
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _connect(self, owner: Hashable) -> Connection:
        self._open += 1
        self._waiting.take(owner)
        try:
            connection = self._connection(await self._dialing.dial())
        except BaseException:
            self._waiting.give_back(owner)
            self._make_room()
            raise
        connection.owner = owner
        return connection

    def _connection(self, raw: asyncpg.Connection) -> Connection:
        return Connection(raw, max_age=self._max_age, on_end=self.release)

    def _take_idle(self, owner: Hashable) -> Connection | None:
        if self._closed:
            raise Unavailable("The connections to the database are closed.")
        while self._idle:
            connection = self._idle.pop()
            if connection.is_usable:
                connection.owner = owner
                self._waiting.take(owner)
                return connection
            self.discard(connection)
        return None

    def _line_up(self, owner: Hashable, question: Question) -> None:
        if self._closed:
            raise Unavailable("The connections to the database are closed.")
        self._waiting.append(owner, question)
        if self._next_look is None:
            self._plan_look()

    def _plan_look(self) -> None:
        """One timer for all who wait: one for each would cost more than all else about waiting."""
        self._next_look = asyncio.get_running_loop().call_later(self._wait_seconds / 10, self._look)

    def _look(self) -> None:
        """Refuses those who have waited too long."""
        self._next_look = None
        before = monotonic() - self._wait_seconds
        still_waiting = [question for question in self._waiting if not question.answer.done()]
        for question in still_waiting:
            if question.asked < before:
                question.answer.set_exception(Unavailable("The database is too busy."))
        if still_waiting:
            self._plan_look()

    def _refuse_all(self, error: Exception) -> None:
        for question in self._waiting.drain():
            if not question.answer.done():
                question.answer.set_exception(error)

    async def _replace(self) -> None:
        """Opens a connection in place of a lost one, for those who wait already."""
        try:
            raw = await self._dialing.dial()
        except (Unavailable, *DRIVER_ERRORS) as error:
            self._open -= 1
            self._refuse_all(error)
            return
        self.release(self._connection(raw))

    def _make_room(self) -> None:
        """There is one connection less: somebody who waits gets a new one."""
        self._open -= 1
        if self._waiting and not self._closed:
            self._open += 1
            self._in_background(self._replace())

    async def _stop(self, connection: Connection) -> None:
        """Stops the statement that nobody waits for any more. Until then it counts: PostgreSQL has a session for it."""
        try:
            async with self._stopping, asyncio.timeout(CLOSE_SECONDS):
                if connection.is_busy:
                    # The driver's request to cancel, which needs no session and finds its way through PgBouncer, too.
                    # Where it does not, the driver breaks the connection.
                    await connection.raw._cancel(asyncio.get_running_loop().create_future())
        except (TimeoutError, *DRIVER_ERRORS):
            connection.raw.terminate()
        await self._hang_up(connection)
        self._make_room()

    async def _hang_up(self, connection: Connection) -> None:
        raw: asyncpg.Connection = connection.raw
        try:
            # Not merely terminate(): a statement that was cancelled has to stop in PostgreSQL, too.
            await raw.close(timeout=CLOSE_SECONDS)
        except DRIVER_ERRORS:
            raw.terminate()

    def _in_background(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
