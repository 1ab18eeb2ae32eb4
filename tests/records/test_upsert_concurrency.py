"""Upserts, connects and nested creates that meet other writes: only documented errors, nothing lost, no orphans."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Mapping

import pytest

from tests.records.events import events, forget_events
from tests.records.test_concurrency import outcome, outcomes
from tests.records.upsert_twin import Json
from tests.serving import Client

ID = "20202020-0c28-43d9-b8f7-2b12e84b4d5e"
COMPANY = "30303030-0c28-43d9-b8f7-2b12e84b4d5e"
ONE = "mutation($data: PersonCreateInput!) { createPerson(data: $data, upsert: true) { id } }"
MANY = "mutation($data: [PersonCreateInput!]!) { createPeople(data: $data, upsert: true) { id email city } }"
PERSON = "mutation($data: PersonCreateInput!) { createPerson(data: $data) { id } }"
UPDATE = "mutation($id: UUID!, $data: PersonUpdateInput!) { updatePerson(id: $id, data: $data) { id } }"
COMPANY_NEW = "mutation($data: CompanyCreateInput!) { createCompany(data: $data) { id } }"
ADDRESS = "ann@acme.example"


async def live(client: Client) -> list[Json]:
    answer = await client.data("{ people(first: 200) { edges { node { id email city jobTitle companyId } } } }")
    return [edge["node"] for edge in answer["people"]["edges"]]


async def actions(client: Client) -> Counter[str]:
    return Counter(each.action for each in await events(client))


async def check_log(client: Client) -> None:
    """Every event tells of the state that the event before it left: no change is lost or told wrongly."""
    last: dict[str, Json] = {}
    for event in await events(client):
        assert last.get(event.record_id) == without_time(event.before), event.action
        last[event.record_id] = without_time(event.after)


def without_time(row: Mapping[str, object] | None) -> Json:
    """A change of nothing moves `updatedAt` without an event."""
    return None if row is None else {key: value for key, value in row.items() if key != "updatedAt"}


async def test_of_many_upserts_of_a_new_address_one_creates_and_all_are_done(client: Client) -> None:
    for round_ in range(5):
        data = {"email": f"ann{round_}@acme.example"}
        asked = [client.ask(ONE, {"data": {**data, "city": f"city {index}"}}) for index in range(16)]

        assert await outcomes(*asked) == ["done"] * 16
    assert len(await live(client)) == 5
    assert await actions(client) == Counter({"created": 5, "updated": 75})


async def test_of_many_upserts_of_a_new_id_one_creates_and_all_are_done(client: Client) -> None:
    asked = [client.ask(ONE, {"data": {"id": ID, "city": f"city {index}"}}) for index in range(24)]

    assert await outcomes(*asked) == ["done"] * 24
    assert len(await live(client)) == 1
    assert await actions(client) == Counter({"created": 1, "updated": 23})
    await check_log(client)


async def test_of_many_upserts_of_a_deleted_record_one_revives_it(client: Client) -> None:
    await client.data(PERSON, {"data": {"id": ID, "email": ADDRESS}})
    await client.data(f'mutation {{ deletePerson(id: "{ID}") {{ id }} }}')
    asked = [client.ask(ONE, {"data": {"email": ADDRESS, "city": f"city {index}"}}) for index in range(16)]

    assert await outcomes(*asked) == ["done"] * 16
    (person,) = await live(client)
    assert person["id"] == ID
    assert await actions(client) == Counter({"created": 1, "deleted": 1, "restored": 1, "updated": 15})
    await check_log(client)


async def test_upserts_of_other_fields_do_not_undo_each_other(client: Client) -> None:
    asked = [
        client.ask(ONE, {"data": {"email": ADDRESS, ("city" if index % 2 else "jobTitle"): f"v{index}"}})
        for index in range(20)
    ]

    assert await outcomes(*asked) == ["done"] * 20
    (person,) = await live(client)
    assert None not in (person["city"], person["jobTitle"])
    await check_log(client)


async def test_batches_that_want_the_same_addresses_in_another_order_are_all_done(client: Client) -> None:
    rows = [{"email": f"p{index}@acme.example"} for index in range(30)]
    batches = [rows, list(reversed(rows)), rows[10:] + rows[:10], rows[::2] + rows[1::2]]
    asked = [
        client.ask(MANY, {"data": [{**row, "city": f"batch {number}"} for row in batch]})
        for number, batch in enumerate(batches * 2)
    ]

    assert await outcomes(*asked) == ["done"] * 8
    people = await live(client)
    assert len(people) == 30
    assert len({each["city"] for each in people}) == 1, "each batch is done as a whole"
    assert (await actions(client))["created"] == 30
    await check_log(client)


@pytest.mark.parametrize("verb", ["delete", "destroy"])
async def test_an_upsert_that_meets_a_delete_comes_before_or_after_it(client: Client, verb: str) -> None:
    for index in range(8):
        await client.data(ONE, {"data": {"email": ADDRESS}})
        (before,) = await live(client)
        row = {"email": ADDRESS, "city": f"city {index}"}
        end = f'mutation {{ {verb}Person(id: "{before["id"]}") {{ id }} }}'
        found = await outcomes(client.ask(ONE, {"data": row}), client.ask(end), client.ask(ONE, {"data": row}))

        assert found == ["done"] * 3
        assert len(await live(client)) <= 1
        if verb == "destroy":
            await client.data('mutation { destroyPeople(filter: { city: { startsWith: "city" } }) { id } }')
    await check_log(client)


async def test_a_batch_is_done_once_even_if_one_of_its_records_goes_meanwhile(client: Client) -> None:
    """Another transaction destroys the record that the batch has matched and waits for."""
    await client.data(PERSON, {"data": {"id": ID, "email": ADDRESS}})
    table = f'"{client.tenant.schema}".person'
    rows = [{"email": ADDRESS, "city": "Oslo"}, {"city": "Rome"}]
    async with client.database.transaction() as connection:
        await connection.execute(f"delete from {table} where id = $1", ID)
        asked = asyncio.create_task(client.ask(MANY, {"data": rows}))
        await waiting(client)

    assert outcome(await asked) == "done"
    people = await live(client)
    assert sorted(each["city"] for each in people) == ["Oslo", "Rome"]
    assert ID not in {each["id"] for each in people}


async def test_an_upsert_does_not_take_back_an_address_that_has_just_been_changed(client: Client) -> None:
    await client.data(PERSON, {"data": {"id": ID, "email": ADDRESS}})
    table = f'"{client.tenant.schema}".person'
    async with client.database.transaction() as connection:
        await connection.execute(f'update {table} set "emailsPrimaryEmail" = $2 where id = $1', ID, "new@acme.example")
        asked = asyncio.create_task(client.ask(ONE, {"data": {"email": ADDRESS, "city": "Oslo"}}))
        await waiting(client)

    assert outcome(await asked) == "done"
    people = {each["email"]: each for each in await live(client)}
    assert people.keys() == {ADDRESS, "new@acme.example"}
    assert people["new@acme.example"]["id"] == ID
    assert people["new@acme.example"]["city"] is None
    assert people[ADDRESS]["city"] == "Oslo"


async def waiting(client: Client) -> None:
    """Until some statement waits for another transaction."""
    for _ in range(200):
        await asyncio.sleep(0.02)
        if await client.database.value("select count(*) from pg_locks where not granted"):
            return
    raise AssertionError("nobody waits")


async def test_upserts_and_updates_of_one_record_all_count(client: Client) -> None:
    await client.data(PERSON, {"data": {"id": ID, "email": ADDRESS}})
    asked: list[Awaitable[dict[str, object]]] = []
    for index in range(12):
        asked.append(client.ask(ONE, {"data": {"email": ADDRESS, "city": f"city {index}"}}))
        asked.append(client.ask(UPDATE, {"id": ID, "data": {"jobTitle": f"job {index}"}}))

    assert await outcomes(*asked) == ["done"] * 24
    (person,) = await live(client)
    assert None not in (person["city"], person["jobTitle"])
    assert await actions(client) == Counter({"created": 1, "updated": 24})
    await check_log(client)


@pytest.mark.parametrize("where", [{"id": COMPANY}, {"domainName": {"primaryLinkUrl": "https://acme.example"}}])
@pytest.mark.parametrize("verb", ["delete", "destroy"])
async def test_a_company_that_goes_while_it_is_connected_leaves_no_orphan(
    client: Client, verb: str, where: Json
) -> None:
    connect = {"company": {"connect": {"where": where}}}
    for index in range(6):
        await client.data(COMPANY_NEW, {"data": {"id": COMPANY, "domainName": "https://acme.example"}})
        await client.data(ONE, {"data": {"id": ID, "companyId": None}})
        found = await asyncio.gather(
            client.ask(PERSON, {"data": {**connect, "city": f"new {index}"}}),
            client.ask(UPDATE, {"id": ID, "data": {**connect, "city": f"old {index}"}}),
            client.ask(f'mutation {{ {verb}Company(id: "{COMPANY}") {{ id }} }}'),
            client.ask(ONE, {"data": {"email": f"p{index}@acme.example", **connect}}),
        )
        created, updated, gone, upserted = map(outcome, found)

        assert gone == "done"
        assert {created, updated, upserted} <= {"done", "CONNECT_RECORD_NOT_FOUND"}
        people = await live(client)
        assert any(each["city"] == f"new {index}" for each in people) == (created == "done")
        assert any(each["city"] == f"old {index}" for each in people) == (updated == "done")
        if verb == "destroy":
            assert {each["companyId"] for each in people} == {None}
        await client.ask(f'mutation {{ destroyCompany(id: "{COMPANY}") {{ id }} }}')


@pytest.mark.parametrize("verb", ["delete", "destroy"])
async def test_a_company_that_goes_while_people_are_created_along_keeps_all_or_none(client: Client, verb: str) -> None:
    query = "mutation($id: UUID!, $data: CompanyUpdateInput!) { updateCompany(id: $id, data: $data) { id } }"
    for index in range(8):
        await client.data(COMPANY_NEW, {"data": {"id": COMPANY}})
        await forget_events(client)
        people = [{"city": f"city {index}"}, {"city": f"city {index}", "email": f"p{index}@acme.example"}]
        found = await asyncio.gather(
            client.ask(query, {"id": COMPANY, "data": {"people": {"create": people}}}),
            client.ask(f'mutation {{ {verb}Company(id: "{COMPANY}") {{ id }} }}'),
        )
        created, gone = map(outcome, found)

        assert gone == "done"
        assert created in ("done", "RECORD_NOT_FOUND")
        there = [each for each in await live(client) if each["city"] == f"city {index}"]
        assert len(there) == (2 if created == "done" else 0)
        assert (await actions(client))["created"] == len(there)
        if verb == "destroy":
            assert {each["companyId"] for each in there} <= {None}
        await client.ask(f'mutation {{ destroyCompany(id: "{COMPANY}") {{ id }} }}')


async def test_nested_creates_of_one_new_address_leave_one_whole(client: Client) -> None:
    data = {"name": "Acme", "people": {"create": [{"email": ADDRESS}, {"city": "Oslo"}]}}
    found = await outcomes(*(client.ask(COMPANY_NEW, {"data": data}) for _ in range(6)))

    assert found == ["DUPLICATE_ENTRY_DETECTED"] * 5 + ["done"]
    assert len(await live(client)) == 2
    assert await client.data("{ companies { totalCount } }") == {"companies": {"totalCount": 1}}
    assert await actions(client) == Counter({"created": 3})
