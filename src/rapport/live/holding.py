"""The event streams whose connections this process has."""

import asyncio
from collections.abc import Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias
from uuid import UUID

import asyncpg
import structlog

from rapport.base.errors import RapportError
from rapport.events.log import Event
from rapport.live.errors import StreamExpired
from rapport.live.shared import Shared
from rapport.live.streams import NONE, EventStreams, Key, Revision

RENEW_SECONDS = 300.0

_Batch: TypeAlias = tuple[UUID, int, int, int]
_Found: TypeAlias = Mapping[str, Revision | None]  # of the streams that were asked for; None: there is none any more

_log = structlog.get_logger(__name__)


@dataclass(slots=True)
class _Held:
    connections: int = 0
    revision: Revision = NONE


class Holder:
    """Knows the queries of each, and keeps them from expiring.

    Whoever adds a query may have asked another process. So it is looked up for each batch of events anew whether there
    are other ones, once for all streams of the workspace: what was added before the events were committed is there.
    """

    def __init__(self, streams: EventStreams, *, renew_seconds: float = RENEW_SECONDS) -> None:
        self._streams = streams
        self._renew_seconds = renew_seconds
        self._held: dict[UUID, dict[str, _Held]] = {}
        self._shared: Shared[_Batch, _Found] = Shared()
        self._timer: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def keys(self) -> Sequence[Key]:
        return [Key(workspace_id=workspace, id=each) for workspace, held in self._held.items() for each in held]

    def enter(self, key: Key) -> None:
        """A connection has the stream."""
        held = self._held.setdefault(key.workspace_id, {}).setdefault(key.id, _Held())
        held.connections += 1
        if self._timer is None:
            self._plan_renewal()

    def leave(self, key: Key) -> None:
        """It has it no more."""
        streams = self._held[key.workspace_id]
        streams[key.id].connections -= 1
        if streams[key.id].connections == 0:
            del streams[key.id]
            if not streams:
                del self._held[key.workspace_id]
            self._spawn(self._streams.close(key))

    async def revision(self, key: Key, events: Sequence[Event]) -> Revision:
        """The queries of a stream, those that were there before the events and perhaps later ones.

        Raises StreamExpired.
        """
        batch = (key.workspace_id, events[0].seq, events[-1].seq, len(events))
        found = (await self._shared.all([batch], lambda _: self._look(batch)))[batch]
        if key.id not in found:  # it was opened only afterwards
            found = await self._find(key.workspace_id, [key.id])
        revision = found[key.id]
        if revision is None:
            raise StreamExpired
        return revision

    async def close(self) -> None:
        """Returns when nothing is under way any more."""
        if self._timer is not None:
            self._timer.cancel()
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _look(self, batch: _Batch) -> Mapping[_Batch, _Found]:
        workspace_id = batch[0]
        return {batch: await self._find(workspace_id, list(self._held.get(workspace_id, ())))}

    async def _find(self, workspace_id: UUID, ids: Sequence[str]) -> _Found:
        held = self._held.get(workspace_id, {})
        found = await self._streams.find(workspace_id, {each: held.get(each, _Held()).revision for each in ids})
        for each, revision in found.items():
            if each in held and revision.number > held[each].revision.number:
                held[each].revision = revision
        return {each: found.get(each) for each in ids}

    # -- in the background --------------------------------------------------------------------------------------

    def _plan_renewal(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(self._renew_seconds, self._renew)

    def _renew(self) -> None:
        self._timer = None
        if self._held:
            self._spawn(self._streams.renew(self.keys))
            self._plan_renewal()

    def _spawn(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.get_running_loop().create_task(self._quietly(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    @staticmethod
    async def _quietly(work: Coroutine[None, None, None]) -> None:
        try:
            await work
        except (RapportError, asyncpg.PostgresError, OSError) as error:
            _log.warning("the use of event streams was not noted", reason=repr(error))
