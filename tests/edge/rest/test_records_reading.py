"""Lists and single records over REST: envelopes, what is shown, pages, orders, depth."""

import base64
import json
from urllib.parse import quote

import pytest

from tests.edge.rest.asking import error, send
from tests.edge.rest.records import ACME, ADA, BEN, BOLT, CID, PERSON, UNKNOWN, Found, ask, fill, names
from tests.recording import recording
from tests.serving import Client

RELATIONS = [
    "company", "pointOfContactForOpportunities", "taskTargets", "noteTargets", "favorites", "attachments",
    "messageParticipants", "calendarEventParticipants", "timelineActivities",
]  # fmt: skip


@pytest.fixture(scope="module")
async def filled(shared: Client) -> Client:
    await fill(shared)
    return shared


async def test_a_list_has_its_envelope(filled: Client) -> None:
    found = await ask(filled, "GET", "/people?limit=2")

    assert list(found) == ["data", "totalCount", "pageInfo"]
    assert list(found["data"]) == ["people"]
    assert list(found["pageInfo"].items()) == [
        ("hasNextPage", True), ("hasPreviousPage", False), ("startCursor", cursor({"id": ADA})),
        ("endCursor", cursor({"id": BEN})),
    ]  # fmt: skip
    assert found["totalCount"] == 3
    assert [each["id"] for each in found["data"]["people"]] == [ADA, BEN]


def cursor(values: object) -> str:
    return base64.b64encode(json.dumps(values, separators=(",", ":")).encode()).decode()


async def test_an_empty_list_has_the_same_envelope(filled: Client) -> None:
    for query in ("filter=city[eq]:Nowhere", "filter[id][in]=", "filter=id[in]:[]"):
        assert await ask(filled, "GET", f"/people?{query}") == {
            "data": {"people": []},
            "totalCount": 0,
            "pageInfo": {"hasNextPage": False, "hasPreviousPage": False, "startCursor": None, "endCursor": None},
        }
    none = await ask(filled, "GET", "/people?limit=0")
    assert (none["data"], none["totalCount"]) == ({"people": []}, 3)


async def test_a_record_shows_its_own_fields_and_then_its_relations(filled: Client) -> None:
    flat = (await ask(filled, "GET", f"/people/{ADA}?depth=0"))["data"]["person"]
    whole = await ask(filled, "GET", f"/people/{ADA}")

    assert list(flat) == PERSON
    assert flat == {
        "id": ADA,
        "createdAt": flat["createdAt"],
        "updatedAt": flat["createdAt"],
        "deletedAt": None,
        "name": {"firstName": "Ada", "lastName": "King"},
        "emails": {"primaryEmail": "ada@acme.example", "additionalEmails": None},
        "linkedinLink": {"primaryLinkLabel": None, "primaryLinkUrl": None, "secondaryLinks": None},
        "xLink": {"primaryLinkLabel": None, "primaryLinkUrl": None, "secondaryLinks": None},
        "jobTitle": None,
        "phones": {
            "primaryPhoneNumber": None, "primaryPhoneCountryCode": None, "primaryPhoneCallingCode": None,
            "additionalPhones": None,
        },
        "city": "Oslo",
        "avatarUrl": None,
        "avatarFile": None,
        "position": 1,
        "createdBy": {"source": "API", "workspaceMemberId": None, "name": "tests", "context": {}},
        "updatedBy": {"source": "API", "workspaceMemberId": None, "name": "tests", "context": {}},
        "companyId": ACME,
    }  # fmt: skip
    assert list(whole) == ["data"]
    assert list(whole["data"]) == ["person"]
    person = whole["data"]["person"]
    assert list(person) == [*PERSON, *RELATIONS]
    assert {name: person[name] for name in PERSON} == flat
    assert person["company"] == (await ask(filled, "GET", f"/companies/{ACME}?depth=0"))["data"]["company"]
    assert person["taskTargets"] == []


