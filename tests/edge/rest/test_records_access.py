"""Who may do what with records over REST: what GraphQL allows them, and nothing of another workspace."""

from urllib.parse import urlencode

import pytest

from rapport.accounts.tokens import AgnosticClaims, TokenSigner
from tests.access.acting import Role, acting
from tests.accounts.people import person
from tests.edge.rest.asking import error, send
from tests.edge.rest.records import ACME, ADA, BEN, BOLT, CID, PERSON, ask, fill, names
from tests.serving import SECRET, Client, make_tenant

DENIED = (403, "FORBIDDEN", "Entity performing the request does not have permission")

EVERYTHING: list[tuple[str, str, object]] = [
    ("GET", "/people", None), ("GET", f"/people/{ADA}", None), ("GET", "/people/groupBy?group_by=city", None),
    ("POST", "/people", {}), ("POST", "/batch/people", [{}]), ("PATCH", f"/people/{ADA}", {"city": "x"}),
    ("PUT", f"/people/{ADA}", {}), ("PATCH", "/people?filter=city[eq]:Oslo", {"city": "x"}),
    ("PATCH", "/batch/people", [{"id": ADA, "city": "x"}]), ("DELETE", f"/people/{ADA}", None),
    ("DELETE", f"/people/{ADA}?soft_delete=false", None), ("DELETE", "/people?filter=city[eq]:Oslo", None),
    ("DELETE", "/batch/people", [ADA]), ("DELETE", "/batch/people?soft_delete=false", [ADA]),
    ("PATCH", f"/restore/people/{ADA}", None), ("PATCH", f"/people/{ADA}/restore", None),
    ("PATCH", "/restore/people?filter=city[eq]:Oslo", None), ("POST", "/people/duplicates", {"ids": [ADA]}),
    ("PATCH", "/people/merge", {"ids": [ADA, BEN], "conflictPriorityIndex": 0}),
    ("PATCH", f"/people/{ADA}/merge", {"ids": [BEN]}),
]  # fmt: skip


def is_read(method: str, path: str) -> bool:
    return method == "GET" or path.endswith("/duplicates")


async def test_what_may_not_be_read_may_not_be_anything(client: Client) -> None:
    await fill(client)
    key = await acting(client, Role(objects={"person": {"read": False}}))

    for method, path, body in EVERYTHING:
        assert error(await send(key, method, path, body)) == DENIED, path
    found = await ask(key, "GET", f"/companies/{ACME}")
    assert "people" not in found["data"]["company"]
    assert "opportunities" in found["data"]["company"]
    assert error(await send(key, "GET", "/companies?filter=people.some.city[eq]:x")) == DENIED
    assert await names(client) == ["Ada", "Ben", "Cid"]


async def test_who_may_only_read(client: Client) -> None:
    await fill(client)
    key = await acting(client, Role(rights=frozenset({"canReadAllObjectRecords"})))

    for method, path, body in EVERYTHING:
        if is_read(method, path):
            assert (await send(key, method, path, body)).status_code == 200
        else:
            assert error(await send(key, method, path, body)) == DENIED, path


@pytest.mark.parametrize(
    ("role", "soft", "hard"),
    [
        (Role(objects={"person": {"destroy": False}}), True, False),
        (Role(objects={"person": {"soft_delete": False}}), False, True),
    ],
)
async def test_deleting_and_destroying_are_two_rights(client: Client, role: Role, soft: bool, hard: bool) -> None:
    await fill(client)
    key = await acting(client, role)

    for path, body in ((f"/people/{ADA}", None), ("/people?filter=city[eq]:Bern", None), ("/batch/people", [CID])):
        mark = "&" if "?" in path else "?"
        answer = await send(key, "DELETE", path, body)
        assert answer.status_code == (200 if soft else 403)
        answer = await send(key, "DELETE", f"{path}{mark}soft_delete=false", body)
        assert answer.status_code == (200 if hard else 403)


