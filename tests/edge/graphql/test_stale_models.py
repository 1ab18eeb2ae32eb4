"""A server that has not heard of a change of the model yet: what does not fit any more, it finds out by itself.

Until then it may answer as if the change were still to come, as far as the tables let it.
"""

import itertools
import random
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import pytest

from rapport.store.database import Database
from tests.databases import fresh_name, new_database
from tests.serving import Client, Tenant, make_tenant, serving

CREATE_FIELD = "mutation($input: CreateOneFieldMetadataInput!) { createOneField(input: $input) { id } }"
UPDATE_FIELD = "mutation($input: UpdateOneFieldMetadataInput!) { updateOneField(input: $input) { id } }"
DELETE_FIELD = "mutation($id: UUID!) { deleteOneField(input: { id: $id }) { id } }"
CREATE_OBJECT = "mutation($input: CreateOneObjectInput!) { createOneObject(input: $input) { id } }"
UPDATE_OBJECT = "mutation($input: UpdateOneObjectInput!) { updateOneObject(input: $input) { id } }"
DELETE_OBJECT = "mutation($id: UUID!) { deleteOneObject(input: { id: $id }) { id } }"
CREATE = "mutation($data: CompanyCreateInput!) { createCompany(data: $data) { name %s } }"
UPDATE = "mutation($id: UUID!, $data: CompanyUpdateInput!) { updateCompany(id: $id, data: $data) { name %s } }"
UPSERT = "mutation($data: [CompanyCreateInput!]!) { createCompanies(data: $data, upsert: true) { name %s } }"
ID = "c0000000-0000-4000-8000-000000000001"
OPTIONS = [
    {"value": "RED", "label": "Red", "color": "red", "position": 0},
    {"value": "BLUE", "label": "Blue", "color": "blue", "position": 1},
]

# Of each type: a selection, a value that may be written, a filter that may be asked for.
KINDS: Mapping[str, tuple[str, object, object]] = {
    "TEXT": ("spot", "a", {"eq": "a"}),
    "NUMBER": ("spot", 3, {"gte": 3}),
    "NUMERIC": ("spot", "3.5", {"gte": "3.5"}),
    "BOOLEAN": ("spot", True, {"eq": True}),
    "DATE": ("spot", "2024-03-31", {"eq": "2024-03-31"}),
    "DATE_TIME": ("spot", "2024-03-31T00:30:00.000Z", {"lte": "2024-03-31T00:30:00.000Z"}),
    "UUID": ("spot", ID, {"eq": ID}),
    "SELECT": ("spot", "RED", {"eq": "RED"}),
    "MULTI_SELECT": ("spot", ["RED"], {"containsAny": ["RED"]}),
    "RATING": ("spot", "RATING_3", {"eq": "RATING_3"}),
    "ARRAY": ("spot", ["a"], {"containsIlike": "%a%"}),
    "RAW_JSON": ("spot", {"a": 1}, {"like": "%1%"}),
    "CURRENCY": ("spot { amountMicros currencyCode }", {"amountMicros": 5}, {"amountMicros": {"gte": 5}}),
    "LINKS": ("spot { primaryLinkUrl }", {"primaryLinkUrl": "a.example"}, {"primaryLinkUrl": {"ilike": "%a%"}}),
    "EMAILS": ("spot { primaryEmail }", {"primaryEmail": "a@b.example"}, {"primaryEmail": {"ilike": "%a%"}}),
    "PHONES": ("spot { primaryPhoneNumber }", {"primaryPhoneNumber": "+33612345678"}, None),
    "ADDRESS": ("spot { addressCity }", {"addressCity": "Brest"}, {"addressCity": {"ilike": "%b%"}}),
    "FULL_NAME": ("spot { firstName }", {"firstName": "Ann"}, {"firstName": {"ilike": "%a%"}}),
    "RICH_TEXT_V2": ("spot { markdown }", {"markdown": "a"}, None),
}

Variables: TypeAlias = Mapping[str, object]
Question: TypeAlias = tuple[str, Variables, Mapping[str, object]]  # the last is what was answered before the change