async def test_numbers_of_any_size_are_texts(filled: Client) -> None:
    company = (await ask(filled, "GET", f"/companies/{ACME}?depth=0"))["data"]["company"]

    assert company["annualRecurringRevenue"] == {"amountMicros": "5000000", "currencyCode": "EUR"}
    assert company["address"]["addressLat"] is None
    assert company["employees"] == 10


async def test_the_many_side_of_a_relation_is_a_list(filled: Client) -> None:
    acme, bolt = (await ask(filled, "GET", "/companies?order_by=name"))["data"]["companies"]

    assert [each["id"] for each in acme["people"]] == [ADA, BEN]
    assert list(acme["people"][0]) == PERSON
    assert acme["people"][0] == (await ask(filled, "GET", f"/people/{ADA}?depth=0"))["data"]["person"]
    assert bolt["people"] == []
    assert bolt["accountOwner"] is None


async def test_of_the_many_side_sixty_are_shown(client: Client) -> None:
    await fill(client)
    for _ in range(2):
        await ask(client, "POST", "/batch/people", [{"companyId": BOLT} for _ in range(31)], 201)

    for depth in (1, 2):
        found = await ask(client, "GET", f"/companies/{BOLT}?depth={depth}")
        assert len(found["data"]["company"]["people"]) == 60
    deep = await ask(client, "GET", f"/people?filter=companyId[eq]:{BOLT}&depth=2&limit=1")
    assert len(deep["data"]["people"][0]["company"]["people"]) == 10


async def test_depth(filled: Client) -> None:
    deep = (await ask(filled, "GET", f"/people/{ADA}?depth=2"))["data"]["person"]

    assert [each["id"] for each in deep["company"]["people"]] == [ADA, BEN]
    assert list(deep["company"]["people"][0]) == PERSON
    assert (await ask(filled, "GET", f"/people/{ADA}?depth=1")) == (await ask(filled, "GET", f"/people/{ADA}"))
    assert (await ask(filled, "GET", f"/people/{ADA}?depth=")) == (await ask(filled, "GET", f"/people/{ADA}"))
    for wrong in ("3", "-1", "x", "1.0", "%2B1", "01", "9" * 5_000):
        shown = wrong.replace("%2B", "+")[:80]
        expected = (400, "BAD_USER_INPUT", f"'depth={shown}' parameter invalid. Allowed values are 0, 1")
        for path in ("/people", f"/people/{ADA}"):
            assert error(await send(filled, "GET", f"{path}?depth={wrong}")) == expected


async def test_what_is_deleted_is_shown_to_those_who_ask_for_it(client: Client) -> None:
    await fill(client)
    await ask(client, "DELETE", f"/companies/{ACME}")
    await ask(client, "DELETE", f"/people/{CID}")

    assert await names(client) == ["Ada", "Ben"]
    assert await names(client, "filter=deletedAt[is]:NOT_NULL") == ["Cid"]
    assert await names(client, "filter=or(deletedAt[is]:NULL,deletedAt[is]:NOT_NULL)") == ["Ada", "Ben", "Cid"]
    assert error(await send(client, "GET", f"/people/{CID}")) == (404, "NOT_FOUND", "Record not found")
    ada = (await ask(client, "GET", f"/people/{ADA}"))["data"]["person"]
    assert (ada["company"], ada["companyId"]) == (None, ACME)


async def test_a_record_that_is_not_there(filled: Client) -> None:
    for query in ("", "?depth=0"):
        assert error(await send(filled, "GET", f"/people/{UNKNOWN}{query}")) == (404, "NOT_FOUND", "Record not found")
        assert error(await send(filled, "GET", f"/people/{ACME}{query}")) == (404, "NOT_FOUND", "Record not found")
    assert error(await send(filled, "GET", "/people/nope")) == (400, "BAD_USER_INPUT", "'nope' is not a valid UUID")
    assert (await send(filled, "GET", f"/people/{ADA.upper()}")).status_code == 200


