"""Answers of any size, a part at a time: each on a connection of its own, a few of them at once.

A statement whose rows are still to be fetched keeps PostgreSQL from tidying up, and its tables from being changed. So
nobody may take for ever: there is a limit for the whole, and one for how long the next part is not asked for.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncGenerator, Hashable
from contextlib import suppress
from dataclasses import dataclass, replace

import asyncpg
from asyncpg.cursor import Cursor

from rapport.base.errors import Busy, Timeout
from rapport.store.connection import DRIVER_ERRORS, raise_ours
from rapport.store.dialing import Dialing

PART_BYTES = 131_072  # the size that parts should have
FIRST_ROWS, MOST_ROWS = 64, 512  # of a part
WAIT_SECONDS = 2.0  # for others to come to their end
STALL_SECONDS = 60.0
CLOSE_SECONDS = 5.0

_IDLE = "select set_config('idle_in_transaction_session_timeout', $1, true)"  # milliseconds


@dataclass(eq=False, kw_only=True)
class _Session:
    """A connection in a transaction that does nothing but this."""

    raw: asyncpg.Connection
    owner: Hashable

    async def begin(self, sql: str, args: tuple[object, ...], idle_seconds: float) -> Cursor:
        try:
            # Should this process lose sight of the connection, PostgreSQL ends it.
            await self.raw.execute("begin read only")
            await self.raw.fetchval(_IDLE, str(int(idle_seconds * 1000)))
            statement = await self.raw.prepare(sql)
            return await statement.cursor(*args)
        except DRIVER_ERRORS as error:
            raise_ours(self.raw, error)

    async def fetch(self, cursor: Cursor, count: int, deadline: float) -> list[asyncpg.Record]:
        if self.raw.is_closed():
            raise Timeout
        try:
            async with asyncio.timeout_at(deadline):
                rows: list[asyncpg.Record] = await cursor.fetch(count)
                return rows
        except TimeoutError:
            raise Timeout from None
        except DRIVER_ERRORS as error:
            raise_ours(self.raw, error)

    async def hang_up(self) -> None:
        try:
            # Not merely terminate(): a statement that was cancelled has to stop in PostgreSQL, too.
            await self.raw.close(timeout=CLOSE_SECONDS)
        except DRIVER_ERRORS:
            self.raw.terminate()


class Streams:
    """``most`` at once; of those of one owner one less, so that nobody takes all places."""

    def __init__(
        self,
        dialing: Dialing,
        *,
        most: int,
        seconds: float,
        wait_seconds: float = WAIT_SECONDS,
        stall_seconds: float = STALL_SECONDS,
    ) -> None:
        self._dialing = replace(
            dialing, statement_timeout_ms=int(seconds * 1000), application_name=f"{dialing.application_name} stream"
        )
        self._places = _Places(most=most, wait_seconds=wait_seconds)
        self._seconds = seconds
        self._stall_seconds = stall_seconds
        self._sessions: set[_Session] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    async def open(self, owner: Hashable, sql: str, *args: object, head: bytes = b"") -> AsyncGenerator[bytes, None]:
        """The ``head`` and then the bytes of all rows (of one column), as they are at this moment, joined to parts.

        Rows are fetched as parts are asked for. Whoever stops asking closes the generator, and that stops the
        statement. Raises Busy, Timeout, Unavailable and PostgreSQL's errors; what goes wrong later is raised when the
        next part is asked for.
        """
        parts = self._parts(owner, head, sql, args)
        await anext(parts)  # says that the first rows are there
        return parts

    async def close(self) -> None:
        """Ends all streams."""
        for session in tuple(self._sessions):
            self._end(session)
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _parts(
        self, owner: Hashable, head: bytes, sql: str, args: tuple[object, ...]
    ) -> AsyncGenerator[bytes, None]:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._seconds
        session = await self._begin(owner)
        try:
            cursor = await session.begin(sql, args, self._stall_seconds * 2)
            count = FIRST_ROWS
            rows = await session.fetch(cursor, count, deadline)
            yield b""
            part = head + b"".join([row[0] for row in rows])
            while part:
                # Perhaps nobody ever asks for more.
                given_up = loop.call_at(min(deadline, loop.time() + self._stall_seconds), self._end, session)
                try:
                    yield part
                finally:
                    given_up.cancel()
                if len(rows) < count:
                    return
                count = max(1, min(count * PART_BYTES // len(part), 4 * count, MOST_ROWS))
                rows = await session.fetch(cursor, count, deadline)
                part = b"".join([row[0] for row in rows])
        finally:
            self._end(session)

    async def _begin(self, owner: Hashable) -> _Session:
        await self._places.take(owner)
        try:
            session = _Session(raw=await self._dialing.dial(), owner=owner)
        except BaseException:
            self._places.give_back(owner)
            raise
        self._sessions.add(session)
        return session

    def _end(self, session: _Session) -> None:
        """Lets go of everything that the session holds, if that is not done yet."""
        if session not in self._sessions:
            return
        self._sessions.remove(session)
        self._places.give_back(session.owner)
        task = asyncio.get_running_loop().create_task(session.hang_up())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)


class _Places:
    """Whose turn it is."""

    def __init__(self, *, most: int, wait_seconds: float) -> None:
        self._most = most
        self._wait_seconds = wait_seconds
        self._taken: Counter[Hashable] = Counter()
        self._waiting: list[asyncio.Future[None]] = []

    async def take(self, owner: Hashable) -> None:
        """Raises Busy when none becomes free."""
        with suppress(TimeoutError):
            async with asyncio.timeout(self._wait_seconds):
                while not self._has_room(owner):
                    change: asyncio.Future[None] = asyncio.get_running_loop().create_future()
                    self._waiting.append(change)
                    await change
        if not self._has_room(owner):
            raise Busy
        self._taken[owner] += 1

    def give_back(self, owner: Hashable) -> None:
        self._taken[owner] -= 1
        if not self._taken[owner]:
            del self._taken[owner]
        waiting, self._waiting = self._waiting, []
        for change in waiting:
            if not change.done():
                change.set_result(None)

    def _has_room(self, owner: Hashable) -> bool:
        return self._taken.total() < self._most and self._taken[owner] < max(1, self._most - 1)
