"""What is written is read, whatever it is; what cannot be kept is refused."""

import json
from collections.abc import Mapping
from decimal import Decimal
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from rapport.base.ids import new_id
from tests.engine.printing import literal
from tests.engine.shape import Entity
from tests.engine.twin import Json
from tests.engine.values import KINDS, Kind
from tests.engine.world import ask_exactly, make_as_server
from tests.records.member import member
from tests.records.roles import admin
from tests.serving import Client

many = settings(
    deadline=None,
    derandomize=True,
    max_examples=300,
    phases=(Phase.explicit, Phase.generate, Phase.shrink),
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@st.composite
def changes(draw: st.DrawFn) -> tuple[str, Json, Json]:
    """The name of an object, a record of it, and what is changed of it later."""
    kind = draw(st.sampled_from(KINDS))
    return kind.name, draw(kind.records()), draw(kind.records())


@pytest.fixture
async def writer(client: Client) -> tuple[Client, UUID]:
    """An admin, who may write everything, and the id of their member record."""
    return await member(client, role_id=await admin(client))


@given(change=changes(), in_document=st.booleans())
@many
async def test_any_value_survives_being_written_and_changed(
    writer: tuple[Client, UUID], change: tuple[str, Json, Json], in_document: bool
) -> None:
    name, first, second = change
    (kind,) = [each for each in KINDS if each.name == name]
    client, own = writer
    if name == "workflow":  # callers may not write statuses
        await write_as_server(client, kind, first)
        first, second = ({**each, "statuses": None} for each in (first, second))
    if name == "connectedAccount":  # is updated by its owner
        first = {**first, "accountOwnerId": str(own)}
    await write_and_read(client, kind, first, second, in_document=in_document)


async def write_as_server(client: Client, kind: Kind, data: Json) -> None:
    """Creates a record as the server itself does, and looks at it."""
    identity = new_id.text()
    entity = Entity(name=kind.name, plural=kind.plural, fields={})
    await make_as_server(client, entity, [{**plain(data), "id": identity}])
    assert same(await read(client, kind, identity), data)
    await client.data(f'mutation {{ destroy{kind.type_name}(id: "{identity}") {{ id }} }}')


async def write_and_read(client: Client, kind: Kind, first: Json, second: Json, *, in_document: bool) -> None:
    """Creates a record, changes it, and looks at it after each."""
    created = await write(client, kind, f"create{kind.type_name}", {}, first, in_document=in_document)
    expected = {name: value for name, value in first.items() if name != "accountOwnerId"}
    assert same(created, expected), (expected, created)
    assert same(await read(client, kind, created["id"]), expected)
    second = {name: value for name, value in second.items() if name != "id"}
    identity = {"id": created["id"]}
    updated = await write(client, kind, f"update{kind.type_name}", identity, second, in_document=in_document)
    expected |= second
    assert same(updated, expected), (expected, updated)
    assert same(await read(client, kind, created["id"]), expected)
    await client.data(f'mutation {{ destroy{kind.type_name}(id: "{created["id"]}") {{ id }} }}')


async def write(
    client: Client, kind: Kind, verb: str, identity: Mapping[str, str], data: Json, *, in_document: bool
) -> Json:
    selection = f"{{ id {kind.selection} }}"
    passed = "".join(f'{name}: "{value}", ' for name, value in identity.items())
    if in_document:
        query = f"mutation {{ {verb}({passed}data: {literal(as_literal(data))}) {selection} }}"
        return (await ask_exactly(client, query, {}))[verb]
    type_name = kind.type_name + ("Update" if identity else "Create") + "Input"
    query = f"mutation($data: {type_name}!) {{ {verb}({passed}data: $data) {selection} }}"
    return (await ask_exactly(client, query, {"data": plain(data)}))[verb]


async def read(client: Client, kind: Kind, identity: str) -> Json:
    query = f"query($id: UUID) {{ {kind.name}(filter: {{id: {{eq: $id}}}}) {{ id {kind.selection} }} }}"
    return (await ask_exactly(client, query, {"id": identity}))[kind.name]


def plain(value: Json) -> Json:
    """Values for a JSON body: an exact number is a number when it is whole, else a text."""
    match value:
        case dict():
            return {key: plain(each) for key, each in value.items()}
        case Decimal():
            return int(value) if value == value.to_integral_value() else format(value, "f")
    return value


def as_literal(data: Json) -> Json:
    """Values for a document, where the keys of an object are names: free JSON is written into a text."""
    given = plain(data)
    return {**given, "properties": json.dumps(given["properties"])} if given.get("properties") else given


def same(found: Json, expected: Json) -> bool:
    """All that is expected was found. Numbers that are no exact decimals are compared as the doubles that they are."""
    match expected:
        case dict():
            return isinstance(found, dict) and all(
                key in found and same(found[key], value) for key, value in expected.items()
            )
        case list():
            return isinstance(found, list) and len(found) == len(expected) and all(map(same, found, expected))
        case None | bool() | str():
            return type(found) is type(expected) and found == expected
        case Decimal() | int():
            return isinstance(found, (int, Decimal)) and not isinstance(found, bool) and found == expected
    return isinstance(found, (int, Decimal)) and not isinstance(found, bool) and float(found) == expected


async def test_null_is_not_the_empty_text(client: Client) -> None:
    answer = await client.data(
        'mutation { createPeople(data: [{city: null, jobTitle: ""}, {city: ""}]) { city jobTitle name { firstName } } }'
    )
    assert answer["createPeople"] == [
        {"city": None, "jobTitle": "", "name": {"firstName": None}},
        {"city": "", "jobTitle": None, "name": {"firstName": None}},
    ]


BAD = ("a\\u0000b", "a\\ud800b", "\\udc00", "\\udbff\\u0041")  # NUL; halves of surrogate pairs


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("company", '{"name": "BAD"}'),
        ("company", '{"address": {"addressCity": "BAD"}}'),
        ("company", '{"domainName": {"primaryLinkUrl": "x.example.com", "primaryLinkLabel": "BAD"}}'),
        ("company", '{"domainName": {"primaryLinkUrl": "BAD"}}'),
        ("person", '{"emails": {"primaryEmail": "BAD@example.com"}}'),
        ("person", '{"name": "BAD"}'),
        ("opportunity", '{"stage": "BAD"}'),
        ("timelineActivity", '{"properties": {"a": ["BAD"]}}'),
        ("timelineActivity", '{"properties": {"BAD": 1}}'),
        ("connectedAccount", '{"scopes": ["BAD"]}'),
        ("note", '{"bodyV2": {"markdown": "BAD"}}'),
        ("workflow", '{"statuses": ["BAD"]}'),
    ],
)
async def test_what_no_text_can_hold_is_refused(client: Client, name: str, data: str) -> None:
    (kind,) = [each for each in KINDS if each.name == name]
    query = f"mutation($data: {kind.type_name}CreateInput!) {{ create{kind.type_name}(data: $data) {{ id }} }}"
    for bad in BAD:
        assert await codes(client, query, f'{{"data": {data.replace("BAD", bad)}}}') == ["BAD_USER_INPUT"]
    assert (await client.data(f"{{ {kind.plural} {{ totalCount }} }}"))[kind.plural] == {"totalCount": 0}


