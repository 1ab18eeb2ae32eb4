"""Requests at a time: each source has some turns, and who is without one waits for one of its own to end.

So the work of one source is never more than a part of what the process can do, however much it sends; and those who
wait for a connection to the database get one in rotation (``store.pool``).
"""

import asyncio
import sys
from collections import deque
from contextlib import suppress

from rapport.base.errors import Busy
from rapport.edge.traffic.sources import Source
from rapport.store.rotation import on_behalf_of

WAIT_SECONDS = 10.0
MOST_WAITING = 1_000  # of one source: clients may have hung up and sent more


class Turns:
    """``most``: of one source; 0 is no limit."""

    def __init__(self, *, most: int, wait_seconds: float = WAIT_SECONDS) -> None:
        self._most = most or sys.maxsize
        self._wait_seconds = wait_seconds

    async def take(self, source: Source) -> None:
        """Raises Busy when no turn comes. What the task then asks of the database, it asks for the source."""
        on_behalf_of.set(source)
        if source.held < self._most:
            source.held += 1
            return
        if source.waiting is None:
            source.waiting = deque()
        if len(source.waiting) >= MOST_WAITING:
            raise Busy
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        source.waiting.append(turn)
        try:
            async with asyncio.timeout(self._wait_seconds):
                await turn
        except BaseException as error:
            if turn.done() and not turn.cancelled():
                self.end(source)  # it was handed over in the moment of the cancellation
            else:
                with suppress(ValueError):  # it was passed over already
                    source.waiting.remove(turn)
            if isinstance(error, TimeoutError):
                raise Busy from None
            raise

    def end(self, source: Source) -> None:
        """The turn goes to the one who has waited longest."""
        while source.waiting:
            turn = source.waiting.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        source.held -= 1
