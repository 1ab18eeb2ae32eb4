"""One connection to PostgreSQL: prepares each statement once, and turns lost connections into our errors."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable, Mapping
from time import monotonic
from typing import NoReturn, TypeVar

import asyncpg
import structlog
from asyncpg.prepared_stmt import PreparedStatement

from rapport.base.errors import BadUserInput, Timeout, Unavailable
from rapport.store.wire import Row, ShortStatement, Wire

T = TypeVar("T")

_log = structlog.get_logger(__name__)

STATEMENTS_PER_CONNECTION = 300
STATEMENTS_SIZE = 500_000  # characters of all: PostgreSQL keeps some 35 bytes for each
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
NOT_STARTED = (asyncpg.InvalidCachedStatementError, asyncpg.InvalidSQLStatementNameError)
# The server ends the connection after these.
_GOING_DOWN = (
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.CannotConnectNowError,
    asyncpg.PostgresConnectionError,
)
# Of the class 53 of SQLSTATE: nothing is wrong with the statement.
_LACKING: Mapping[type[Exception], str] = {
    asyncpg.DiskFullError: "The database's disk is full. Nothing can be changed until there is room on it.",
    asyncpg.OutOfMemoryError: "The database is out of memory.",
    asyncpg.TooManyConnectionsError: "The database has too many connections.",
}
DRIVER_ERRORS = (asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError, OSError)


class Question:
    """Somebody wants a connection: for a statement, or (without ``sql``) to do with it what they like.

    ``answer`` is the first row of the statement, if any; or the connection, when the short way is not for it.
    """

    __slots__ = ("answer", "args", "asked", "connection", "sql")

    def __init__(self, sql: str | None = None, args: tuple[object, ...] = ()) -> None:
        self.sql = sql
        self.args = args
        self.answer: asyncio.Future[Row | Connection | None] = asyncio.get_running_loop().create_future()
        self.asked = monotonic()
        self.connection: Connection | None = None  # that executes the statement


class Connection:
    """Runs statements. ``Database.transaction`` hands one out; it belongs to the caller until the transaction ends."""

    __slots__ = (
        "_on_end",
        "_prepared",
        "_short",
        "_size",
        "_statements",
        "_wire",
        "expires_at",
        "owner",
        "question",
        "raw",
    )

    def __init__(
        self,
        raw: asyncpg.Connection,
        *,
        max_age: float,
        on_end: "Callable[[Connection], None]" = lambda connection: None,
    ) -> None:
        """``on_end`` is called when a question that was asked has its answer, and the connection is free."""
        self.raw = raw
        self.owner: Hashable = None  # for whom it works
        self.question: Question | None = None  # being answered
        self.expires_at = monotonic() + max_age
        self._statements: OrderedDict[str, PreparedStatement] = OrderedDict()
        self._short: dict[str, ShortStatement | None] = {}
        self._prepared = 0
        self._size = 0  # characters of the statements
        self._on_end = on_end
        self._wire = Wire(raw, self._ended)

    def ask(self, question: Question) -> bool:
        """Begins to execute the statement, if it can go the short way: it is prepared, and of the common kind."""
        sql = question.sql
        short = None if sql is None else self._short.get(sql)
        if sql is None or short is None:
            return False
        try:
            message = short.bind(question.args)
        except Exception:  # noqa: BLE001  # whatever it is about a value: the driver says it, to the one who asked
            return False
        self._statements.move_to_end(sql)
        question.connection, self.question = self, question
        self._wire.send(message)
        return True

    def _ended(self, row: Row | None, error: Exception | None) -> None:
        question, self.question = self.question, None
        if question is None:
            return  # nobody waits for it any more
        question.connection = None
        if error is not None and isinstance(error, _OUTDATED):
            self._forget(question.sql)
        try:
            # First the connection goes on to the next question: PostgreSQL works while we look at the answer.
            self._on_end(self)
        finally:
            if question.answer.done():
                pass
            elif error is None:
                question.answer.set_result(row)
            else:
                question.answer.set_exception(error if isinstance(error, NOT_STARTED) else ours(self.raw, error))

    async def value(self, sql: str, *args: object) -> object:
        """The first column of the first row; None when there is no row."""
        return await self._run(sql, lambda statement: statement.fetchval(*args))

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
    def is_busy(self) -> bool:
        """Whether it executes a statement that went the short way."""
        return self._wire.is_busy

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
        name = f"r{self._prepared}"
        statement = await self.raw.prepare(sql, name=name)
        self._statements[sql] = statement
        self._short[sql] = ShortStatement.of(name, statement)
        self._size += len(sql)
        while len(self._statements) > (STATEMENTS_PER_CONNECTION if self._size <= STATEMENTS_SIZE else 1):
            self._forget(next(iter(self._statements)))  # asyncpg closes it on the server when it prepares the next
        return statement

    def _forget(self, sql: str | None) -> None:
        if sql is not None and self._statements.pop(sql, None) is not None:
            del self._short[sql]
            self._size -= len(sql)

    def _raise_unless_retry(self, sql: str, error: Exception) -> None:
        if isinstance(error, _OUTDATED):
            self._forget(sql)
            if isinstance(error, NOT_STARTED) and self.is_usable:
                return
        self._raise(error)

    def _raise(self, error: Exception) -> NoReturn:
        raise_ours(self.raw, error)


def raise_ours(raw: asyncpg.Connection, error: Exception) -> NoReturn:
    """Raises the driver's error, or ours for a statement that was stopped and for a connection that was lost."""
    raise ours(raw, error)


def ours(raw: asyncpg.Connection, error: Exception) -> Exception:
    """The driver's error, or ours that stands for it."""
    if isinstance(error, asyncpg.QueryCanceledError):
        return _because(Timeout(), error)
    if isinstance(error, asyncpg.StatementTooComplexError):  # for PostgreSQL's stack
        return _because(BadUserInput("Query complexity is too high.", sub_code="TOO_COMPLEX_QUERY"), error)
    if isinstance(error, asyncpg.InsufficientResourcesError):
        _log.error("PostgreSQL lacks what it needs", reason=str(error))
        return _because(Unavailable(_LACKING.get(type(error), "The database lacks resources.")), error)
    if isinstance(error, asyncpg.InternalClientError):
        # The driver was told of the server's end while the connection was idle, and has not seen it closed yet.
        raw.terminate()
    if isinstance(error, _GOING_DOWN) or raw.is_closed():
        return _because(Unavailable(), error)
    return error


def _because(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error
