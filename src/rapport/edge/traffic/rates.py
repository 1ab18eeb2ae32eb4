"""Requests in a minute: how many there were of a source, and whether there may be one more."""

import math
import time
from collections.abc import Callable

from rapport.edge.traffic.errors import Headers, RateLimitExceeded
from rapport.edge.traffic.sources import WINDOW_SECONDS, Source


class Rates:
    """Counts, and refuses. ``on_change`` is called when there is something to tell the other processes."""

    def __init__(self, *, on_change: Callable[[], None] = lambda: None, clock: Callable[[], float] = time.time) -> None:
        self.window = 0  # its number since the epoch
        self.changed: list[Source] = []
        self.on_change = on_change
        self._clock = clock
        self._begins = self._ends = 0.0
        self._reset_mark = (b"x-ratelimit-reset", b"0")

    def count(self, source: Source) -> Headers:
        """Lets one request in; what its answer says of the limit. Raises RateLimitExceeded."""
        limit = source.limit
        if not limit:
            return ()
        now = self._clock()
        if not self._begins <= now < self._ends:
            self._turn(now)
        if source.window != self.window:
            source.window = self.window
            source.counted = source.elsewhere = 0
        remaining = limit - source.counted - source.elsewhere
        if remaining <= 0:
            marks = (source.limit_mark, (b"x-ratelimit-remaining", b"0"), self._reset_mark)
            raise RateLimitExceeded(retry_after=max(1, math.ceil(self._ends - now)), marks=marks)
        source.counted += 1
        if not source.is_changed:
            self._note(source)
        return (source.limit_mark, (b"x-ratelimit-remaining", b"%d" % (remaining - 1)), self._reset_mark)

    def _note(self, source: Source) -> None:
        if source.name is None:
            return
        source.is_changed = True
        self.changed.append(source)
        if len(self.changed) == 1:
            self.on_change()

    def _turn(self, now: float) -> None:
        """The next window. Also an earlier one: clocks are put right at times."""
        self.window = int(now // WINDOW_SECONDS)
        self._begins = float(self.window * WINDOW_SECONDS)
        self._ends = self._begins + WINDOW_SECONDS
        self._reset_mark = (b"x-ratelimit-reset", b"%d" % self._ends)
