"""When API keys were last used, written down beside the requests: none waits for it, none fails with it."""

import asyncio
from uuid import UUID

import asyncpg
import structlog

from rapport.base.errors import RapportError
from rapport.store.database import Database
from rapport.store.queries import load

_SQL = load("rapport.keys", "sql")
_log = structlog.get_logger(__name__)


class KeyUsage:
    """Notes uses of keys. Whoever checks a token calls it, which for a busy key is about once a minute."""

    def __init__(self, db: Database) -> None:
        self._db = db
        self._writing: set[asyncio.Task[None]] = set()

    def note(self, key_id: UUID) -> None:
        task = asyncio.get_running_loop().create_task(self._write(key_id))
        self._writing.add(task)
        task.add_done_callback(self._writing.discard)

    async def close(self) -> None:
        """Waits for what is being written."""
        await asyncio.gather(*self._writing)

    async def _write(self, key_id: UUID) -> None:
        try:
            await self._db.execute(_SQL["note_use"], key_id)
        except (RapportError, asyncpg.PostgresError) as error:
            _log.warning("the use of an API key was not noted", key_id=str(key_id), reason=str(error))
