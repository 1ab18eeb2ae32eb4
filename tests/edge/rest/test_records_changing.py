"""Creating, updating, deleting and restoring over REST: one record, those of a list, those that a filter finds."""

import asyncio

import pytest

from tests.access.acting import Role, acting
from tests.edge.rest.asking import error, send
from tests.edge.rest.records import ACME, ADA, BEN, BOLT, CID, PERSON, UNKNOWN, Found, ask, fill, names
from tests.records.events import events
from tests.serving import Client

NEW = "b0000000-0000-4000-8000-000000000001"
EVERYBODY = "filter=or(deletedAt[is]:NULL,deletedAt[is]:NOT_NULL)"


async def person(client: Client, record_id: str) -> Found:
    return (await ask(client, "GET", f"/people/{record_id}?depth=0"))["data"]["person"]


# -- create --------------------------------------------------------------------------------------------------------


async def test_creating_a_record(client: Client) -> None:
    await fill(client)
    body = {"id": NEW, "name": {"firstName": "Dot"}, "city": "Rome", "companyId": BOLT, "position": "last"}

    made = await ask(client, "POST", "/people", body, 201)

    assert list(made) == ["data"]
    assert list(made["data"]) == ["createPerson"]
    dot = made["data"]["createPerson"]
    assert list(dot) == PERSON
    assert dot == await person(client, NEW)
    assert (dot["id"], dot["name"], dot["companyId"], dot["position"]) == (
        NEW, {"firstName": "Dot", "lastName": None}, BOLT, 4,
    )  # fmt: skip
    assert dot["createdBy"] == {"source": "API", "workspaceMemberId": None, "name": "tests", "context": {}}


async def test_the_examples_of_the_older_documentation(client: Client) -> None:
    await fill(client)
    body = {"firstName": "John", "lastName": "Doe", "email": "john.doe@example.com"}
    john = (await ask(client, "POST", "/people", body, 201))["data"]["createPerson"]

    assert john["name"] == {"firstName": "John", "lastName": "Doe"}
    assert john["emails"]["primaryEmail"] == "john.doe@example.com"
    acme = (await ask(client, "PATCH", f"/companies/{ACME}", {"annualRevenue": 5000000}))["data"]["updateCompany"]
    assert acme["annualRecurringRevenue"] == {"amountMicros": "5000000000000", "currencyCode": "EUR"}
    bolt = (await ask(client, "PATCH", f"/companies/{BOLT}", {"annualRevenue": 1.5}))["data"]["updateCompany"]
    assert bolt["annualRecurringRevenue"]["amountMicros"] == "1500000"
    query = "filter[name][ilike]=acm&orderBy=createdAt[DescNullsLast]&limit=20"
    found = await ask(client, "GET", f"/companies?{query}")
    assert [each["id"] for each in found["data"]["companies"]] == [ACME]


