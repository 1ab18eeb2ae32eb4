"""Records that hang on others, and say something of them: they exist for whoever may see what they hang on.

Links of notes and tasks, attachments, favorites and the timeline are system objects, which every role may read. But an
attachment of a hidden company is hidden, and so is what the timeline says of a field that may not be read.
"""

from collections.abc import Iterator
from dataclasses import replace

from rapport.engine import plan
from rapport.metadata.catalog import Catalog, Field, Object

DEPENDENTS = frozenset(
    {
        "attachment",
        "calendarEventParticipant",
        "favorite",
        "messageParticipant",
        "noteTarget",
        "taskTarget",
        "timelineActivity",
    }
)
_COPIES = {"timelineActivity": "properties"}  # values of the records that it is about
_NAMES = {"timelineActivity": ("linkedRecordCachedName", frozenset({"calendarEvent", "message", "note", "task"}))}


def with_dependents(seen: Catalog) -> Catalog:
    """The data model of a role, with dependent records as hidden as what they hang on; the same where nothing is."""
    objects = tuple(_dependent(seen, item) if item.name in DEPENDENTS else item for item in seen.objects)
    if all(one is other for one, other in zip(objects, seen.objects, strict=True)):
        return seen
    return replace(seen, objects=objects)


def _dependent(seen: Catalog, item: Object) -> Object:
    rules = list(_rules(seen, item))
    if rules:
        own = () if item.rights.rows is None else (item.rights.rows,)
        rows = plan.All(items=(*own, *rules))
        item = replace(item, rights=replace(item.rights, rows=rows))
    hidden = set(_hidden(seen, item))
    if hidden:
        fields = tuple(replace(each, may_read=False) if each.name in hidden else each for each in item.fields)
        item = replace(item, fields=fields)
    return item


def _rules(seen: Catalog, item: Object) -> Iterator[plan.Predicate]:
    """For each link to an object of which not all may be seen: there is none, or what it leads to may be seen."""
    for link, target in _links(seen, item):
        nothing = plan.IsNull(column=link.column)
        if not target.rights.read:
            yield nothing
        elif target.rights.rows is not None:
            there = plan.Related(field=link, target=target, item=plan.EVERYTHING, mentions_deleted=True)
            yield plan.Any(items=(nothing, there))
    about = [(link, target) for link, target in _links(seen, item) if link.relation and link.relation.morph_group]
    if item.name in _COPIES and any(_has_hidden_rows(target) for _, target in about):
        # What was told of a record that has been destroyed leads nowhere, and nobody knows who might have seen it.
        yield plan.Any(items=tuple(plan.IsNull(column=link.column, negated=True) for link, _ in about))


def _hidden(seen: Catalog, item: Object) -> Iterator[str]:
    copies = _COPIES.get(item.name)
    # Also fields that are not active now: what they were is told all the same.
    if copies and any(not each.may_read for _, target in _links(seen, item) for each in target.fields):
        yield copies
    name, of = _NAMES.get(item.name, ("", frozenset[str]()))
    if any(_is_limited(each) for each in seen.objects if each.name in of):
        yield name


def _is_limited(item: Object) -> bool:
    return _has_hidden_rows(item) or bool(item.denied)


def _has_hidden_rows(item: Object) -> bool:
    return not item.rights.read or item.rights.rows is not None


def _links(seen: Catalog, item: Object) -> Iterator[tuple[Field, Object]]:
    """The links to objects that are no dependents themselves: nothing goes round in circles."""
    by_name = {each.name: each for each in seen.objects}  # what is not active now is not forgotten
    for link in item.fields:
        if link.is_to_one and link.relation is not None and link.relation.target_object not in DEPENDENTS:
            yield link, by_name[link.relation.target_object]
