"""What a worker runs for a job of one name, and what happens when it fails."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

# For work that is cheap to try again: nine attempts over a day.
DELAYS = tuple(timedelta(seconds=each) for each in (5, 30, 120, 600, 1_800, 7_200, 21_600, 57_600))


class GiveUp(Exception):
    """Trying again would not help: raised by a handler to make its job a dead letter at once."""


@dataclass(frozen=True, kw_only=True)
class Job:
    """One run of a job. A job may run more than once: handlers must bear that."""

    id: int
    name: str
    attempt: int  # 1 at first
    payload: object  # as it was enqueued, through JSON


@dataclass(frozen=True, kw_only=True)
class Handler:
    """The work for jobs of one name.

    Any error but GiveUp leads to another attempt after the next of ``delays``; after the last one the job is a dead
    letter. A run that takes longer than ``timeout`` counts as failed. Not more than ``most`` run at a time, in all
    workers together, so that long jobs leave places for short ones; 0 is no limit.
    """

    run: Callable[[Job], Awaitable[None]]
    delays: Sequence[timedelta] = DELAYS
    timeout: timedelta = timedelta(minutes=5)
    most: int = 0


Handlers = Mapping[str, Handler]
