"""Databases for tests: one server for the whole run, a template with all migrations, a copy of it for each test."""

import asyncio
import itertools
import os
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

import asyncpg

from rapport.store.database import Database
from rapport.store.embedded import EmbeddedServer
from rapport.store.migrate import migrate

T = TypeVar("T")
ROOM_BYTES = 4_000_000_000
SERIAL = itertools.count(1)
# Nothing of the run's server is kept, so nothing has to reach the disk: dropping a database would wait for that each
# time. Tests of what survives a crash run servers of their own.
CARELESS = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off", "max_wal_size": "1GB"}
# There, files are copied by the kernel, which is several times faster than by way of the WAL.
COPIED = "strategy file_copy"
if sys.platform == "linux":
    CARELESS["file_copy_method"] = "clone"


@contextmanager
def running_server() -> Iterator[str]:
    """The address of DATABASE_URL's server, or else of an embedded one that lives as long as the block."""
    given = os.environ.get("DATABASE_URL")
    if given:
        yield given
        return
    with tempfile.TemporaryDirectory(
        prefix="rapport-tests-", ignore_cleanup_errors=True, dir=_roomy_memory()
    ) as folder:
        server = EmbeddedServer.start(Path(folder) / "data", max_connections=150, parameters=CARELESS)
        try:
            asyncio.run(_ease_logins(server.dsn))
            yield server.dsn
        finally:
            server.stop()


async def _ease_logins(dsn: str) -> None:
    """One round of hashing proves the password, not thousands: tests open some ten thousand connections."""
    raw = await asyncpg.connect(dsn)
    try:
        parts = urlsplit(dsn)
        await raw.execute("set scram_iterations = 1")
        change = "select format('alter role %I password %L', $1::text, $2::text)"
        await raw.execute(await raw.fetchval(change, parts.username, parts.password))
    finally:
        await raw.close()


def _roomy_memory() -> str | None:
    """A folder in memory, where databases are copied in a quarter of the time; None where there is not enough of it."""
    folder = Path("/dev/shm")
    enough = folder.is_dir() and os.access(folder, os.W_OK) and shutil.disk_usage(folder).free > ROOM_BYTES
    return str(folder) if enough else None


def dsn_of(server_dsn: str, name: str) -> str:
    """The address of another database of the same server."""
    return urlsplit(server_dsn)._replace(path=f"/{name}").geturl()


@asynccontextmanager
async def new_database(server_dsn: str, name: str, *, template: str | None = None) -> AsyncIterator[str]:
    """A database of this name, for as long as the block lasts; text is ordered by code point."""
    raw = await asyncpg.connect(server_dsn)
    try:
        await raw.execute(f'drop database if exists "{name}" with (force)')
        if template:
            options = f'template "{template}" {"" if os.environ.get("DATABASE_URL") else COPIED}'
        elif raw.get_server_version().major >= 17:
            options = "template template0 encoding 'UTF8' locale_provider builtin builtin_locale 'C.UTF-8' locale 'C'"
        else:
            options = "template template0 encoding 'UTF8' lc_collate 'C' lc_ctype 'C.UTF-8'"
        await raw.execute(f'create database "{name}" {options}')
        try:
            yield dsn_of(server_dsn, name)
        finally:
            await raw.execute(f'drop database if exists "{name}" with (force)')
    finally:
        await raw.close()


@contextmanager
def migrated_template(server_dsn: str) -> Iterator[str]:
    """The name of a database with all migrations applied, to make copies of."""
    name = f"rapport_test_{os.getpid()}_template"
    with outside_a_loop(new_database(server_dsn, name)) as dsn:
        asyncio.run(_migrate(dsn))
        yield name


@contextmanager
def outside_a_loop(manager: AbstractAsyncContextManager[T]) -> Iterator[T]:
    """An asynchronous context manager as a plain one, for fixtures that plain tests use, too."""
    with asyncio.Runner() as runner:
        entered = runner.run(manager.__aenter__())
        try:
            yield entered
        finally:
            runner.run(manager.__aexit__(None, None, None))


def fresh_name() -> str:
    return f"rapport_test_{os.getpid()}_{next(SERIAL)}"


async def _migrate(dsn: str) -> None:
    db = await Database.connect(dsn, size=1)
    await migrate(db)
    await db.close()
