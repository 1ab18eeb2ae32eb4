"""Ids of records and of everything else: UUID version 7 (RFC 9562), ordered by the time they were made."""

import os
import threading
import time
from collections.abc import Callable
from uuid import UUID

_RANDOM_BITS = 74  # rand_a (12) and rand_b (62), counted through as one number
_RAND_B_BITS = 62
_RAND_B_MASK = (1 << _RAND_B_BITS) - 1
_START_MASK = (1 << (_RANDOM_BITS - 1)) - 1  # a fresh millisecond starts in the lower half: room to count up
_STEP_MASK = (1 << 32) - 1


class IdClock:
    """Makes ids that only grow: in the same millisecond, or when the clock goes back, it steps on from the last."""

    def __init__(self, now_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000) -> None:
        self._now_ms = now_ms
        self._last = 0
        self._lock = threading.Lock()

    def __call__(self) -> UUID:
        return UUID(int=self._number())

    def text(self) -> str:
        """The id as text; much cheaper than by way of a UUID.

        >>> len(new_id.text())
        36
        """
        digits = f"{self._number():032x}"
        return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"

    def _number(self) -> int:
        random = int.from_bytes(os.urandom(10), "big")
        with self._lock:
            fresh = (self._now_ms() << _RANDOM_BITS) | (random & _START_MASK)
            if fresh >> _RANDOM_BITS > self._last >> _RANDOM_BITS:
                self._last = fresh
            else:
                self._last += 1 + (random & _STEP_MASK)
            number = self._last
        milliseconds, rest = number >> _RANDOM_BITS, number & ((1 << _RANDOM_BITS) - 1)
        rand_a, rand_b = rest >> _RAND_B_BITS, rest & _RAND_B_MASK
        return (milliseconds << 80) | (7 << 76) | (rand_a << 64) | (2 << 62) | rand_b


# The one clock of the process: ids are ordered within a process only because all of them come from here.
new_id = IdClock()
