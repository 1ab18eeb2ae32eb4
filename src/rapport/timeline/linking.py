"""What the timelines of records tell of the notes and tasks that are about them, and people's of their messages.

That a note was made is told once it is about the record: by the event of the link, be it made with the note or later.
That it was changed, deleted or restored is told to all records that it was about at the time. Of a message or a
calendar event people are told once: when they come to take part in it.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from rapport.events.log import Event
from rapport.store.database import Connection
from rapport.timeline.entries import Happening, Place, Told
from rapport.timeline.members import Members
from rapport.timeline.subjects import Link, Participation, Subjects

MOST_LINKS = 200  # of one note: more records are not told what becomes of it
_SOON = timedelta(minutes=1)


@dataclass(frozen=True, kw_only=True)
class Linkings:
    """What is to be told, in no order, and what may have been told more than once."""

    happenings: Sequence[Happening]
    repeated: Sequence[Happening]


async def linkings(connection: Connection, subjects: Subjects, events: Sequence[Event], members: Members) -> Linkings:
    """Notes and messages that are there no more are not told of."""
    found: list[Happening] = []
    repeated: list[Happening] = []
    for link in subjects.links.values():
        new, _ = await _made(connection, link, events, members, "created")
        found += new
        changed = list(_changed(link, events))
        if changed:
            found += await _told(connection, link, changed, members)
    for participation in subjects.participations.values():
        new, known = await _made(connection, participation, events, members, "linked")
        found += new
        # Two people who took part in the same message are one now, if they have been merged.
        repeated += [each for each in known if each.event.action == "updated"]
    return Linkings(happenings=await _titled(connection, found), repeated=repeated)


async def _made(
    connection: Connection, link: Link | Participation, events: Sequence[Event], members: Members, action: Told
) -> tuple[list[Happening], list[Happening]]:
    """Links that come to lead from a note to a record: whose timeline does not tell of it yet, and does already."""
    events = [event for event in events if event.object == link.name and event.action in ("created", "updated")]
    if not events:
        return [], []
    by_seq = {event.seq: event for event in events}
    rows = await connection.rows(link.find_linked, list(by_seq), link.linked, list(link.columns))
    pairs: dict[tuple[str, UUID, UUID], Happening] = {}
    for row in sorted(rows, key=lambda each: each["seq"]):
        event, subject = by_seq[row["seq"]], link.columns[row["column"]]
        record_id, linked = UUID(row["record"]), UUID(row["linked"])
        pairs.setdefault(
            (subject.name, record_id, linked),
            Happening(
                subject=subject,
                record_id=record_id,
                action=action,
                event=event,
                member=members.who(event),
                source=link.source,
                linked=linked,
            ),
        )
    known: list[Happening] = []
    for subject in {each.subject.name: each.subject for each in pairs.values()}.values():
        mine = [each for each in pairs.values() if each.subject is subject]
        told = await connection.rows(
            subject.find_told, [each.record_id for each in mine], [each.linked for each in mine], mine[0].name
        )
        for row in told:
            place = subject.name, row["record"], row["linked"]
            if place in pairs:
                known.append(pairs.pop(place))
    return list(pairs.values()), known


def _changed(link: Link, events: Sequence[Event]) -> Iterator[Event]:
    """What has become of notes."""
    for event in events:
        if event.object != link.source.name or event.action in ("created", "destroyed"):
            continue
        if event.action != "updated" or link.source.changed(event):
            yield event


async def _told(connection: Connection, link: Link, events: Sequence[Event], members: Members) -> list[Happening]:
    since = min(event.happened_at for event in events)
    notes = list({event.record_id for event in events})
    links: dict[UUID, list[Mapping[str, object]]] = defaultdict(list)
    for row in await connection.rows(link.find_links, notes, since, MOST_LINKS):
        links[row["linked"]].append(row)
    found: list[Happening] = []
    last: dict[Place, Event] = {}
    for event in events:
        for row in links[event.record_id]:
            subject, record_id = link.columns[str(row["column"])], row["record"]
            assert isinstance(record_id, UUID)
            place = subject.name, record_id, event.record_id
            if not _was_there(row, event.happened_at) or _is_more_of(last.get(place), event, members):
                continue
            last[place] = event
            found.append(
                Happening(
                    subject=subject,
                    record_id=record_id,
                    action=event.action,
                    event=event,
                    member=members.who(event),
                    source=link.source,
                    linked=event.record_id,
                )
            )
    return found


def _is_more_of(last: Event | None, event: Event, members: Members) -> bool:
    """It adds nothing to what was told last; also where two links lead from the note to one record."""
    return last is event or (
        last is not None
        and last.action == event.action == "updated"
        and members.who(last) == members.who(event)
        and event.happened_at - last.happened_at < _SOON
    )


def _was_there(link: Mapping[str, object], moment: datetime) -> bool:
    since, until = link["since"], link["until"]
    assert isinstance(since, datetime)
    return since <= moment and (until is None or (isinstance(until, datetime) and until >= moment))


async def _titled(connection: Connection, happenings: Sequence[Happening]) -> Sequence[Happening]:
    """With the titles as they are now, and the moments."""
    wanted: dict[str, set[UUID]] = defaultdict(set)
    sources = {each.source.name: each.source for each in happenings if each.source}
    for each in happenings:
        if each.source and each.linked:
            wanted[each.source.name].add(each.linked)
    titles: dict[UUID | None, tuple[str | None, datetime | None]] = {}
    for name, source in sources.items():
        rows = await connection.rows(source.find_titles, list(wanted[name]))
        titles |= {row["id"]: (row["title"], row["moment"]) for row in rows}
    there = [(each, *titles[each.linked]) for each in happenings if each.linked in titles]
    return [each._replace(title=title, moment=moment) for each, title, moment in there]
