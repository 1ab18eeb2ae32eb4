"""Where requests come from, as far as limits are concerned: an API key, a member of a workspace, or a network."""

import time
from asyncio import Future
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from rapport.access.principal import Principal
from rapport.system.attempts import network

WINDOW_SECONDS = 60  # in which requests are counted: the minutes of the clock, for all processes alike
# Networks of strangers that are told apart. Whoever comes from yet another one shares a place, until some are
# forgotten: an attacker with any number of addresses fills neither the memory nor the places of those who are known.
MOST_SOURCES = 20_000
SHARED_PLACES = 256

_network = lru_cache(MOST_SOURCES)(network)


@dataclass(frozen=True, kw_only=True)
class RateLimits:
    """Requests in a minute; 0 is no limit."""

    user: int
    api_key: int
    ip: int


class Source:
    """One of them, and what is known of its requests."""

    __slots__ = ("counted", "elsewhere", "held", "is_changed", "limit", "limit_mark", "name", "waiting", "window")

    def __init__(self, name: str | None, limit: int) -> None:
        """``name`` is how other processes know it; None: they do not."""
        self.name = name
        self.limit = limit
        self.limit_mark = (b"x-ratelimit-limit", b"%d" % limit)
        self.window = 0  # in which the requests were counted
        self.counted = 0  # requests that this process let in,
        self.elsewhere = 0  # and others, as far as they have told
        self.is_changed = False  # since the others were told
        self.held = 0  # turns
        self.waiting: deque[Future[None]] | None = None  # for a turn

    @property
    def is_idle(self) -> bool:
        return not (self.held or self.waiting)


class Sources:
    """Finds them: one look into a dict."""

    def __init__(self, limits: RateLimits, *, most: int = MOST_SOURCES, clock: Callable[[], float] = time.time) -> None:
        self._limits = limits
        self._most = most
        self._clock = clock
        self._known: dict[UUID | str | None, Source] = {}
        self._shared = [Source(None, limits.ip) for _ in range(SHARED_PLACES)]
        self._full_in: int | None = None  # the window in which nothing could be forgotten

    def __len__(self) -> int:
        return len(self._known)

    def of(self, principal: Principal) -> Source:
        """The API key, or the user's membership in the workspace, or the user who has not entered one."""
        key = principal.api_key_id or principal.user_workspace_id or principal.user_id
        found = self._known.get(key)
        if found is not None:
            return found
        if len(self._known) >= self._most:
            self._forget()
        if principal.api_key_id is not None:
            return self._remember(key, Source(f"key:{key}", self._limits.api_key))
        return self._remember(key, Source(f"user:{key}", self._limits.user))

    def stranger(self, address: str | None) -> Source:
        """The network of one without a token that is good."""
        key = _network(address or "")
        found = self._known.get(key)
        if found is not None:
            return found
        if len(self._known) >= self._most:
            self._forget()
            if len(self._known) >= self._most:
                return self._shared[hash(key) % SHARED_PLACES]
        return self._remember(key, Source(f"ip:{key}", self._limits.ip))

    def _remember(self, key: UUID | str | None, source: Source) -> Source:
        self._known[key] = source
        return source

    def _forget(self) -> None:
        """Forgets those of whom nothing needs to be known. Once in a minute when it is of no use: it takes a while."""
        window = int(self._clock() // WINDOW_SECONDS)
        if self._full_in == window:
            return
        self._known = {
            key: each for key, each in self._known.items() if not each.is_idle or (each.limit and each.window == window)
        }
        if len(self._known) >= self._most:
            self._full_in = window
