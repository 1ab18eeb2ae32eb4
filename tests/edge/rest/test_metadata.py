"""`/rest/metadata/objects` and `/rest/metadata/fields` over HTTP."""

from typing import Any

import pytest

from tests.edge.rest.asking import error, send
from tests.serving import Client

UNKNOWN = "99999999-9999-4999-8999-999999999999"
ROCKET = {"nameSingular": "rocket", "namePlural": "rockets", "labelSingular": "Rocket", "labelPlural": "Rockets"}
OBJECT_KEYS = [
    "id", "nameSingular", "namePlural", "isCustom", "isActive", "isSystem", "createdAt", "updatedAt",
    "labelIdentifierFieldMetadataId", "imageIdentifierFieldMetadataId", "labelSingular", "labelPlural", "icon",
    "fields",
]  # fmt: skip
FIELD_KEYS = [
    "id", "type", "name", "label", "description", "icon", "isCustom", "isActive", "isSystem", "isNullable", "createdAt",
    "updatedAt", "defaultValue", "options", "relation",
]  # fmt: skip
RELATION_KEYS = [
    "type", "targetObjectMetadata", "targetFieldMetadata", "sourceObjectMetadata", "sourceFieldMetadata",
]  # fmt: skip


async def ask(client: Client, method: str, path: str, body: object = None, status: int = 200) -> dict[str, Any]:
    """The JSON of an answer that must have the status."""
    answer = await send(client, method, f"/metadata{path}", body)
    assert answer.status_code == status, answer.text[:1000]
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    found: dict[str, Any] = answer.json()
    return found


async def rocket(client: Client, **more: object) -> dict[str, Any]:
    found: dict[str, Any] = (await ask(client, "POST", "/objects", ROCKET | more, 201))["data"]["createOneObject"]
    return found


async def object_named(client: Client, name: str) -> dict[str, Any]:
    found = (await ask(client, "GET", "/objects"))["data"]["objects"]
    (one,) = (each for each in found if each["nameSingular"] == name)
    assert isinstance(one, dict)
    return one


async def test_an_object_from_its_beginning_to_its_end(client: Client) -> None:
    made = await ask(client, "POST", "/objects", ROCKET | {"icon": "IconRocket", "description": "Flies"}, 201)

    assert list(made) == ["data"]
    assert list(made["data"]) == ["createOneObject"]
    made = made["data"]["createOneObject"]
    assert list(made) == OBJECT_KEYS
    assert made | {"fields": ...} == ROCKET | {
        "id": made["id"],
        "isCustom": True,
        "isActive": True,
        "isSystem": False,
        "createdAt": made["createdAt"],
        "updatedAt": made["createdAt"],
        "labelIdentifierFieldMetadataId": next(each["id"] for each in made["fields"] if each["name"] == "name"),
        "imageIdentifierFieldMetadataId": None,
        "icon": "IconRocket",
        "fields": ...,
    }
    assert {"id", "name", "createdAt", "updatedAt", "deletedAt", "createdBy", "position", "searchVector"} <= {
        each["name"] for each in made["fields"]
    }

    one = f"/objects/{made['id']}"
    assert await ask(client, "GET", one) == {"data": {"object": made}}
    assert made in (await ask(client, "GET", "/objects"))["data"]["objects"]
    assert (await client.data("{ rockets { totalCount } }")) == {"rockets": {"totalCount": 0}}

    for method, label in (("PATCH", "Missile"), ("PUT", "Spaceship")):
        changed = (await ask(client, method, one, {"labelSingular": label}))["data"]["updateOneObject"]
        assert (changed["labelSingular"], changed["labelPlural"]) == (label, "Rockets")
        assert await ask(client, "GET", one) == {"data": {"object": changed}}

    await ask(client, "PATCH", one, {"isActive": False})
    assert await ask(client, "DELETE", one) == {"data": {"deleteOneObject": {"id": made["id"]}}}
    for method, body in (("GET", None), ("PATCH", {"labelSingular": "x"}), ("DELETE", None)):
        assert error(await send(client, method, f"/metadata{one}", body))[:2] == (404, "NOT_FOUND")


