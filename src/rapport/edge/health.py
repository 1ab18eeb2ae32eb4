"""`GET /healthz`: whether this process can do its work, which is to ask the database."""

import asyncio

from starlette.types import Receive, Scope, Send

from rapport.base.errors import Timeout, Unavailable
from rapport.store.database import Database

ANSWER_SECONDS = 3.0
_UP = b'{"status":"ok","info":{},"error":{},"details":{}}'
_DOWN = b'{"status":"error","info":{},"error":{"database":{"status":"down"}},"details":{"database":{"status":"down"}}}'


class Health:
    """An ASGI application for the one route: 200 when the database answers a query, 503 when it does not."""

    def __init__(self, db: Database) -> None:
        self._db = db

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = _UP if await self._is_up() else _DOWN
        headers = [
            (b"content-type", b"application/json; charset=utf-8"),
            (b"content-length", str(len(body)).encode()),
            (b"cache-control", b"no-store"),
        ]
        await send({"type": "http.response.start", "status": 200 if body is _UP else 503, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})

    async def _is_up(self) -> bool:
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                return await self._db.value("select 1") == 1
        except (Unavailable, Timeout, TimeoutError):
            return False
