"""Random records with random links are merged as the slow twin merges them, and the log tells of just that."""

import asyncio
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from rapport.access.principal import Principal
from rapport.base.ids import new_id
from rapport.engine import plan
from rapport.events.ddl import create_event_table
from rapport.metadata.catalog import Catalog, Field, Object, Relation, WorkspaceId
from rapport.metadata.ddl import create_statements
from rapport.metadata.fieldtypes.base import Json
from rapport.metadata.names import quote
from rapport.records.actor import actor_values
from rapport.records.create import create_records
from rapport.records.merge import MergeRequest, RunningMerge
from rapport.store.database import Database
from tests.databases import fresh_name, new_database
from tests.metadata.fields import COLOURS, field
from tests.metadata.values import PHONE, VALUES, linked, sub_fields
from tests.records.merge_twin import merged

# Few values of the types that are united, so that records share some.
MAIL = st.sampled_from(["a@x.example", "b@x.example", "c@x.example", "d@x.example"])
LINK = st.sampled_from(["a.example", "b.example/x", "c.example", "https://d.example"])
FEW: Mapping[str, SearchStrategy[Json]] = MappingProxyType(
    {
        "EMAILS": sub_fields(primaryEmail=MAIL, additionalEmails=st.lists(MAIL, max_size=3)),
        "LINKS": sub_fields(primaryLinkLabel=st.just("label"), primaryLinkUrl=LINK, secondaryLinks=linked(LINK)),
        "PHONES": sub_fields(
            primaryPhoneNumber=PHONE, additionalPhones=st.lists(PHONE.map(lambda n: {"number": n}), max_size=3)
        ),
        "ARRAY": st.lists(st.sampled_from(["a", "b", "", "ß"]), max_size=4),
        "MULTI_SELECT": st.lists(st.sampled_from(COLOURS), max_size=3),
        "CURRENCY": sub_fields(
            amountMicros=st.integers(0, 9) | st.just("12345678901234567890.123456789"), currencyCode=st.just("EUR")
        ),
    }
)
TYPES = {name: FEW.get(name, values) for name, values in VALUES.items()}
PLAIN = {f"f{name.lower().replace('_', '')}": name for name in TYPES}
KINDS = {**PLAIN, "parent": "LINK", "group": "GROUP"}


def link(name: str, target: str, other: str, *, group: str | None = None) -> Field:
    return field(
        "MORPH_RELATION" if group else "RELATION",
        name,
        relation=Relation(
            kind="MANY_TO_ONE", target_object=target, target_field=other, join_column=f"{name}Id", morph_group=group
        ),
    )


def back(name: str, target: str, other: str) -> Field:
    relation = Relation(kind="ONE_TO_MANY", target_object=target, target_field=other, join_column=f"{other}Id")
    return field("RELATION", name, relation=relation)


def base() -> tuple[Field, ...]:
    return (
        field("UUID", "id", is_nullable=False, default="uuid"),
        field("DATE_TIME", "createdAt", is_nullable=False, default="now"),
        field("DATE_TIME", "updatedAt", is_nullable=False, default="now"),
        field("DATE_TIME", "deletedAt"),
        field("POSITION", "position", is_nullable=False, default=0),
        field("ACTOR", "createdBy"),
        field("ACTOR", "updatedBy"),
    )


def object_of(name: str, *fields: Field) -> Object:
    return Object(
        id=new_id(), name=name, plural=f"{name}s", label=name, label_plural=name, table=f"_{name}",
        fields=(*base(), *fields),
    )  # fmt: skip


THING = object_of(
    "thing",
    *(field(kind, name) for name, kind in PLAIN.items()),
    link("parent", "thing", "parts"),
    back("parts", "thing", "parent"),
    link("groupToPlace", "place", "things", group="group"),
    link("groupToThing", "thing", "grouped", group="group"),
    back("grouped", "thing", "groupToThing"),
    back("firsts", "child", "first"),
    back("seconds", "child", "second"),
)
CHILD = object_of("child", link("first", "thing", "firsts"), link("second", "thing", "seconds"))
PLACE = object_of("place", back("things", "thing", "groupToPlace"))
CATALOG = Catalog(workspace_id=WorkspaceId(new_id()), schema="merging", version=1, objects=(CHILD, THING, PLACE))
LINKS = {"thing": ("parentId", "groupToPlaceId", "groupToThingId"), "child": ("firstId", "secondId"), "place": ()}
PRINCIPAL = Principal(workspace_id=CATALOG.workspace_id, schema=CATALOG.schema, name="tests", source="API")
STAMPS = ("updatedAt", "updatedBySource", "updatedByName", "updatedByWorkspaceMemberId", "updatedByContext")

