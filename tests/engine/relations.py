"""Filters across relations for the slow twin: the objects with all their links, and what such filters mean."""

from collections.abc import Iterator, Mapping, Sequence
from random import Random
from typing import cast

from hypothesis import strategies as st

from tests.engine.shape import Entity, Leaf, Link
from tests.engine.twin import Json, Row, Truth, Twin, mentions_deleted
from tests.engine.world import random_id

TEXT, INTEGER, CHOICE, UUID, MOMENT = Leaf("text"), Leaf("integer"), Leaf("choice"), Leaf("uuid"), Leaf("moment")
STAGES = ("NEW", "SCREENING", "MEETING")
POOLS: Mapping[str, Sequence[Json]] = {
    "text": (None, "", "Oslo", "Rome", "oslo"),
    "integer": (None, 0, 1, 2),
    "choice": STAGES,
}
_OPERATORS: Mapping[str, Sequence[str]] = {
    "text": ("eq", "neq", "in", "gt", "lte", "ilike", "startsWith", "is"),
    "integer": ("eq", "neq", "in", "gt", "lte", "is"),
    "choice": ("eq", "neq", "in", "is"),
    "uuid": ("eq", "neq", "in", "is"),
}

_TARGETS = {f"target{kind.capitalize()}Id": UUID for kind in ("company", "person", "opportunity")}
ENTITIES: Mapping[str, Entity] = {
    each.name: each
    for each in (
        Entity(
            name="company",
            plural="companies",
            fields={"id": UUID, "name": TEXT, "employees": INTEGER, "deletedAt": MOMENT},
            lists={
                "people": ("person", "companyId"),
                "opportunities": ("opportunity", "companyId"),
                "noteTargets": ("noteTarget", "targetCompanyId"),
            },
        ),
        Entity(
            name="person",
            plural="people",
            fields={
                "id": UUID,
                "city": TEXT,
                "jobTitle": TEXT,
                "deletedAt": MOMENT,
                "companyId": UUID,
                "company": Link("company", "companyId"),
            },
            lists={
                "pointOfContactForOpportunities": ("opportunity", "pointOfContactId"),
                "noteTargets": ("noteTarget", "targetPersonId"),
            },
        ),
        Entity(
            name="opportunity",
            plural="opportunities",
            fields={
                "id": UUID,
                "name": TEXT,
                "stage": CHOICE,
                "deletedAt": MOMENT,
                "companyId": UUID,
                "company": Link("company", "companyId"),
                "pointOfContactId": UUID,
                "pointOfContact": Link("person", "pointOfContactId"),
            },
            lists={"noteTargets": ("noteTarget", "targetOpportunityId")},
        ),
        Entity(
            name="note",
            plural="notes",
            fields={"id": UUID, "title": TEXT, "deletedAt": MOMENT},
            lists={"noteTargets": ("noteTarget", "noteId")},
        ),
        Entity(
            name="noteTarget",
            plural="noteTargets",
            fields={
                "id": UUID,
                "deletedAt": MOMENT,
                "noteId": UUID,
                "note": Link("note", "noteId"),
                **_TARGETS,
                "targetCompany": Link("company", "targetCompanyId"),
                "targetPerson": Link("person", "targetPersonId"),
                "targetOpportunity": Link("opportunity", "targetOpportunityId"),
            },
        ),
    )
}


# -- the twin ---------------------------------------------------------------------------------------------------------


class RelationTwin(Twin):
    """As the twin, with to-one relations at any depth and the quantifiers of to-many ones."""

    def matching(self, name: str, filter_: Json, *, within: tuple[str, str] | None = None) -> list[str]:
        """The ids of the rows that a query lists, in order. ``within`` are a join column and the id that it holds."""
        return sorted(
            row["id"]
            for row in self.rows[name]
            if (within is None or row[within[0]] == within[1])
            and (row["deletedAt"] is None or mentions_deleted(filter_))
            and self.holds(ENTITIES[name], row, filter_) is True
        )

    def _key(self, entity: Entity, row: Row, key: str, given: Json) -> Truth:
        shape = entity.fields.get(key)
        if key in entity.lists:
            kind, column = entity.lists[key]
            quantified = (given or {}).items()
            return all(self._quantified(row, kind, column, word, each) for word, each in quantified if each is not None)
        if not isinstance(shape, Link) or not given or set(given) <= {"eq", "neq", "in", "is"}:
            return super()._key(entity, row, key, given)
        target = ENTITIES[shape.target]
        if asks_nothing(target, given):
            return True
        found = self.linked(row, shape, deleted=mentions_deleted(given))
        return found is not None and self.holds(target, found, given) is True

    def _quantified(self, row: Row, kind: str, column: str, quantifier: str, given: Json) -> bool:
        answers = [
            self.holds(ENTITIES[kind], other, given) is True
            for other in self.rows[kind]
            if other[column] == row["id"] and (other["deletedAt"] is None or mentions_deleted(given))
        ]
        return {"some": any(answers), "none": not any(answers), "every": all(answers)}[quantifier]


def asks_nothing(entity: Entity, filter_: Json) -> bool:
    """The filter has no condition in it, so it does not even ask for a related record to be there."""
    return filter_ is None or all(_is_nothing(entity, key, given) for key, given in filter_.items())


