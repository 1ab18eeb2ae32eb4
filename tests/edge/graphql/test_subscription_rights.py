"""Who is told what: roles, tenants, and what changes while somebody listens."""

import pytest

from rapport.metadata.store import load_catalog
from tests.access.acting import Role, acting, hide, make_role
from tests.edge.graphql.hearing import hearing, refusal
from tests.records.member import member
from tests.serving import Client, make_tenant, serving

ANN = "20202020-0c28-43d9-b8f7-2b12e84b4d5e"
DENIED = "Entity performing the request does not have permission"
CREATE = "mutation($data: [PersonCreateInput!]!) { createPeople(data: $data) { id } }"
UPDATE = "mutation($id: UUID!, $data: PersonUpdateInput!) { updatePerson(id: $id, data: $data) { id } }"
CREATED = "subscription { personCreated { city } }"
EVENTS = "subscription { onDbEvent(input: {}) { action objectNameSingular record updatedFields } }"
REVOKE = "mutation($id: UUID!) { revokeApiKey(input: {id: $id}) { id } }"


async def create(client: Client, *cities: str) -> None:
    await client.data(CREATE, {"data": [{"city": city} for city in cities]})


async def test_what_a_role_keeps_from_its_holders_cannot_be_subscribed_to(client: Client) -> None:
    key = await acting(client, Role(objects={"person": {"read": False}}, hidden=("company.address", "note.title")))
    refused = {
        "subscription { personCreated { id } }": [DENIED],
        "subscription { companyCreated { address { addressCity } } }": [DENIED],
        "subscription { companyCreated { people { totalCount } } }": [DENIED],
        'subscription { companyCreated(filter: {address: {addressCity: {eq: "x"}}}) { id } }': [DENIED],
        'subscription { companyUpdated(updatedFields: ["address"]) { id } }': [DENIED],
        'subscription { onDbEvent(input: {objectNameSingular: "person"}) { action } }': [DENIED],
    }
    assert {query: await refusal(key, query) for query in refused} == refused
    async with hearing(key, "subscription { companyUpdated { name } }") as heard:
        await client.data(f'mutation {{ createCompany(data: {{name: "Acme", id: "{ANN}"}}) {{ id }} }}')
        for data in ('{address: {addressCity: "Oslo"}}', '{name: "Ajax", address: {addressCity: "Rome"}}'):
            await client.data(f'mutation {{ updateCompany(id: "{ANN}", data: {data}) {{ id }} }}')
        assert await heard.next() == {"name": "Ajax"}


async def test_records_that_do_not_exist_for_a_role_are_not_told(client: Client) -> None:
    key = await acting(client, Role(rows=(("person", "city", "IS", "Oslo"),)))
    async with (
        hearing(key, "subscription { personCreated { city } }") as created,
        hearing(key, "subscription { personUpdated { city jobTitle } }") as updated,
        hearing(key, "subscription { onDbEvent(input: {}) { action record } }") as events,
        hearing(client, CREATED) as whole,
    ):
        await create(client, "Rome", "Oslo")
        people = (await client.data("{ people { edges { node { id city } } } }"))["people"]["edges"]
        (rome,) = (each["node"]["id"] for each in people if each["node"]["city"] == "Rome")
        await client.data(UPDATE, {"id": rome, "data": {"city": "Bonn", "jobTitle": "Spy"}})
        await client.data(UPDATE, {"id": rome, "data": {"city": "Oslo"}})  # comes into sight
        await client.data(UPDATE, {"id": rome, "data": {"city": "Lima", "jobTitle": "Cook"}})  # and is gone
        await create(client, "Oslo")
        assert await created.some(2) == [{"city": "Oslo"}, {"city": "Oslo"}]
        assert await updated.next() == {"city": "Oslo", "jobTitle": "Spy"}
        assert [(each["action"], each["record"]["city"]) for each in await events.some(3)] == [
            ("CREATED", "Oslo"),
            ("UPDATED", "Oslo"),
            ("CREATED", "Oslo"),
        ]
        assert [each["city"] for each in await whole.some(3)] == ["Rome", "Oslo", "Oslo"]


async def test_members_are_told_of_what_is_theirs(client: Client) -> None:
    """A rule that compares with the member's own record: one document, one plan, and two who are told otherwise."""
    role = Role(member_rows=(("person", "city", "IS", "timeZone"),))
    role_id = await make_role(client, role)
    ines, ines_id = await member(client, email="ines@example.com", role_id=role_id)
    owen, owen_id = await member(client, email="owen@example.com", role_id=role_id)
    for member_id, city in ((ines_id, "Oslo"), (owen_id, "Rome")):
        await client.database.execute(
            f'update "{client.tenant.schema}"."workspaceMember" set "timeZone" = $2 where id = $1', member_id, city
        )
    async with hearing(ines, CREATED) as of_ines, hearing(owen, CREATED) as of_owen:
        await create(client, "Rome", "Oslo", "Lima")
        await create(client, "Oslo", "Rome")
        assert await of_ines.some(2) == [{"city": "Oslo"}, {"city": "Oslo"}]
        assert await of_owen.some(2) == [{"city": "Rome"}, {"city": "Rome"}]