async def test_depth_counts_for_what_is_changed(client: Client) -> None:
    await fill(client)

    made = await ask(client, "POST", "/people?depth=1", {"companyId": ACME}, 201)
    company = made["data"]["createPerson"]["company"]
    assert company["name"] == "Acme"
    assert "people" not in company
    changed = await ask(client, "PATCH", f"/companies/{ACME}?depth=1", {"name": "Acme 2"})
    assert {ADA, BEN} < {each["id"] for each in changed["data"]["updateCompany"]["people"]}
    moved = await ask(client, "PATCH", f"/people/{ADA}?depth=1", {"companyId": BOLT})
    assert moved["data"]["updatePerson"]["company"]["name"] == "Bolt"
    batch = await ask(client, "POST", "/batch/people?depth=1", [{"companyId": BOLT}], 201)
    assert batch["data"]["createPeople"][0]["company"]["name"] == "Bolt"
    deep = await ask(client, "POST", "/people?depth=2", {"companyId": BOLT}, 201)
    assert deep["data"]["createPerson"]["id"] in [
        each["id"] for each in deep["data"]["createPerson"]["company"]["people"]
    ]
    assert list((await ask(client, "DELETE", f"/people/{BEN}?depth=1"))["data"]["deletePerson"]) == ["id"]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"nope": 1}, 'Object person doesn\'t have any "nope" field.'),
        ({"city": 5}, 'Invalid string value 5 for text field "city"'),
        ({"position": "x"}, "Invalid position value 'x' for field \"position\""),
        ({"companyId": "x"}, "Invalid UUID value 'x' for field \"companyId\""),
        ({"name": []}, 'Invalid object value [] for field "name"'),
        ({"name": {"x": 1}}, 'Unknown subfield x for FULL_NAME field "name"'),
        ({"company": ACME}, 'Relation "company" requires connect or disconnect operation'),
        ({"taskTargets": []}, "One-to-many relation taskTargets field does not support write operations."),
        ({"emails": {"primaryEmail": "x"}}, "Invalid string value 'x' for email field \"emails.primaryEmail\""),
        ({"createdAt": "x"}, None),
        ({"id": "x"}, "Invalid UUID value 'x' for field \"id\""),
        ({"city": "a\0b"}, None),
        ({"city": "\ud800"}, None),
        ({"email": "a@b.example", "emails": {"primaryEmail": "c@d.example"}},
         "email and emails cannot be both provided."),
        ({"companyId": UNKNOWN}, f'No record with the id "{UNKNOWN}" for the relation field "companyId"'),
        ({"company": {"connect": {"where": {"domainName": {"primaryLinkUrl": "https://x.example"}}}}},
         "Expected 1 record to connect to company, but found 0 for domainNamePrimaryLinkUrl = https://x.example"),
    ],
    ids=lambda value: str(value)[:40].encode("ascii", "replace").decode(),
)  # fmt: skip
async def test_data_that_does_not_fit(shared: Client, body: dict[str, object], message: str | None) -> None:
    before = (await ask(shared, "GET", "/people"))["totalCount"]
    answers = [await send(shared, "POST", "/people", body), await send(shared, "POST", "/batch/people", [{}, body])]
    if body.keys().isdisjoint({"id", "createdAt"}):
        answers.append(await send(shared, "PATCH", "/people?filter=city[eq]:x", body))

    for answer in answers:
        if answer.status_code == 200 and message and message.startswith(("No record", "Expected 1 record")):
            continue  # no record was found to write it to
        status, code, found = error(answer)
        assert (status, code) == (400, "BAD_USER_INPUT")
        assert message is None or found == message
    assert (await ask(shared, "GET", "/people"))["totalCount"] == before


async def test_connecting_by_a_unique_field(client: Client) -> None:
    await fill(client)
    connect = {"company": {"connect": {"where": {"domainName": {"primaryLinkUrl": "https://bolt.example"}}}}}

    assert (await ask(client, "POST", "/people", connect, 201))["data"]["createPerson"]["companyId"] == BOLT
    assert (await ask(client, "PATCH", f"/people/{ADA}", connect))["data"]["updatePerson"]["companyId"] == BOLT
    alone = (await ask(client, "PATCH", f"/people/{ADA}", {"company": {"disconnect": True}}))["data"]["updatePerson"]
    assert alone["companyId"] is None


async def test_a_duplicate_is_a_conflict(client: Client) -> None:
    await fill(client)
    expected = (
        409,
        "CONFLICT",
        'A duplicate entry was detected: the value of the field "emails" (Emails) is already in use',
    )
    body = {"email": "ada@acme.example"}

    answer = await send(client, "POST", "/people", body)
    assert error(answer) == expected
    assert answer.json()["error"]["details"] == {
        "subCode": "DUPLICATE_ENTRY_DETECTED",
        "userFriendlyMessage": "This Emails value is already in use. Please check your data and try again.",
        "conflictingObjectNameSingular": "person",
    }
    assert error(await send(client, "PATCH", f"/people/{BEN}", body)) == expected
    assert error(await send(client, "POST", "/batch/people", [{"city": "x"}, body])) == expected
    twins = [{"email": "new@acme.example"}, {"email": "new@acme.example"}]
    assert error(await send(client, "POST", "/batch/people", twins)) == expected
    taken = error(await send(client, "POST", "/people", {"id": ADA}))
    assert taken == (409, "CONFLICT", "A duplicate entry was detected: a record with this id exists already")
    assert await names(client) == ["Ada", "Ben", "Cid"]


