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
_FRESH_BYTES, _STEP_BYTES = 10, 4


class IdClock:
    """Makes ids that only grow: in the same millisecond, or when the clock goes back, it steps on from the last."""

    def __init__(self, now_ms: Callable[[], int] = lambda: time.time_ns() // 1_000_000) -> None:
        self._now_ms = now_ms
        self._last = 0
        self._lock = threading.Lock()

    def __call__(self) -> UUID:
        return UUID(int=_number(self._places(1)[0]))

    def text(self) -> str:
        """The id as text; much cheaper than by way of a UUID."""
        return self.texts(1)[0]

    def texts(self, count: int) -> list[str]:
        """As many ids as text, one after the other.

        >>> [len(text) for text in new_id.texts(2)]
        [36, 36]
        """
        return [_text(place) for place in self._places(count)]

    def _places(self, count: int) -> list[int]:
        """What ids are made of: the milliseconds, and a number that is counted through."""
        random = os.urandom(_FRESH_BYTES + _STEP_BYTES * count)
        steps = [
            1 + int.from_bytes(random[start : start + _STEP_BYTES], "big")
            for start in range(_FRESH_BYTES, len(random), _STEP_BYTES)
        ]
        with self._lock:
            last = self._last
            fresh = (self._now_ms() << _RANDOM_BITS) | (int.from_bytes(random[:_FRESH_BYTES], "big") & _START_MASK)
            if fresh >> _RANDOM_BITS > last >> _RANDOM_BITS:
                last = fresh
            found = [last := last + step for step in steps]
            self._last = last
        return found


def _number(place: int) -> int:
    milliseconds, rest = place >> _RANDOM_BITS, place & ((1 << _RANDOM_BITS) - 1)
    rand_a, rand_b = rest >> _RAND_B_BITS, rest & _RAND_B_MASK
    return (milliseconds << 80) | (7 << 76) | (rand_a << 64) | (2 << 62) | rand_b


def _text(place: int) -> str:
    digits = f"{_number(place):032x}"
    return f"{digits[:8]}-{digits[8:12]}-{digits[12:16]}-{digits[16:20]}-{digits[20:]}"


# The one clock of the process: ids are ordered within a process only because all of them come from here.
new_id = IdClock()