async def test_hidden_fields_are_not_in_what_happens_to_records(client: Client) -> None:
    key = await acting(client, Role(hidden=("person.jobTitle",), objects={"company": {"read": False}}))
    async with hearing(key, EVENTS) as heard, hearing(client, EVENTS) as whole:
        await client.data('mutation { createCompany(data: {name: "Acme"}) { id } }')
        await client.data(CREATE, {"data": [{"id": ANN, "city": "Oslo", "jobTitle": "Spy"}]})
        await client.data(UPDATE, {"id": ANN, "data": {"city": "Rome", "jobTitle": "Cook"}})
        created, updated = await heard.some(2)
        assert (created["action"], created["objectNameSingular"]) == ("CREATED", "person")
        assert "jobTitle" not in created["record"]
        assert updated["updatedFields"] == ["city"]
        of_company, created, updated = await whole.some(3)
        assert of_company["record"]["name"] == "Acme"
        assert created["record"]["jobTitle"] == "Spy"
        assert sorted(updated["updatedFields"]) == ["city", "jobTitle"]


async def test_changes_of_nothing_but_hidden_fields_are_not_told(client: Client) -> None:
    key = await acting(client, Role(hidden=("person.jobTitle",)))
    updated = "subscription { personUpdated { city } }"
    async with (
        hearing(key, updated) as heard,
        hearing(key, EVENTS) as events,
        hearing(client, updated) as whole,
    ):
        await client.data(CREATE, {"data": [{"id": ANN, "city": "Oslo"}]})
        await client.data(UPDATE, {"id": ANN, "data": {"jobTitle": "Spy"}})
        await client.data(UPDATE, {"id": ANN, "data": {"city": "Rome"}})
        await client.data(UPDATE, {"id": ANN, "data": {"city": "Lima", "jobTitle": "Cook"}})
        assert await heard.some(2) == [{"city": "Rome"}, {"city": "Lima"}]
        assert [(each["action"], each["updatedFields"]) for each in await events.some(3)] == [
            ("CREATED", None),
            ("UPDATED", ["city"]),
            ("UPDATED", ["city"]),
        ]
        assert [each["city"] for each in await whole.some(3)] == ["Oslo", "Rome", "Lima"]


async def test_nobody_is_told_of_another_workspace(client: Client) -> None:
    other = client.as_tenant(await make_tenant(client.database, "Other"))
    async with (
        hearing(client, CREATED) as mine,
        hearing(other, CREATED) as theirs,
        hearing(other, EVENTS) as events,
    ):
        for number in range(3):
            await client.data(CREATE, {"data": [{"city": f"mine {number}"}]})
            await other.data(CREATE, {"data": [{"city": f"theirs {number}"}]})
        assert await mine.some(3) == [{"city": f"mine {number}"} for number in range(3)]
        assert await theirs.some(3) == [{"city": f"theirs {number}"} for number in range(3)]
        assert [each["record"]["city"] for each in await events.some(3)] == [f"theirs {n}" for n in range(3)]
    # A cursor of theirs leads nowhere but into one's own log.
    async with hearing(client, CREATED, after=theirs.cursor) as heard:
        await create(client, "mine at last")
        told = [await heard.next()]
        while told[-1] != {"city": "mine at last"}:
            told.append(await heard.next())
        assert all(each["city"].startswith("mine") for each in told)


async def test_whose_key_is_revoked_is_told_nothing_more(client: Client) -> None:
    key = await acting(client, Role())
    key_id = str(await client.database.value("select id from core.\"apiKey\" where name = 'acting'"))
    async with hearing(key, CREATED) as heard, hearing(client, CREATED) as whole:
        await create(client, "before")
        assert await heard.next() == {"city": "before"}
        await client.data(REVOKE, {"id": key_id})
        await create(client, "after")
        (error,) = await heard.failure()
        assert error["extensions"]["code"] == "FORBIDDEN"
        assert await whole.some(2) == [{"city": "before"}, {"city": "after"}]


async def test_a_field_that_is_taken_from_a_role_is_told_no_more(client: Client) -> None:
    role_id = await make_role(client, Role())
    person, _ = await member(client, role_id=role_id)
    async with (
        hearing(person, "subscription { personCreated { city jobTitle } }") as both,
        hearing(person, CREATED) as one,
        hearing(person, EVENTS) as events,
    ):
        await client.data(CREATE, {"data": [{"city": "Oslo", "jobTitle": "Spy"}]})
        assert await both.next() == {"city": "Oslo", "jobTitle": "Spy"}
        assert await one.next() == {"city": "Oslo"}
        assert (await events.next())["record"]["jobTitle"] == "Spy"
        await hide(client, role_id, "person.jobTitle")
        await client.data(CREATE, {"data": [{"city": "Rome", "jobTitle": "Spy"}]})
        (error,) = await both.failure()
        assert error["message"] == DENIED
        assert await one.next() == {"city": "Rome"}
        assert "jobTitle" not in (await events.next())["record"]