async def test_upsert(client: Client) -> None:
    await fill(client)

    made = await ask(client, "POST", "/people?upsert=true", {"email": "ada@acme.example", "city": "Rome"}, 201)
    assert (made["data"]["createPerson"]["id"], made["data"]["createPerson"]["city"]) == (ADA, "Rome")
    batch = [{"id": BEN, "city": "Rome"}, {"id": NEW, "city": "Rome"}]
    made = await ask(client, "POST", "/batch/people?upsert=true", batch, 201)
    assert [(each["id"], each["city"]) for each in made["data"]["createPeople"]] == [(BEN, "Rome"), (NEW, "Rome")]
    for query in ("", "upsert=false", "upsert=", "upsert=FALSE"):
        assert (await send(client, "POST", f"/people?{query}", {"email": "ada@acme.example"})).status_code == 409
    for wrong in ("1", "yes", "x"):
        assert error(await send(client, "POST", f"/people?upsert={wrong}", {})) == (
            400, "BAD_USER_INPUT", "'upsert' is invalid. Should be true or false",
        )  # fmt: skip


async def test_what_was_deleted_can_be_created_anew(client: Client) -> None:
    await fill(client)
    await ask(client, "DELETE", f"/people/{ADA}")
    await ask(client, "DELETE", f"/people/{BEN}")
    await ask(client, "DELETE", f"/companies/{ACME}")

    made = (await ask(client, "POST", "/people?depth=1", {"id": ADA, "city": "Rome"}, 201))["data"]["createPerson"]
    assert (made["id"], made["city"], made["name"]["firstName"], made["deletedAt"]) == (ADA, "Rome", None, None)
    batch = [{"id": NEW}, {"id": BEN, "company": {"create": {"name": "New"}}}]
    made = (await ask(client, "POST", "/batch/people?depth=1", batch, 201))["data"]["createPeople"]
    assert [(each["id"], each["company"] and each["company"]["name"]) for each in made] == [(NEW, None), (BEN, "New")]
    log = [(each.action, each.record_id) for each in await events(client, object_name="person")]
    assert log[-7:] == [
        ("deleted", ADA), ("deleted", BEN), ("destroyed", ADA), ("created", ADA), ("destroyed", BEN), ("created", NEW),
        ("created", BEN),
    ]  # fmt: skip
    assert (await ask(client, "POST", "/companies", {"id": ACME, "name": "A"}, 201))["data"]["createCompany"]["id"]
    taken = (409, "CONFLICT", "A duplicate entry was detected: a record with this id exists already")
    for body in ([{"id": ADA}], [{"id": NEW}, {"id": CID}]):
        assert error(await send(client, "POST", "/batch/people", body)) == taken


async def test_what_was_deleted_stays_when_it_is_not_replaced(client: Client) -> None:
    await fill(client)
    await ask(client, "DELETE", f"/people/{ADA}")

    for body in ({"id": ADA, "companyId": UNKNOWN}, [{"id": ADA}, {"id": CID}], [{"id": ADA}, {"id": ADA}]):
        path = "/people" if isinstance(body, dict) else "/batch/people"
        assert (await send(client, "POST", path, body)).status_code in (400, 409)
    keeper = await acting(client, Role(objects={"person": {"destroy": False}}))
    assert error(await send(keeper, "POST", "/people", {"id": ADA}))[0] == 409
    blind = await acting(client, Role(rows=(("person", "city", "CONTAINS", "Bern"),)))
    assert error(await send(blind, "POST", "/people", {"id": ADA, "city": "Bern"}))[0] == 409
    assert (await client.ask(f'mutation {{ createPerson(data: {{id: "{ADA}"}}) {{ id }} }}'))["errors"]
    restored = await ask(client, "PATCH", f"/restore/people/{ADA}")
    assert restored["data"]["restorePerson"]["city"] == "Oslo"


