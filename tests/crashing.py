"""A database whose connection is lost at a chosen moment, as when the server's process is killed there."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

import asyncpg

from rapport.base.errors import Unavailable
from rapport.store.database import Connection, Database

T = TypeVar("T")


class CrashingDatabase(Database):
    """Loses the connection before the statement of this number, or after it: PostgreSQL has done it, nobody knows."""

    crashes_at = -1
    is_after = False
    count = 0

    def arm(self, at: int, *, is_after: bool) -> None:
        self.crashes_at, self.is_after, self.count = at, is_after, 0

    def disarm(self) -> bool:
        """Whether it has crashed."""
        has_crashed = self.count > self.crashes_at
        self.crashes_at = -1
        return has_crashed

    async def value(self, sql: str, *args: object) -> object:
        async with self._connection() as connection:
            return await connection.value(sql, *args)

    async def columns(self, sql: str, *args: object) -> tuple[bytes | None, ...] | None:
        async with self._connection() as connection:
            row = await connection.row(sql, *args)
            return row and tuple(row)

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[Connection]:
        async with super()._connection() as connection:
            yield _Crashing(connection, self)


class _Crashing(Connection):
    __slots__ = ("_inner", "_owner")

    def __init__(self, inner: Connection, owner: CrashingDatabase) -> None:
        self.raw = inner.raw
        self._inner = inner
        self._owner = owner

    async def value(self, sql: str, *args: object) -> object:
        return await self._step(lambda: self._inner.value(sql, *args))

    async def row(self, sql: str, *args: object) -> asyncpg.Record | None:
        return await self._step(lambda: self._inner.row(sql, *args))

    async def rows(self, sql: str, *args: object) -> list[asyncpg.Record]:
        return await self._step(lambda: self._inner.rows(sql, *args))

    async def execute(self, sql: str, *args: object) -> str:
        return await self._step(lambda: self._inner.execute(sql, *args))

    async def script(self, sql: str) -> str:
        return await self._step(lambda: self._inner.script(sql))

    async def _step(self, run: Callable[[], Awaitable[T]]) -> T:
        owner = self._owner
        if owner.crashes_at < 0:
            return await run()
        number, owner.count = owner.count, owner.count + 1
        if number == owner.crashes_at and owner.is_after:
            await run()
        if number >= owner.crashes_at:  # and nothing works from then on
            self.raw.terminate()
            raise Unavailable
        return await run()
