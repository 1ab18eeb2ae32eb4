"""Upserts with records that are created along: those are upserts too, so that the same data can come in twice."""

from typing import Any

import pytest

from tests.records.events import events, forget_events
from tests.records.failure import Failure, failure
from tests.records.test_concurrency import outcomes
from tests.serving import Client

UPSERT = """mutation($data: [CompanyCreateInput!]!) { createCompanies(data: $data, upsert: true) {
    id name people { edges { node { id city emails { primaryEmail } } } } accountOwner { id }
} }"""
PEOPLE = """mutation($data: [PersonCreateInput!]!) { createPeople(data: $data, upsert: true) {
    id city company { id name } noteTargets { edges { node { note { title } } } }
} }"""
ACME = {"name": "Acme", "domainName": "https://acme.example"}
COUNTS = "{ companies { totalCount } people { totalCount } }"


async def counts(client: Client) -> tuple[int, int]:
    """Companies and people."""
    found = await client.data(COUNTS)
    return found["companies"]["totalCount"], found["people"]["totalCount"]


async def test_the_same_data_twice_is_the_same_records(client: Client) -> None:
    people = [{"email": "ann@acme.example", "city": "Oslo"}, {"email": "bob@acme.example"}]
    data = [ACME | {"people": {"create": people}}, {"name": "Beta", "domainName": "https://beta.example"}]
    first = (await client.data(UPSERT, {"data": data}))["createCompanies"]
    log = [(each.action, each.kind, each.actor["isUpsert"]) for each in await events(client)]
    assert log == [("created", "company", True)] * 2 + [("created", "person", True)] * 2
    await forget_events(client)

    assert (await client.data(UPSERT, {"data": data}))["createCompanies"] == first
    assert await counts(client) == (2, 2)
    assert await events(client) == []

    people[0]["city"] = "Bern"
    again = (await client.data(UPSERT, {"data": data}))["createCompanies"]
    assert sorted(str(edge["node"]["city"]) for edge in again[0]["people"]["edges"]) == ["Bern", "None"]
    assert [(each.action, each.kind, each.updated_fields) for each in await events(client)] == [
        ("updated", "person", ("city", "position"))
    ]


async def test_what_was_there_is_linked_to_what_was_there(client: Client) -> None:
    await client.data(UPSERT, {"data": [ACME, {"name": "Beta", "domainName": "https://beta.example"}]})
    await client.data(PEOPLE, {"data": [{"email": "ann@acme.example"}]})
    company = {"create": {"domainName": "https://beta.example", "name": "Better"}}
    note = {"create": [{"note": {"create": {"title": "Hello"}}}]}
    data = [
        {"email": "ann@acme.example", "company": company, "noteTargets": note},
        {"email": "new@acme.example", "company": {"create": ACME}},
        {"email": "two@acme.example", "company": {"create": ACME}},
    ]
    found = (await client.data(PEOPLE, {"data": data}))["createPeople"]

    assert [each["company"]["name"] for each in found] == ["Better", "Acme", "Acme"]
    assert found[0]["noteTargets"]["edges"] == [{"node": {"note": {"title": "Hello"}}}]
    assert found[1]["company"] == found[2]["company"]
    assert await counts(client) == (2, 3)


async def test_a_deleted_record_comes_back_linked(client: Client) -> None:
    data = [ACME | {"people": {"create": {"email": "ann@acme.example"}}}]
    first = (await client.data(UPSERT, {"data": data}))["createCompanies"]
    await client.data("mutation { deletePeople(filter: { city: { is: NULL } }) { id } }")
    await client.data('mutation { deleteCompanies(filter: { name: { eq: "Acme" } }) { id } }')

    assert (await client.data(UPSERT, {"data": data}))["createCompanies"] == first


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ([{"people": {"create": [{}] * 60}}], "TOO_MANY_RECORDS_TO_UPDATE"),
        ([ACME | {"people": {"create": {"companyId": None}}}], "INVALID_ARGS_DATA"),
        ([ACME | {"people": {"create": "Ann"}}], None),
        ([ACME | {"accountOwner": {"create": {}}}], "METHOD_NOT_ALLOWED"),
        ([ACME | {"people": {"create": [{"email": "ann@acme.example"}, {"accountId": 1}]}}], None),
    ],
)
async def test_bad_data_changes_nothing(client: Client, data: list[dict[str, Any]], expected: str | None) -> None:
    found = await failure(client, UPSERT, {"data": data})
    assert isinstance(found, Failure)
    assert found.sub_code == expected
    assert await counts(client) == (0, 0)
    assert await events(client) == []


async def test_a_failure_inside_takes_everything_back(client: Client) -> None:
    person = {"email": "ann@acme.example", "name": {"firstName": "Ann"}}
    await client.data(UPSERT, {"data": [{"people": {"create": [person, {"id": MISSING, "email": "b@acme.example"}]}}]})
    await forget_events(client)
    both = [{"id": MISSING, "email": "ann@acme.example"}]  # one record by its id, another one by its address
    found = await failure(client, UPSERT, {"data": [{"name": "New", "people": {"create": both}}]})

    assert found.sub_code == "UPSERT_MULTIPLE_MATCHING_RECORDS_CONFLICT"
    assert await counts(client) == (1, 2)
    assert await events(client) == []


MISSING = "50505050-0c28-43d9-b8f7-2b12e84b4d5e"


async def test_many_at_once_make_each_record_once(client: Client) -> None:
    for number in range(3):
        company = {"name": "A", "domainName": f"https://a{number}.example"}
        people = [{"email": f"p{each}@a{number}.example"} for each in range(3)]
        data = [company | {"people": {"create": people}}]
        backwards = [company | {"people": {"create": people[::-1]}}]
        asked = [client.ask(UPSERT, {"data": each}) for each in (data, backwards) * 3]
        assert set(await outcomes(*asked)) <= {"done", "WRITE_CONFLICT"}
    assert await counts(client) == (3, 9)