Table = dict[str, dict[str, object]]  # rows by id
State = dict[str, Table]  # by object


@dataclass(frozen=True, kw_only=True)
class Case:
    """``things`` are created first, then linked, then some of all deleted; the first ``count`` things are merged."""

    things: list[dict[str, Json]]
    children: list[dict[str, Json]]
    places: list[dict[str, Json]]
    links: list[tuple[str, str, str]]  # id of a thing, column, id of a thing or place
    deleted_children: list[str]
    order: list[str]
    priority: int


@st.composite
def cases(draw: st.DrawFn) -> Case:
    things = [
        {
            "id": str(new_id()),
            **draw(st.fixed_dictionaries({}, optional={n: st.none() | TYPES[k] for n, k in PLAIN.items()})),
        }
        for _ in range(draw(st.integers(3, 5)))
    ]
    ids = [str(each["id"]) for each in things]
    places: list[dict[str, Json]] = [{"id": str(new_id())}]
    some = st.sampled_from([*ids, None])
    children: list[dict[str, Json]] = [
        {"id": str(new_id()), "firstId": draw(some), "secondId": draw(some)} for _ in range(draw(st.integers(0, 5)))
    ]
    links: list[tuple[str, str, str]] = []
    for each in ids:
        if (parent := draw(some)) is not None:
            links.append((each, "parentId", parent))
        if draw(st.booleans()):
            column = draw(st.sampled_from(["groupToPlaceId", "groupToThingId"]))
            links.append(
                (each, column, str(places[0]["id"]) if column == "groupToPlaceId" else draw(st.sampled_from(ids)))
            )
    deleted = [str(each["id"]) for each in children if draw(st.integers(0, 3)) == 0]
    order = draw(st.permutations(ids[: len(ids) - 1]))  # the last one is a stranger
    return Case(
        things=things,
        children=children,
        places=places,
        links=links,
        deleted_children=deleted,
        order=list(order),
        priority=draw(st.integers(0, len(order) - 1)),
    )


def selection() -> tuple[plan.Item, ...]:
    """All columns of a thing, and what is linked to it."""
    scalars = [plan.Scalar(key=column.name, column=column) for column in THING.columns]
    identity = (plan.Scalar(key="id", column=THING.field["id"].column),)
    order = (plan.OrderKey(path=("id",), column=CHILD.field["id"].column),)
    edges = plan.Edges(
        key="edges", items=(plan.Node(key="node", items=(plan.Scalar(key="id", column=CHILD.field["id"].column),)),)
    )
    children = plan.Connection(
        object=CHILD, items=(edges, plan.TotalCount(key="totalCount")), order=order, page=plan.Page(limit=60)
    )
    firsts = plan.ToMany(
        key="firsts", field=THING.field["firsts"], join=CHILD.field["first"].column, connection=children
    )
    return (*scalars, plan.ToOne(key="parent", field=THING.field["parent"], target=THING, items=identity), firsts)


class Arena:
    """The tables, in a loop of its own: hypothesis runs plain functions."""

    def __init__(self, runner: asyncio.Runner, database: Database) -> None:
        self._runner = runner
        self._database = database

    def play(
        self, case: Case
    ) -> tuple[State, dict[str, Json], dict[str, Json], State, list[tuple[str, str, str, frozenset[str]]]]:
        """The rows before, the answers of a dry run and of the merge, the rows after, and the events."""
        return self._runner.run(self._play(case))

    async def _play(
        self, case: Case
    ) -> tuple[State, dict[str, Json], dict[str, Json], State, list[tuple[str, str, str, frozenset[str]]]]:
        database = self._database
        await database.script("truncate merging._thing, merging._child, merging._place, merging.event")
        for name, rows in (("place", case.places), ("thing", case.things), ("child", case.children)):
            await create_records(database, CATALOG, name, rows, PRINCIPAL)
        for record, column, target in case.links:
            await database.execute(f'update merging._thing set "{column}" = $1 where id = $2', target, record)
        await database.execute(
            'update merging._child set "deletedAt" = now() where id = any($1)', case.deleted_children
        )
        await database.script("truncate merging.event")
        before = await self._state()
        merge = RunningMerge(CATALOG, THING, selection())
        values = actor_values(PRINCIPAL)
        request = MergeRequest(ids=tuple(case.order), priority=case.priority, dry_run=True)
        preview: dict[str, Json] = json.loads(await merge.run(database, request, values))
        assert await self._state() == before
        assert await database.value("select count(*) from merging.event") == 0
        answer: dict[str, Json] = json.loads(
            await merge.run(database, MergeRequest(ids=request.ids, priority=request.priority), values)
        )
        return before, preview, answer, await self._state(), await self._events()

    async def _state(self) -> State:
        return {item.name: await self._table(item) for item in CATALOG.objects}

    async def _table(self, item: Object) -> Table:
        rows = await self._database.rows(f"select to_jsonb(t.*)::text from merging.{quote(item.table)} t")
        parsed = [json.loads(row[0], parse_float=Decimal) for row in rows]
        return {row["id"]: row for row in parsed}

    async def _events(self) -> list[tuple[str, str, str, frozenset[str]]]:
        rows = await self._database.rows(
            'select action, object, "recordId"::text, "updatedFields" from merging.event order by seq'
        )
        return [(row[0], row[1], row[2], frozenset(row[3] or ())) for row in rows]


