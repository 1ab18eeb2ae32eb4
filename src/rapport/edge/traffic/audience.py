"""Everybody who stays connected to be told of events: how many may, and whether they still may."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Coroutine, Hashable, Mapping
from typing import Protocol

import asyncpg

from rapport.access.changes import AccessChange
from rapport.base.errors import Busy, Forbidden, RapportError, Unauthenticated
from rapport.edge.caller import Caller, Callers
from rapport.store.rotation import on_behalf_of
from rapport.system.attempts import network

LOOK_SECONDS = 1.0  # between two looks at all of them, unless something is to happen sooner
_DATABASE_ERRORS = (asyncpg.PostgresError, asyncpg.InterfaceError, OSError)


class Listener(Protocol):
    """One connection: a WebSocket, or a stream of events."""

    caller: Caller

    def look(self, now: float) -> None:
        """Called about every second; ``now`` is the time of the event loop."""

    def dismiss(self, error: RapportError) -> None:
        """The caller may not listen any more."""

    def end(self) -> None:
        """The server stops."""


class AudienceFull(Busy):
    """There are too many live connections. Please try again in a moment."""


class Audience:
    """All listeners of a process.

    Nobody has a timer of their own, and nobody is asked for their token again without a reason: one look in a second
    goes over all, and news of changed rights lead to those whom they concern.
    """

    def __init__(
        self,
        callers: Callers,
        *,
        most: int,
        most_per_caller: int,
        look_seconds: float = LOOK_SECONDS,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._callers = callers
        self._most = most
        self._most_per_caller = most_per_caller
        self._look_seconds = look_seconds
        self._clock = clock
        self._owners: dict[Listener, Hashable] = {}
        self._counts: Counter[Hashable] = Counter()
        self._uncertain: set[Listener] = set()  # whose tokens are to be looked at
        self._checking: asyncio.Task[None] | None = None
        self._next_look: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_over = False

    def __len__(self) -> int:
        return len(self._owners)

    @property
    def is_full(self) -> bool:
        return self._is_over or len(self._owners) >= self._most

    def enter(self, listener: Listener) -> None:
        """Raises AudienceFull. It is to ``leave`` in the end."""
        if self.is_full:
            raise AudienceFull
        owner = _owner(listener.caller)
        if self._counts[owner] >= self._most_per_caller:
            raise AudienceFull
        self._counts[owner] += 1
        self._owners[listener] = owner
        if self._next_look is None:
            self._plan_look()

    def note_caller(self, listener: Listener) -> None:
        """The listener has said who they are. Raises AudienceFull when there are too many of that caller."""
        owner = _owner(listener.caller)
        if owner == self._owners.get(listener) or listener not in self._owners:
            return
        if self._counts[owner] >= self._most_per_caller:
            raise AudienceFull
        self._release(self._owners[listener])
        self._counts[owner] += 1
        self._owners[listener] = owner

    def leave(self, listener: Listener) -> None:
        owner = self._owners.pop(listener, None)
        if owner is not None:
            self._release(owner)
            self._uncertain.discard(listener)

    def begin(self, work: Coroutine[None, None, None]) -> asyncio.Task[None]:
        """Runs what belongs to a listener; ``close`` waits for it."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def hear(self, payload: Mapping[str, object]) -> None:
        """Receives the ACCESS_CHANGED notifications, after the one who remembers principals."""
        try:
            change = AccessChange.from_payload(payload)
        except ValueError:
            self.check_all()
            return
        self._check({each for each in self._owners if _is_concerned(each.caller, change)})

    def check_all(self) -> None:
        """News may have been missed."""
        self._check({each for each in self._owners if each.caller.principal is not None})

    def stop(self) -> None:
        """Nobody comes in any more, and everybody is told that it is over."""
        self._is_over = True
        for each in list(self._owners):
            each.end()

    async def close(self) -> None:
        """Returns when nothing is under way any more."""
        self.stop()
        if self._next_look is not None:
            self._next_look.cancel()
        if self._checking is not None:
            self._checking.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    # -- looking -------------------------------------------------------------------------------------------------------

    def _plan_look(self) -> None:
        self._next_look = asyncio.get_running_loop().call_later(self._look_seconds, self._look)

    def _look(self) -> None:
        self._next_look = None
        now, today = asyncio.get_running_loop().time(), self._clock()
        for each in list(self._owners):
            each.look(now)
            principal = each.caller.principal
            if principal is not None and principal.expires_at is not None and principal.expires_at <= today:
                self._uncertain.add(each)
        self._check(set())
        if self._owners:
            self._plan_look()

    def _check(self, listeners: set[Listener]) -> None:
        self._uncertain |= listeners
        if self._uncertain and (self._checking is None or self._checking.done()):
            self._checking = self.begin(self._check_tokens())

    async def _check_tokens(self) -> None:
        """One after the other: a change may concern thousands, and nothing is told to them without a check anyway."""
        on_behalf_of.set(None)  # not for the one whose connection began it
        while self._uncertain:
            listener = self._uncertain.pop()
            try:
                listener.caller = await self._callers.again(listener.caller)
            except (Unauthenticated, Forbidden) as error:
                listener.dismiss(error)
            except (RapportError, *_DATABASE_ERRORS):
                pass  # nobody knows; a token that has ended is looked at again in a second

    def _release(self, owner: Hashable) -> None:
        self._counts[owner] -= 1
        if not self._counts[owner]:
            del self._counts[owner]


def _owner(caller: Caller) -> Hashable:
    """An API key, a member, or the network of one who has not said who they are."""
    principal = caller.principal
    if principal is None:
        return network(caller.address or "")
    return principal.api_key_id or principal.user_workspace_id or principal.user_id


def _is_concerned(caller: Caller, change: AccessChange) -> bool:
    return caller.principal is not None and change.concerns(caller.principal)
