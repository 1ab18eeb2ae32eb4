"""One connection to PostgreSQL: prepares each statement once, and turns lost connections into our errors."""

from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from time import monotonic
from typing import NoReturn, TypeVar

import asyncpg
from asyncpg.prepared_stmt import PreparedStatement

from rapport.base.errors import Timeout, Unavailable

T = TypeVar("T")

STATEMENTS_PER_CONNECTION = 300
# Statements leave something in the caches of PostgreSQL's process, which never shrink: 0.3 MB for each workspace whose
# tables they are about. After so many, another connection takes its place.
STATEMENTS_IN_A_LIFE = 500

# After these errors a prepared statement is of no use: the tables that it was made for have changed.
_OUTDATED = (
    asyncpg.InvalidCachedStatementError,
    asyncpg.OutdatedSchemaCacheError,
    asyncpg.UndefinedTableError,
    asyncpg.UndefinedColumnError,
    asyncpg.UndefinedFunctionError,
    asyncpg.InvalidSchemaNameError,
    asyncpg.InvalidSQLStatementNameError,
    asyncpg.InternalServerError,
)
# Of those, the ones raised before the statement begins to run: it can simply be prepared and sent again.
_NOT_STARTED = (asyncpg.InvalidCachedStatementError, asyncpg.InvalidSQLStatementNameError)
# The server ends the connection after these.
_GOING_DOWN = (
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.CannotConnectNowError,
    asyncpg.PostgresConnectionError,
)
DRIVER_ERRORS = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError)


class Connection:
    """Runs statements. ``Database.transaction`` hands one out; it belongs to the caller until the transaction ends."""

    __slots__ = ("_prepared", "_statements", "expires_at", "owner", "raw")

    def __init__(self, raw: asyncpg.Connection, *, max_age: float) -> None:
        self.raw = raw
        self.owner: Hashable = None  # for whom it works
        self.expires_at = monotonic() + max_age
        self._statements: OrderedDict[str, PreparedStatement] = OrderedDict()
        self._prepared = 0

    async def value(self, sql: str, *args: object) -> object:
        """The first column of the first row; None when there is no row."""
        # Written out, unlike its siblings: every request passes here, and each further coroutine costs a microsecond.
        try:
            return await (self._known(sql) or await self._prepare(sql)).fetchval(*args)
        except DRIVER_ERRORS as error:
            self._raise_unless_retry(sql, error)
        return await self._once_more(sql, lambda statement: statement.fetchval(*args))

    async def row(self, sql: str, *args: object) -> asyncpg.Record | None:
        """The first row, if any."""
        return await self._run(sql, lambda statement: statement.fetchrow(*args))

    async def rows(self, sql: str, *args: object) -> list[asyncpg.Record]:
        """All rows."""
        return await self._run(sql, lambda statement: statement.fetch(*args))

    async def execute(self, sql: str, *args: object) -> str:
        """Runs a statement for its effect; gives PostgreSQL's tag, such as `UPDATE 3`."""

        async def fetch(statement: PreparedStatement) -> str:
            await statement.fetch(*args)
            return str(statement.get_statusmsg())

        return await self._run(sql, fetch)

    async def script(self, sql: str) -> str:
        """Runs statements that are never run again (DDL, migrations): several at once, no parameters, not prepared.

        Gives the tag of the last one.
        """
        try:
            return str(await self.raw.execute(sql))
        except DRIVER_ERRORS as error:
            self._raise(error)

    @property
    def is_usable(self) -> bool:
        """Whether it may serve the next caller: open, and not in the middle of a transaction."""
        return not self.raw.is_closed() and not self.raw.is_in_transaction()

    @property
    def is_worn(self) -> bool:
        """Whether a new one should take its place when it is free."""
        return self._prepared > STATEMENTS_IN_A_LIFE or monotonic() > self.expires_at

    async def _run(self, sql: str, call: Callable[[PreparedStatement], Awaitable[T]]) -> T:
        try:
            return await call(self._known(sql) or await self._prepare(sql))
        except DRIVER_ERRORS as error:
            self._raise_unless_retry(sql, error)
        return await self._once_more(sql, call)

    async def _once_more(self, sql: str, call: Callable[[PreparedStatement], Awaitable[T]]) -> T:
        try:
            return await call(await self._prepare(sql))
        except DRIVER_ERRORS as error:
            self._raise(error)

    def _known(self, sql: str) -> PreparedStatement | None:
        statement = self._statements.get(sql)
        if statement is not None:
            self._statements.move_to_end(sql)
        return statement

    async def _prepare(self, sql: str) -> PreparedStatement:
        # A name of our own: with asyncpg's cache off, prepare() would use the one unnamed statement for all.
        self._prepared += 1
        statement = await self.raw.prepare(sql, name=f"r{self._prepared}")
        self._statements[sql] = statement
        if len(self._statements) > STATEMENTS_PER_CONNECTION:
            self._statements.popitem(last=False)  # asyncpg closes it on the server when it prepares the next
        return statement

    def _raise_unless_retry(self, sql: str, error: Exception) -> None:
        if isinstance(error, _OUTDATED):
            self._statements.pop(sql, None)
            if isinstance(error, _NOT_STARTED) and self.is_usable:
                return
        self._raise(error)

    def _raise(self, error: Exception) -> NoReturn:
        raise_ours(self.raw, error)


def raise_ours(raw: asyncpg.Connection, error: Exception) -> NoReturn:
    """Raises the driver's error, or ours for a statement that was stopped and for a connection that was lost."""
    if isinstance(error, asyncpg.QueryCanceledError):
        raise Timeout from error
    if isinstance(error, asyncpg.InternalClientError):
        # The driver was told of the server's end while the connection was idle, and has not seen it closed yet.
        raw.terminate()
    if isinstance(error, _GOING_DOWN) or raw.is_closed():
        raise Unavailable from error
    raise error
