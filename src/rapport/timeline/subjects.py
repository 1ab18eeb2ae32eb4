"""Of which objects of a workspace there are timelines, and the statements that write them."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from rapport.engine import plan
from rapport.engine.recalling import recall_field, recall_record
from rapport.events.log import Event
from rapport.metadata.catalog import Catalog, Object
from rapport.metadata.names import literal, qualified, quote
from rapport.records.showing import own_items
from rapport.store.queries import load

# Fields whose changes are of no interest: they change by themselves, or say how records are arranged.
SILENT = frozenset({"updatedAt", "updatedBy", "position"})

_SQL = load("rapport.timeline")
_OBJECT = "timelineActivity"
_GROUP = "target"  # of the relations by which an entry points to what it is about
_MEMBER = "workspaceMember"
_DELETION, _NOTHING = frozenset({"deletedAt"}), frozenset[str]()
_LINKS = {"noteTarget": "note", "taskTarget": "task"}
# Whose records link people with what, and which field of that says when it was.
_PARTICIPANTS = {
    "messageParticipant": ("message", "receivedAt"),
    "calendarEventParticipant": ("calendarEvent", "startsAt"),
}
_PERSON = "person"


@dataclass(frozen=True, kw_only=True)
class Subject:
    """An object whose records have timelines; ``target`` is the column by which entries point to them."""

    item: Object
    target: str
    schema: str
    timeline: str

    @property
    def name(self) -> str:
        return self.item.name

    @property
    def told_as(self) -> str:
        return f"linked-{self.name}"

    @cached_property
    def keys(self) -> Mapping[str, str]:
        """What a record shows of each field that counts, by the name of the field: `company` is `companyId`."""
        shown = {item.key for item in self._items}
        fields = [field for name, field in self.item.field.items() if name not in SILENT and not field.is_to_many]
        keys = {field.name: field.column.name if field.is_to_one else field.name for field in fields}
        return {name: key for name, key in keys.items() if key in shown}

    def changed(self, event: Event) -> frozenset[str]:
        """What has changed in the record that counts; nothing for one that has come or is gone for good."""
        if event.action == "updated":
            return frozenset(self.keys[name] for name in event.updated_fields or () if name in self.keys)
        return _DELETION if event.action in ("deleted", "restored") else _NOTHING

    @cached_property
    def hold(self) -> str:
        return self._sql("hold")

    @cached_property
    def hold_all(self) -> str:
        return self._sql("hold_all")

    @cached_property
    def find_titles(self) -> str:
        return self._sql("find_titles")

    @cached_property
    def find_told(self) -> str:
        return self._sql("find_told")

    @cached_property
    def find_latest(self) -> str:
        return self._sql("find_latest")

    @cached_property
    def add_creations(self) -> str:
        return self._sql("add_creations").replace("{record}", recall_record(self._items, "e.after"))

    @cached_property
    def add_changes(self) -> str:
        before = recall_field(self._items, "f.key", "e.before")
        after = recall_field(self._items, "f.key", "l.after")
        return self._sql("add_changes").replace("{before}", before).replace("{after}", after)

    @cached_property
    def drop_twins(self) -> str:
        return self._sql("drop_twins")

    @cached_property
    def add_entries(self) -> str:
        return self._sql("add_entries")

    @cached_property
    def renew_entries(self) -> str:
        return self._sql("renew_entries")

    @cached_property
    def _items(self) -> tuple[plan.Item, ...]:
        return tuple(own_items(self.item, numbers_are_texts=False))

    def _sql(self, name: str) -> str:
        return (
            _SQL[name]
            .replace("{schema}", quote(self.schema))
            .replace("{timeline}", self.timeline)
            .replace("{table}", qualified(self.schema, self.item.table))
            .replace("{target}", quote(self.target))
        )


@dataclass(frozen=True, kw_only=True)
class Link:
    """An object whose records say what a note or a task is about. ``linked`` is the column that leads to the note,
    ``columns`` those that lead to records, with their subjects.
    """

    item: Object
    source: Subject
    linked: str
    columns: Mapping[str, Subject]
    schema: str

    @property
    def name(self) -> str:
        return self.item.name

    @cached_property
    def find_linked(self) -> str:
        return _SQL["find_linked"].replace("{schema}", quote(self.schema))

    @cached_property
    def find_links(self) -> str:
        columns = ", ".join(f"({literal(column)}, t.{quote(column)})" for column in self.columns)
        return (
            _SQL["find_links"]
            .replace("{table}", qualified(self.schema, self.item.table))
            .replace("{linked}", quote(self.linked))
            .replace("{columns}", columns)
        )


@dataclass(frozen=True, kw_only=True)
class Correspondence:
    """Messages, or calendar events. ``moment`` is the column that says when one was received, or begins."""

    item: Object
    moment: str | None
    schema: str

    @property
    def name(self) -> str:
        return self.item.name

    @property
    def told_as(self) -> str:
        return self.item.name

    @cached_property
    def find_titles(self) -> str:
        return (
            _SQL["find_moments"]
            .replace("{table}", qualified(self.schema, self.item.table))
            .replace("{moment}", "null" if self.moment is None else quote(self.moment))
        )


@dataclass(frozen=True, kw_only=True)
class Participation:
    """An object whose records say who takes part in messages, or calendar events. As ``Link``."""

    item: Object
    source: Correspondence
    linked: str
    columns: Mapping[str, Subject]
    schema: str

    @property
    def name(self) -> str:
        return self.item.name

    @cached_property
    def find_linked(self) -> str:
        return _SQL["find_linked"].replace("{schema}", quote(self.schema))


@dataclass(frozen=True, kw_only=True)
class Subjects:
    """All of a workspace. ``links`` and ``participations`` by their own names, `noteTarget`; ``hold_members`` as
    ``Subject.hold``.
    """

    by_name: Mapping[str, Subject]
    links: Mapping[str, Link]
    participations: Mapping[str, Participation]
    hold_members: str

    @cached_property
    def objects(self) -> frozenset[str]:
        """Whose events matter."""
        return frozenset((*self.by_name, *self.links, *self.participations))


def subjects_of(catalog: Catalog) -> Subjects | None:
    """None where there is no timeline: its object is not active."""
    timeline = catalog.by_name.get(_OBJECT)
    member = next((item for item in catalog.objects if item.name == _MEMBER), None)
    if timeline is None or member is None:
        return None
    by_name = {subject.name: subject for subject in _subjects(catalog, timeline)}
    hold = _SQL["hold"].replace("{table}", qualified(catalog.schema, member.table))
    return Subjects(
        by_name=by_name,
        links={link.name: link for link in _links(catalog, by_name)},
        participations={each.name: each for each in _participations(catalog, by_name)},
        hold_members=hold,
    )


def _subjects(catalog: Catalog, timeline: Object) -> Iterator[Subject]:
    for column, target in _targets(catalog, timeline):
        if target.is_audit_logged:
            table = qualified(catalog.schema, timeline.table)
            yield Subject(item=target, target=column, schema=catalog.schema, timeline=table)


def _links(catalog: Catalog, subjects: Mapping[str, Subject]) -> Iterator[Link]:
    for name, source in _LINKS.items():
        item = catalog.by_name.get(name)
        subject = subjects.get(source)
        owner = item.field.get(source) if item is not None else None
        if item is None or subject is None or owner is None:
            continue
        columns = {column: subjects[each.name] for column, each in _targets(catalog, item) if each.name in subjects}
        if columns:
            yield Link(item=item, source=subject, linked=owner.column.name, columns=columns, schema=catalog.schema)


def _participations(catalog: Catalog, subjects: Mapping[str, Subject]) -> Iterator[Participation]:
    person = subjects.get(_PERSON)
    for name, (source, moment) in _PARTICIPANTS.items():
        item, linked = catalog.by_name.get(name), catalog.by_name.get(source)
        if person is None or item is None or linked is None:
            continue
        owner, participant, when = item.field.get(source), item.field.get(_PERSON), linked.field.get(moment)
        if owner is None or participant is None:
            continue
        yield Participation(
            item=item,
            source=Correspondence(item=linked, moment=when.column.name if when else None, schema=catalog.schema),
            linked=owner.column.name,
            columns={participant.column.name: person},
            schema=catalog.schema,
        )


def _targets(catalog: Catalog, item: Object) -> Iterator[tuple[str, Object]]:
    """The columns by which a record of the object points to what it belongs to, and where they lead."""
    for field in item.field.values():
        if field.relation and field.is_to_one and field.relation.morph_group == _GROUP:
            target = catalog.by_name.get(field.relation.target_object)
            if target is not None:
                yield field.column.name, target
