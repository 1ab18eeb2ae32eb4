"""Runs jobs: in the background of `serve`, or alone as `rapport worker`. Any number of workers share the queue."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta

import structlog
from pgqueuer.core.logconfig import logger as library_log
from pgqueuer.core.qm import QueueManager

from rapport.base.errors import RapportError
from rapport.jobs.calendar import LOOK_SECONDS, Calendar
from rapport.jobs.driver import StoreDriver
from rapport.jobs.execution import Execution
from rapport.jobs.handler import Handlers
from rapport.jobs.naming import CHANNEL
from rapport.jobs.repository import Repository
from rapport.jobs.schedules import Schedule
from rapport.store.database import Database

CONCURRENCY = 50  # jobs of one worker at a time: most of them wait for others; those that do not are limited by `most`
LEASE = timedelta(seconds=30)  # a worker that was silent for so long is dead, and its jobs are taken over
LOOK = timedelta(seconds=30)  # between two looks into the queue when no notification comes
GRACE_SECONDS = 10.0
LAST_SECONDS = 5.0
SLOWEST_RETRY_SECONDS = 10.0

_log = structlog.get_logger(__name__)


class Worker:
    """Takes jobs whose names have a handler; survives a database that goes away."""

    def __init__(
        self,
        db: Database,
        handlers: Handlers,
        *,
        concurrency: int = CONCURRENCY,
        lease: timedelta = LEASE,
        look: timedelta = LOOK,
        schedules: Sequence[Schedule] = (),
    ) -> None:
        """``schedules`` are those of the server; what workspaces have is done in any case."""
        library_log.setLevel("ERROR")  # what is less is said here, in our words
        self._db = db
        self._handlers = handlers
        self._concurrency = max(concurrency, 2)
        self._lease = lease
        self._look = look
        self._calendar = Calendar(db, schedules, look_seconds=min(look.total_seconds(), LOOK_SECONDS))
        self._stopping = asyncio.Event()
        self._running: set[asyncio.Task[object]] = set()
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begins to work, in the background."""
        self._tasks = [asyncio.create_task(self._keep_working()), asyncio.create_task(self._keep_calendar())]

    async def stop(self, grace: float = GRACE_SECONDS) -> None:
        """Takes no more jobs and waits for the running ones; those that take longer go back into the queue."""
        self._stopping.set()
        if not self._tasks:
            return
        await asyncio.wait(self._tasks, timeout=grace)
        for job in list(self._running):
            job.cancel()
        await asyncio.wait(self._tasks, timeout=LAST_SECONDS)
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._tasks = []

    async def _keep_working(self) -> None:
        pause = 0.1
        while not self._stopping.is_set():
            begun = asyncio.get_running_loop().time()
            try:
                await self._work()
            except Exception as error:  # noqa: BLE001  # whatever happened, a server without a worker is worse
                reason = error.message if isinstance(error, RapportError) else f"{type(error).__name__}: {error}"
                _log.warning("worker interrupted", reason=reason)
            if asyncio.get_running_loop().time() - begun > SLOWEST_RETRY_SECONDS:
                pause = 0.1
            await self._pause(pause)
            pause = min(pause * 2, SLOWEST_RETRY_SECONDS)

    async def _work(self) -> None:
        """Runs jobs until the worker is stopped or the listening connection is lost."""
        listening = await self._db.dialing.dial()
        lost = asyncio.Event()
        listening.add_termination_listener(lambda _: lost.set())
        manager = QueueManager(Repository.on(StoreDriver(self._db, listening)), channel=CHANNEL)
        for name, handler in self._handlers.items():
            manager.register_executor(name, Execution(handler, self._running))
        working = asyncio.create_task(
            manager.run(
                dequeue_timeout=self._look,
                batch_size=self._concurrency // 2,
                max_concurrent_tasks=self._concurrency,
                shutdown_on_listener_failure=True,
                heartbeat_timeout=self._lease,
                log_aggregation_interval=timedelta(0),  # nobody reads the statistics
            )
        )
        signals = [asyncio.create_task(lost.wait()), asyncio.create_task(self._stopping.wait())]
        try:
            await asyncio.wait([working, *signals], return_when=asyncio.FIRST_COMPLETED)
            manager.shutdown.set()
            await working
        finally:
            for signal in signals:
                signal.cancel()
            working.cancel()
            listening.terminate()

    async def _keep_calendar(self) -> None:
        while not self._stopping.is_set():
            try:
                wait = await self._calendar.look()
            except Exception as error:  # noqa: BLE001  # what is due is still due at the next look
                reason = error.message if isinstance(error, RapportError) else repr(error)
                _log.warning("schedules cannot be read", reason=reason)
                wait = LOOK_SECONDS
            await self._pause(wait)

    async def _pause(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)
