"""What is found out once for all who ask for it at about the same time."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Mapping, Sequence
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

KEEP_SECONDS = 5.0


class Shared(Generic[K, V]):
    """Answers are kept for a few seconds after they were asked for first. Failures are not."""

    def __init__(self, keep_seconds: float = KEEP_SECONDS) -> None:
        self._keep_seconds = keep_seconds
        self._answers: dict[K, asyncio.Future[V]] = {}

    def __len__(self) -> int:
        return len(self._answers)

    async def all(self, keys: Sequence[K], find: Callable[[Sequence[K]], Awaitable[Mapping[K, V]]]) -> dict[K, V]:
        """The answers; ``find`` is asked for those of them that nobody has asked for yet."""
        loop = asyncio.get_running_loop()
        asked = {key: self._answers[key] for key in keys if key in self._answers}
        missing = [key for key in dict.fromkeys(keys) if key not in asked]
        if missing:
            mine = {key: loop.create_future() for key in missing}
            self._answers |= mine
            try:
                found = await find(missing)
            except BaseException as error:
                # Whoever waits finds out by themselves: this one may have been told to stop.
                for key, future in mine.items():
                    self._drop(key, future)
                    future.cancel()
                raise error
            for key, future in mine.items():
                future.set_result(found[key])
                loop.call_later(self._keep_seconds, self._drop, key, future)
            asked |= mine
        answers: dict[K, V] = {}
        failed: list[K] = []
        for key, future in asked.items():
            try:
                answers[key] = await asyncio.shield(future)
            except asyncio.CancelledError:
                if not future.cancelled():
                    raise
                failed.append(key)
        return answers | dict(await self.all(failed, find)) if failed else answers

    def _drop(self, key: K, future: "asyncio.Future[V]") -> None:
        if self._answers.get(key) is future:
            del self._answers[key]
