"""Records of objects that users have made, and of a data model that changes."""

import asyncio
from typing import Any

from tests.edge.rest.asking import error, send
from tests.edge.rest.records import ADA, ask, fill
from tests.recording import recording
from tests.serving import Client

ROCKET = {"nameSingular": "rocket", "namePlural": "rockets", "labelSingular": "Rocket", "labelPlural": "Rockets"}


async def make_rocket(client: Client) -> str:
    made = await ask(client, "POST", "/metadata/objects", ROCKET, 201)
    found: str = made["data"]["createOneObject"]["id"]
    return found


async def make_field(client: Client, owner: str, kind: str, name: str, **more: object) -> None:
    body = {"objectMetadataId": owner, "type": kind, "name": name, "label": name.title(), **more}
    await ask(client, "POST", "/metadata/fields", body, 201)


async def test_an_object_of_the_workspace_has_all_routes(client: Client) -> None:
    await fill(client)
    rocket = await make_rocket(client)
    await make_field(client, rocket, "NUMBER", "crew")
    await make_field(client, rocket, "BOOLEAN", "manned")
    options = [{"label": each, "value": each, "color": "red", "position": at} for at, each in enumerate("AB")]
    await make_field(client, rocket, "MULTI_SELECT", "kinds", options=options)
    await make_field(client, rocket, "CURRENCY", "cost")

    body = {
        "name": "Falcon",
        "crew": 4,
        "manned": True,
        "kinds": ["A"],
        "cost": {"amountMicros": "12345678901234567890"},
    }
    made = (await ask(client, "POST", "/rockets", body, 201))["data"]["createRocket"]
    assert (made["crew"], made["manned"], made["kinds"]) == (4, True, ["A"])
    assert made["cost"] == {"amountMicros": "12345678901234567890", "currencyCode": None}
    one = f"/rockets/{made['id']}"
    for query, count in (
        ("crew[gte]:4", 1), ("crew[gt]:4", 0), ("manned[eq]:true", 1), ("manned[eq]:TRUE", 1), ("manned[eq]:x", 0),
        ("kinds[containsAny]:[A,B]", 1), ("kinds[containsAny]:[B]", 0), ("kinds[isEmptyArray]:true", 0),
        ("kinds[isEmptyArray]:false", 1), ("cost.amountMicros[eq]:12345678901234567890", 1),
        ("cost.amountMicros[gt]:12345678901234567890", 0), ("crew[in]:[3,4]", 1),
    ):  # fmt: skip
        assert (await ask(client, "GET", f"/rockets?filter={query}"))["totalCount"] == count, query
    assert (await ask(client, "GET", one))["data"]["rocket"]["noteTargets"] == []
    assert (await ask(client, "PATCH", one, {"crew": 5}))["data"]["updateRocket"]["crew"] == 5
    batch = await ask(client, "PATCH", "/batch/rockets", [{"id": made["id"], "kinds": []}])
    assert batch["data"]["updateRockets"][0]["kinds"] == []
    groups = await ask(client, "GET", "/rockets/groupBy?group_by=manned&aggregate=sumCrew,sumCostAmountMicros")
    assert groups == [{"groupByDimensionValues": ["true"], "sumCrew": 5, "sumCostAmountMicros": "12345678901234567890"}]
    assert await ask(client, "DELETE", one) == {"data": {"deleteRocket": {"id": made["id"]}}}
    assert error(await send(client, "GET", "/rocket")) == (
        400, "BAD_USER_INPUT", "object 'rocket' not found. Did you mean 'rockets'?",
    )  # fmt: skip


async def test_a_field_is_there_as_soon_as_it_is_made(client: Client) -> None:
    await fill(client)
    before = (await ask(client, "GET", f"/people/{ADA}"))["data"]["person"]
    objects = (await ask(client, "GET", "/metadata/objects"))["data"]["objects"]
    (owner,) = (each["id"] for each in objects if each["nameSingular"] == "person")
    await make_field(client, owner, "TEXT", "nickname")

    after = (await ask(client, "GET", f"/people/{ADA}"))["data"]["person"]
    assert after.keys() - before.keys() == {"nickname"}
    assert (await ask(client, "PATCH", f"/people/{ADA}", {"nickname": "A"}))["data"]["updatePerson"]["nickname"] == "A"
    assert (await ask(client, "GET", "/people?filter=nickname[eq]:A&order_by=nickname"))["totalCount"] == 1