# -- one record ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["PATCH", "PUT"])
async def test_updating_a_record(client: Client, method: str) -> None:
    await fill(client)

    changed = await ask(client, method, f"/people/{ADA}", {"jobTitle": "Chief", "name": {"lastName": "Queen"}})

    assert list(changed["data"]) == ["updatePerson"]
    assert changed["data"]["updatePerson"] == await person(client, ADA)
    assert changed["data"]["updatePerson"]["name"] == {"firstName": "Ada", "lastName": "Queen"}
    assert changed["data"]["updatePerson"]["city"] == "Oslo"
    same = await ask(client, method, f"/people/{ADA}", {})
    assert same["data"] == changed["data"]
    assert (await ask(client, method, f"/people/{ADA.upper()}", {"id": ADA}))["data"] == changed["data"]
    other = await send(client, method, f"/people/{ADA}", {"id": BEN})
    assert error(other) == (400, "BAD_USER_INPUT", "The id of a record cannot be changed.")


async def test_deleting_and_restoring(client: Client) -> None:
    await fill(client)
    answer = {"data": {"deletePerson": {"id": ADA}}}

    for query in ("", "?soft_delete=true", "?softDelete=TRUE", "?soft_delete="):
        for path in (f"/people/{ADA}/restore", f"/restore/people/{ADA}"):
            assert await ask(client, "DELETE", f"/people/{ADA}{query}") == answer
            assert await names(client) == ["Ben", "Cid"]
            restored = await ask(client, "PATCH", path)
            assert restored == {"data": {"restorePerson": await person(client, ADA)}}
    assert await names(client, EVERYBODY) == ["Ada", "Ben", "Cid"]


async def test_destroying(client: Client) -> None:
    await fill(client)

    assert await ask(client, "DELETE", f"/people/{ADA}?soft_delete=false") == {"data": {"deletePerson": {"id": ADA}}}
    await ask(client, "DELETE", f"/people/{BEN}")
    assert await ask(client, "DELETE", f"/people/{BEN}?softDelete=false") == {"data": {"deletePerson": {"id": BEN}}}
    assert await names(client, EVERYBODY) == ["Cid"]
    for wrong in ("0", "no", "nope"):
        assert error(await send(client, "DELETE", f"/people/{CID}?soft_delete={wrong}"))[0] == 400
    assert await names(client) == ["Cid"]


async def test_what_is_not_there_cannot_be_changed(client: Client) -> None:
    await fill(client)
    await ask(client, "DELETE", f"/people/{CID}")
    missing = (404, "NOT_FOUND", "Record not found")

    for record_id in (UNKNOWN, ACME):
        for method, path, body in (
            ("PATCH", f"/people/{record_id}", {"city": "x"}), ("PUT", f"/people/{record_id}", {}),
            ("DELETE", f"/people/{record_id}", None), ("DELETE", f"/people/{record_id}?soft_delete=false", None),
            ("PATCH", f"/people/{record_id}/restore", None), ("PATCH", f"/restore/people/{record_id}", None),
        ):  # fmt: skip
            assert error(await send(client, method, path, body)) == missing
    for method, body in (("PATCH", {"city": "x"}), ("DELETE", None)):
        assert error(await send(client, method, f"/people/{CID}", body)) == missing
    for method, path in (("PATCH", "/people/nope"), ("DELETE", "/people/nope"), ("PATCH", "/people/nope/restore")):
        assert error(await send(client, method, path, {})) == (400, "BAD_USER_INPUT", "'nope' is not a valid UUID")


# -- those that a filter finds -------------------------------------------------------------------------------------

FILTERS = ["filter=companyId[eq]:" + ACME, "filter[companyId][eq]=" + ACME, f'filter={{"companyId":{{"eq":"{ACME}"}}}}']


