"""What the timelines of records come to say: from what has happened, in order, to the entries that tell of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, NamedTuple, Protocol
from uuid import UUID

from rapport.base.ids import new_id
from rapport.events.log import Action, Event
from rapport.metadata.catalog import Object
from rapport.timeline.subjects import Subject

# Within this time of the first change, what a member changes about a record belongs to the same entry.
TOGETHER = timedelta(minutes=10)

Told = Action | Literal["linked"]


class Source(Protocol):
    """An object of whose records the timelines of others tell; ``told_as`` begins the names of such entries."""

    @property
    def item(self) -> Object: ...

    @property
    def told_as(self) -> str: ...

    @property
    def name(self) -> str: ...

    @property
    def find_titles(self) -> str:
        """Finds those that are there: their titles (null: not to be told), and when they were or are to be."""


class Happening(NamedTuple):
    """Something of which the timeline of a record is to tell: about the record itself, or about what is
    ``linked`` with it, a note that is about it or a message.
    """

    subject: Subject
    record_id: UUID
    action: Told
    event: Event
    member: UUID | None
    keys: frozenset[str] = frozenset()  # what has changed in the record
    source: Source | None = None  # of what is linked
    linked: UUID | None = None
    title: str | None = None  # of what is linked
    moment: datetime | None = None  # of what is linked, if it is not told of as of the time of the event

    @property
    def name(self) -> str:
        return f"{prefix(self.subject, self.source)}.{self.action}"

    @property
    def place(self) -> "Place":
        return self.subject.name, self.record_id, self.linked


Place = tuple[str, UUID, UUID | None]  # subject, record, and what is linked


@dataclass(slots=True, kw_only=True)
class Entry:
    """``since``: when it happened. ``is_known``: it is in the timeline already; ``events`` are what it is to tell of
    anew, in order.
    """

    id: str
    subject: Subject
    record_id: UUID
    action: Told
    member: UUID | None
    since: datetime
    source: Source | None = None
    linked: UUID | None = None
    title: str | None = None
    moment: datetime | None = None
    is_known: bool = False
    events: list[Event] = field(default_factory=list)
    keys: set[str] = field(default_factory=set)

    def take(self, happening: Happening) -> None:
        """Tells of this, too."""
        self.events.append(happening.event)
        self.keys |= happening.keys
        self.title = happening.title
        self.moment = happening.moment

    @property
    def name(self) -> str:
        return f"{prefix(self.subject, self.source)}.{self.action}"

    @property
    def first(self) -> Event:
        return self.events[0]

    @property
    def last(self) -> Event:
        return self.events[-1]

    def goes_on_with(self, happening: Happening) -> bool:
        return (
            self.action == happening.action == "updated"
            and self.member == happening.member
            and happening.event.happened_at - self.since < TOGETHER
        )


def prefix(subject: Subject, source: Source | None) -> str:
    """`company` in a record's own timeline, `linked-note` in that of a record which a note is about."""
    return subject.name if source is None else source.told_as


def entries_of(happenings: Sequence[Happening], latest: Iterable[Entry]) -> Sequence[Entry]:
    """New entries, and those of the ``latest`` that have more to tell, in the order of what they tell of.

    A record's last entry takes a change in, if it is one of changes by the same member, and not too long ago. However
    events are divided into batches, the entries are the same.
    """
    last = {(entry.subject.name, entry.record_id, entry.linked): entry for entry in latest}
    told: list[Entry] = []
    for happening, made in zip(happenings, new_id.texts(len(happenings)), strict=True):
        place = happening.place
        entry = last.get(place)
        if entry is None or not entry.goes_on_with(happening):
            entry = last[place] = Entry(
                id=made,
                subject=happening.subject,
                record_id=happening.record_id,
                action=happening.action,
                member=happening.member,
                since=happening.event.happened_at,
                source=happening.source,
                linked=happening.linked,
            )
        if not entry.events:
            told.append(entry)
        entry.take(happening)
    return told


def may_go_on(happenings: Iterable[Happening]) -> Sequence[Happening]:
    """Those that the last entries of their records may take in: the first of each record, if it is a change."""
    first: dict[Place, Happening] = {}
    for happening in happenings:
        first.setdefault(happening.place, happening)
    return [happening for happening in first.values() if happening.action == "updated"]
