"""Runs one job's handler, and decides what a failure means."""

import asyncio
import random
from datetime import timedelta

import orjson
import structlog
from pgqueuer.core.executors import AbstractEntrypointExecutor, EntrypointExecutorParameters
from pgqueuer.domain import models
from pgqueuer.domain.errors import RetryRequested

from rapport.jobs.handler import GiveUp, Handler, Job

_log = structlog.get_logger(__name__)


class Execution(AbstractEntrypointExecutor):
    """The library's executor for jobs of one name."""

    def __init__(self, handler: Handler, running: set["asyncio.Task[object]"]) -> None:
        limit = handler.most
        super().__init__(EntrypointExecutorParameters(concurrency_limit=limit, func=_unused, on_failure="hold"))
        self._handler = handler
        self._running = running

    async def execute(self, job: models.Job, context: models.Context) -> None:
        """Raises RetryRequested for another attempt; any other error makes the job a dead letter."""
        task = asyncio.current_task()
        assert task is not None
        self._running.add(task)
        try:
            async with asyncio.timeout(self._handler.timeout.total_seconds()):
                await self._handler.run(
                    Job(id=job.id, name=job.entrypoint, attempt=job.attempts + 1, payload=_payload(job))
                )
        except asyncio.CancelledError:
            # The worker stops and has waited long enough. Left to itself, the library would drop the job.
            task.uncancel()
            raise RetryRequested(timedelta(0), "the worker was stopped") from None
        except GiveUp:
            raise
        except Exception as error:
            if job.attempts >= len(self._handler.delays):
                raise
            delay = self._handler.delays[job.attempts] * random.uniform(0.9, 1.1)  # noqa: S311
            reason = f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
            _log.warning(
                "job failed, will be tried again",
                job=job.id,
                name=job.entrypoint,
                attempt=job.attempts + 1,
                seconds=round(delay.total_seconds(), 1),
                reason=reason,
            )
            raise RetryRequested(delay, reason) from error
        finally:
            self._running.discard(task)


def _payload(job: models.Job) -> object:
    return orjson.loads(job.payload) if job.payload else None


async def _unused(job: models.Job) -> None:
    raise NotImplementedError  # the library asks for a function; this executor has its handler instead
