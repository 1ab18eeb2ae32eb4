"""Timelines of workspaces whose data model users have changed."""

import pytest

from tests.serving import Client
from tests.timeline.telling import Teller

ID = "b0000001-0000-4000-8000-000000000001"
CREATE_OBJECT = "mutation($input: CreateOneObjectInput!) { createOneObject(input: $input) { id } }"
UPDATE_OBJECT = "mutation($input: UpdateOneObjectInput!) { updateOneObject(input: $input) { id } }"
DELETE_OBJECT = "mutation($id: UUID!) { deleteOneObject(input: { id: $id }) { id } }"
CREATE_FIELD = "mutation($input: CreateOneFieldMetadataInput!) { createOneField(input: $input) { id } }"
UPDATE_FIELD = "mutation($input: UpdateOneFieldMetadataInput!) { updateOneField(input: $input) { id } }"
DELETE_FIELD = "mutation($id: UUID!) { deleteOneField(input: { id: $id }) { id } }"
CREATE_INDEX = "mutation($input: CreateOneIndexInput!) { createOneIndex(input: $input) { id } }"
ROCKET = {
    "nameSingular": "rocket",
    "namePlural": "rockets",
    "labelSingular": "Rocket",
    "labelPlural": "Rockets",
}


async def change(client: Client, query: str, **variables: object) -> str:
    """The id of what is made or changed."""
    (made,) = (await client.data(query, variables)).values()
    assert isinstance(made["id"], str)
    return made["id"]


async def object_id(client: Client, name: str) -> str:
    found = await client.database.value(
        'select id from core."objectMetadata" where "workspaceId" = $1 and "nameSingular" = $2',
        client.tenant.workspace_id,
        name,
    )
    return str(found)


async def field_id(client: Client, of: str, name: str) -> str:
    found = await client.database.value(
        'select id from core."fieldMetadata" where "objectMetadataId" = $1 and name = $2',
        await object_id(client, of),
        name,
    )
    return str(found)


async def switch(client: Client, of: str, name: str | None, *, on: bool) -> None:
    if name is None:
        await change(client, UPDATE_OBJECT, input={"id": await object_id(client, of), "update": {"isActive": on}})
    else:
        await change(client, UPDATE_FIELD, input={"id": await field_id(client, of, name), "update": {"isActive": on}})


async def test_custom_objects_have_timelines_and_notes_tell_them(teller: Teller) -> None:
    client = teller.client
    rocket = await change(client, CREATE_OBJECT, input={"object": ROCKET})
    field = {"objectMetadataId": rocket, "name": "fuel", "label": "Fuel", "type": "NUMBER"}
    await change(client, CREATE_FIELD, input={"field": field})
    await client.data(
        f"""mutation {{
            createRocket(data: {{ id: "{ID}", name: "Ariane" }}) {{ id }}
            updateRocket(id: "{ID}", data: {{ fuel: 7 }}) {{ id }}
            createNote(data: {{ title: "Start", noteTargets: {{ create: [{{ targetRocketId: "{ID}" }}] }} }}) {{ id }}
        }}"""
    )
    await teller.tell()
    entries = await teller.entries("targetRocketId", ID)
    assert [entry["name"] for entry in entries] == ["rocket.created", "rocket.updated", "linked-note.created"]
    assert entries[1]["properties"] == {"diff": {"fuel": {"before": None, "after": 7}}}
    found = await client.data("{ rockets { edges { node { timelineActivities { edges { node { name } } } } } } }")
    told = found["rockets"]["edges"][0]["node"]["timelineActivities"]["edges"]
    assert sorted(edge["node"]["name"] for edge in told) == [
        "linked-note.created",
        "rocket.created",
        "rocket.updated",
    ]