@pytest.fixture(scope="module")
def arena(server_dsn: str) -> Iterator[Arena]:
    with asyncio.Runner() as runner:
        making = new_database(server_dsn, fresh_name())
        dsn = runner.run(making.__aenter__())
        database = runner.run(Database.connect(dsn, size=1))
        statements = [*create_statements(CATALOG), create_event_table(CATALOG.schema)]
        runner.run(database.script(";\n".join(statements)))
        yield Arena(runner, database)
        runner.run(database.close())
        runner.run(making.__aexit__(None, None, None))


def expected(case: Case, before: State) -> State:
    """The rows after the merge, by the twin; the stamps of changes left out."""
    things = before["thing"]
    survivor, losers = case.order[case.priority], {each for each in case.order if each != case.order[case.priority]}
    after: State = {name: {key: dict(row) for key, row in table.items()} for name, table in before.items()}
    after["thing"][survivor] = merged(KINDS, [things[each] for each in case.order], case.priority)
    for name, table in after.items():
        for row in table.values():
            for column in LINKS[name]:
                if row[column] in losers:
                    row[column] = survivor
    for each in losers:
        after["thing"][each]["deletedAt"] = "deleted"
    return after


def without_stamps(state: State) -> State:
    return {
        name: {
            key: {
                column: "deleted" if column == "deletedAt" and value and name == "thing" else value
                for column, value in row.items()
                if column not in STAMPS
            }
            for key, row in table.items()
        }
        for name, table in state.items()
    }


def changes(case: Case, before: State, after: State) -> Counter[tuple[str, str, str, frozenset[str]]]:
    """The events that there must be. A record with two links that are turned is changed twice."""
    found: Counter[tuple[str, str, str, frozenset[str]]] = Counter()
    survivor = case.order[case.priority]
    for item in CATALOG.objects:
        for key, row in before[item.name].items():
            now = after[item.name][key]
            fields = [
                each.name
                for each in item.fields
                if each.name != "deletedAt"
                and any(row[c.name] != now[c.name] for c in each.columns if c.name not in STAMPS)
            ]
            if key == survivor and fields:
                found[("updated", item.name, key, frozenset(fields))] += 1
                continue
            if row["deletedAt"] is None and now["deletedAt"] is not None:
                found[("deleted", item.name, key, frozenset())] += 1
            for each in fields:
                found[("updated", item.name, key, frozenset([each]))] += 1
    return found


@settings(
    max_examples=120, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(case=cases())
def test_records_are_merged_as_the_twin_merges_them(arena: Arena, case: Case) -> None:
    before, preview, answer, after, log = arena.play(case)

    assert without_stamps(after) == without_stamps(expected(case, before))
    assert Counter(log) == changes(case, before, after)
    merged_ids = {each for each in case.order if each != case.order[case.priority]}
    assert set(log[: len(merged_ids)]) == {("deleted", "thing", each, frozenset()) for each in merged_ids}
    assert answer["id"] == case.order[case.priority]
    assert _shown(preview, case.order) == _shown(answer, case.order)


def _shown(answer: Mapping[str, Json], ids: Sequence[str]) -> dict[str, Json]:
    """What must be the same in a preview. Links to the merged records are still those to what they are now."""
    hidden = {"id", "deletedAt", "parent", *STAMPS}
    return {
        key: "merged" if isinstance(value, str) and value in ids else value
        for key, value in answer.items()
        if key not in hidden
    }