async def test_hidden_fields_are_left_out(client: Client) -> None:
    await fill(client)
    key = await acting(client, Role(hidden=("person.jobTitle", "person.emails", "person.company")))
    shown = [name for name in PERSON if name not in ("jobTitle", "emails", "companyId")]

    assert list((await ask(key, "GET", f"/people/{ADA}?depth=0"))["data"]["person"]) == shown
    deep = (await ask(key, "GET", f"/people/{ADA}"))["data"]["person"]
    assert "company" not in deep
    assert "taskTargets" in deep
    assert list((await ask(key, "POST", "/people", {}, 201))["data"]["createPerson"]) == shown
    assert "people" not in (await ask(key, "GET", f"/companies/{ACME}"))["data"]["company"]
    for query in (
        {"filter": "jobTitle[eq]:x"}, {"filter": "email[eq]:x"}, {"filter": f"companyId[eq]:{ACME}"},
        {"filter": "company.name[eq]:Acme"}, {"order_by": "jobTitle"}, {"order_by": "company.name"},
        {"filter[jobTitle][eq]": "x"}, {"filter": '{"jobTitle":{"eq":"x"}}'},
    ):  # fmt: skip
        assert error(await send(key, "GET", f"/people?{urlencode(query)}")) == DENIED
    for query in (
        {"group_by": "jobTitle"}, {"group_by": "company.name"}, {"group_by": "city", "aggregate": "countEmptyJobTitle"},
        {"group_by": "city", "order_by": "aggregate.countEmptyJobTitle"},
    ):  # fmt: skip
        assert error(await send(key, "GET", f"/people/groupBy?{urlencode(query)}"))[0] in (400, 403)
    for body in ({"jobTitle": "x"}, {"email": "a@b.example"}, {"companyId": ACME}):
        assert error(await send(key, "PATCH", f"/people/{ADA}", body)) == DENIED
        assert error(await send(key, "PATCH", "/batch/people", [{"id": ADA, **body}])) == DENIED
        assert error(await send(key, "POST", "/people", body)) == DENIED


async def test_fields_that_may_be_read_but_not_changed(client: Client) -> None:
    await fill(client)
    key = await acting(client, Role(frozen=("person.city",)))

    assert (await ask(key, "GET", f"/people/{ADA}"))["data"]["person"]["city"] == "Oslo"
    for method, path, body in (
        ("PATCH", f"/people/{ADA}", {"city": "x"}), ("PATCH", "/people?filter=city[is]:NOT_NULL", {"city": "x"}),
        ("PATCH", "/batch/people", [{"id": ADA, "jobTitle": "x"}, {"id": BEN, "city": "x"}]),
        ("POST", "/people", {"city": "x"}), ("POST", "/batch/people?upsert=true", [{"id": ADA, "city": "x"}]),
    ):  # fmt: skip
        assert error(await send(key, method, path, body)) == DENIED
    found = await ask(client, "GET", "/people?filter=jobTitle[eq]:x")
    assert found["totalCount"] == 0


BIG = Role(rows=(("company", "employees", "GREATER_THAN_OR_EQUAL", 50),))


async def test_records_outside_of_the_rules_do_not_exist(client: Client) -> None:
    await fill(client)
    key = await acting(client, BIG)
    missing = (404, "NOT_FOUND", "Record not found")

    found = await ask(key, "GET", "/companies?depth=0")
    assert ([each["id"] for each in found["data"]["companies"]], found["totalCount"]) == ([BOLT], 1)
    assert error(await send(key, "GET", f"/companies/{ACME}")) == missing
    ada = (await ask(key, "GET", f"/people/{ADA}"))["data"]["person"]
    assert (ada["company"], ada["companyId"]) == (None, ACME)
    groups = await ask(key, "GET", "/companies/groupBy?group_by=name")
    assert [each["groupByDimensionValues"] for each in groups] == [["Bolt"]]
    for method, path, body in (
        ("PATCH", f"/companies/{ACME}", {"name": "x"}), ("DELETE", f"/companies/{ACME}", None),
        ("DELETE", f"/companies/{ACME}?soft_delete=false", None), ("PATCH", f"/companies/{ACME}/restore", None),
        ("PATCH", "/batch/companies", [{"id": BOLT, "name": "x"}, {"id": ACME, "name": "x"}]),
    ):  # fmt: skip
        assert error(await send(key, method, path, body)) == missing
    for query in ("", "?soft_delete=false"):
        gone = await ask(key, "DELETE", f"/batch/companies{query}", [ACME])
        assert gone == {"data": {"deleteCompanies": []}}
    by_name = "filter=name[eq]:Acme"
    assert (await ask(key, "PATCH", f"/companies?{by_name}", {"name": "x"}))["data"]["updateCompanies"] == []
    found = await ask(client, "GET", "/companies?depth=0&order_by=name")
    assert [each["name"] for each in found["data"]["companies"]] == ["Acme", "Bolt"]


