"""What the server asks PostgreSQL for a request: its own code answers the request here, on a database that listens."""

from collections.abc import AsyncIterator, MutableMapping
from contextlib import asynccontextmanager
from typing import Any

import asyncpg
from starlette.types import ASGIApp

from bench.statement import Statement
from rapport.app import compose
from rapport.base.settings import Settings
from rapport.store.database import Database

_SETTINGS = Settings(rate_limit_user=0, rate_limit_api_key=0, rate_limit_ip=0)  # as the server's: nothing is counted
_VERSION = 'select "metadataVersion" from core.workspace'


class NotOneStatement(Exception):
    """The server needs other than one statement for a request."""


class RecordingDatabase(Database):
    """A database that remembers the statements it was asked to run."""

    statements: list[Statement]

    async def value(self, sql: str, *args: object) -> object:
        self.statements.append(Statement(sql=sql, values=args))
        return await super().value(sql, *args)

    async def columns(self, sql: str, *args: object) -> tuple[bytes | None, ...] | None:
        self.statements.append(Statement(sql=sql, values=args))
        return await super().columns(sql, *args)

    async def row(self, sql: str, *args: object) -> asyncpg.Record | None:
        self.statements.append(Statement(sql=sql, values=args))
        return await super().row(sql, *args)

    async def rows(self, sql: str, *args: object) -> list[asyncpg.Record]:
        self.statements.append(Statement(sql=sql, values=args))
        return await super().rows(sql, *args)

    async def execute(self, sql: str, *args: object) -> str:
        self.statements.append(Statement(sql=sql, values=args))
        return await super().execute(sql, *args)


class Recorder:
    """Answers requests and tells the statement behind them."""

    def __init__(self, app: ASGIApp, database: RecordingDatabase) -> None:
        self._app = app
        self._database = database

    async def statement(self, method: str, path: str, headers: dict[str, str], body: bytes) -> Statement:
        """The one statement of a request. Anything asked besides, such as who is asking, must have been asked before.

        Raises NotOneStatement.
        """
        self._database.statements = []
        await self.answer(method, path, headers, body)
        # A record that an earlier run has made is refused, and then the version of the model is looked at.
        found = [each for each in self._database.statements if _VERSION not in each.sql]
        if len(found) != 1:
            raise NotOneStatement(f"{len(found)} statements instead of one for {path} {body[:200]!r}")
        return found[0]

    async def answer(self, method: str, path: str, headers: dict[str, str], body: bytes) -> bytes:
        """The body of the server's answer."""
        answered = b""

        async def receive() -> MutableMapping[str, Any]:
            return {"type": "http.request", "body": body, "more_body": False}

        async def send(message: MutableMapping[str, Any]) -> None:
            nonlocal answered
            answered += message.get("body", b"")

        where, _, query = path.partition("?")
        encoded = [(name.encode(), value.encode()) for name, value in headers.items()]
        scope: MutableMapping[str, Any] = {
            "type": "http",
            "method": method,
            "path": where,
            "raw_path": where.encode(),
            "query_string": query.encode(),
            "headers": [*encoded, (b"content-length", str(len(body)).encode())],
        }
        await self._app(scope, receive, send)
        return answered


@asynccontextmanager
async def recorder(dsn: str) -> AsyncIterator[Recorder]:
    """The server's code on the database, for as long as the block lasts."""
    database = await RecordingDatabase.connect(dsn, size=1)
    assert isinstance(database, RecordingDatabase)
    database.statements = []
    parts = await compose(_SETTINGS, database, "only for this process", url="http://127.0.0.1")
    try:
        yield Recorder(parts.app, database)
    finally:
        await parts.close()
        await database.close()
