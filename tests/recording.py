"""What a server asks PostgreSQL: a second server on a tenant's database, whose statements are written down."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import asyncpg

from rapport.store.database import Connection, Database, Isolation
from tests.serving import Client, serving


class RecordingDatabase(Database):
    """A database that keeps the text of each statement. What opens and ends a transaction does not count."""

    log: list[str]

    async def value(self, sql: str, *args: object) -> object:
        self.log.append(sql)
        return await super().value(sql, *args)

    async def columns(self, sql: str, *args: object) -> tuple[bytes | None, ...] | None:
        self.log.append(sql)
        return await super().columns(sql, *args)

    async def row(self, sql: str, *args: object) -> asyncpg.Record | None:
        self.log.append(sql)
        return await super().row(sql, *args)

    async def rows(self, sql: str, *args: object) -> list[asyncpg.Record]:
        self.log.append(sql)
        return await super().rows(sql, *args)

    async def execute(self, sql: str, *args: object) -> str:
        self.log.append(sql)
        return await super().execute(sql, *args)

    async def script(self, sql: str) -> str:
        self.log.append(sql)
        return await super().script(sql)

    @asynccontextmanager
    async def transaction(self, *, isolation: Isolation = "read committed") -> AsyncIterator[Connection]:
        async with super().transaction(isolation=isolation) as connection:
            yield RecordingConnection(connection, self.log)


class RecordingConnection(Connection):
    """The connection of a transaction; hands each statement on."""

    __slots__ = ("_inner", "_log")

    def __init__(self, inner: Connection, log: list[str]) -> None:
        self.raw = inner.raw
        self._inner = inner
        self._log = log

    async def value(self, sql: str, *args: object) -> object:
        self._log.append(sql)
        return await self._inner.value(sql, *args)

    async def row(self, sql: str, *args: object) -> asyncpg.Record | None:
        self._log.append(sql)
        return await self._inner.row(sql, *args)

    async def rows(self, sql: str, *args: object) -> list[asyncpg.Record]:
        self._log.append(sql)
        return await self._inner.rows(sql, *args)

    async def execute(self, sql: str, *args: object) -> str:
        self._log.append(sql)
        return await self._inner.execute(sql, *args)

    async def script(self, sql: str) -> str:
        self._log.append(sql)
        return await self._inner.script(sql)


@dataclass(frozen=True, kw_only=True)
class Recorder:
    """A client of a server, and what the server has asked PostgreSQL."""

    client: Client
    log: list[str]

    async def ask(self, query: str, variables: dict[str, object] | None = None) -> tuple[dict[str, object], list[str]]:
        """The answer to a request, and the statements that it took."""
        await self.client.data("{ people(first: 0) { edges { cursor } } }")  # the caller and the data model are known
        self.log.clear()
        answer = await self.client.ask(query, variables)
        return answer, list(self.log)


def looks_only(statements: list[str]) -> bool:
    """Whether nothing was asked of PostgreSQL but the version of the model."""
    return len(statements) == 1 and 'select "metadataVersion"' in statements[0]


@asynccontextmanager
async def recording(client: Client) -> AsyncIterator[Recorder]:
    """A server of its own on the client's database."""
    database = await RecordingDatabase.connect(client.database.dialing.dsn, size=3)
    assert isinstance(database, RecordingDatabase)
    database.log = []
    try:
        async with serving(database, client.tenant) as recorded:
            yield Recorder(client=recorded, log=database.log)
    finally:
        await database.close()