@pytest.mark.parametrize("query", FILTERS)
async def test_changing_what_a_filter_finds(client: Client, query: str) -> None:
    await fill(client)

    changed = await ask(client, "PATCH", f"/people?{query}", {"city": "Rome"})
    assert list(changed["data"]) == ["updatePeople"]
    assert [each["id"] for each in changed["data"]["updatePeople"]] == [ADA, BEN]
    assert {each["city"] for each in changed["data"]["updatePeople"]} == {"Rome"}
    assert list(changed["data"]["updatePeople"][0]) == PERSON
    both = {"data": {"deletePeople": [{"id": ADA}, {"id": BEN}]}}
    assert await ask(client, "DELETE", f"/people?{query}") == both
    assert await names(client) == ["Cid"]
    restored = await ask(client, "PATCH", f"/restore/people?{query}")
    assert [each["id"] for each in restored["data"]["restorePeople"]] == [ADA, BEN]
    assert await ask(client, "PATCH", f"/restore/people?{query}") == {"data": {"restorePeople": []}}
    assert await ask(client, "DELETE", f"/people?{query}&soft_delete=false") == both
    assert await names(client, EVERYBODY) == ["Cid"]
    for method, key in (("PATCH", "updatePeople"), ("PUT", "updatePeople"), ("DELETE", "deletePeople")):
        assert await ask(client, method, f"/people?{query}", {}) == {"data": {key: []}}


@pytest.mark.parametrize("query", ["", "filter=", "filter={}", 'filter={"and":[]}', 'filter={"city":{}}', "filters=x"])
async def test_nothing_is_changed_without_a_filter(shared: Client, query: str) -> None:
    await ask(shared, "POST", "/people", {}, 201)
    for method, path, verb in (
        ("PATCH", "/people", "update"), ("PUT", "/people", "update"), ("DELETE", "/people", "delete"),
        ("DELETE", "/people?soft_delete=false&", "destroy"), ("PATCH", "/restore/people", "restore"),
    ):  # fmt: skip
        mark = "" if path.endswith("&") else "?"
        assert error(await send(shared, method, f"{path}{mark}{query}", {"city": "x"})) == (
            400, "BAD_USER_INPUT", f"Filters are mandatory for bulk {verb} operations",
        )  # fmt: skip
    assert (await ask(shared, "GET", "/people?filter=city[eq]:x"))["totalCount"] == 0


# -- those of a list -----------------------------------------------------------------------------------------------


async def test_creating_several(client: Client) -> None:
    made = await ask(client, "POST", "/batch/people", [{"id": NEW, "city": "Oslo"}, {"name": {"firstName": "X"}}], 201)

    assert list(made["data"]) == ["createPeople"]
    first, second = made["data"]["createPeople"]
    assert (first["id"], first["city"], second["city"], second["name"]["firstName"]) == (NEW, "Oslo", None, "X")
    assert (first["position"], second["position"]) == (0, -1)
    assert await ask(client, "POST", "/batch/people", [], 201) == {"data": {"createPeople": []}}


async def test_updating_several_each_in_its_own_way(client: Client) -> None:
    await fill(client)
    body = [
        {"id": BEN, "city": "Rome", "position": 7},
        {"id": ADA, "jobTitle": "Boss", "name": {"firstName": "Eva"}},
        {"id": CID, "companyId": BOLT},
    ]

    changed = (await ask(client, "PATCH", "/batch/people", body))["data"]["updatePeople"]

    assert [each["id"] for each in changed] == [BEN, ADA, CID]
    assert changed == [await person(client, each) for each in (BEN, ADA, CID)]
    ben, ada, cid = changed
    assert (ben["city"], ben["position"], ben["jobTitle"], ben["companyId"]) == ("Rome", 7, None, ACME)
    assert (ada["city"], ada["position"], ada["jobTitle"]) == ("Oslo", 1, "Boss")
    assert ada["name"] == {"firstName": "Eva", "lastName": "King"}
    assert (cid["jobTitle"], cid["companyId"], cid["position"]) == ("Cook, chief", BOLT, 3)


