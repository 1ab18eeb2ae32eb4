"""Transactions that change what somebody may do: known to this process before they return, to the others at once."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from rapport.access.changes import ACCESS_CHANGED, AccessChange
from rapport.store.database import Connection, Database
from rapport.store.notifications import notify

_NEXT_VERSION = 'update core.workspace set "accessVersion" = "accessVersion" + 1 where id = $1'


class AccessNews:
    """Announces changes of access. ``forget`` lets this process check anew whomever a change concerns."""

    def __init__(self, db: Database, forget: Callable[[AccessChange], None] = lambda change: None) -> None:
        self._db = db
        self.forget = forget

    @asynccontextmanager
    async def changing(self, change: AccessChange) -> AsyncIterator[Connection]:
        """A transaction that ends with the announcement. A change of a whole workspace makes its plans anew."""
        async with self._db.transaction() as connection:
            yield connection
            await self.announce(connection, change)
        self.forget(change)

    async def announce(self, connection: Connection, change: AccessChange) -> None:
        """For a transaction of the caller's, who calls ``forget`` after it."""
        if change.workspace_id is not None:
            await connection.execute(_NEXT_VERSION, change.workspace_id)
        await notify(connection, ACCESS_CHANGED, change.payload())
