"""Channels: what is made of the events of a topic is made once, and told to all who want the same."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Collection, Coroutine, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias
from uuid import UUID

import structlog

from rapport.base.errors import Timeout, Unavailable
from rapport.events.errors import FellBehind, Outdated
from rapport.events.log import Action, Batch, Event
from rapport.store.rotation import on_behalf_of

MOST_WAITING_BYTES = 16_000_000  # of what a member has not taken
MOST_PENDING = 20_000  # events that a channel has not told
HOLD_SECONDS = 10.0  # for which those who are behind are waited for
STUCK_SECONDS = 5.0  # without any step, after which nobody is waited for
PAUSE_SECONDS = 0.01
MOST_AT_ONCE = 200  # events in one statement
RETRY_SECONDS = 1.0
OWNER = "followers"  # on whose behalf connections to the database are used

_log = structlog.get_logger(__name__)

# What is told of events, by their numbers; nothing of those that are left out.
Tell: TypeAlias = Callable[[Sequence[Event]], Awaitable[Mapping[int, bytes]]]
Spawn: TypeAlias = Callable[[Coroutine[None, None, None]], asyncio.Task[None]]


@dataclass(frozen=True, kw_only=True)
class Topic:
    """Which events somebody wants to hear of; None stands for all. ``fields``: updates of one of them.

    ``is_upsert``: only what upserts have done.
    """

    object: str | None = None
    record_id: UUID | None = None
    actions: frozenset[Action] | None = None
    fields: frozenset[str] | None = None
    is_upsert: bool = False

    def holds(self, event: Event) -> bool:
        return (
            (self.object is None or event.object == self.object)
            and (self.record_id is None or event.record_id == self.record_id)
            and (self.actions is None or event.action in self.actions)
            and (self.fields is None or not self.fields.isdisjoint(event.updated_fields or ()))
            and (event.is_upsert or not self.is_upsert)
        )


@dataclass(frozen=True, kw_only=True)
class Interest:
    """What a follower wants to be told. Those with the same ``key`` are told the same: it says all that matters.

    ``at_once``: how many events ``tell`` is asked about at most. What it raises ends the followers, except that it is
    asked again when the database cannot be reached. ``is_current`` is asked when a follower joins the others: without
    it they get Outdated.
    """

    key: Hashable
    topic: Topic
    tell: Tell
    at_once: int = MOST_AT_ONCE
    is_current: Callable[[], bool] = lambda: True


@dataclass(frozen=True, kw_only=True, slots=True)
class News:
    """An event, what is told of it, and where to go on behind it."""

    event: Event
    told: bytes
    cursor: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Portion:
    """News in order; none: only that the log was read up to the cursor."""

    news: Sequence[News]
    cursor: str

    @property
    def size(self) -> int:
        """In bytes."""
        return sum(len(each.told) for each in self.news)


class Waiting(Protocol):
    def is_worth_waiting_for(self, now: float) -> bool: ...


async def hold_for(those: Collection[Waiting], *, since: float) -> None:
    """Gives them time while most of them are behind, which is nobody's fault. Slower ones than most hold nobody up.

    ``since``: when nothing was left to do.
    """
    loop = asyncio.get_running_loop()
    while (now := loop.time()) - since < HOLD_SECONDS:
        if sum(each.is_worth_waiting_for(now) for each in those) * 2 <= len(those):
            return
        await asyncio.sleep(PAUSE_SECONDS)


class Member:
    """One follower of a channel, and what they have not taken yet."""

    __slots__ = ("_bytes", "_error", "_most", "_moved_at", "_portions", "_waiter", "_waiting", "cursor", "since")

    def __init__(self, most: int, *, cursor: str) -> None:
        """``most``: events that may wait."""
        self.cursor = cursor  # of what was taken last
        self.since = 0  # the first batch of the log that is for them
        self._most = most
        self._portions: deque[Portion] = deque()
        self._waiting = 0
        self._bytes = 0
        self._error: Exception | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._moved_at = 0.0  # when it took something, or has had nothing to take

    @property
    def is_done(self) -> bool:
        """Whether everything is taken."""
        return not self._portions

    def is_worth_waiting_for(self, now: float) -> bool:
        """Whether much waits, and it gets less."""
        is_crowded = self._waiting * 2 > self._most or self._bytes * 2 > MOST_WAITING_BYTES
        return is_crowded and now - self._moved_at < STUCK_SECONDS

    def put(self, portion: Portion, size: int) -> None:
        if self._error is not None:
            return
        is_full = self._waiting + len(portion.news) > self._most or self._bytes + size > MOST_WAITING_BYTES
        if self._portions and is_full:
            self.fall_behind()
            return
        if not self._portions:
            self._moved_at = asyncio.get_running_loop().time()
        self._portions.append(portion)
        self._waiting += len(portion.news)
        self._bytes += size
        self._wake()

    def rest(self, portion: Portion) -> None:
        """Tells how far the log is read, to one who waits."""
        if self._error is None and not self._portions and portion.cursor != self.cursor:
            self._portions.append(portion)
            self._wake()

    def end(self, error: Exception) -> None:
        """Nothing more comes but the error. What was not taken is to be had again, from the cursor."""
        if self._error is None:
            self._error = error
            self._portions.clear()
            self._wake()

    def fall_behind(self) -> None:
        """It is too much."""
        self.end(FellBehind(self.cursor))

    def outdate(self, cursor: str | None) -> None:
        """What was not taken is to be made anew."""
        self.end(Outdated(None if self._portions else cursor))

    async def take(self) -> Portion:
        """The next portion. Several that have come meanwhile are one."""
        while not self._portions:
            if isinstance(self._error, FellBehind):
                raise FellBehind(self.cursor)  # which may have moved on since then
            if self._error is not None:
                raise self._error.with_traceback(None)  # the same for all
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        found = self._portions.popleft()
        if self._portions:
            news = [*found.news, *(each for portion in self._portions for each in portion.news)]
            found = Portion(news=news, cursor=self._portions[-1].cursor)
            self._portions.clear()
        self._waiting = self._bytes = 0
        self._moved_at = asyncio.get_running_loop().time()
        self.cursor = found.cursor
        return found

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


@dataclass(frozen=True, slots=True)
class _Pending:
    number: int  # of the batch, as the log counts
    batch: Batch
    event: Event

    @property
    def cursor(self) -> str:
        return str(self.batch.cursor_behind(self.event))


class Channel:
    """Tells its members what is made of the events of a topic, in order."""

    def __init__(self, interest: Interest, turns: asyncio.Semaphore, spawn: Spawn) -> None:
        """``turns``: so many channels work at the same time."""
        self.interest = interest
        self.members: dict[Member, None] = {}
        self.error: Exception | None = None
        self._turns = turns
        self._spawn = spawn
        self._pending: deque[_Pending] = deque()
        self._is_working = False
        self._since = 0.0  # when it had nothing to do
        self._moved_at = 0.0  # when it told something
        self._size = interest.at_once

    @property
    def is_idle(self) -> bool:
        """Whether everything that was dealt is told."""
        return not self._is_working

    def deal(self, number: int, batch: Batch, events: Sequence[Event]) -> None:
        """Takes events of the log's next batch."""
        if len(self._pending) + len(events) > MOST_PENDING:
            self._pending.clear()
            for member in self.members:
                member.fall_behind()
            return
        self._pending.extend(_Pending(number, batch, event) for event in events)
        if not self._is_working:
            self._is_working = True
            self._since = self._moved_at = asyncio.get_running_loop().time()
            self._spawn(self._work())

    def is_worth_waiting_for(self, now: float) -> bool:
        """Whether much waits, and it gets less."""
        return len(self._pending) * 4 > MOST_PENDING and now - self._moved_at < STUCK_SECONDS

    def end(self, error: Exception) -> None:
        """Whoever is still there gets the error."""
        self.error = error
        self._pending.clear()
        for member in self.members:
            member.end(error)

    def outdate(self, cursor: str | None) -> None:
        """``cursor``: where the log is read to."""
        told = None if self._is_working else cursor
        self.error = Outdated(told)
        self._pending.clear()
        for member in self.members:
            member.outdate(told)

    async def _work(self) -> None:
        on_behalf_of.set(OWNER)
        try:
            while self._pending and self.members:
                await hold_for(self.members, since=self._since)
                some = [self._pending.popleft() for _ in range(min(self._size, len(self._pending)))]
                try:
                    async with self._turns:
                        told = await self.interest.tell([each.event for each in some])
                except (Timeout, Unavailable, OSError) as error:
                    if isinstance(error, Timeout) and len(some) == 1:
                        raise
                    self._pending.extendleft(reversed(some))
                    await self._after_failure(error, len(some))
                else:
                    self._size = min(self._size * 2, self.interest.at_once)
                    self._moved_at = asyncio.get_running_loop().time()
                    self._give(some, told)
        except Exception as error:  # noqa: BLE001  # whatever it is, those who wait must learn of it
            self.end(error)
        finally:
            self._is_working = False

    async def _after_failure(self, error: Exception, count: int) -> None:
        """What was too much at once is asked in parts; what cannot be asked now is asked later."""
        if isinstance(error, Timeout):
            self._size = max(1, count // 4)
        else:
            _log.warning("followers are not told of events yet", reason=repr(error))
            await asyncio.sleep(RETRY_SECONDS)

    def _give(self, some: Sequence[_Pending], told: Mapping[int, bytes]) -> None:
        shown = [each for each in some if each.event.seq in told]
        if not shown:
            return
        news = [News(event=each.event, told=told[each.event.seq], cursor=each.cursor) for each in shown]
        whole = Portion(news=news, cursor=news[-1].cursor)
        size = whole.size
        for member in self.members:
            if member.since <= shown[0].number:
                member.put(whole, size)
                continue
            later = [each for each, of in zip(news, shown, strict=True) if of.number >= member.since]
            if later:
                portion = Portion(news=later, cursor=later[-1].cursor)
                member.put(portion, portion.size)
