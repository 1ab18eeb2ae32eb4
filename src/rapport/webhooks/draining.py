"""One turn at delivering what waits for a webhook: many at a time, those of one record one after the other."""

import asyncio
import random
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Final
from uuid import UUID

import asyncpg

from rapport.store.database import Database
from rapport.store.queries import load
from rapport.webhooks.noting import Result, Waiting, judge, note
from rapport.webhooks.sending import GONE, SECONDS, Attempt

PARALLEL: Final = 20
TURN_SECONDS: Final = 20.0  # after which others have their turn
PATIENCE: Final = 3  # attempts in a row without any answer, after which the endpoint counts as down
SHORTEST_PAUSE, LONGEST_PAUSE = timedelta(seconds=10), timedelta(hours=1)
_LOAD, _LOAD_BYTES = 200, 4_000_000
_FEW = 2 * PARALLEL  # in hand: time to load more
_NOTE_SECONDS, _NOTE_AT = 0.05, 50  # results are written together
_TICK_SECONDS = 0.25

_SQL = load("rapport.webhooks")

Send = Callable[[Waiting], Awaitable[Attempt]]


@dataclass(frozen=True, kw_only=True)
class End:
    """How a turn ended. ``pause``: for how long nothing is to be tried."""

    pause: timedelta | None = None
    is_gone: bool = False
    failing_since: datetime | None = None