async def test_each_of_several_can_be_given_a_place_or_none(client: Client) -> None:
    await fill(client)
    body: list[dict[str, object]] = [
        {"id": CID, "position": "first"},
        {"id": ADA, "position": "last"},
        {"id": BEN, "city": "Rome"},
    ]

    changed = (await ask(client, "PUT", "/batch/people", body))["data"]["updatePeople"]

    assert [each["position"] for each in changed] == [0, 5, 2]
    body = [{"id": CID, "position": 9}, {"id": ADA, "position": "first"}, {"id": BEN}]
    changed = (await ask(client, "PATCH", "/batch/people", body))["data"]["updatePeople"]
    assert [each["position"] for each in changed] == [9, -2, 2]


async def test_several_are_updated_with_relations_along(client: Client) -> None:
    await fill(client)
    connect = {"connect": {"where": {"domainName": {"primaryLinkUrl": "https://bolt.example"}}}}
    body = [
        {"id": ADA, "company": connect},
        {"id": BEN, "company": {"create": {"name": "New"}}},
        {"id": CID, "city": "Rome"},
    ]

    changed = (await ask(client, "PATCH", "/batch/people?depth=1", body))["data"]["updatePeople"]

    assert [(each["company"] or {}).get("name") for each in changed] == ["Bolt", "New", None]


async def test_several_are_updated_or_none(client: Client) -> None:
    await fill(client)
    await ask(client, "DELETE", f"/people/{CID}")
    missing = (404, "NOT_FOUND", "Record not found")
    before = [await person(client, ADA), await person(client, BEN)]

    for other in (UNKNOWN, CID, ACME):
        body = [{"id": ADA, "city": "x"}, {"id": other, "city": "x"}, {"id": BEN, "city": "x"}]
        assert error(await send(client, "PATCH", "/batch/people", body)) == missing
        with_company = [{"id": ADA, "company": {"create": {"name": "Stray"}}}, {"id": other}]
        assert error(await send(client, "PATCH", "/batch/people", with_company)) == missing
    taken = [{"id": ADA, "city": "x"}, {"id": BEN, "email": "ada@acme.example"}]
    assert error(await send(client, "PATCH", "/batch/people", taken))[0] == 409
    assert [await person(client, ADA), await person(client, BEN)] == before
    assert (await ask(client, "GET", "/companies?filter=name[eq]:Stray"))["totalCount"] == 0


async def test_values_can_change_places(client: Client) -> None:
    """What is unique is looked at when all is done."""
    await fill(client)
    await ask(client, "PATCH", f"/people/{BEN}", {"email": "ben@acme.example"})
    body = [{"id": ADA, "email": "x@acme.example"}, {"id": BEN, "email": "y@acme.example"}]

    changed = (await ask(client, "PATCH", "/batch/people", body))["data"]["updatePeople"]
    assert [each["emails"]["primaryEmail"] for each in changed] == ["x@acme.example", "y@acme.example"]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ([{"city": "x"}], "Every record to update needs its id."),
        ([{"id": None, "city": "x"}], "Every record to update needs its id."),
        ([{"id": "x"}], "Invalid UUID value 'x' for field \"id\""),
        ([{"id": 5}], 'Invalid UUID value 5 for field "id"'),
        ([{"id": ADA}, {"id": ADA.upper()}], "A record cannot be updated twice at once."),
        ([{"id": ADA, "nope": 1}], 'Object person doesn\'t have any "nope" field.'),
        ([5], 'Expected type "PersonUpdateInput" to be an object.'),
        ([None], 'Expected non-nullable type "PersonUpdateInput!" not to be null.'),
        ([[]], 'Expected type "PersonUpdateInput" to be an object.'),
        ({"id": ADA}, "The body must be a JSON array."),
        ("x", "The body must be a JSON array."),
        ([{"id": ADA}] * 61, "Maximum number of records to upsert is 60."),
    ],
    ids=lambda value: str(value)[:40],
)
async def test_lists_of_updates_that_cannot_be(shared: Client, body: object, message: str) -> None:
    assert error(await send(shared, "PATCH", "/batch/people", body)) == (400, "BAD_USER_INPUT", message)


