"""Writes that meet others: PostgreSQL undoes one of them as a whole, and it is tried again."""

from collections.abc import Awaitable, Callable
from typing import TypeVar

import asyncpg

from rapport.records.failures import WriteConflict

T = TypeVar("T")

_MOST_ATTEMPTS = 5


async def persisting(attempt: Callable[[], Awaitable[T]]) -> T:
    """The result of the first attempt that no other write undid; after too many, raises what undid the last."""
    for _ in range(_MOST_ATTEMPTS - 1):
        try:
            return await attempt()
        except (WriteConflict, asyncpg.DeadlockDetectedError):
            continue  # the other side has passed by now
    return await attempt()