async def test_records_cannot_be_moved_out_of_the_rules(client: Client) -> None:
    await fill(client)
    key = await acting(client, BIG)

    for method, path, body in (
        ("PATCH", f"/companies/{BOLT}", {"employees": 1}),
        ("PATCH", "/batch/companies", [{"id": BOLT, "employees": 1}]),
        ("PATCH", "/companies?filter=name[eq]:Bolt", {"employees": 1}), ("POST", "/companies", {"employees": 1}),
        ("POST", "/batch/companies", [{"employees": 60}, {"employees": 1}]),
    ):  # fmt: skip
        assert error(await send(key, method, path, body)) == DENIED
    changed = await ask(key, "PATCH", "/batch/companies", [{"id": BOLT, "employees": 60}])
    assert changed["data"]["updateCompanies"][0]["employees"] == 60
    assert (await ask(client, "GET", "/companies?filter=employees[lt]:60"))["totalCount"] == 1


async def test_what_belongs_to_another_workspace_does_not_exist(client: Client) -> None:
    await fill(client)
    other = client.as_tenant(await make_tenant(client.database, "Other"))
    missing = (404, "NOT_FOUND", "Record not found")

    assert (await ask(other, "GET", "/people"))["totalCount"] == 0
    place = (await ask(client, "GET", "/people?limit=1"))["pageInfo"]["endCursor"]
    assert (await ask(other, "GET", f"/people?starting_after={place}"))["data"]["people"] == []
    for method, path, body in EVERYTHING:
        if f"/{ADA}" in path and not path.endswith("/merge"):
            assert error(await send(other, method, path, body)) == missing
    assert error(await send(other, "PATCH", f"/people/{ADA}/merge", {"ids": [BEN]}))[0] == 404
    assert error(await send(other, "PATCH", "/batch/people", [{"id": ADA, "city": "x"}])) == missing
    assert await ask(other, "DELETE", "/batch/people?soft_delete=false", [ADA]) == {"data": {"deletePeople": []}}
    assert error(await send(other, "POST", "/people", {"companyId": ACME}))[0] == 400
    assert (await ask(other, "POST", "/people", {"id": ADA, "city": "x"}, 201))["data"]["createPerson"]["id"] == ADA
    assert (await ask(client, "GET", f"/people/{ADA}"))["data"]["person"]["city"] == "Oslo"
    assert await names(client) == ["Ada", "Ben", "Cid"]


async def test_a_user_without_a_workspace_has_no_records(client: Client) -> None:
    ines = await person(client, "ines@example.com")
    token = TokenSigner(SECRET).sign(AgnosticClaims(user_id=ines.user_id)).token

    for method, path, body in EVERYTHING:
        assert error(await send(client, method, path, body, token=token))[:2] == (403, "FORBIDDEN")


async def test_plans_of_one_role_are_not_those_of_another(client: Client) -> None:
    """Asked in turns, so that each finds the plans of the others."""
    await fill(client)
    hidden = await acting(client, Role(hidden=("person.city",)))
    narrow = await acting(client, Role(rows=(("person", "city", "CONTAINS", "Oslo"),)))

    for _ in range(2):
        assert "city" in (await ask(client, "GET", f"/people/{BEN}?depth=0"))["data"]["person"]
        assert "city" not in (await ask(hidden, "GET", f"/people/{BEN}?depth=0"))["data"]["person"]
        assert error(await send(narrow, "GET", f"/people/{BEN}?depth=0"))[0] == 404
        assert await names(client) == ["Ada", "Ben", "Cid"]
        assert await names(narrow) == ["Ada"]