async def test_an_object_that_is_not_active_is_not_there(client: Client) -> None:
    rocket = await make_rocket(client)
    await ask(client, "POST", "/rockets", {}, 201)
    await ask(client, "PATCH", f"/metadata/objects/{rocket}", {"isActive": False})

    for method, path, body in (("GET", "/rockets", None), ("POST", "/rockets", {}), ("GET", f"/rockets/{ADA}", None)):
        assert error(await send(client, method, path, body)) == (
            400, "BAD_USER_INPUT", "object 'rockets' not found. eg: companies",
        )  # fmt: skip
    await ask(client, "PATCH", f"/metadata/objects/{rocket}", {"isActive": True})
    assert (await ask(client, "GET", "/rockets"))["totalCount"] == 1


async def rename_city(client: Client, name: str, former: str) -> None:
    """As another process does it whose announcement has not come yet."""
    schema = client.tenant.schema
    await client.database.execute(f'alter table "{schema}".person rename "{former}" to "{name}"')
    await client.database.execute(
        'update core."fieldMetadata" f set name = $1 from core."objectMetadata" o where o.id = f."objectMetadataId"'
        " and o.\"nameSingular\" = 'person' and f.name = $2",
        name,
        former,
    )
    await client.database.execute('update core.workspace set "metadataVersion" = "metadataVersion" + 1')


async def test_a_model_that_another_process_has_changed_is_read_again(client: Client) -> None:
    """For each kind of request: the statement meets a column that there is no more, or a name is not known yet."""
    await fill(client)
    requests: list[tuple[str, str, Any, str]] = [
        ("GET", f"/people/{ADA}", None, "person"),
        ("GET", "/people?filter=id[eq]:" + ADA, None, "people"),
        ("GET", "/people?filter={}[is]:NOT_NULL", None, "people"),
        ("GET", "/people?order_by={}[DescNullsLast]&limit=1", None, "people"),
        ("PATCH", f"/people/{ADA}", {"jobTitle": "x"}, "updatePerson"),
        ("PATCH", f"/people/{ADA}", "{}", "updatePerson"),
        ("POST", "/people", "{}", "createPerson"),
        ("PATCH", "/batch/people", [{"id": ADA, "jobTitle": "y"}], "updatePeople"),
        ("PATCH", "/people/merge", {"ids": None, "conflictPriorityIndex": 0}, "mergePerson"),
    ]
    former = "city"
    for number, (method, path, body, key) in enumerate(requests):
        name = f"town{number}"
        await ask(client, "GET", "/people")
        await rename_city(client, name, former)
        if body == "{}":
            body = {name: "Rome"}
        if key == "mergePerson":
            other = await ask(client, "GET", "/people?limit=2&order_by=position[DescNullsLast]&depth=0")
            ids = [each["id"] for each in other["data"]["people"]]
            await rename_city(client, "last", name)
            name, body = "last", {"ids": ids, "conflictPriorityIndex": 0}
        found = (await ask(client, method, path.replace("{}", name), body, 201 if method == "POST" else 200))["data"]
        record = found[key][0] if isinstance(found[key], list) else found[key]
        assert name in record, path
        former = name


async def test_an_object_that_another_process_has_made_is_found(client: Client) -> None:
    await ask(client, "GET", "/people")
    await client.database.execute(
        """update core."objectMetadata" set "namePlural" = 'folks' where "namePlural" = 'people'"""
    )
    await client.database.execute('update core.workspace set "metadataVersion" = "metadataVersion" + 1')

    assert (await ask(client, "GET", "/folks"))["data"] == {"folks": []}


async def test_many_ask_at_once_while_the_model_changes(client: Client) -> None:
    await fill(client)
    rocket = await make_rocket(client)

    async def read() -> set[int]:
        found = set()
        for _ in range(20):
            found.add((await send(client, "GET", "/rockets?depth=1")).status_code)
            found.add((await send(client, "POST", "/rockets", {"name": "x"})).status_code)
        return found

    async def change() -> set[int]:
        for number in range(5):
            await make_field(client, rocket, "TEXT", f"note{number}")
        return set()

    found = await asyncio.gather(read(), read(), change())
    assert set().union(*found) == {200, 201}


async def test_a_change_without_an_answer_costs_no_look_at_the_model(client: Client) -> None:
    await fill(client)
    async with recording(client) as recorder:
        await ask(recorder.client, "PATCH", f"/people/{ADA}", {"city": "Bern"})
        recorder.log.clear()
        await ask(recorder.client, "PATCH", f"/people/{ADA}", {"city": "Rome"})
        await ask(recorder.client, "PATCH", "/batch/people", [{"id": ADA, "city": "Oslo"}])
        await ask(recorder.client, "POST", "/batch/people", [{}, {}], 201)
        await ask(recorder.client, "DELETE", f"/people/{ADA}")
        assert len(recorder.log) == 4