async def test_what_no_text_can_hold_is_refused_inside_of_a_text_with_json(client: Client) -> None:
    query = "mutation($data: TimelineActivityCreateInput!) { createTimelineActivity(data: $data) { id } }"
    for bad in BAD:
        inner = json.dumps(f'{{"a": "{bad}"}}')
        assert await codes(client, query, f'{{"data": {{"properties": {inner}}}}}') == ["BAD_USER_INPUT"]


async def test_what_no_text_can_hold_is_refused_in_a_document(client: Client) -> None:
    for bad in BAD[:1]:
        query = f'mutation {{ createCompany(data: {{name: "{bad}"}}) {{ id }} }}'
        assert await codes(client, query, "{}") == ["BAD_USER_INPUT"]
    for bad in BAD[1:]:  # no text of a document, says the grammar
        query = f'mutation {{ createCompany(data: {{name: "{bad}"}}) {{ id }} }}'
        assert await codes(client, query, "{}") == ["GRAPHQL_PARSE_FAILED"]
    assert await client.data("{ companies { totalCount } }") == {"companies": {"totalCount": 0}}


async def test_what_no_text_can_hold_cannot_be_asked_for(client: Client) -> None:
    query = "query($filter: PersonFilterInput) { people(filter: $filter) { totalCount } }"
    for condition in (
        '{"city": {"eq": "BAD"}}',
        '{"city": {"in": ["x", "BAD"]}}',
        '{"city": {"ilike": "%BAD%"}}',
        '{"city": {"startsWith": "BAD"}}',
        '{"id": {"eq": "BAD"}}',
        '{"createdAt": {"gt": "BAD"}}',
        '{"emails": {"additionalEmails": {"like": "BAD"}}}',
        '{"createdBy": {"source": {"eq": "BAD"}}}',
        '{"searchVector": {"search": "BAD"}}',
    ):
        for bad in BAD:
            variables = f'{{"filter": {condition.replace("BAD", bad)}}}'
            assert await codes(client, query, variables) == ["BAD_USER_INPUT"], variables


async def codes(client: Client, query: str, variables: str) -> list[str]:
    """The codes of the errors; the variables are JSON as text, for it may be what no JSON writer would write."""
    headers = {"Authorization": f"Bearer {client.tenant.key}", "Content-Type": "application/json"}
    body = f'{{"query": {json.dumps(query)}, "variables": {variables}}}'
    answer = (await client.http.post(f"{client.url}/graphql", content=body.encode(), headers=headers)).json()
    return [error["extensions"]["code"] for error in answer["errors"]]