async def test_a_field_from_its_beginning_to_its_end(client: Client) -> None:
    owner = await rocket(client)
    body = {
        "objectMetadataId": owner["id"],
        "type": "SELECT",
        "name": "kind",
        "label": "Kind",
        "options": [{"label": "A", "value": "A", "color": "red", "position": 0}],
    }

    made = (await ask(client, "POST", "/fields", body, 201))["data"]["createOneField"]

    assert list(made) == FIELD_KEYS
    assert made == {
        "id": made["id"],
        "type": "SELECT",
        "name": "kind",
        "label": "Kind",
        "description": None,
        "icon": None,
        "isCustom": True,
        "isActive": True,
        "isSystem": False,
        "isNullable": True,
        "createdAt": made["createdAt"],
        "updatedAt": made["createdAt"],
        "defaultValue": None,
        "options": [{"id": made["options"][0]["id"], "color": "red", "label": "A", "value": "A", "position": 0}],
        "relation": None,
    }
    one = f"/fields/{made['id']}"
    assert await ask(client, "GET", one) == {"data": {"field": made}}
    assert made in (await ask(client, "GET", "/fields"))["data"]["fields"]
    assert made in (await ask(client, "GET", f"/objects/{owner['id']}"))["data"]["object"]["fields"]
    assert (await client.data("mutation { createRocket(data: {kind: A}) { kind } }")) == {"createRocket": {"kind": "A"}}

    for method, label in (("PATCH", "Sort"), ("PUT", "Make")):
        changed = (await ask(client, method, one, {"label": label}))["data"]["updateOneField"]
        assert changed == made | {"label": label, "updatedAt": changed["updatedAt"]}

    await ask(client, "PATCH", one, {"isActive": False})
    assert await ask(client, "DELETE", one) == {"data": {"deleteOneField": {"id": made["id"]}}}
    for method, given in (("GET", None), ("PATCH", {"label": "x"}), ("DELETE", None)):
        assert error(await send(client, method, f"/metadata{one}", given))[:2] == (404, "NOT_FOUND")


async def test_bodies_may_be_wrapped_as_in_graphql(client: Client) -> None:
    made = (await ask(client, "POST", "/objects", {"object": ROCKET}, 201))["data"]["createOneObject"]
    field = {"objectMetadataId": made["id"], "type": "TEXT", "name": "motto", "label": "Motto"}
    found = (await ask(client, "POST", "/fields", {"field": field}, 201))["data"]["createOneField"]

    assert (made["nameSingular"], found["name"], found["type"]) == ("rocket", "motto", "TEXT")


async def test_relations_are_shown_with_both_ends(shared: Client) -> None:
    person, company = await object_named(shared, "person"), await object_named(shared, "company")
    (relation,) = (each["relation"] for each in person["fields"] if each["name"] == "company")
    (own,) = (each["id"] for each in person["fields"] if each["name"] == "company")
    (other,) = (each["id"] for each in company["fields"] if each["name"] == "people")

    assert list(relation) == RELATION_KEYS
    assert relation == {
        "type": "MANY_TO_ONE",
        "targetObjectMetadata": {"id": company["id"], "nameSingular": "company", "namePlural": "companies"},
        "targetFieldMetadata": {"id": other, "name": "people"},
        "sourceObjectMetadata": {"id": person["id"], "nameSingular": "person", "namePlural": "people"},
        "sourceFieldMetadata": {"id": own, "name": "company"},
    }


@pytest.mark.parametrize("kind", ["objects", "fields"])
async def test_pages_in_both_directions(shared: Client, kind: str) -> None:
    whole = await ask(shared, "GET", f"/{kind}")
    assert list(whole) == ["data", "pageInfo"]
    assert list(whole["pageInfo"]) == ["hasNextPage", "startCursor", "endCursor"]
    assert whole["pageInfo"]["hasNextPage"] is False
    expected = [each["id"] for each in whole["data"][kind]]
    assert len(expected) == len(set(expected)) > 25

    forward: list[str] = []
    page = await ask(shared, "GET", f"/{kind}?limit=25")
    while True:
        forward += [each["id"] for each in page["data"][kind]]
        if not page["pageInfo"]["hasNextPage"]:
            break
        page = await ask(shared, "GET", f"/{kind}?limit=25&starting_after={page['pageInfo']['endCursor']}")
    assert forward == expected

    before = await ask(shared, "GET", f"/{kind}?limit=3&ending_before={whole['pageInfo']['endCursor']}")
    assert [each["id"] for each in before["data"][kind]] == expected[-4:-1]


async def test_lists_have_a_filter(shared: Client) -> None:
    for kind, wanted in (("objects", "isSystem"), ("fields", "isSystem")):
        every = (await ask(shared, "GET", f"/{kind}"))["data"][kind]
        for value in (True, False):
            text = f'{{"{wanted}":{{"is":{str(value).lower()}}}}}'
            found = (await ask(shared, "GET", f"/{kind}?filter={text.replace(chr(34), '%22')}"))["data"][kind]
            assert found == [each for each in every if each[wanted] is value]
            assert found