@dataclass(kw_only=True)
class Pair:
    """Two servers of one database. ``fresh`` changes the model, ``deaf`` is not told."""

    fresh: Client
    deaf: Client
    ids: dict[str, str]

    async def change(self, query: str, variables: Mapping[str, object]) -> str:
        """The id of what is made or changed."""
        (made,) = (await self.fresh.data(query, variables)).values()
        return str(made["id"])

    async def field(self, type_name: str, **more: object) -> str:
        given = {"objectMetadataId": self.ids["company"], "name": "spot", "label": "Spot", "type": type_name, **more}
        if type_name in ("SELECT", "MULTI_SELECT"):
            given.setdefault("options", OPTIONS)
        return await self.change(CREATE_FIELD, {"input": {"field": given}})

    async def understand(self, questions: Sequence[Question]) -> None:
        """The deaf server answers each as it did, or as the fresh one does."""
        for query, variables, before in questions:
            deaf, fresh = await self.deaf.ask(query, variables), await self.fresh.ask(query, variables)
            if deaf == fresh:
                continue
            assert "data" in deaf, (query, variables, deaf)
            assert "data" in before, (query, variables, deaf)
            assert deaf["data"].keys() == before["data"].keys()  # type: ignore[attr-defined]

    async def asked(self, questions: Sequence[tuple[str, Variables]]) -> list[Question]:
        """The deaf server has plans for these now."""
        return [(query, variables, await self.deaf.ask(query, variables)) for query, variables in questions]


@pytest.fixture
async def pair(server_dsn: str, template_database: str) -> AsyncIterator[Pair]:
    async with new_database(server_dsn, fresh_name(), template=template_database) as dsn:
        one, other = await Database.connect(dsn, size=3), await Database.connect(dsn, size=1)
        tenant = await make_tenant(one, "Stale")
        try:
            async with serving(one, tenant) as fresh, serving(other, tenant, deaf=True) as deaf:
                yield Pair(fresh=fresh, deaf=deaf, ids=await _ids(one, tenant))
        finally:
            await one.close()
            await other.close()


async def _ids(database: Database, tenant: Tenant) -> dict[str, str]:
    rows = await database.rows(
        'select "nameSingular", id::text from core."objectMetadata" where "workspaceId" = $1', tenant.workspace_id
    )
    return {row[0]: row[1] for row in rows}


def questions(kind: str) -> list[tuple[str, Mapping[str, object]]]:
    selection, value, condition = KINDS[kind]
    record = "company(filter: { id: { eq: $id } })"
    found: list[tuple[str, Mapping[str, object]]] = [
        (f"query($id: UUID!) {{ {record} {{ name {selection} }} }}", {"id": ID}),
        ("query($id: UUID!) { company(filter: { id: { eq: $id } }) { name people { totalCount } } }", {"id": ID}),
        (UPDATE % selection, {"id": ID, "data": {"spot": value}}),
        (CREATE % selection, {"data": {"name": "new", "spot": value}}),
        (UPSERT % selection, {"data": [{"id": ID, "name": "old", "spot": value}]}),
        ("{ companies(orderBy: [{ spot: AscNullsLast }, { id: AscNullsLast }]) { totalCount } }", {}),
        ("{ companies { countNotEmptySpot minSpot: countUniqueValuesSpot } }", {}),
        ("{ companiesGroupBy(groupBy: [{ spot: true }]) { totalCount } }", {}),
        (f"{{ people {{ edges {{ node {{ company {{ {selection} }} }} }} }} }}", {}),
    ]
    if condition is not None:
        query = "query($filter: CompanyFilterInput) { companies(filter: $filter, first: 1) { edges { node { %s } } } }"
        found.append((query % selection, {"filter": {"spot": condition}}))
    return found


