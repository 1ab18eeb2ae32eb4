"""Reads the log of each workspace and writes its timeline, in the transaction in which the log is read on."""

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from typing import Final
from uuid import UUID

from rapport.events.log import Event
from rapport.events.readers import Log
from rapport.metadata.catalog import Catalog
from rapport.metadata.catalogs import Catalogs
from rapport.store.database import Connection
from rapport.store.queries import load
from rapport.timeline.entries import Happening, entries_of
from rapport.timeline.linking import linkings
from rapport.timeline.members import Members
from rapport.timeline.subjects import Subjects, subjects_of
from rapport.timeline.writing import drop_twins, find_latest, held, write

TIMELINE: Final = "timeline"

_SQL = load("rapport.timeline")
_MOST = 200  # workspaces whose statements are kept


class TimelineReader:
    """A reader of events (see events/readers). Entries of the timeline are written without events of their own."""

    def __init__(self, catalogs: Catalogs) -> None:
        self._catalogs = catalogs
        self._known: OrderedDict[UUID, tuple[Catalog, Subjects | None]] = OrderedDict()

    @property
    def name(self) -> str:
        return TIMELINE

    @property
    def pause_seconds(self) -> float:
        return 0.25

    async def passes_over(self, connection: Connection, log: Log) -> bool:
        """Never: there is a timeline in every workspace."""
        return False

    async def read(self, connection: Connection, log: Log, events: Sequence[Event]) -> None:
        """A number of statements that depends on how many objects the events are of, not on how many events."""
        subjects = self._subjects(await self._catalogs.of(connection, log.workspace_id))
        if subjects is None or not any(event.object in subjects.objects for event in events):
            return
        await connection.value(_SQL["be_patient"])
        members = await Members.of(connection, subjects.hold_members, events)
        own = _own(subjects, events, members)
        linked = await linkings(connection, subjects, events, members)
        happenings = [*own, *linked.happenings]
        happenings.sort(key=lambda each: each.event.seq)
        to_tell = await held(connection, happenings)
        if to_tell:
            await write(connection, entries_of(to_tell, await find_latest(connection, to_tell)))
        await drop_twins(connection, linked.repeated)

    def _subjects(self, catalog: Catalog) -> Subjects | None:
        known = self._known.get(catalog.workspace_id)
        if known is None or known[0] is not catalog:
            known = self._known[catalog.workspace_id] = (catalog, subjects_of(catalog))
        self._known.move_to_end(catalog.workspace_id)
        if len(self._known) > _MOST:
            self._known.popitem(last=False)
        return known[1]


def _own(subjects: Subjects, events: Sequence[Event], members: Members) -> Iterator[Happening]:
    """What has happened to records themselves."""
    for event in events:
        subject = subjects.by_name.get(event.object)
        if subject is None:
            continue
        keys = subject.changed(event)
        if keys or event.action != "updated":
            yield Happening(
                subject=subject,
                record_id=event.record_id,
                action=event.action,
                event=event,
                member=members.who(event),
                keys=keys,
            )
