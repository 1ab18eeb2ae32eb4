"""What follows from attempts: delivered, to be tried again later, or dead. Written down for many at once."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from rapport.base.ids import new_id
from rapport.jobs.handler import DELAYS
from rapport.store.database import Connection, Database
from rapport.store.queries import load
from rapport.webhooks.sending import GONE, Attempt

# No attempt is made later than this after a delivery was enqueued, but for its first one: that may have had to wait for
# deliveries of the same record. The delays add up to a little less.
LONGEST = timedelta(hours=27)

_SQL = load("rapport.webhooks")


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """A delivery that is to be sent."""

    id: UUID
    record_id: UUID | None
    body: bytes
    attempts: int  # before
    since: datetime


@dataclass(frozen=True, kw_only=True)
class Result:
    """What became of a delivery, and what follows."""

    delivery: UUID
    attempt: Attempt
    state: str
    delay: timedelta | None = None  # until the next attempt
    reason: str | None = None  # why it is dead


def judge(waiting: Waiting, attempt: Attempt) -> Result:
    if attempt.is_delivered:
        return Result(delivery=waiting.id, attempt=attempt, state="delivered")
    delay = _delay(waiting, attempt)
    if delay is None:
        return Result(delivery=waiting.id, attempt=attempt, state="dead", reason=attempt.problem)
    return Result(delivery=waiting.id, attempt=attempt, state="waiting", delay=delay)


def _delay(waiting: Waiting, attempt: Attempt) -> timedelta | None:
    if waiting.attempts >= len(DELAYS) or attempt.status == GONE:
        return None
    delay = DELAYS[waiting.attempts] * random.uniform(0.9, 1.1)  # noqa: S311
    if attempt.retry_after is not None:
        delay = max(delay, attempt.retry_after)
    return delay if datetime.now(UTC) + delay < waiting.since + LONGEST else None


async def note(db: Database | Connection, results: Sequence[Result]) -> None:
    """In one statement, so that an attempt is in the log if and only if its delivery knows of it."""
    attempts = [result.attempt for result in results]
    await db.execute(
        _SQL["note_attempts"],
        [new_id() for _ in results],
        [result.delivery for result in results],
        [attempt.at for attempt in attempts],
        [attempt.status for attempt in attempts],
        [attempt.milliseconds for attempt in attempts],
        [attempt.response for attempt in attempts],
        [attempt.error for attempt in attempts],
        [result.state for result in results],
        [result.delay for result in results],
        [result.reason for result in results],
    )