async def test_a_field_may_have_become_one_of_another_type(pair: Pair) -> None:
    await pair.fresh.data(CREATE % "id", {"data": {"id": ID, "name": "old"}})
    others = list(itertools.permutations(KINDS, 2))
    random.Random(5).shuffle(others)
    for old, new in [("UUID", "TEXT"), ("TEXT", "NUMBER"), ("SELECT", "MULTI_SELECT"), *others[:15]]:
        before = await pair.field(old)
        asked = await pair.asked(questions(old))
        await pair.change(DELETE_FIELD, {"id": before})
        after = await pair.field(new)
        random.Random(f"{old} {new}").shuffle(asked)
        await pair.understand(asked)
        await pair.change(DELETE_FIELD, {"id": after})


async def test_it_needs_no_second_request_for_what_is_new(pair: Pair) -> None:
    await pair.deaf.data(CREATE % "id", {"data": {"id": ID, "name": "old"}})
    field_id = await pair.field("TEXT")
    assert await pair.deaf.data(UPDATE % "spot", {"id": ID, "data": {"spot": "a"}}) == {
        "updateCompany": {"name": "old", "spot": "a"}
    }
    await pair.change(UPDATE_FIELD, {"input": {"id": field_id, "update": {"name": "place"}}})
    assert await pair.deaf.data("{ companies { edges { node { place } } } }") == {
        "companies": {"edges": [{"node": {"place": "a"}}]}
    }
    names = {"nameSingular": "rocket", "namePlural": "rockets", "labelSingular": "Rocket", "labelPlural": "Rockets"}
    rocket = await pair.change(CREATE_OBJECT, {"input": {"object": names}})
    assert await pair.deaf.data('mutation { createRocket(data: { name: "one" }) { name } }') == {
        "createRocket": {"name": "one"}
    }
    names = {"nameSingular": "ship", "namePlural": "ships", "labelSingular": "Ship", "labelPlural": "Ships"}
    await pair.change(UPDATE_OBJECT, {"input": {"id": rocket, "update": names}})
    assert await pair.deaf.data("{ ships { totalCount } }") == {"ships": {"totalCount": 1}}
    await pair.change(DELETE_OBJECT, {"id": rocket})
    answer = await pair.deaf.ask("{ ships { totalCount } }")
    assert answer == await pair.fresh.ask("{ ships { totalCount } }")
    assert "errors" in answer


async def test_a_search_meets_tables_that_have_gone(pair: Pair) -> None:
    names = {"nameSingular": "rocket", "namePlural": "rockets", "labelSingular": "Rocket", "labelPlural": "Rockets"}
    rocket = await pair.change(CREATE_OBJECT, {"input": {"object": names}})
    await pair.deaf.data('mutation { createRocket(data: { name: "Comet one" }) { id } }')
    search = '{ search(searchInput: "comet", limit: 5) { edges { node { label } } } }'
    assert await pair.deaf.data(search) == {"search": {"edges": [{"node": {"label": "Comet one"}}]}}
    await pair.change(DELETE_OBJECT, {"id": rocket})
    assert await pair.deaf.data(search) == {"search": {"edges": []}}


async def test_a_value_that_has_just_become_possible_may_be_written(pair: Pair) -> None:
    field_id = await pair.field("SELECT")
    await pair.deaf.data(CREATE % "spot", {"data": {"id": ID, "name": "old", "spot": "RED"}})
    options = [*OPTIONS, {"value": "GREEN", "label": "Green", "color": "green", "position": 2}]
    await pair.change(UPDATE_FIELD, {"input": {"id": field_id, "update": {"options": options}}})
    green = {"updateCompany": {"name": "old", "spot": "GREEN"}}
    assert await pair.deaf.data(UPDATE % "spot", {"id": ID, "data": {"spot": "GREEN"}}) == green


async def test_a_value_that_has_just_become_impossible_is_refused(pair: Pair) -> None:
    field_id = await pair.field("SELECT")
    await pair.deaf.data(CREATE % "spot", {"data": {"id": ID, "name": "old", "spot": "RED"}})
    await pair.change(UPDATE_FIELD, {"input": {"id": field_id, "update": {"options": OPTIONS[:1]}}})
    variables = {"id": ID, "data": {"spot": "BLUE"}}
    answer = await pair.deaf.ask(UPDATE % "spot", variables)
    assert "errors" in answer
    assert answer == await pair.fresh.ask(UPDATE % "spot", variables)
