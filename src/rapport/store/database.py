"""A PostgreSQL database: statements on pooled connections, and transactions."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Literal

import asyncpg

from rapport.store.connection import NOT_STARTED, Connection
from rapport.store.dialing import Dialing
from rapport.store.pool import Pool, PoolUsage
from rapport.store.wire import Row

__all__ = ["Connection", "Database"]

Isolation = Literal["read committed", "repeatable read", "serializable"]
_BEGIN: Mapping[Isolation, str] = {
    "read committed": "begin isolation level read committed",
    "repeatable read": "begin isolation level repeatable read",
    "serializable": "begin isolation level serializable",
}


class Database:
    """Runs each statement on its own, on the connection that was used last; or several in one transaction.

    PostgreSQL's errors reach the caller as asyncpg raises them, except a lost connection (Unavailable) and a statement
    that was cancelled or took too long (Timeout).
    """

    def __init__(self, dialing: Dialing, pool: Pool) -> None:
        self.dialing = dialing
        self._pool = pool

    @classmethod
    async def connect(
        cls,
        dsn: str,
        *,
        size: int = 10,
        statement_timeout_ms: int = 10_000,
        connection_max_age: float = 3600.0,
    ) -> "Database":
        """Checks that the database can be used (else ConfigurationError); connections are opened when needed."""
        dialing = Dialing(dsn=dsn, statement_timeout_ms=statement_timeout_ms)
        await dialing.check()
        return cls(dialing, Pool(dialing, size=size, max_age=connection_max_age))

    @property
    def usage(self) -> PoolUsage:
        """Of its connections."""
        return self._pool.usage

    async def value(self, sql: str, *args: object) -> object:
        """The first column of the first row; None when there is no row."""
        found = await self._ask(sql, args)
        if not isinstance(found, Connection):
            return found[0] if found else None
        async with self._lent(found):
            return await found.value(sql, *args)

    async def columns(self, sql: str, *args: object) -> tuple[bytes | None, ...] | None:
        """The columns of the first row, which are finished JSON and plain text; None when there is no row."""
        found = await self._ask(sql, args)
        if not isinstance(found, Connection):
            return found
        async with self._lent(found):
            row = await found.row(sql, *args)
            return row and tuple(each.encode() if isinstance(each, str) else each for each in row)

    async def row(self, sql: str, *args: object) -> asyncpg.Record | None:
        """The first row, if any."""
        async with self._connection() as connection:
            return await connection.row(sql, *args)

    async def rows(self, sql: str, *args: object) -> list[asyncpg.Record]:
        """All rows."""
        async with self._connection() as connection:
            return await connection.rows(sql, *args)

    async def execute(self, sql: str, *args: object) -> str:
        """Runs a statement for its effect; gives PostgreSQL's tag, such as `UPDATE 3`."""
        async with self._connection() as connection:
            return await connection.execute(sql, *args)

    async def script(self, sql: str) -> str:
        """Runs statements that are never run again: several at once, no parameters, not prepared."""
        async with self._connection() as connection:
            return await connection.script(sql)

    @asynccontextmanager
    async def transaction(self, *, isolation: Isolation = "read committed") -> AsyncIterator[Connection]:
        """A transaction: committed when the block ends, rolled back when it raises."""
        async with self._connection() as connection:
            await connection.script(_BEGIN[isolation])
            try:
                yield connection
            except Exception:
                if not connection.raw.is_closed():
                    await connection.script("rollback")
                raise
            if await connection.script("commit") != "COMMIT":
                # The block swallowed the error of a statement; PostgreSQL has rolled back and calls that a success.
                raise RuntimeError("The transaction was rolled back because one of its statements had failed.")

    async def close(self) -> None:
        """Closes all connections."""
        await self._pool.close()

    async def _ask(self, sql: str, args: tuple[object, ...]) -> Row | Connection | None:
        """The first row, by the short way; or the connection to go the long way on."""
        question = self._pool.ask(sql, args)
        if question is not None:
            try:
                return await question.answer
            except NOT_STARTED:
                pass  # the tables have changed: it is prepared anew, and nothing has happened yet
            except asyncio.CancelledError:
                self._pool.abandon(question)
                raise
        return await self._pool.acquire()

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[Connection]:
        async with self._lent(await self._pool.acquire()) as connection:
            yield connection

    @asynccontextmanager
    async def _lent(self, connection: Connection) -> AsyncIterator[Connection]:
        try:
            yield connection
        except BaseException as error:
            self._give_back(connection, error)
            raise
        self._pool.release(connection)

    def _give_back(self, connection: Connection, error: BaseException) -> None:
        if isinstance(error, Exception):
            self._pool.release(connection)
        else:
            self._pool.discard(connection)  # cancelled: nobody knows how far the statement went