@pytest.mark.parametrize(
    ("query", "first_names"),
    [
        ("order_by=position", ["Ada", "Ben", "Cid"]),
        ("order_by=position[DescNullsLast]", ["Cid", "Ben", "Ada"]),
        ("orderBy=position[DescNullsLast]", ["Cid", "Ben", "Ada"]),
        ("orderBy=position&order_by=position[DescNullsLast]", ["Cid", "Ben", "Ada"]),
        ("order_by=city", ["Cid", "Ben", "Ada"]),
        ("order_by=city[AscNullsLast]", ["Ben", "Ada", "Cid"]),
        ("order_by=name.firstName[DescNullsLast]", ["Cid", "Ben", "Ada"]),
        ("order_by=companyId[AscNullsLast],name.lastName[DescNullsLast]", ["Ben", "Ada", "Cid"]),
        ("order_by=company.name[AscNullsFirst],position[DescNullsLast]", ["Cid", "Ben", "Ada"]),
        ("order_by=firstName[DescNullsLast]", ["Cid", "Ben", "Ada"]),
        ("order_by=email[AscNullsLast]", ["Ada", "Ben", "Cid"]),
        ("order_by=jobTitle[DescNullsLast]", ["Cid", "Ada", "Ben"]),
        ('order_by={"position":"DescNullsLast"}', ["Cid", "Ben", "Ada"]),
        ("order_by=id[DescNullsLast]&limit=2", ["Cid", "Ben"]),
        ("order_by=&limit=2", ["Ada", "Ben"]),
        ("offset=1", ["Ben", "Cid"]),
        ("offset=3", []),
        ("offset=0&limit=1", ["Ada"]),
        ("limit=1&offset=1&order_by=position[DescNullsLast]", ["Ben"]),
        ("unknown=1&unknown=2&Limit=x&first=1", ["Ada", "Ben", "Cid"]),
    ],
)
async def test_orders_and_pages(filled: Client, query: str, first_names: list[str]) -> None:
    assert await names(filled, query) == first_names


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("limit=aaa", "limit 'aaa' is invalid. Should be an integer"),
        ("limit=-1", "limit '-1' is invalid. Should be an integer"),
        ("limit=1&limit=2", "'limit' is given more than once"),
        ("offset=x", "offset 'x' is invalid. Should be an integer"),
        ("offset=-1", "offset '-1' is invalid. Should be an integer"),
        ("offset=9999999999999999999999", "offset '9999999999999999999999' is invalid. Should be an integer"),
        ("starting_after=garbage", "Invalid cursor: garbage"),
        ("starting_after=" + cursor({"name": "x"}), "Invalid cursor: " + cursor({"name": "x"})),
        ("starting_after=" + cursor({"id": "x"}), "Invalid cursor: " + cursor({"id": "x"})),
        ("starting_after=x&ending_before=y", "Cannot provide both starting_after and ending_before"),
        ("order_by=nope", 'Object person doesn\'t have any "nope" field.'),
        ("order_by=company.nope", 'Object company doesn\'t have any "nope" field.'),
        ("order_by=people", 'Object person doesn\'t have any "people" field.'),
        ("order_by=name", 'Expected type "FullNameOrderByInput" to be an object.'),
        ("order_by=searchVector.x", None),
        ("order_by=name.nope", 'Field "nope" is not defined by type "FullNameOrderByInput".'),
        ("order_by=[5]", 'Expected type "PersonOrderByInput" to be an object.'),
        ('order_by={"city":5}', 'Enum "OrderByDirection" cannot represent non-string value: 5.'),
    ],
)
async def test_pages_that_cannot_be(filled: Client, query: str, message: str | None) -> None:
    for _ in range(2):  # the second time there is a plan, perhaps
        found = error(await send(filled, "GET", f"/people?{query}"))
        assert found[:2] == (400, "BAD_USER_INPUT")
        assert message is None or found[2] == message


