"""A change of nothing leaves no trace: neither an event, nor another time or author of the last change."""

from typing import Any

import pytest

from tests.records.asking import ask
from tests.records.events import events, forget_events
from tests.records.member import member
from tests.serving import Client

ANN = "20202020-0c28-43d9-b8f7-2b12e84b4d5e"
FIELDS = "id updatedAt deletedAt city updatedBy { name }"


@pytest.fixture
async def ann(client: Client) -> dict[str, Any]:
    """A person as she is now; the log is empty."""
    times = 'createdAt: "2020-01-01T00:00:00Z", updatedAt: "2020-01-01T00:00:00Z"'
    data = f'id: "{ANN}", city: "Oslo", email: "ann@x.example", name: {{firstName: "Ann"}}, {times}'
    made: dict[str, Any] = await ask(client, f"createPerson(data: {{{data}}}) {{ {FIELDS} }}")
    await forget_events(client)
    return made


@pytest.mark.parametrize(
    "change",
    [
        f'updatePerson(id: "{ANN}", data: {{}})',
        f'updatePerson(id: "{ANN}", data: {{city: "Oslo", name: {{firstName: "Ann", lastName: null}}}})',
        f'updatePerson(id: "{ANN}", data: {{email: "ann@x.example", createdAt: "2020-01-01T00:00:00.0001Z"}})',
        'updatePeople(filter: {city: {eq: "Oslo"}}, data: {city: "Oslo"})',
        f'createPerson(data: {{id: "{ANN}"}}, upsert: true)',
        'createPeople(data: [{email: "ann@x.example", city: "Oslo"}], upsert: true)',
        f'restorePerson(id: "{ANN}")',
    ],
)
async def test_a_change_of_nothing_leaves_no_trace(client: Client, ann: dict[str, Any], change: str) -> None:
    user, _ = await member(client)

    found = await ask(user, f"{change} {{ {FIELDS} }}")
    assert found in (ann, [ann])
    assert await events(client, object_name="person") == []


@pytest.mark.parametrize(
    "change",
    [
        f'updatePerson(id: "{ANN}", data: {{city: "Bern"}})',
        f'updatePerson(id: "{ANN}", data: {{position: "first"}})',
        'createPerson(data: {email: "ann@x.example", city: "Rome"}, upsert: true)',
    ],
)
async def test_a_real_change_is_dated_and_signed(client: Client, ann: dict[str, Any], change: str) -> None:
    user, _ = await member(client)

    found = await ask(user, f"{change} {{ {FIELDS} }}")
    assert found["updatedAt"] > ann["updatedAt"]
    assert found["updatedBy"] == {"name": "Inès Ollier"}
    assert [each.action for each in await events(client, object_name="person")] == ["updated"]


async def test_deleting_what_is_deleted_changes_nothing(client: Client, ann: dict[str, Any]) -> None:
    first = await ask(client, f'deletePerson(id: "{ANN}") {{ {FIELDS} }}')
    again = f'deletePeople(filter: {{id: {{eq: "{ANN}"}}, deletedAt: {{is: NOT_NULL}}}}) {{ {FIELDS} }}'

    assert await ask(client, again) == [first]
    assert first["deletedAt"] is not None
    assert [each.action for each in await events(client, object_name="person")] == ["deleted"]