class Drain:
    """A turn. ``go_on`` is asked now and then for the way to send; it raises when the turn is not ours any more.

    When the endpoint could not be reached (``failing_since``), one delivery is sent ahead of all others.
    """

    def __init__(
        self,
        db: Database,
        webhook_id: UUID,
        *,
        send: Send,
        go_on: Callable[[], Awaitable[Send]],
        failing_since: datetime | None,
    ) -> None:
        self._db = db
        self._webhook_id = webhook_id
        self._send = send
        self._go_on = go_on
        self._failing_since = failing_since
        self._parallel = PARALLEL if failing_since is None else 1
        self._chains: dict[UUID, deque[Waiting]] = {}  # by record, each as far as it is in hand
        self._ready: deque[UUID] = deque()  # records whose next delivery nobody sends yet
        self._in_hand: set[UUID] = set()  # deliveries that were loaded and are not noted yet
        self._failed: dict[UUID, Sequence[Waiting]] = {}  # by record: what was behind it, until it is noted
        self._results: list[Result] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._changed = asyncio.Event()
        self._unanswered = 0  # in a row
        self._is_ending = False
        self._end = monotonic() + TURN_SECONDS
        self._next_look = 0.0
        self._asked: timedelta | None = None  # the pause that the endpoint has asked for
        self._is_gone = False
        self._error: BaseException | None = None

    async def run(self) -> End:
        """Returns when nothing is due any more, when the time is over, or when the endpoint wants a pause.

        When it is cancelled, what is being sent has a moment to end, and is noted.
        """
        try:
            while await self._step():
                pass
        except asyncio.CancelledError:
            await self._leave()
            raise
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
        return End(pause=self._pause(), is_gone=self._is_gone, failing_since=self._failing_since)

    async def _step(self) -> bool:
        """Whether there is more to do."""
        if self._error is not None:
            raise self._error
        if monotonic() > self._end:
            self._is_ending = True
        self._send = await self._go_on()
        if not self._is_ending and len(self._in_hand) < _FEW and monotonic() >= self._next_look:
            await self._load()
        self._begin()
        if not self._tasks and not self._results:
            return False
        await self._wait()
        await self._note()
        return True

    async def _leave(self) -> None:
        self._is_ending = True
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=SECONDS / 2)
        await self._note()

    # -- what is to be sent -------------------------------------------------------------------------------------

    async def _load(self) -> None:
        begun = monotonic()
        if self._parallel == 1:
            if self._in_hand:
                return
            rows = await self._db.rows(_SQL["probe"], self._webhook_id)
        else:
            in_hand = list(self._in_hand)
            rows = await self._db.rows(_SQL["due_deliveries"], self._webhook_id, in_hand, _LOAD, _LOAD_BYTES)
        for row in rows:
            self._take(_waiting(row))
        # A long backlog that is not due yet makes looking slow: it gets a tenth of the time at most.
        ended = monotonic()
        self._next_look = ended + 10 * (ended - begun) if len(rows) < _LOAD else ended

    def _take(self, waiting: Waiting) -> None:
        record = waiting.record_id or waiting.id
        if record in self._failed:  # meanwhile
            return
        self._in_hand.add(waiting.id)
        chain = self._chains.get(record)
        if chain is None:
            self._chains[record] = deque((waiting,))
            self._ready.append(record)
        else:
            chain.append(waiting)

    # -- sending ------------------------------------------------------------------------------------------------

    def _begin(self) -> None:
        if self._is_ending:
            return
        for _ in range(min(self._parallel - len(self._tasks), len(self._ready))):
            task = asyncio.create_task(self._work())
            self._tasks.add(task)
            task.add_done_callback(self._ended)

    def _ended(self, task: "asyncio.Task[None]") -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self._error = error
            self._changed.set()
        if not self._tasks:
            self._changed.set()

    async def _work(self) -> None:
        while self._ready and not self._is_ending:
            record = self._ready.popleft()
            chain = self._chains[record]
            waiting = chain[0]
            attempt = await self._send(waiting)
            chain.popleft()
            self._judge(waiting, attempt)
            if not attempt.is_delivered:
                self._failed[record] = tuple(self._chains.pop(record))
            elif chain:
                self._ready.append(record)
            else:
                del self._chains[record]

    def _judge(self, waiting: Waiting, attempt: Attempt) -> None:
        if not self._results:
            asyncio.get_running_loop().call_later(_NOTE_SECONDS, self._changed.set)
        self._results.append(judge(waiting, attempt))
        if len(self._results) >= _NOTE_AT:
            self._changed.set()
        if not attempt.is_ours:
            self._unanswered = 0 if attempt.status is not None else self._unanswered + 1
        if self._is_down():
            self._is_ending = True
        if attempt.retry_after is not None:
            self._is_ending = True
            wait = min(max(attempt.retry_after, timedelta(seconds=1)), LONGEST_PAUSE)
            self._asked = max(self._asked or wait, wait)
        if attempt.status == GONE:
            self._is_ending = self._is_gone = True

    def _is_down(self) -> bool:
        return self._unanswered >= (1 if self._parallel == 1 else PATIENCE)

    def _pause(self) -> timedelta | None:
        if self._failing_since is None or not self._is_down():
            return self._asked
        # Growing: half as long again as it has lasted.
        wait = (datetime.now(UTC) - self._failing_since) / 2 * random.uniform(0.9, 1.1)  # noqa: S311
        return min(max(wait, SHORTEST_PAUSE), LONGEST_PAUSE)

    # -- writing down -------------------------------------------------------------------------------------------

    async def _wait(self) -> None:
        if self._tasks:
            with suppress(TimeoutError):
                async with asyncio.timeout(_TICK_SECONDS):
                    await self._changed.wait()
        self._changed.clear()

    async def _note(self) -> None:
        results, failed = self._results, self._failed
        if not results:
            return
        self._results = []
        records = list(failed)
        try:
            await note(self._db, results)
        except asyncio.CancelledError:
            self._results = [*results, *self._results]
            raise
        for result in results:
            self._in_hand.discard(result.delivery)
        for record in records:
            self._in_hand.difference_update(waiting.id for waiting in failed.pop(record))
        await self._note_endpoint(results)

    async def _note_endpoint(self, results: Sequence[Result]) -> None:
        """Whether the endpoint can be reached: noted when that changes."""
        if any(result.attempt.status is not None for result in results):
            self._parallel = PARALLEL
            if self._failing_since is not None:
                await self._db.execute(_SQL["note_answering"], self._webhook_id)
                self._failing_since = None
            return
        if self._failing_since is None and not all(result.attempt.is_ours for result in results):
            since = await self._db.value(_SQL["note_failing"], self._webhook_id)
            self._failing_since = since if isinstance(since, datetime) else datetime.now(UTC)


def _waiting(row: asyncpg.Record) -> Waiting:
    return Waiting(
        id=row["id"],
        record_id=row["recordId"],
        body=row["body"].encode(),
        attempts=row["attempts"],
        since=row["waitingSince"],
    )