@pytest.mark.parametrize("name", [None, "targetPerson"], ids=["object", "link"])
async def test_without_a_timeline_events_are_passed_over(teller: Teller, name: str | None) -> None:
    await switch(teller.client, "timelineActivity", name, on=False)
    create = 'mutation { createPerson(data: { city: "Oslo" }) { id } createCompany(data: { name: "A" }) { id } }'
    await teller.client.data(create)
    await teller.tell()
    await switch(teller.client, "timelineActivity", name, on=True)
    await teller.client.data('mutation { createPerson(data: { city: "Rome" }) { id } }')
    await teller.tell()
    names = await teller.client.database.rows(f'select name from "{teller.log.schema}"."timelineActivity"')
    assert sorted(row["name"] for row in names) == (
        ["person.created"] if name is None else ["company.created", "person.created"]
    )


async def test_fields_of_the_timeline_that_are_not_active_do_no_harm(teller: Teller) -> None:
    for name in ("properties", "name", "workspaceMember", "linkedRecordId"):
        await switch(teller.client, "timelineActivity", name, on=False)
    await teller.client.data(
        f"""mutation {{
            createPerson(data: {{ id: "{ID}" }}) {{ id }}
            createNote(data: {{ title: "A", noteTargets: {{ create: [{{ targetPersonId: "{ID}" }}] }} }}) {{ id }}
        }}"""
    )
    await teller.tell()
    assert await teller.names("targetPersonId", ID) == ["person.created", "linked-note.created"]


async def test_a_unique_index_on_the_timeline_does_not_stop_it(teller: Teller) -> None:
    client = teller.client
    index = {
        "objectMetadataId": await object_id(client, "timelineActivity"),
        "fields": [{"fieldMetadataId": await field_id(client, "timelineActivity", "name")}],
        "isUnique": True,
    }
    await change(client, CREATE_INDEX, input={"index": index})
    await client.data(
        'mutation { createPeople(data: [{ city: "Oslo" }, { city: "Rome" }]) { id } createTask(data: {}) { id } }'
    )
    await teller.tell()
    rows = await client.database.rows(f'select name from "{teller.log.schema}"."timelineActivity" order by name')
    assert [row["name"] for row in rows] == ["person.created", "task.created"]


async def test_what_is_told_survives_that_its_fields_become_others(teller: Teller) -> None:
    """Fields under the names of older ones, of types that the older values are none of; fields and objects gone."""
    client = teller.client
    company = await object_id(client, "company")
    given = {"objectMetadataId": company, "name": "score", "label": "Score", "type": "TEXT"}
    field = await change(client, CREATE_FIELD, input={"field": given})
    rocket = await change(client, CREATE_OBJECT, input={"object": ROCKET})
    await client.data(
        f"""mutation {{
            createCompany(data: {{ id: "{ID}", name: "A", score: "high" }}) {{ id }}
            updateCompany(id: "{ID}", data: {{ score: "low" }}) {{ id }}
            createRocket(data: {{ name: "Ariane" }}) {{ id }}
        }}"""
    )
    for kind in ("CURRENCY", "DATE_TIME", None):
        await switch(client, "company", "score", on=False)
        await change(client, DELETE_FIELD, id=field)
        if kind is not None:
            field = await change(client, CREATE_FIELD, input={"field": {**given, "type": kind}})
        await teller.forget()
        await teller.tell()
        entries = await teller.entries("targetCompanyId", ID)
        after = entries[0]["properties"]["after"]  # type: ignore[index]
        empty = {"amountMicros": None, "currencyCode": None}
        assert after.get("score") == {"CURRENCY": empty, "DATE_TIME": "high", None: None}[kind]
        changed = [entry["properties"] for entry in entries[1:]]
        # A value of a composite is in other columns.
        told = [{"diff": {"score": {"before": "high", "after": "low"}}}]
        assert changed == (told if kind == "DATE_TIME" else [])
    await switch(client, "rocket", None, on=False)
    await change(client, DELETE_OBJECT, id=rocket)
    await teller.forget()
    await teller.tell()
    assert await teller.names("targetCompanyId", ID) == ["company.created"]
