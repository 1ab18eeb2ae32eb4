"""What is dear to find out, and good for some seconds: found out once for all who ask meanwhile."""

import asyncio
from collections.abc import Callable, Coroutine
from time import monotonic
from typing import Generic, TypeVar

T = TypeVar("T")


class Remembered(Generic[T]):
    """``ask`` finds out; its answer is good for so many ``seconds``. What it raises is told, and not remembered."""

    def __init__(self, ask: Callable[[], Coroutine[None, None, T]], *, seconds: float) -> None:
        self._ask = ask
        self._seconds = seconds
        self._asking: asyncio.Task[T] | None = None
        self._asked_at = 0.0

    async def __call__(self) -> T:
        asking = self._asking
        if asking is None or (asking.done() and self._is_over(asking)):
            self._asked_at = monotonic()
            asking = self._asking = asyncio.get_running_loop().create_task(self._ask())
            asking.add_done_callback(_look)
        return await asyncio.shield(asking)  # who hangs up leaves the answer to the others

    def _is_over(self, asking: "asyncio.Task[T]") -> bool:
        has_failed = asking.cancelled() or asking.exception() is not None
        return has_failed or monotonic() - self._asked_at > self._seconds


def _look(asking: "asyncio.Task[T]") -> None:
    """Nobody may be left who sees that it has failed."""
    if not asking.cancelled():
        asking.exception()