@pytest.mark.parametrize("is_object", [True, False])
async def test_deleting_several(client: Client, is_object: bool) -> None:
    await fill(client)

    async def delete(ids: list[str], query: str = "") -> list[str]:
        body = {"ids": ids} if is_object else ids
        found = await ask(client, "DELETE", f"/batch/people{query}", body)
        assert list(found["data"]) == ["deletePeople"]
        return [each["id"] for each in found["data"]["deletePeople"]]

    assert await delete([BEN, ADA, UNKNOWN, ADA]) == [ADA, BEN]
    assert await delete([ADA]) == []
    assert await delete([]) == []
    assert await names(client, EVERYBODY) == ["Ada", "Ben", "Cid"]
    assert await delete([ADA, CID], "?soft_delete=false") == [ADA, CID]
    assert await names(client, EVERYBODY) == ["Ben"]


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({}, "The body must be a JSON array of ids, or an object with the array 'ids'."),
        ({"ids": ADA}, "The body must be a JSON array of ids, or an object with the array 'ids'."),
        (5, "The body must be a JSON array of ids, or an object with the array 'ids'."),
        (["x"], "Invalid UUID value 'x' for field \"id\""),
        ([ADA, 5], 'Invalid UUID value 5 for field "id"'),
        ([{"id": ADA}], f"Invalid UUID value {{ id: '{ADA}' }} for field \"id\""),
        ([[ADA]], f"Invalid UUID value [ '{ADA}' ] for field \"id\""),
        ([ADA] * 61, "Maximum number of records to delete is 60."),
    ],
    ids=lambda value: str(value)[:40],
)
async def test_lists_of_ids_that_cannot_be(shared: Client, body: object, message: str) -> None:
    for query in ("", "?soft_delete=false"):
        assert error(await send(shared, "DELETE", f"/batch/people{query}", body)) == (400, "BAD_USER_INPUT", message)


async def test_sixty_records_at_once_and_not_one_more(client: Client) -> None:
    made = await ask(client, "POST", "/batch/people", [{} for _ in range(60)], 201)
    too_many = (400, "BAD_USER_INPUT", "Maximum number of records to upsert is 60.")

    assert len(made["data"]["createPeople"]) == 60
    assert error(await send(client, "POST", "/batch/people", [{} for _ in range(61)])) == too_many
    nested: list[object] = [{"company": {"create": {}}} for _ in range(31)]
    assert error(await send(client, "POST", "/batch/people", nested)) == too_many
    ids = [each["id"] for each in made["data"]["createPeople"]]
    changed = await ask(client, "PATCH", "/batch/people", [{"id": each, "city": each} for each in ids])
    assert [each["city"] for each in changed["data"]["updatePeople"]] == ids
    assert len((await ask(client, "DELETE", "/batch/people", ids))["data"]["deletePeople"]) == 60


async def test_changes_are_kept_as_events(client: Client) -> None:
    await fill(client)
    before = len(await events(client))
    await ask(client, "PATCH", "/batch/people", [{"id": ADA, "city": "Rome"}, {"id": BEN, "city": "Bern"}])
    await ask(client, "DELETE", f"/people/{CID}")

    first, second = (await events(client))[before:]
    assert (first.action, first.record_id, first.updated_fields) == ("updated", ADA, ("city",))
    assert first.before is not None
    assert first.after is not None
    assert (first.before["city"], first.after["city"]) == ("Oslo", "Rome")
    assert (second.action, second.record_id) == ("deleted", CID)


async def test_lists_of_updates_at_once_do_not_block_each_other(client: Client) -> None:
    await fill(client)

    async def change(number: int) -> int:
        ids = (ADA, BEN, CID) if number % 2 else (CID, BEN, ADA)
        body = [{"id": each, "city": f"{number}"} for each in ids]
        return (await send(client, "PATCH", "/batch/people", body)).status_code

    assert set(await asyncio.gather(*map(change, range(20)))) == {200}
    found = await ask(client, "GET", "/people?depth=0")
    assert len({each["city"] for each in found["data"]["people"]}) == 1
