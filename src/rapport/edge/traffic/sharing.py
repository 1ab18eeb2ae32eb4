"""The counts of all processes: about every second each tells what it has counted, and learns what the others have.

A source that sends to several processes at once gets more than its limit: at most what they let in within two
exchanges, for by then all have told that the limit is reached, and all have been told.
"""

import asyncio

import asyncpg
import structlog

from rapport.base.errors import RapportError
from rapport.base.ids import new_id
from rapport.edge.traffic.rates import Rates
from rapport.edge.traffic.sources import Source
from rapport.store.database import Database
from rapport.store.queries import load
from rapport.store.rotation import on_behalf_of

EXCHANGE_SECONDS = 1.0
SLOWEST_RETRY_SECONDS = 30.0
MOST_TOLD = 5_000  # sources in one exchange; what is more waits for the next

_SQL = load("rapport.edge.traffic", "sql")
_log = structlog.get_logger(__name__)


class Sharing:
    """Runs only while something is counted. Without the database each process counts alone, and lets in what it may."""

    def __init__(self, db: Database, rates: Rates, *, seconds: float = EXCHANGE_SECONDS) -> None:
        self._db = db
        self._rates = rates
        self._seconds = seconds
        self._process = new_id()
        self._pause = seconds
        self._forgotten = 0  # the window up to which counts were deleted
        self._timer: asyncio.TimerHandle | None = None
        self._task: asyncio.Task[None] | None = None
        rates.on_change = self._plan

    async def close(self) -> None:
        self._rates.on_change = lambda: None
        if self._timer is not None:
            self._timer.cancel()
        if self._task is not None:
            await asyncio.gather(self._task, return_exceptions=True)

    async def exchange(self) -> None:
        """Tells and learns once."""
        on_behalf_of.set(None)  # not for the one whose request began it
        rates, window = self._rates, self._rates.window
        told, rates.changed = rates.changed[:MOST_TOLD], rates.changed[MOST_TOLD:]
        news = {each.name: each for each in told if each.window == window}
        for each in told:
            each.is_changed = False
        counts = [each.counted for each in news.values()]
        try:
            if news:
                rows = await self._db.rows(_SQL["exchange"], list(news), window, self._process, counts)
                for row in rows:
                    source = news[row["source"]]
                    if source.window == window:
                        source.elsewhere = row["count"]
            if self._forgotten < window:
                await self._db.execute(_SQL["forget"], window)
                self._forgotten = window
        except (RapportError, asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
            _log.warning("counts of requests were not exchanged", reason=str(error) or type(error).__name__)
            self._mark_again(told)
            self._pause = min(self._pause * 2, SLOWEST_RETRY_SECONDS)
        else:
            self._pause = self._seconds
        if rates.changed:
            self._plan()

    def _plan(self) -> None:
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._pause, self._begin)

    def _begin(self) -> None:
        self._timer = None
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self.exchange())

    def _mark_again(self, told: list[Source]) -> None:
        """What was not told is to be told the next time."""
        for each in told:
            if not each.is_changed and each.window == self._rates.window:
                each.is_changed = True
                self._rates.changed.append(each)
