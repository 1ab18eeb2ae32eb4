"""The logs of workspaces as they grow, for those in this process who want to hear of it at once.

One reads a log for all who follow it, and nothing is read of logs that nobody follows. Nothing is durable here: who has
lost the connection comes again with the cursor of what they heard last, and goes on behind it.
"""

import asyncio
from collections.abc import AsyncGenerator, Coroutine, Hashable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any, TypeVar
from uuid import UUID

import asyncpg
import structlog

from rapport.base.errors import RapportError, Unavailable
from rapport.events.bell import Bell
from rapport.events.channels import (
    MOST_AT_ONCE,
    OWNER,
    RETRY_SECONDS,
    Channel,
    Interest,
    Member,
    News,
    Portion,
    Spawn,
    Topic,
    hold_for,
)
from rapport.events.cursor import Cursor
from rapport.events.errors import FellBehind, LogGone, Outdated
from rapport.events.log import Batch, Event, present, read, read_between
from rapport.events.retention import check_kept
from rapport.store.database import Database
from rapport.store.rotation import on_behalf_of

LOOK_SECONDS = 2.0  # between looks into a log that nobody has rung for
TOGETHER_SECONDS = 0.01  # what happens within them is read together
REST_SECONDS = 60.0  # after which who has heard nothing is told how far the log is read
LAG_SECONDS = 300.0  # for which a follower may be behind the others
MOST_WAITING = 1_000  # events that a follower has not taken
MOST_TELLING = 4  # channels that ask the database at the same time
MOST_CATCHING_UP = 2  # followers who do

T = TypeVar("T")

_GONE = (asyncpg.UndefinedTableError, asyncpg.InvalidSchemaNameError)

_log = structlog.get_logger(__name__)


