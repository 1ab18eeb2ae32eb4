"""The transaction in which a request changes records and its answer is kept: both happen, or neither."""

from collections.abc import Awaitable, Callable

from rapport.edge.answer import Answer
from rapport.edge.rest.idempotency.answers import Answers
from rapport.edge.rest.idempotency.asked import Keyed
from rapport.store.database import Database
from rapport.store.within import Within


class Taken(Exception):
    """Another process is carrying the request out, or has done so."""


class Once:
    """For the handler of one request, which makes all its changes by ``run``."""

    def __init__(self, db: Database, answers: Answers, keyed: Keyed) -> None:
        self._db = db
        self._answers = answers
        self._keyed = keyed
        self.is_kept = False  # the change is committed, and the answer with it

    async def run(self, change: Callable[[Database], Awaitable[bytes]], shown: Callable[[bytes], Answer]) -> bytes:
        """Runs the change on the database that it is given, which is a transaction; ``shown`` is the answer then.

        Raises Taken; whatever it raises, nothing is changed.
        """
        async with self._db.transaction() as connection:
            is_free, is_used = await self._answers.claim(connection, self._keyed.identity)
            if is_used or not is_free:
                raise Taken
            body = await change(Within(self._db.dialing, connection))
            if not await self._answers.keep(connection, self._keyed, shown(body)):
                raise Taken
        self.is_kept = True
        return body
