"""Tells those who read the logs of workspaces that there is something new: at once in this process, soon in others."""

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import Final
from uuid import UUID

import structlog

from rapport.base.errors import Unavailable
from rapport.base.ids import new_id
from rapport.store.notifications import Payload

EVENTS: Final = "events"  # the kind of the notification that carries it between processes
_TOGETHER_SECONDS = 0.005
_APART_SECONDS = 0.05  # between notifications, where it rings all the time
_MOST_AT_ONCE = 150  # workspaces in one notification

_log = structlog.get_logger(__name__)


class Bell:
    """Rung after a commit. It may fail to ring elsewhere: whoever listens looks by themselves now and then, too."""

    def __init__(self, send: Callable[[str, Payload], Awaitable[None]]) -> None:
        """``send`` tells all processes, such as ``Notifications.send``. It raises Unavailable."""
        self._send = send
        self._id = str(new_id())  # of this process
        self._listeners: list[Callable[[UUID], None]] = []
        self._rung: set[UUID] = set()
        self._telling: asyncio.Task[None] | None = None
        self._told_at = -_APART_SECONDS

    def listen(self, listener: Callable[[UUID], None]) -> None:
        """``listener`` is called in the event loop with the workspace in which something has happened."""
        self._listeners.append(listener)

    def stop_listening(self, listener: Callable[[UUID], None]) -> None:
        self._listeners.remove(listener)

    def ring(self, workspace_id: UUID) -> None:
        """Something was committed in a workspace."""
        for listener in self._listeners:
            listener(workspace_id)
        self._rung.add(workspace_id)
        if self._telling is None or self._telling.done():
            self._telling = asyncio.get_running_loop().create_task(self._tell())

    def hear(self, payload: Payload) -> None:
        """Another process has rung."""
        named = payload.get("workspaces")
        if payload.get("from") == self._id or not isinstance(named, list):
            return
        for each in named:
            for listener in self._listeners:
                listener(UUID(str(each)))

    async def close(self) -> None:
        """Returns when everybody is told."""
        if self._telling is not None:
            await asyncio.gather(self._telling, return_exceptions=True)

    async def _tell(self) -> None:
        """What is rung within a few milliseconds, or since others were told a moment ago, is told together: not in the
        transactions, which would wait for one another at their commits."""
        await asyncio.sleep(max(_TOGETHER_SECONDS, self._told_at + _APART_SECONDS - monotonic()))
        while self._rung:
            some = [self._rung.pop() for _ in range(min(len(self._rung), _MOST_AT_ONCE))]
            try:
                await self._send(EVENTS, {"from": self._id, "workspaces": some})
            except Unavailable as error:
                _log.warning("others were not told of events", reason=error.message)
        self._told_at = monotonic()