def _is_nothing(entity: Entity, key: str, given: Json) -> bool:
    if given is None:
        return True
    listed = given if isinstance(given, list) else [given]
    if key == "and":
        return all(asks_nothing(entity, each) for each in listed)
    if key == "or":
        return not listed or any(asks_nothing(entity, each) for each in listed)
    if key == "not":
        return False
    if key in entity.lists:
        kind = ENTITIES[entity.lists[key][0]]
        return all(each is None or (word == "every" and asks_nothing(kind, each)) for word, each in given.items())
    shape = entity.fields[key]
    if isinstance(shape, Link) and not set(given) <= {"eq", "neq", "in", "is"}:
        return asks_nothing(ENTITIES[shape.target], given)
    return all(operator == "is" and value is None for operator, value in given.items())


# -- rows -------------------------------------------------------------------------------------------------------------


def random_rows(random: Random, counts: Mapping[str, int]) -> dict[str, list[Row]]:
    """Rows of all objects; some are soft-deleted, some links lead to soft-deleted rows or nowhere."""
    ids = {name: [random_id(random) for _ in range(count)] for name, count in counts.items()}
    return {name: [_row(random, name, each, ids) for each in ids[name]] for name in counts}


def _row(random: Random, name: str, identity: str, ids: Mapping[str, Sequence[str]]) -> Row:
    entity = ENTITIES[name]
    links = {shape.column: shape.target for shape in entity.fields.values() if isinstance(shape, Link)}
    if name == "noteTarget":  # it points to one record besides its note
        links = {"noteId": "note", **dict([random.choice(list(links.items())[1:])])}
    row: dict[str, Json] = {"id": identity, "deletedAt": "soon" if random.random() < 0.2 else None}
    for key, shape in entity.fields.items():
        if key in row or isinstance(shape, Link):
            continue
        if shape == UUID:
            row[key] = random.choice(ids[links[key]]) if key in links and random.random() < 0.85 else None
        else:
            row[key] = random.choice(POOLS[cast(Leaf, shape).kind])
    return row


# -- filters ----------------------------------------------------------------------------------------------------------


def filters(entity: Entity, ids: Sequence[str], depth: int = 3) -> st.SearchStrategy[Json]:
    """Conditions on fields, related records and lists of them, and combinations; ``depth`` counts relations too."""
    options = dict(_options(entity, ids, depth))
    lists = [key for key in entity.lists if key in options]
    links = [key for key in options if isinstance(entity.fields.get(key), Link)]
    likely = [*options, *lists * 3, *links * 2]
    chosen = st.lists(st.sampled_from(likely), unique=True, min_size=1, max_size=2 if depth else 1)
    return chosen.flatmap(lambda keys: st.fixed_dictionaries({key: options[key] for key in keys}))


def _options(entity: Entity, ids: Sequence[str], depth: int) -> Iterator[tuple[str, st.SearchStrategy[Json]]]:
    def inner(name: str) -> st.SearchStrategy[Json]:
        return st.deferred(lambda: filters(ENTITIES[name], ids, depth - 1))

    for key, shape in entity.fields.items():
        if key == "deletedAt":
            yield key, st.sampled_from([{"is": "NULL"}, {"is": "NOT_NULL"}, {"is": "NOT_NULL"}, {}, None])
        elif isinstance(shape, Leaf):
            yield key, _leaf(shape, ids)
        elif isinstance(shape, Link):
            by_id = _leaf(UUID, ids)
            yield key, st.one_of(st.none(), by_id, inner(shape.target), inner(shape.target)) if depth else by_id
    if depth:
        for key, (kind, _) in entity.lists.items():
            yield key, _quantified(inner(kind))
        mine = inner(entity.name)
        yield "and", st.lists(mine, max_size=3) | mine
        yield "or", st.lists(mine, max_size=3) | mine
        yield "not", mine


def _quantified(inner: st.SearchStrategy[Json]) -> st.SearchStrategy[Json]:
    one = st.sampled_from(["some", "none", "every"]).flatmap(lambda word: st.fixed_dictionaries({word: inner}))
    rare = st.none() | inner
    several = st.fixed_dictionaries({}, optional={"some": rare, "none": rare, "every": rare})
    return st.one_of(one, one, one, several, st.none())


def _leaf(leaf: Leaf, ids: Sequence[str]) -> st.SearchStrategy[Json]:
    value = st.sampled_from(ids if leaf.kind == "uuid" else [each for each in POOLS[leaf.kind] if each is not None])
    options: dict[str, st.SearchStrategy[Json]] = dict.fromkeys(_OPERATORS[leaf.kind], value | st.none())
    options["is"] = st.sampled_from(["NULL", "NOT_NULL", None])
    options["in"] = st.lists(value, max_size=3)
    if leaf.kind == "text":
        options["ilike"] = st.sampled_from(["o%", "%O", "", "%", "r_m_"])
        options["startsWith"] = st.sampled_from(["O", ""])
    chosen = st.lists(st.sampled_from(_OPERATORS[leaf.kind]), unique=True, max_size=2)
    return chosen.flatmap(lambda keys: st.fixed_dictionaries({key: options[key] for key in keys}))
