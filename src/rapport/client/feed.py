"""The change feed: everything that happens to records, in order, from any moment on."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Generic, TypeVar, overload

from rapport.client.call import Call, Record, Records, Reply
from rapport.client.errors import error_of, unreadable
from rapport.client.exchange import Retries
from rapport.client.lasting import Lasting, Over, object_of, opening
from rapport.client.server_sent import ServerSent

PageT = TypeVar("PageT")
TextT = TypeVar("TextT")
AllT = TypeVar("AllT")

NOW = "now"
AT_ONCE = 1_000  # events of one page


@dataclass(frozen=True, kw_only=True)
class EventPage(Sequence[Record]):
    """Some events in order. ``cursor`` is where to go on behind them; ``has_more``: there are more already."""

    events: Records
    cursor: str
    has_more: bool

    @overload
    def __getitem__(self, index: int) -> Record: ...
    @overload
    def __getitem__(self, index: slice) -> Records: ...
    def __getitem__(self, index: int | slice) -> Record | Records:
        return self.events[index]

    def __len__(self) -> int:
        return len(self.events)


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """Which events; None stands for all."""

    objects: Iterable[str] | str | None = None
    actions: Iterable[str] | str | None = None
    before: bool = False  # what changed records were before, too

    def query(self) -> tuple[tuple[str, str], ...]:
        found: list[tuple[str, str]] = []
        for name, value in (("objects", self.objects), ("actions", self.actions)):
            if value is not None:
                found.append((name, value if isinstance(value, str) else ",".join(value)))
        return (*found, ("before", "true")) if self.before else tuple(found)


def following(wanted: Wanted, after: str | None, retries: Retries) -> Lasting[Record]:
    """The events as they happen."""
    after_query = () if after is None else (("after", after),)
    call = Call(method="GET", path="/rest/events", query=(*wanted.query(), *after_query), read=opening)
    return Lasting(call, _event, retries, None)


def paging(wanted: Wanted, after: str | None, limit: int, wait: int = 0) -> Call[EventPage]:
    """One page of them."""
    query = [*wanted.query(), ("limit", str(limit))]
    if after is not None:
        query.append(("after", after))
    if wait:
        query.append(("wait", str(wait)))
    return Call(method="GET", path="/rest/events", query=tuple(query), read=_page, quiet=wait + 30.0)


class EventFeed(Generic[PageT, TextT, AllT]):
    """`client.events(after=…)` are the events behind a cursor, as they happen."""

    def __init__(
        self,
        page: Callable[[Call[EventPage]], PageT],
        text: Callable[[Call[str]], TextT],
        follow: Callable[[Wanted, str | None], AllT],
        walk: Callable[[Wanted, str | None], AllT],
    ) -> None:
        self._page = page
        self._text = text
        self._follow = follow
        self._walk = walk

    def __call__(
        self,
        *,
        after: str | None = None,
        objects: Iterable[str] | str | None = None,
        actions: Iterable[str] | str | None = None,
        before: bool = False,
        follow: bool = True,
    ) -> AllT:
        """The events behind a cursor, or from `"now"` on; without ``after``, from the oldest one that is kept.

        With ``follow`` there is no end to them; otherwise they end where everything is told.
        """
        wanted = Wanted(objects=objects, actions=actions, before=before)
        return (self._follow if follow else self._walk)(wanted, after)

    def page(
        self,
        *,
        after: str | None = None,
        objects: Iterable[str] | str | None = None,
        actions: Iterable[str] | str | None = None,
        before: bool = False,
        limit: int = AT_ONCE,
        wait: int = 0,
    ) -> PageT:
        """Some of them, and the cursor behind; when there are none, those that happen first within ``wait`` seconds."""
        wanted = Wanted(objects=objects, actions=actions, before=before)
        return self._page(paging(wanted, after, limit, wait))

    def now(self) -> TextT:
        """The cursor behind everything that has happened: take it first, then read the records, then follow."""
        call = paging(Wanted(), NOW, 1)
        return self._text(
            Call(method=call.method, path=call.path, query=call.query, read=lambda reply: _page(reply).cursor)
        )


def _page(reply: Reply) -> EventPage:
    try:
        found = json.loads(reply.body)
        info = found["pageInfo"]
        return EventPage(events=found["data"]["events"], cursor=info["endCursor"], has_more=info["hasNextPage"])
    except (ValueError, KeyError, TypeError):
        raise unreadable(reply) from None


def _event(event: ServerSent) -> Record | Over | None:
    if event.name == "end":
        found, reply = object_of(event)
        status = found.get("statusCode")
        return Over(error=error_of(replace(reply, status=status if isinstance(status, int) else 500)))
    if event.name != "message" or not event.data:
        return None
    return object_of(event)[0]
