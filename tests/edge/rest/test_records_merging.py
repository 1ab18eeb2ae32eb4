"""Finding duplicates, and merging, over REST."""

import pytest

from tests.edge.rest.asking import error, send
from tests.edge.rest.records import ACME, ADA, BEN, BOLT, CID, PERSON, UNKNOWN, ask, fill, names
from tests.serving import Client

EVE = "a0000000-0000-4000-8000-000000000004"
ZERO = {"hasNextPage": False, "hasPreviousPage": False, "startCursor": None, "endCursor": None}


@pytest.fixture
async def filled(client: Client) -> Client:
    await fill(client)
    await ask(client, "POST", "/people", {"id": EVE, "name": {"firstName": "Ada", "lastName": "King"}}, 201)
    return client


async def test_duplicates(filled: Client) -> None:
    by_ids = await ask(filled, "POST", "/people/duplicates", {"ids": [ADA, BEN]})

    assert list(by_ids) == ["data"]
    first, second = by_ids["data"]
    assert list(first) == ["totalCount", "pageInfo", "personDuplicates"]
    assert (first["totalCount"], [each["id"] for each in first["personDuplicates"]]) == (1, [EVE])
    assert list(first["personDuplicates"][0]) == PERSON
    assert list(first["pageInfo"]) == ["hasNextPage", "hasPreviousPage", "startCursor", "endCursor"]
    assert second == {"totalCount": 0, "pageInfo": ZERO, "personDuplicates": []}
    by_data = await ask(filled, "POST", "/people/duplicates?depth=1", {"data": [{"email": "ada@acme.example"}]})
    ((ada,),) = (each["personDuplicates"] for each in by_data["data"])
    assert (ada["id"], ada["company"]["name"]) == (ADA, "Acme")
    one = await ask(filled, "POST", "/people/duplicates", {"data": {"firstName": "Ada", "lastName": "King"}})
    assert [each["id"] for each in one["data"][0]["personDuplicates"]] == [ADA, EVE]
    assert await ask(filled, "POST", "/people/duplicates", {"ids": []}) == {"data": []}
    assert (await ask(filled, "POST", "/people/duplicates", {"ids": ADA, "data": None}))["data"][0]["totalCount"] == 1
    assert (await ask(filled, "POST", "/people/duplicates", {"ids": [UNKNOWN]}))["data"][0]["totalCount"] == 0


async def test_objects_without_criteria_have_no_duplicates(filled: Client) -> None:
    await ask(filled, "POST", "/notes", {"title": "A"}, 201)

    found = await ask(filled, "POST", "/notes/duplicates", {"data": [{"title": "A"}]})
    assert found == {"data": [{"totalCount": 0, "pageInfo": ZERO, "noteDuplicates": []}]}


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"ids": [ADA], "data": [{}]}, 'You cannot provide both "data" and "ids" arguments'),
        ({}, 'You have to provide either "data" or "ids" argument'),
        ({"ids": None}, 'You have to provide either "data" or "ids" argument'),
        ({"data": []}, 'The "data" condition can not be empty when "ids" input not provided'),
        ({"ids": ["x"]}, "Invalid UUID value 'x' for field \"id\""),
        ({"ids": 5}, 'Invalid UUID value 5 for field "id"'),
        ({"ids": [ADA] * 61}, "Maximum number of records to find duplicates of is 60."),
        ({"data": [{}] * 61}, "Maximum number of records to find duplicates of is 60."),
        ({"data": [{"nope": 1}]}, 'Object person doesn\'t have any "nope" field.'),
        ({"data": [5]}, 'Expected type "PersonCreateInput" to be an object.'),
        ({"data": "x"}, 'Expected type "PersonCreateInput" to be an object.'),
        ([], "The body must be a JSON object."),
    ],
    ids=lambda value: str(value)[:40],
)
async def test_duplicates_that_cannot_be_looked_for(shared: Client, body: object, message: str) -> None:
    for _ in range(2):
        found = error(await send(shared, "POST", "/people/duplicates", body))
        assert found == (400, "BAD_USER_INPUT", message)


async def test_merging(filled: Client) -> None:
    body = {"ids": [EVE, ADA], "conflictPriorityIndex": 0}

    preview = await ask(filled, "PATCH", "/people/merge", {**body, "dryRun": True})
    assert preview["data"]["mergePerson"]["city"] == "Oslo"
    assert preview["data"]["mergePerson"]["id"] not in (ADA, EVE)
    assert await names(filled) == ["Ada", "Ben", "Cid", "Ada"]
    merged = await ask(filled, "PATCH", "/people/merge", body)
    assert list(merged["data"]) == ["mergePerson", "mergePeople"]
    person = merged["data"]["mergePerson"]
    assert merged["data"]["mergePeople"] == person
    assert list(person) == PERSON
    assert (person["id"], person["city"], person["companyId"]) == (EVE, "Oslo", ACME)
    assert await names(filled) == ["Ben", "Cid", "Ada"]


