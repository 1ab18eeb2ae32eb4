"""Tables that a change of the model needs for itself: all of them at once, before it touches any.

Whoever waits for a table holds up all that come after. So a change waits for a short time only, much shorter than
PostgreSQL takes to look for deadlocks, then lets go of everything, and begins anew with the table that was in use. Once
it has them all it waits for nobody, and no request can be caught in a ring with it.
"""

import asyncio
import random
import time
from collections.abc import Sequence

import asyncpg

from rapport.metadata.evolution.steps import Step
from rapport.metadata.names import qualified
from rapport.store.database import Connection

FIRST_WAIT_MS, LONGEST_WAIT_MS = 50, 400  # PostgreSQL's deadlock_timeout is a second
_LEAST_WAIT_MS = 10


async def seize(connection: Connection, schema: str, steps: Sequence[Step], *, patience: float) -> None:
    """Locks the tables of the steps in the connection's transaction; raises LockNotAvailableError when out of patience.

    ``patience`` in seconds.
    """
    alone = {table for step in steps for table in step.locks}
    shared = {table for step in steps for table in step.shares} - alone
    order = [*sorted(shared), *sorted(alone)]
    give_up = time.monotonic() + patience
    wait = FIRST_WAIT_MS
    await connection.script("savepoint seizing")
    while (busy := await _in_use(connection, schema, order, shared, wait)) is not None:
        await connection.script("rollback to savepoint seizing")
        if time.monotonic() > give_up:
            raise asyncpg.LockNotAvailableError(f"table {busy} is in use")
        order.sort(key=lambda table: table != busy)
        await asyncio.sleep(random.uniform(0.01, 0.1))  # noqa: S311  # nothing secret: how long others have their turn
        wait = min(2 * wait, LONGEST_WAIT_MS)
    await connection.script(f"set local lock_timeout = {LONGEST_WAIT_MS}")


async def _in_use(
    connection: Connection, schema: str, order: Sequence[str], shared: set[str], wait_ms: int
) -> str | None:
    """The first table that could not be had in time; none when all are locked."""
    end = time.monotonic() + wait_ms / 1000
    for table in order:
        left = max(_LEAST_WAIT_MS, int((end - time.monotonic()) * 1000))
        mode = "share row exclusive" if table in shared else "access exclusive"
        try:
            await connection.script(
                f"set local lock_timeout = {left}; lock table {qualified(schema, table)} in {mode} mode"
            )
        except (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError):
            return table
    return None