FIELD = "mutation($input: CreateOneFieldMetadataInput!) { createOneField(input: $input) { id } }"
DROP_FIELD = "mutation($id: UUID!) { deleteOneField(input: {id: $id}) { id } }"
OFF = "mutation($id: UUID!) { updateOneField(input: {id: $id, update: {isActive: false}}) { id } }"
OBJECT = """mutation { createOneObject(input: {object: {nameSingular: "rocket", namePlural: "rockets",
  labelSingular: "Rocket", labelPlural: "Rockets"}}) { id } }"""


@pytest.mark.parametrize("deaf", [False, True])
async def test_the_data_model_may_change_while_somebody_listens(client: Client, deaf: bool) -> None:
    """With ``deaf`` another server changes it, and this one hears nothing of that."""
    catalog = await load_catalog(client.database, client.tenant.workspace_id)
    person = str(catalog.by_name["person"].id)
    field = {"objectMetadataId": person, "name": "shoeSize", "label": "Shoe size", "type": "NUMBER"}
    async with serving(client.database, client.tenant, deaf=deaf) as other:
        made = await other.data(FIELD, {"input": {"field": field}})
        field_id = made["createOneField"]["id"]
        async with (
            hearing(other, "subscription { personCreated { city shoeSize } }") as both,
            hearing(other, CREATED) as one,
            hearing(other, EVENTS) as events,
        ):
            await other.data(CREATE, {"data": [{"city": "Oslo", "shoeSize": 44}]})
            assert await both.next() == {"city": "Oslo", "shoeSize": 44}
            assert await one.next() == {"city": "Oslo"}
            assert (await events.next())["record"]["shoeSize"] == 44
            changing = client if deaf else other
            await changing.data(OFF, {"id": field_id})
            await changing.data(DROP_FIELD, {"id": field_id})
            await client.data(CREATE, {"data": [{"city": "Rome"}]})
            assert await one.next() == {"city": "Rome"}
            assert "shoeSize" not in (await events.next())["record"]
            (error,) = await both.failure()
            assert error["message"] == 'Cannot query field "shoeSize" on type "Person".'


async def test_custom_objects_are_told_like_others(client: Client) -> None:
    (message,) = await refusal(client, "subscription { rocketCreated { id } }")
    assert message.startswith('Cannot query field "rocketCreated" on type "Subscription". Did you mean ')
    async with hearing(client, EVENTS) as events:
        made = await client.data(OBJECT)
        field = {
            "objectMetadataId": made["createOneObject"]["id"],
            "name": "stage",
            "label": "Stage",
            "type": "SELECT",
            "options": [{"value": "LIT", "label": "Lit", "color": "red", "position": 0}],
        }
        await client.data(FIELD, {"input": {"field": field}})
        query = "subscription($f: RocketFilterInput) { rocketUpdated(filter: $f) { __typename name stage } }"
        async with hearing(client, query, {"f": {"stage": {"eq": "LIT"}}}) as heard:
            made = await client.data('mutation { createRocket(data: {name: "Ariane"}) { id } }')
            update = "mutation($id: UUID!, $data: RocketUpdateInput!) { updateRocket(id: $id, data: $data) { id } }"
            record_id = made["createRocket"]["id"]
            await client.data(update, {"id": record_id, "data": {"name": "Ariane 6"}})
            await client.data(update, {"id": record_id, "data": {"stage": "LIT"}})
            assert await heard.next() == {"__typename": "Rocket", "name": "Ariane 6", "stage": "LIT"}
        told = await events.some(3)
        assert [(each["action"], each["record"]["name"], each["record"]["stage"]) for each in told] == [
            ("CREATED", "Ariane", None),
            ("UPDATED", "Ariane 6", None),
            ("UPDATED", "Ariane 6", "LIT"),
        ]


async def test_what_does_not_fit_the_model_any_more_is_an_error_in_its_place(client: Client) -> None:
    """An event speaks of a value that its field could not have today."""
    query = "subscription { personCreated { city } }"
    async with hearing(client, query) as heard:
        await create(client, "before")
        assert await heard.next() == {"city": "before"}
    await create(client, "A")
    await create(client, "B")
    await create(client, "C")
    await client.database.execute(
        f"""update "{client.tenant.schema}".event set after = after || '{{"position": "left"}}'
        where object = 'person' and after->>'city' = 'B'"""
    )
    async with hearing(client, query, after=heard.cursor) as late:
        assert await late.next() == {"city": "A"}
        wrong = await late.result()
        assert wrong["data"] == {"personCreated": None}
        (error,) = wrong["errors"]
        assert error["path"] == ["personCreated"]
        assert error["extensions"]["code"] == "UNREADABLE_EVENT"
        assert await late.next() == {"city": "C"}
    async with hearing(client, EVENTS, after=heard.cursor) as late:
        assert (await late.next())["record"]["city"] == "A"
        wrong = await late.result()
        assert wrong["data"] is None
        (error,) = wrong["errors"]
        assert error["path"] == ["onDbEvent"]
        assert error["extensions"]["code"] == "UNREADABLE_EVENT"
        assert (await late.next())["record"]["city"] == "C"