@pytest.mark.parametrize("kind", ["objects", "fields"])
@pytest.mark.parametrize(
    "query",
    ["limit=x", "limit=-1", "limit=1&limit=2", "starting_after=garbage", "ending_before=%00", "after=a&before=b",
     "filter=x", "filter=[]", "filter={%22nope%22:1}", "filter={%22isCustom%22:true}", "filter[isCustom][is]=true"],
)  # fmt: skip
async def test_lists_refuse_what_they_do_not_understand(shared: Client, kind: str, query: str) -> None:
    assert error(await send(shared, "GET", f"/metadata/{kind}?{query}"))[:2] == (400, "BAD_USER_INPUT")


async def test_a_type_that_does_not_exist(shared: Client) -> None:
    company = await object_named(shared, "company")
    body = {"objectMetadataId": company["id"], "type": "NOPE", "name": "x", "label": "X"}

    assert error(await send(shared, "POST", "/metadata/fields", body)) == (
        400,
        "BAD_USER_INPUT",
        "Value 'NOPE' does not exist in 'FieldMetadataType' enum.",
    )


async def test_every_value_of_the_wrong_type_is_named(shared: Client) -> None:
    answer = await send(shared, "POST", "/metadata/fields", {"type": "NOPE", "name": 5, "isNullable": "x"})

    assert error(answer)[:2] == (400, "BAD_USER_INPUT")
    assert len(answer.json()["messages"]) == 3


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/objects", {}),
        ("/objects", {"nope": 1}),
        ("/objects", {"object": []}),
        ("/objects", {"object": {}}),
        ("/objects", ROCKET | {"nameSingular": None}),
        ("/objects", ROCKET | {"nameSingular": {"a": 1}}),
        ("/objects", ROCKET | {"nameSingular": "x" * 100_000}),
        ("/objects", ROCKET | {"nameSingular": "a b\u0000\ud800'; drop table x; --"}),
        ("/objects", ROCKET | {"namePlural": "rocket"}),
        ("/objects", ROCKET | {"nameSingular": "person"}),
        ("/fields", {}),
        ("/fields", {"field": {}}),
        ("/fields", {"objectMetadataId": "nope", "type": "TEXT", "name": "x", "label": "X"}),
        ("/fields", {"objectMetadataId": 5, "type": "TEXT", "name": "x", "label": "X"}),
        ("/fields", {"type": "TEXT", "name": "x", "label": "X"}),
    ],
    ids=lambda value: str(value)[:40],
)
async def test_bad_bodies_are_refused(shared: Client, path: str, body: object) -> None:
    status, code, _ = error(await send(shared, "POST", f"/metadata{path}", body))

    assert status == 400
    assert code in ("BAD_USER_INPUT", "METADATA_VALIDATION_FAILED")


async def test_updates_take_their_fields_only(shared: Client) -> None:
    company = await object_named(shared, "company")
    field = company["fields"][0]["id"]
    for path in (f"/objects/{company['id']}", f"/fields/{field}"):
        for body in ({"nope": 1}, {"id": UNKNOWN}, {"label": 5, "labelSingular": 5}, {"isActive": "yes"}):
            assert error(await send(shared, "PATCH", f"/metadata{path}", body))[:2] == (400, "BAD_USER_INPUT"), body


@pytest.mark.parametrize("kind", ["objects", "fields"])
async def test_what_does_not_exist_is_not_found(shared: Client, kind: str) -> None:
    for method, body in (("GET", None), ("PATCH", {"icon": "IconX"}), ("PUT", {"icon": "IconX"}), ("DELETE", None)):
        answer = await send(shared, method, f"/metadata/{kind}/{UNKNOWN}", body)
        assert error(answer)[:2] == (404, "NOT_FOUND")


async def test_a_field_of_an_unknown_object_is_refused(shared: Client) -> None:
    body = {"objectMetadataId": UNKNOWN, "type": "TEXT", "name": "x", "label": "X"}

    assert error(await send(shared, "POST", "/metadata/fields", body))[0] in (400, 404)


async def test_reading_changes_nothing(shared: Client) -> None:
    before = await ask(shared, "GET", "/objects")
    for method in ("GET", "HEAD"):
        await send(shared, method, "/metadata/objects", ROCKET)
        await send(shared, method, "/metadata/objects?nameSingular=rocket")

    assert await ask(shared, "GET", "/objects") == before