class LiveLogs:
    """All logs that are followed in this process."""

    def __init__(
        self,
        db: Database,
        bell: Bell,
        *,
        look_seconds: float = LOOK_SECONDS,
        rest_seconds: float = REST_SECONDS,
        most_waiting: int = MOST_WAITING,
        lag_seconds: float = LAG_SECONDS,
    ) -> None:
        self._db = db
        self._bell = bell
        self._look_seconds = look_seconds
        self._rest_seconds = rest_seconds
        self._most_waiting = most_waiting
        self._lag_seconds = lag_seconds
        self._logs: dict[UUID, _Log] = {}
        self._tasks: set[asyncio.Task[Any]] = set()
        self._telling = asyncio.Semaphore(MOST_TELLING)
        self._catching_up = asyncio.Semaphore(MOST_CATCHING_UP)
        bell.listen(self._ring)

    @property
    def followed(self) -> Mapping[UUID, int]:
        """The workspaces whose logs are read, with the number of those who follow."""
        return {workspace_id: log.followers for workspace_id, log in self._logs.items()}

    @property
    def channels(self) -> int:
        return sum(len(log.channels) for log in self._logs.values())

    async def follow(
        self, workspace_id: UUID, schema: str, interest: Interest, *, after: Cursor | None = None
    ) -> AsyncGenerator[Portion, None]:
        """What happens from now on, or everything behind a cursor; to be closed by the caller (`aclosing`).

        First comes an empty portion: what is committed from then on is told. Raises EventsDropped when not everything
        behind the cursor is there, FellBehind when the caller takes it off more slowly than it comes, Outdated (see
        ``outdate``), and what ``tell`` raises.
        """
        log = self._enter(workspace_id, schema)
        fell_at: float | None = None  # when too much was waiting for the first time
        try:
            target = await log.look()
            cursor = after or target
            yield Portion(news=(), cursor=str(cursor))
            while True:
                # What happened before, which may be much; then what has happened meanwhile, until it is little.
                while cursor != target:
                    count = 0
                    async for batch in self._past(log, cursor, target):
                        count += len(batch.events)
                        for portion in await self._told(interest, batch):
                            yield portion
                        cursor = batch.cursor
                        self._check_lag(fell_at, cursor)
                    if count >= MOST_AT_ONCE:
                        target = await log.look()
                member = Member(self._most_waiting, cursor=str(cursor))
                channel, target = await log.join(interest, member, self._telling)
                try:
                    async for batch in self._past(log, cursor, target):
                        for portion in await self._told(interest, batch):
                            member.cursor = portion.cursor
                            yield portion
                    while True:
                        yield await member.take()
                        fell_at = None if member.is_done else fell_at
                except FellBehind:
                    # It may read the log by itself, at its own pace, until it has come up with the others.
                    cursor = Cursor.read(member.cursor)
                    fell_at = fell_at or asyncio.get_running_loop().time()
                    self._check_lag(fell_at, cursor)
                finally:
                    log.leave(channel, member)
                target = await log.look()
        finally:
            self._exit(log)

    def _check_lag(self, fell_at: float | None, cursor: Cursor) -> None:
        if fell_at is not None and asyncio.get_running_loop().time() - fell_at >= self._lag_seconds:
            raise FellBehind(str(cursor))

    def outdate(self, workspace_id: UUID, key: Hashable) -> None:
        """Those who follow with this key get Outdated."""
        log = self._logs.get(workspace_id)
        if log is not None:
            log.outdate(key)

    async def close(self) -> None:
        """Ends the reading. Who still follows is told that it has ended."""
        self._bell.stop_listening(self._ring)
        for log in tuple(self._logs.values()):
            log.end(Unavailable("The server is going down."))
        while self._tasks:
            await asyncio.gather(*self._tasks, return_exceptions=True)

    # -- the past -----------------------------------------------------------------------------------------------

    async def _past(self, log: "_Log", cursor: Cursor, target: Cursor) -> AsyncGenerator[Batch, None]:
        """What lies between two cursors, of which the second is in the midst of nothing."""
        while cursor != target:
            batch = await self._undisturbed(self._batch(log, cursor, target))
            yield batch
            cursor = batch.cursor

    async def _batch(self, log: "_Log", cursor: Cursor, target: Cursor) -> Batch:
        async with self._catching_up:
            batch = await read_between(self._db, log.schema, cursor, target.seen, MOST_AT_ONCE)
            await check_kept(self._db, log.workspace_id, cursor)
        return batch

    async def _told(self, interest: Interest, batch: Batch) -> list[Portion]:
        events = [event for event in batch.events if interest.topic.holds(event)]
        found: list[Portion] = []
        for start in range(0, len(events), interest.at_once):
            portion = await self._undisturbed(self._portion(interest, batch, events[start : start + interest.at_once]))
            if portion.news:
                found.append(portion)
        return found

    async def _portion(self, interest: Interest, batch: Batch, events: Sequence[Event]) -> Portion:
        async with self._catching_up:
            told = await interest.tell(events)
        news = [
            News(event=event, told=told[event.seq], cursor=str(batch.cursor_behind(event)))
            for event in events
            if event.seq in told
        ]
        return Portion(news=news, cursor=str(batch.cursor_behind(events[-1])))

    async def _undisturbed(self, work: Coroutine[None, None, T]) -> T:
        """Runs to its end even when nobody waits any more: a statement that is cancelled costs its connection."""
        return await asyncio.shield(self._spawn(work))

    # -- logs ---------------------------------------------------------------------------------------------------

    def _ring(self, workspace_id: UUID) -> None:
        log = self._logs.get(workspace_id)
        if log is not None:
            log.ring()

    def _enter(self, workspace_id: UUID, schema: str) -> "_Log":
        log = self._logs.get(workspace_id)
        if log is None or log.error is not None:
            log = self._logs[workspace_id] = _Log(
                self._db,
                workspace_id,
                schema,
                self._spawn,
                look_seconds=self._look_seconds,
                rest_seconds=self._rest_seconds,
            )
            self._spawn(log.run())  # begins later, when it has a follower
        log.followers += 1
        return log

    def _exit(self, log: "_Log") -> None:
        log.followers -= 1
        if log.followers == 0:
            log.ring()  # its reading ends
            if self._logs.get(log.workspace_id) is log:
                del self._logs[log.workspace_id]

    def _spawn(self, work: Coroutine[None, None, T]) -> asyncio.Task[T]:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._finished)
        return task

    def _finished(self, task: asyncio.Task[T]) -> None:
        self._tasks.discard(task)
        if not task.cancelled():
            task.exception()  # seen, even when nobody waits any more


