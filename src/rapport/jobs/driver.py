"""PgQueuer's way into our database: statements on pooled connections, notifications on one connection of its own."""

import asyncio
from time import monotonic
from typing import Self

import asyncpg
from pgqueuer.adapters.drivers.asyncpg import Relay
from pgqueuer.core.tm import TaskManager
from pgqueuer.ports.driver import NotifyCallback

from rapport.base.errors import Unavailable
from rapport.store.database import Database

PATIENCE_SECONDS = 60.0
PAUSE_SECONDS = 0.2


class StoreDriver:
    """The library's protocol `Driver`."""

    def __init__(self, db: Database, listening: asyncpg.Connection) -> None:
        self._db = db
        self._listening = listening
        self._hears = asyncio.Event()
        self._shutdown = asyncio.Event()

    async def fetch(self, query: str, *args: object) -> list[dict[str, object]]:
        return [dict(row) for row in await self._db.rows(query, *args)]

    async def execute(self, query: str, *args: object) -> str:
        """Outlasts a database that is away for a moment.

        The library notes with this that a job is done, failed or to be tried again. Were that lost, a job that has done
        its work would run once more.
        """
        give_up = monotonic() + PATIENCE_SECONDS
        while True:
            try:
                return await self._db.execute(query, *args)
            except Unavailable:
                if monotonic() > give_up:
                    raise
                await asyncio.sleep(PAUSE_SECONDS)

    async def notify(self, channel: str, payload: str) -> None:
        """Not before somebody listens: the library asks with this whether it hears itself, and would give up."""
        await self._hears.wait()
        await self._db.execute("select pg_notify($1, $2)", channel, payload)

    async def add_listener(self, channel: str, callback: NotifyCallback) -> None:
        await self._listening.add_listener(channel, Relay(callback))
        self._hears.set()

    @property
    def shutdown(self) -> asyncio.Event:
        return self._shutdown

    @property
    def tm(self) -> TaskManager:
        return TaskManager()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None: ...
