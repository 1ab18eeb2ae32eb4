"""What the timelines of records tell of the notes and tasks that are about them.

That a note was made is told once it is about the record: by the event of the link, be it made with the note or later.
That it was changed, deleted or restored is told to all records that it was about at the time.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from rapport.events.log import Event
from rapport.store.database import Connection
from rapport.timeline.entries import Happening, Place
from rapport.timeline.members import Members
from rapport.timeline.subjects import Link, Subjects

MOST_LINKS = 200  # of one note: more records are not told what becomes of it
_SOON = timedelta(minutes=1)


async def linkings(
    connection: Connection, subjects: Subjects, events: Sequence[Event], members: Members
) -> Sequence[Happening]:
    """In no order. Notes that are there no more are not told of."""
    found: list[Happening] = []
    for link in subjects.links.values():
        made = [event for event in events if event.object == link.name and event.action in ("created", "updated")]
        if made:
            found += await _made(connection, link, made, members)
        changed = list(_changed(link, events))
        if changed:
            found += await _told(connection, link, changed, members)
    return await _titled(connection, found)


async def _made(connection: Connection, link: Link, events: Sequence[Event], members: Members) -> list[Happening]:
    """Links that come to lead from a note to a record whose timeline does not tell of it yet."""
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
                action="created",
                event=event,
                member=members.who(event),
                source=link.source,
                linked=linked,
            ),
        )
    for subject in {each.subject.name: each.subject for each in pairs.values()}.values():
        mine = [each for each in pairs.values() if each.subject is subject]
        told = await connection.rows(
            subject.find_told, [each.record_id for each in mine], [each.linked for each in mine], mine[0].name
        )
        for row in told:
            pairs.pop((subject.name, row["record"], row["linked"]), None)
    return list(pairs.values())


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
    """With the titles as they are now."""
    wanted: dict[str, set[UUID]] = defaultdict(set)
    sources = {each.source.name: each.source for each in happenings if each.source}
    for each in happenings:
        if each.source and each.linked:
            wanted[each.source.name].add(each.linked)
    titles: dict[UUID | None, str | None] = {}
    for name, source in sources.items():
        rows = await connection.rows(source.find_titles, list(wanted[name]))
        titles |= {row["id"]: row["title"] for row in rows}
    return [replace(each, title=titles[each.linked]) for each in happenings if each.linked in titles]