@pytest.mark.parametrize(
    "body", [{"ids": [EVE]}, {"ids": [EVE, ADA]}, {"ids": [EVE, ADA.upper()], "conflictPriorityIndex": 0}]
)
async def test_the_record_in_the_path_survives(filled: Client, body: object) -> None:
    merged = await ask(filled, "PATCH", f"/people/{ADA}/merge?depth=1", body)

    assert merged["data"]["mergePerson"]["id"] == ADA
    assert merged["data"]["mergePerson"]["company"]["name"] == "Acme"


@pytest.mark.parametrize(
    ("body", "status", "message"),
    [
        ({"ids": [ADA], "conflictPriorityIndex": 0}, 400, "At least 2 record IDs are required for merge"),
        ({"ids": [], "conflictPriorityIndex": 0}, 400, "At least 2 record IDs are required for merge"),
        ({"ids": [ADA] * 2, "conflictPriorityIndex": 0}, 400,
         "The record IDs to merge must be different from each other"),
        ({"ids": [f"{UNKNOWN[:-1]}{n}" for n in range(10)], "conflictPriorityIndex": 0}, 400,
         "Maximum 9 records can be merged at once"),
        ({"ids": [ADA, BEN], "conflictPriorityIndex": 2}, 400,
         "Invalid conflict priority '2'. Valid options for 2 records: 0-1"),
        ({"ids": [ADA, BEN], "conflictPriorityIndex": -1}, 400,
         "Invalid conflict priority '-1'. Valid options for 2 records: 0-1"),
        ({"ids": [ADA, BEN]}, 400, "'conflictPriorityIndex' should be an integer"),
        ({"ids": [ADA, BEN], "conflictPriorityIndex": "0"}, 400, "'conflictPriorityIndex' should be an integer"),
        ({"ids": [ADA, BEN], "conflictPriorityIndex": True}, 400, "'conflictPriorityIndex' should be an integer"),
        ({"ids": [ADA, BEN], "conflictPriorityIndex": 0, "dryRun": "x"}, 400, "'dryRun' should be true or false"),
        ({"ids": "x", "conflictPriorityIndex": 0}, 400, "'ids' should be a list of record IDs"),
        ({"ids": ["x", ADA], "conflictPriorityIndex": 0}, 400, "Invalid UUID value 'x' for field \"id\""),
        ({"ids": [5, ADA], "conflictPriorityIndex": 0}, 400, 'Invalid UUID value 5 for field "id"'),
        ({"ids": [None, ADA], "conflictPriorityIndex": 0}, 400, 'Invalid UUID value null for field "id"'),
        ({}, 400, "'ids' should be a list of record IDs"),
        ({"ids": [ADA, UNKNOWN], "conflictPriorityIndex": 0}, 404, "One or more records not found"),
        ({"ids": [ADA, BOLT], "conflictPriorityIndex": 0}, 404, "One or more records not found"),
    ],
    ids=lambda value: str(value)[:60],
)  # fmt: skip
async def test_merges_that_cannot_be(filled: Client, body: object, status: int, message: str) -> None:
    code = "NOT_FOUND" if status == 404 else "BAD_USER_INPUT"
    assert error(await send(filled, "PATCH", "/people/merge", body)) == (status, code, message)
    assert await names(filled) == ["Ada", "Ben", "Cid", "Ada"]


async def test_an_id_in_the_path_is_looked_at(filled: Client) -> None:
    assert error(await send(filled, "PATCH", "/people/nope/merge", {"ids": [ADA]}))[0] == 400
    assert error(await send(filled, "PATCH", f"/people/{CID}/merge", {"ids": []}))[0] == 400
    assert error(await send(filled, "PATCH", f"/people/{UNKNOWN}/merge", {"ids": [ADA]}))[0] == 404


async def test_some_objects_are_not_merged(filled: Client) -> None:
    body = {"ids": [ADA, BEN], "conflictPriorityIndex": 0}
    answer = await send(filled, "PATCH", "/workflows/merge", body)

    assert error(answer) == (403, "FORBIDDEN", "Method not allowed.")
