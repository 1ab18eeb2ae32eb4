"""Waiting for what others do: until it is so, however long they take, but not for ever."""

import asyncio
from collections.abc import Awaitable, Callable

PATIENCE_SECONDS = 30.0


async def until(condition: Callable[[], Awaitable[bool]], *, seconds: float = PATIENCE_SECONDS) -> None:
    """Returns when the condition holds; raises TimeoutError."""
    async with asyncio.timeout(seconds):
        while not await condition():  # noqa: ASYNC110  # whatever it is, it cannot tell
            await asyncio.sleep(0.01)
