"""The connections of one process to PostgreSQL: last in, first out, so that few are warm rather than many lukewarm."""

import asyncio
from collections import deque
from collections.abc import Coroutine

import asyncpg

from rapport.base.errors import Unavailable
from rapport.store.connection import Connection
from rapport.store.dialing import Dialing

WAIT_SECONDS = 30.0
CLOSE_SECONDS = 5.0


class Pool:
    """Opens connections as they are needed, up to ``size``; later callers wait in the order in which they came."""

    def __init__(self, dialing: Dialing, *, size: int, max_age: float) -> None:
        self._dialing = dialing
        self._size = size
        self._max_age = max_age
        self._idle: list[Connection] = []
        self._waiting: deque[asyncio.Future[Connection]] = deque()
        self._open = 0  # idle, in use, and being opened
        self._tasks: set[asyncio.Task[None]] = set()
        self._closed = False

    async def acquire(self) -> Connection:
        """A connection for the caller alone, to be given back by ``release`` or ``discard``."""
        while self._idle:
            connection = self._idle.pop()
            if connection.is_usable:
                return connection
            self.discard(connection)
        if self._closed:
            raise Unavailable("The connections to the database are closed.")
        if self._open < self._size:
            return await self._connect()
        return await self._wait()

    def release(self, connection: Connection) -> None:
        """Takes back a connection that has finished its work."""
        if self._closed or not connection.is_usable or connection.is_worn:
            self.discard(connection)
            return
        while self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_result(connection)
                return
        self._idle.append(connection)

    def discard(self, connection: Connection) -> None:
        """Takes back a connection that must not be used again, such as one whose statement was cancelled half-way."""
        self._open -= 1
        self._in_background(self._hang_up(connection))
        if self._waiting and not self._closed:
            self._open += 1
            self._in_background(self._replace())

    async def close(self) -> None:
        """Closes the idle connections, and each other one when it is released."""
        self._closed = True
        while self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_exception(Unavailable("The connections to the database are closed."))
        while self._idle:
            self.discard(self._idle.pop())
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _connect(self) -> Connection:
        self._open += 1
        try:
            return Connection(await self._dialing.dial(), max_age=self._max_age)
        except BaseException:
            self._open -= 1
            raise

    async def _wait(self) -> Connection:
        waiter: asyncio.Future[Connection] = asyncio.get_running_loop().create_future()
        self._waiting.append(waiter)
        try:
            async with asyncio.timeout(WAIT_SECONDS):
                try:
                    return await waiter
                except asyncio.CancelledError:
                    if waiter.done() and not waiter.cancelled() and waiter.exception() is None:
                        self.release(waiter.result())  # it was handed over in the moment of the cancellation
                    raise
        except TimeoutError:
            raise Unavailable("The database is too busy.") from None

    async def _replace(self) -> None:
        """Opens a connection in place of a lost one, for those who wait already."""
        try:
            raw = await self._dialing.dial()
        except (Unavailable, asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
            self._open -= 1
            while self._waiting:
                waiter = self._waiting.popleft()
                if not waiter.done():
                    waiter.set_exception(error)
            return
        self.release(Connection(raw, max_age=self._max_age))

    async def _hang_up(self, connection: Connection) -> None:
        raw: asyncpg.Connection = connection.raw
        try:
            # Not merely terminate(): a statement that was cancelled has to stop in PostgreSQL, too.
            await raw.close(timeout=CLOSE_SECONDS)
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
            raw.terminate()

    def _in_background(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
