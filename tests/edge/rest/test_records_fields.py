"""`fields` and `omit_null_values`: less of each record."""

from urllib.parse import quote

import pytest

from tests.access.acting import Role, acting
from tests.edge.rest.asking import error, send
from tests.edge.rest.records import ACME, ADA, CID, PERSON, Found, ask, fill
from tests.serving import Client


async def one(client: Client, query: str, record_id: str = ADA) -> Found:
    return (await ask(client, "GET", f"/people/{record_id}?{query}"))["data"]["person"]


async def many(client: Client, query: str) -> list[Found]:
    return list((await ask(client, "GET", f"/people?order_by=position&{query}"))["data"]["people"])


@pytest.fixture(scope="module")
async def filled(shared: Client) -> Client:
    await fill(shared)
    return shared


async def test_only_the_fields_that_are_named(filled: Client) -> None:
    company = (await ask(filled, "GET", f"/companies/{ACME}?depth=0"))["data"]["company"]
    whole = await one(filled, "")
    assert await one(filled, "fields=") == await one(filled, "fields=,%20,") == whole
    assert await one(filled, "fields=city,%20id,city") == {"id": ADA, "city": "Oslo"}
    assert list(await one(filled, "fields=companyId,name,id")) == ["id", "name", "companyId"]
    assert await one(filled, "fields=company") == {"company": company}
    assert await one(filled, "fields=company&depth=0") == {}
    assert list(await one(filled, "fields=id,company,taskTargets&depth=2")) == ["id", "company", "taskTargets"]
    assert (await one(filled, "fields=company&depth=2"))["company"]["people"][0]["id"] == ADA
    assert await many(filled, "fields=city") == [{"city": "Oslo"}, {"city": "Bern"}, {"city": None}]
    listed = await ask(filled, "GET", "/people?fields=city&limit=1&order_by=position")
    assert listed["totalCount"] == 3
    assert list(listed["pageInfo"]) == ["hasNextPage", "hasPreviousPage", "startCursor", "endCursor"]
    following = await many(filled, f"fields=city&limit=1&starting_after={listed['pageInfo']['endCursor']}")
    assert following == [{"city": "Bern"}]
    # What is changed is shown as a whole.
    changed = await ask(filled, "PATCH", f"/people/{ADA}?fields=city&omit_null_values=true", {"city": "Oslo"})
    assert list(changed["data"]["updatePerson"]) == PERSON


@pytest.mark.parametrize(
    "name", ["nope", "company.name", "name.firstName", "id;", "'", "x" * 500, "Ä", "targetPersonId"]
)
async def test_fields_that_there_are_not(filled: Client, name: str) -> None:
    for path in ("/people", f"/people/{ADA}"):
        message = f'Object person doesn\'t have any "{name[:80]}" field.'
        assert error(await send(filled, "GET", f"{path}?fields=city,{quote(name)}")) == (400, "BAD_USER_INPUT", message)
    twice = await send(filled, "GET", "/people?fields=city&fields=id")
    assert error(twice) == (400, "BAD_USER_INPUT", "'fields' is given more than once")


async def test_fields_that_one_may_not_see(filled: Client) -> None:
    blind = await acting(filled, Role(hidden=("person.city",), objects={"company": {"read": False}}))
    assert await one(blind, "fields=id,company") == {"id": ADA}
    assert error(await send(blind, "GET", "/people?fields=id,city"))[0] == 400


def without_nulls(value: Found) -> Found:
    if isinstance(value, dict):
        return {name: without_nulls(each) for name, each in value.items() if each is not None}
    return [without_nulls(each) for each in value] if isinstance(value, list) else value


@pytest.mark.parametrize("query", ["depth=0", "depth=1", "depth=2", "fields=city,name,company&depth=1"])
async def test_without_what_is_null(filled: Client, query: str) -> None:
    await ask(filled, "PATCH", f"/people/{ADA}", {"jobTitle": 'a "null" in\nwords', "city": "null"})
    for record_id in (ADA, CID):
        whole = await one(filled, query, record_id)
        assert await one(filled, f"{query}&omit_null_values=true", record_id) == without_nulls(whole)
        assert await one(filled, f"{query}&omitNullValues=TRUE", record_id) == without_nulls(whole)
        assert await one(filled, f"{query}&omit_null_values=false", record_id) == whole
    query += "&limit=3"
    assert await many(filled, f"{query}&omit_null_values=true") == without_nulls(await many(filled, query))
    assert "city" not in await one(filled, f"{query}&omit_null_values=true", CID)
    wrong = await send(filled, "GET", f"/people?{query}&omit_null_values=1")
    assert error(wrong) == (400, "BAD_USER_INPUT", "'omit_null_values' is invalid. Should be true or false")


async def test_nothing_is_left(filled: Client) -> None:
    found = await many(filled, "fields=city&omit_null_values=true")
    assert found[1:] == [{"city": "Bern"}, {}]
    assert (await ask(filled, "GET", "/opportunities?omit_null_values=true"))["data"]["opportunities"] == []