@pytest.mark.parametrize("after", ["starting_after", "startingAfter", "after"])
@pytest.mark.parametrize("before", ["ending_before", "endingBefore", "before"])
@pytest.mark.parametrize("order", ["", "&order_by=city[DescNullsFirst]", "&order_by=company.name[AscNullsLast]"])
async def test_walking_through_a_list_and_back(filled: Client, after: str, before: str, order: str) -> None:
    everybody = await names(filled, order)
    seen, place = [], ""
    while True:
        page: Found = await ask(filled, "GET", f"/people?depth=0&limit=1{order}{place}")
        seen += [each["name"]["firstName"] for each in page["data"]["people"]]
        assert page["totalCount"] == 3
        assert page["pageInfo"]["hasPreviousPage"] is bool(place)
        if not page["pageInfo"]["hasNextPage"]:
            break
        place = f"&{after}={quote(page['pageInfo']['endCursor'])}"
    assert seen == everybody

    back = quote(page["pageInfo"]["startCursor"])
    page = await ask(filled, "GET", f"/people?depth=0&limit=2{order}&{before}={back}")
    assert [each["name"]["firstName"] for each in page["data"]["people"]] == everybody[:2]
    assert page["pageInfo"]["hasNextPage"] is True
    assert page["pageInfo"]["hasPreviousPage"] is False


async def test_the_id_of_a_record_is_a_cursor(filled: Client) -> None:
    assert await names(filled, f"starting_after={ADA}") == ["Ben", "Cid"]
    assert await names(filled, f"ending_before={CID}&limit=1") == ["Ben"]


async def test_a_page_has_sixty_records_and_two_hundred_at_most(client: Client) -> None:
    for _ in range(4):
        await ask(client, "POST", "/batch/people", [{} for _ in range(60)], 201)

    for query, size in (("", 60), ("limit=", 60), ("limit=199", 199), ("limit=201", 200), ("limit=99999999999", 200)):
        found = await ask(client, "GET", f"/people?depth=0&{query}")
        assert (len(found["data"]["people"]), found["totalCount"]) == (size, 240)


async def test_every_object_can_be_listed(filled: Client) -> None:
    objects = (await ask(filled, "GET", "/metadata/objects"))["data"]["objects"]
    assert len(objects) > 25

    for each in objects:
        for depth in (0, 1, 2):
            found = await ask(filled, "GET", f"/{each['namePlural']}?limit=1&depth={depth}")
            assert list(found["data"]) == [each["namePlural"]]


async def test_a_list_is_one_statement(client: Client) -> None:
    await fill(client)
    async with recording(client) as recorder:
        await ask(recorder.client, "GET", "/people?limit=1")
        for path in ("/people?limit=2", f"/people/{ADA}", f"/people/{UNKNOWN}", "/people?filter=city[eq]:Oslo"):
            recorder.log.clear()
            await send(recorder.client, "GET", path)
            assert len(recorder.log) == 1


async def test_a_list_is_compiled_once(client: Client) -> None:
    """The same statement serves other values: what differs is bound."""
    await fill(client)
    async with recording(client) as recorder:
        await ask(recorder.client, "GET", "/people?limit=1")
        recorder.log.clear()
        for city, found in (("Oslo", ["Ada"]), ("Bern", ["Ben"]), ("Rome", [])):
            assert await names(recorder.client, f"filter=city[eq]:{city}&order_by=position") == found
            assert await names(recorder.client, f"filter[city][eq]={city}&orderBy=position") == found
        assert len(recorder.log) == 6
        assert len(set(recorder.log)) == 1


async def test_head(filled: Client) -> None:
    get, head = await send(filled, "GET", "/people"), await send(filled, "HEAD", "/people")

    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["Content-Length"] == str(len(get.content))
