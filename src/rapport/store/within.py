"""A transaction that is under way, as a database: for code that would rather run statements and transactions itself."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from rapport.store.connection import Connection
from rapport.store.database import Database, Isolation
from rapport.store.dialing import Dialing

_SAVE = "savepoint inner_step"
_FORGET = "release savepoint inner_step"
_UNDO = "rollback to savepoint inner_step; release savepoint inner_step"


class Within(Database):
    """What fails, a statement or a transaction inside, is undone by itself; all that succeeds commits with the outer.

    One thing at a time: it is a single connection.
    """

    def __init__(self, dialing: Dialing, connection: Connection) -> None:
        self.dialing = dialing
        self._outer = connection

    async def value(self, sql: str, *args: object) -> object:
        async with self._connection() as connection:
            return await connection.value(sql, *args)

    @asynccontextmanager
    async def transaction(self, *, isolation: Isolation = "read committed") -> AsyncIterator[Connection]:
        """Raises ValueError for another isolation than that of the outer transaction."""
        if isolation != "read committed":
            raise ValueError(f"{isolation} cannot begin inside of a transaction")
        async with self._connection() as connection:
            yield connection

    async def close(self) -> None:
        """Nothing: the connection belongs to the outer transaction."""

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[Connection]:
        await self._outer.script(_SAVE)
        try:
            yield self._outer
        except Exception:
            if not self._outer.raw.is_closed():
                await self._outer.script(_UNDO)
            raise
        await self._outer.script(_FORGET)