class _Log:
    """The log of one workspace: reads it, and deals the events to the channels that want them."""

    def __init__(
        self,
        db: Database,
        workspace_id: UUID,
        schema: str,
        spawn: Spawn,
        *,
        look_seconds: float,
        rest_seconds: float,
    ) -> None:
        self.workspace_id = workspace_id
        self.schema = schema
        self.followers = 0
        self.channels: dict[Hashable, Channel] = {}
        self.error: RapportError | None = None  # why it is read no more
        self._db = db
        self._spawn = spawn
        self._look_seconds = look_seconds
        self._rest_seconds = rest_seconds
        self._rests_at = asyncio.get_running_loop().time() + rest_seconds
        self._cursor: Cursor | None = None
        self._number = 0  # of the batch that was dealt last
        # Topics by the object and the record that they are about, each with its channels.
        self._topics: dict[tuple[str | None, UUID | None], dict[Topic, dict[Channel, None]]] = {}
        self._rung = asyncio.Event()
        self._lookers: list[asyncio.Future[Cursor]] = []

    def ring(self) -> None:
        self._rung.set()

    async def look(self) -> Cursor:
        """Where the log ends, found by a look that begins after this call."""
        if self.error is not None:
            raise self.error
        looker: asyncio.Future[Cursor] = asyncio.get_running_loop().create_future()
        self._lookers.append(looker)
        self._rung.set()
        return await looker

    async def join(self, interest: Interest, member: Member, turns: asyncio.Semaphore) -> tuple[Channel, Cursor]:
        """The member is told what happens behind the cursor that comes back."""
        while self._cursor is None or self._cursor.until is not None:
            await self.look()  # it is just being read
        if self.error is not None:
            raise self.error
        if not interest.is_current():
            raise Outdated(None)
        channel = self.channels.get(interest.key)
        if channel is None or channel.error is not None:
            channel = self.channels[interest.key] = Channel(interest, turns, self._spawn)
            self._channels_of(interest.topic)[channel] = None
        member.since = self._number + 1
        channel.members[member] = None
        return channel, self._cursor

    def leave(self, channel: Channel, member: Member) -> None:
        del channel.members[member]
        if channel.members:
            return
        topic = channel.interest.topic
        place = (topic.object, topic.record_id)
        del self._topics[place][topic][channel]
        if not self._topics[place][topic]:
            del self._topics[place][topic]
        if not self._topics[place]:
            del self._topics[place]
        if self.channels.get(channel.interest.key) is channel:
            del self.channels[channel.interest.key]

    def outdate(self, key: Hashable) -> None:
        channel = self.channels.get(key)
        if channel is not None:
            channel.outdate(None if self._cursor is None else str(self._cursor))

    def end(self, error: RapportError) -> None:
        """Nothing more is read."""
        if self.error is None:
            self.error = error
            self._answer(self._lookers, error)
            for channel in tuple(self.channels.values()):
                channel.end(error)
            self._rung.set()

    def _channels_of(self, topic: Topic) -> dict[Channel, None]:
        return self._topics.setdefault((topic.object, topic.record_id), {}).setdefault(topic, {})

    # -- reading ------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Reads for as long as there are followers."""
        on_behalf_of.set(OWNER)
        while self.followers and self.error is None:
            self._rung.clear()
            lookers, self._lookers = self._lookers, []
            try:
                cursor = await self._read()
            except _GONE:
                self._answer(lookers, LogGone())
                self.end(LogGone())
            except Exception as error:  # noqa: BLE001  # the next look may succeed
                _log.warning("a log cannot be read", workspace=str(self.workspace_id), reason=repr(error))
                self._answer(lookers, error if isinstance(error, RapportError) else Unavailable())
                await asyncio.sleep(RETRY_SECONDS)
            else:
                for looker in lookers:
                    if not looker.done():
                        looker.set_result(cursor)
                self._rest(cursor)
                await asyncio.sleep(TOGETHER_SECONDS)
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._rung.wait(), self._look_seconds)

    async def _read(self) -> Cursor:
        """Reads to the end, as it is when the call begins or later."""
        if self._cursor is None:
            self._cursor = await present(self._db, self.schema)
            return self._cursor
        began = asyncio.get_running_loop().time()
        is_new = False  # what is being read: not what an earlier attempt has left
        while True:
            is_new = is_new or self._cursor.until is None
            batch = await read(self._db, self.schema, self._cursor, MOST_AT_ONCE)
            self._deal(batch)
            self._cursor = batch.cursor
            if batch.is_last and is_new:
                return batch.cursor
            await hold_for(self.channels.values(), since=began)

    def _deal(self, batch: Batch) -> None:
        if not batch.events:
            return
        self._number += 1
        found: dict[Topic, list[Event]] = {}
        for event in batch.events:
            for topic in self._about(event):
                if topic.holds(event):
                    found.setdefault(topic, []).append(event)
        for topic, events in found.items():
            for channel in self._channels_of(topic):
                channel.deal(self._number, batch, events)

    def _about(self, event: Event) -> Iterator[Topic]:
        for item in (event.object, None):
            for record_id in (event.record_id, None):
                yield from self._topics.get((item, record_id), ())

    def _rest(self, cursor: Cursor) -> None:
        """Now and then those who hear nothing are told how far the log is read: to go on from there is less to read."""
        now = asyncio.get_running_loop().time()
        if now < self._rests_at:
            return
        self._rests_at = now + self._rest_seconds
        portion = Portion(news=(), cursor=str(cursor))
        for channel in self.channels.values():
            if channel.is_idle:
                for member in channel.members:
                    member.rest(portion)

    @staticmethod
    def _answer(lookers: Sequence[asyncio.Future[Cursor]], error: RapportError) -> None:
        for looker in lookers:
            if not looker.done():
                looker.set_exception(error)
