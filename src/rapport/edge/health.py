"""`GET /healthz`: whether this process can do its work, which is to ask the database; how far readers are behind."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence

import asyncpg
import orjson
from starlette.types import Receive, Scope, Send

from rapport.base.errors import RapportError, Timeout, Unavailable
from rapport.events.lag import Lag
from rapport.store.database import Database

ANSWER_SECONDS = 3.0
LAG_SECONDS = 1.0  # for something that is only told
_DOWN = b'{"status":"error","info":{},"error":{"database":{"status":"down"}},"details":{"database":{"status":"down"}}}'


class Health:
    """An ASGI application for the one route: 200 when the database answers a query, 503 when it does not.

    How far the readers of events are behind is told, and decides nothing: to start this process anew would not help.
    """

    def __init__(self, db: Database, lags: Callable[[], Coroutine[None, None, Sequence[Lag]]]) -> None:
        self._db = db
        self._lags = lags

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_up = await self._is_up()
        body = await self._told() if is_up else _DOWN
        headers = [
            (b"content-type", b"application/json; charset=utf-8"),
            (b"content-length", str(len(body)).encode()),
            (b"cache-control", b"no-store"),
        ]
        await send({"type": "http.response.start", "status": 200 if is_up else 503, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})

    async def _is_up(self) -> bool:
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                return await self._db.value("select 1") == 1
        except (Unavailable, Timeout, TimeoutError):
            return False

    async def _told(self) -> bytes:
        """`lagSeconds` is null when nobody knows."""
        seconds: float | None = None
        try:
            async with asyncio.timeout(LAG_SECONDS):
                seconds = round(max([0.0, *(lag.seconds for lag in await self._lags())]), 1)
        except (RapportError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError):
            pass
        told = {"events": {"status": "up", "lagSeconds": seconds}}
        return orjson.dumps({"status": "ok", "info": told, "error": {}, "details": told})
