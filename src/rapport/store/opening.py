"""Opens the database that the settings name: that of DATABASE_URL, or the embedded server of the data directory."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import asyncpg
import structlog

from rapport.base.errors import ConfigurationError, Unavailable
from rapport.base.settings import Settings
from rapport.store.database import Database
from rapport.store.embedded import EmbeddedServer, InUse, address_of_running

SPARE_CONNECTIONS = 40  # for notifications, commands, and whoever looks in with psql
WATCH_SECONDS = 0.2
SLOWEST_RESTART_SECONDS = 10.0

_LEAST_FREE = 1_000_000  # bytes of a disk that is not full
_REFUSALS = (asyncpg.InsufficientPrivilegeError, asyncpg.ReadOnlySQLTransactionError)

_log = structlog.get_logger(__name__)


@asynccontextmanager
async def open_database(settings: Settings, *, attach: bool = True) -> AsyncIterator[Database]:
    """The database, for as long as the block lasts. Raises ConfigurationError when it cannot be opened.

    An embedded server is started here and stopped at the end. When another process runs it already, ``attach`` tells
    whether to join in (commands) or to raise InUse (serve).
    """
    if settings.database_url:
        async with _connected(settings, settings.database_url) as db:
            yield db
        return
    try:
        server = await _start(settings)
    except InUse:
        address = address_of_running(settings.data_dir) if attach else None
        if address is None:
            raise
        async with _connected(settings, address) as db:
            yield db
        return
    watch = asyncio.create_task(_keep_running(server))
    try:
        async with _connected(settings, server.dsn) as db:
            yield db
    except Unavailable as error:
        reason = _full_disk(settings)
        if reason is None:
            raise
        raise ConfigurationError(reason) from error
    finally:
        watch.cancel()
        with suppress(asyncio.CancelledError):
            await watch
        await asyncio.to_thread(server.stop)


@asynccontextmanager
async def join_database(settings: Settings) -> AsyncIterator[Database]:
    """As ``open_database``, but an embedded server is never started here: who stays for long would keep the process
    away that is to run it, should that one be away for a moment now. Raises ConfigurationError when none runs.
    """
    address = settings.database_url or address_of_running(settings.data_dir)
    if address is None:
        raise ConfigurationError(
            f"No server runs on {settings.data_dir}. Start `rapport serve` first, or set DATABASE_URL."
        )
    async with _connected(settings, address) as db:
        yield db


@asynccontextmanager
async def _connected(settings: Settings, dsn: str) -> AsyncIterator[Database]:
    db = await Database.connect(
        dsn,
        size=settings.pool_size,
        statement_timeout_ms=settings.statement_timeout_ms,
        connection_max_age=settings.connection_max_age.total_seconds(),
    )
    try:
        yield db
    except _REFUSALS as error:
        raise ConfigurationError(_refusal(db.dialing.address, error)) from error
    finally:
        await db.close()


def _refusal(address: str, error: asyncpg.PostgresError) -> str:
    """What a start or a command ended with, and what to do. Requests to a server never end it."""
    if isinstance(error, asyncpg.ReadOnlySQLTransactionError):
        return (
            f"The database ({address}) can only be read: {error}. Name the primary server in DATABASE_URL, and a"
            " database and a role whose default_transaction_read_only is off."
        )
    return (
        f"The database ({address}) does not let the role of DATABASE_URL do what Rapport needs: {error}. The role must"
        " be allowed to make schemas (`grant create on database … to …`), and own what Rapport has made there."
    )


def _full_disk(settings: Settings) -> str | None:
    """Why an embedded server may have died."""
    free = shutil.disk_usage(settings.data_dir).free
    return f"No space left for {settings.data_dir}: {free} bytes are free." if free < _LEAST_FREE else None


async def _start(settings: Settings) -> EmbeddedServer:
    starting = asyncio.ensure_future(
        asyncio.to_thread(
            EmbeddedServer.start,
            settings.data_dir,
            account=settings.postgres_account,
            max_connections=settings.pool_size + SPARE_CONNECTIONS,
        )
    )
    try:
        return await asyncio.shield(starting)
    except asyncio.CancelledError:
        # A thread cannot be cancelled: the server comes up nevertheless, and must not be left behind.
        with suppress(ConfigurationError):
            server = await starting
            await asyncio.to_thread(server.stop)
        raise


async def _keep_running(server: EmbeddedServer) -> None:
    """Starts the server again when it dies; requests meanwhile fail as with any database that is away."""
    delay = WATCH_SECONDS
    while True:
        await asyncio.sleep(delay)
        if server.is_running:
            delay = WATCH_SECONDS
            continue
        _log.error("PostgreSQL has died, starting it again")
        try:
            await asyncio.shield(asyncio.to_thread(server.restart))
            _log.info("PostgreSQL runs again")
        except ConfigurationError as error:
            _log.error("PostgreSQL cannot be started again", reason=error.message)
            delay = min(max(1.0, delay * 2), SLOWEST_RESTART_SECONDS)
