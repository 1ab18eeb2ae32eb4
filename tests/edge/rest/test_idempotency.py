"""`Idempotency-Key`: a POST that is sent again is not carried out again."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import httpx
import pytest

from rapport.access.changes import AccessChange
from rapport.base.ids import new_id
from rapport.edge.rest.idempotency.answers import LARGEST, drop_old
from rapport.imports.service import MOST_UNFINISHED
from rapport.store.database import Database
from rapport.system.access_news import AccessNews
from tests.access.acting import Role, acting, make_role
from tests.edge.rest.asking import error, send
from tests.edge.rest.records import ACME, ADA, ask, fill
from tests.records.member import member
from tests.serving import Client, make_tenant, serving

NOT_A_KEY = "'Idempotency-Key' is invalid. Should be 1 to 255 printable ASCII characters"
REUSED = "This Idempotency-Key was sent with another request before. Each request needs a key of its own."
WITHHELD = "The request with this Idempotency-Key was carried out, but its answer cannot be shown again."


def key() -> str:
    return f"key-{new_id()}"


async def post(client: Client, path: str, body: object, name: str | None, **headers: str) -> httpx.Response:
    return await send(client, "POST", path, body, headers=headers | ({} if name is None else {"Idempotency-Key": name}))


async def count(client: Client, query: str) -> int:
    return int((await ask(client, "GET", f"/people?limit=0&{query}"))["totalCount"])


async def assign(client: Client, caller: Client, role: Role) -> None:
    """Gives the caller's API key another role."""
    role_id = await make_role(client, role)
    async with AccessNews(client.database).changing(
        AccessChange(workspace_id=client.tenant.workspace_id)
    ) as connection:
        await connection.execute(
            'update core."roleTarget" set "roleId" = $1 where "apiKeyId" = '
            '(select id from core."apiKey" where name = \'acting\' order by "createdAt" desc, id desc limit 1)',
            role_id,
        )


async def until(is_so: Callable[[], Awaitable[bool]]) -> None:
    """Waits for news of other processes."""
    async with asyncio.timeout(5):
        while not await is_so():  # noqa: ASYNC110  # the server says nothing when it has heard
            await asyncio.sleep(0.01)


def is_replayed(answer: httpx.Response) -> bool:
    return bool(answer.headers.get("Idempotency-Replayed") == "true")


def told(answer: httpx.Response) -> tuple[int, bytes, str | None, str]:
    """What must be the same in an answer that is given again."""
    return answer.status_code, answer.content, answer.headers.get("ETag"), answer.headers["Content-Type"]


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("/people", {"city": "Once"}, 201),
        ("/people?depth=1", {"city": "Once", "company": {"create": {"name": "Once"}}}, 201),
        ("/people?upsert=true", {"email": "once@acme.example"}, 201),
        ("/people?upsert=true", {"id": "b0000000-0000-4000-8000-00000000000a", "city": "Once"}, 201),
        ("/batch/people", [{"city": "Once"}, {"city": "Once"}], 201),
        ("/batch/people", [], 201),
        ("/people/duplicates", {"data": {"email": "once@acme.example"}}, 200),
    ],
    ids=str,
)
async def test_what_is_sent_again_is_not_done_again(shared: Client, path: str, body: object, status: int) -> None:
    name = key()
    first = await post(shared, path, body, name)
    before = (await count(shared, ""), await shared.database.value(f'select max(seq) from "{_schema(shared)}".event'))
    others = [await post(shared, path, body, spelled) for spelled in (name, f'"{name}"')]

    assert first.status_code == status, first.text
    assert not is_replayed(first)
    assert all(map(is_replayed, others))
    assert {told(each) for each in others} == {told(first)}
    after = (await count(shared, ""), await shared.database.value(f'select max(seq) from "{_schema(shared)}".event'))
    assert after == before


async def test_objects_and_fields_are_made_once(shared: Client) -> None:
    body = {"nameSingular": "rocket", "namePlural": "rockets", "labelSingular": "Rocket", "labelPlural": "Rockets"}
    name = key()
    first, second = [await post(shared, "/metadata/objects", body, name) for _ in range(2)]

    assert first.status_code == 201, first.text
    assert told(second) == told(first)
    assert is_replayed(second)
    again = await post(shared, "/metadata/objects", body, key())
    assert again.status_code == 400
    field = {
        "objectMetadataId": first.json()["data"]["createOneObject"]["id"],
        "type": "TEXT",
        "name": "x",
        "label": "X",
    }
    made = [await post(shared, "/metadata/fields", field, name + "f") for _ in range(2)]
    assert [each.status_code for each in made] == [201, 201], made[0].text
    assert told(made[0]) == told(made[1])


async def test_a_refusal_of_the_data_model_is_an_answer_too(shared: Client) -> None:
    name, body = key(), {"nameSingular": "x"}
    first, second = [await post(shared, "/metadata/objects", body, name) for _ in range(2)]
    assert first.status_code == 400
    assert (told(second), is_replayed(second)) == (told(first), True)


async def test_a_file_is_uploaded_once(shared: Client) -> None:
    name = key()

    async def upload(content: bytes) -> httpx.Response:
        headers = {"Authorization": f"Bearer {shared.tenant.key}", "Idempotency-Key": name}
        files = {"file": ("a.txt", content, "text/plain")}
        return await shared.http.post(f"{shared.url}/rest/files", files=files, headers=headers)

    first, second = await upload(b"hello"), await upload(b"hello")
    assert first.status_code == 201, first.text
    assert (told(second), is_replayed(second)) == (told(first), True)
    assert await shared.database.value("select count(*) from core.file") == 1
    assert error(await upload(b"a longer text"))[0] == 422


@pytest.mark.parametrize(
    ("path", "body", "headers"),
    [
        ("/people", {"city": "Rome"}, {}),
        ("/people?depth=1", {"city": "Oslo"}, {}),
        ("/people?upsert=true", {"city": "Oslo"}, {}),
        ("/companies", {"city": "Oslo"}, {}),
        ("/batch/people", {"city": "Oslo"}, {}),
        ("/metadata/objects", {"city": "Oslo"}, {}),
        ("/people", b'{"city":"Oslo"}', {}),
        ("/people", b'{"city": "Oslo"}', {"Content-Type": "text/plain"}),
    ],
    ids=str,
)
async def test_a_key_belongs_to_one_request(shared: Client, path: str, body: object, headers: dict[str, str]) -> None:
    name = key()
    assert (await post(shared, "/people", {"city": "Oslo"}, name)).status_code == 201
    before = await count(shared, "")

    answer = await post(shared, path, body, name, **headers)

    assert error(answer) == (422, "BAD_USER_INPUT", REUSED)
    assert answer.json()["error"]["details"]["subCode"] == "IDEMPOTENCY_KEY_REUSED"
    assert await count(shared, "") == before
    assert is_replayed(await post(shared, "/people", {"city": "Oslo"}, name))


@pytest.mark.parametrize(
    "name", ["x" * 255, "a b", "';--", '"a\\"b"', '"a\\\\b"', "~!", "%00", "0", '"' + "y" * 255 + '"']
)
async def test_keys_of_all_kinds(shared: Client, name: str) -> None:
    city = f"city {new_id()}"
    for _ in range(2):
        assert (await post(shared, "/people", {"city": city}, name)).status_code == 201
    assert await count(shared, f"filter=city[eq]:{city.replace(' ', '%20')}") == 1


@pytest.mark.parametrize(
    "name", ["", '""', '"', '"a', '"a"b"', '"a\\b"', '"a";x', "x" * 256, "x" * 50_000, "é", "a\tb", '"é"']
)
async def test_keys_that_are_none(shared: Client, name: str) -> None:
    before = await count(shared, "")
    headers = {b"Idempotency-Key": name.encode("latin-1"), b"Authorization": f"Bearer {shared.tenant.key}".encode()}
    answer = await shared.http.post(f"{shared.url}/rest/people", json={"city": "x"}, headers=headers)
    assert error(answer) == (400, "BAD_USER_INPUT", NOT_A_KEY)
    assert await count(shared, "") == before


async def test_other_methods_have_no_keys(shared: Client) -> None:
    name = key()
    made = (await post(shared, "/people", {"city": "a"}, name)).json()["data"]["createPerson"]["id"]
    headers = {"Idempotency-Key": name}
    for city in ("b", "c"):
        changed = await send(shared, "PATCH", f"/people/{made}", {"city": city}, headers=headers)
        assert changed.json()["data"]["updatePerson"]["city"] == city
        read = await send(shared, "GET", f"/people/{made}", headers=headers)
        assert read.json()["data"]["person"]["city"] == city
        assert not is_replayed(read)
    assert (await send(shared, "GET", "/people", headers={"Idempotency-Key": "x" * 300})).status_code == 200


# -- at once -------------------------------------------------------------------------------------------------------


async def test_of_many_at_once_one_is_carried_out(client: Client) -> None:
    """Half of them by another process."""
    other_database = await Database.connect(client.database.dialing.dsn, size=3)
    async with serving(other_database, client.tenant) as other:
        for path, body in (
            ("/people", {"city": "Once"}),
            ("/batch/people?depth=1", [{"city": "Once", "company": {"create": {}}}]),
            ("/metadata/objects", {"nameSingular": "r", "namePlural": "rs", "labelSingular": "R", "labelPlural": "Rs"}),
        ):
            name = key()
            answers = await asyncio.gather(
                *(post(where, path, body, name) for _ in range(10) for where in (client, other))
            )
            assert {each.status_code for each in answers} == {201}
            assert len({told(each) for each in answers}) == 1
            assert sum(map(is_replayed, answers)) == 19
    await other_database.close()
    assert await count(client, "filter=city[eq]:Once") == 2
    assert (await ask(client, "GET", "/companies"))["totalCount"] == 1


async def test_many_keys_at_once_on_few_connections(client: Client) -> None:
    """Nobody who holds a connection waits for another one, refusals included."""
    small = await Database.connect(client.database.dialing.dsn, size=1)
    async with serving(small, client.tenant) as server:
        bodies: list[object] = [{"city": "x"}, {"email": "a@b.example"}, {"nope": 1}, {"companyId": ACME}]
        answers = await asyncio.wait_for(
            asyncio.gather(*(post(server, "/people", each, key()) for each in bodies * 10)), 20
        )
    await small.close()
    statuses = [each.status_code for each in answers]
    assert (statuses.count(201), statuses.count(409), statuses.count(400)) == (11, 9, 20)


# -- refusals ------------------------------------------------------------------------------------------------------


async def test_refusals_that_the_request_deserves_are_answers(client: Client) -> None:
    await fill(client)
    for path, body, status in (
        ("/people", {"nope": 1}, 400),
        ("/people", b"{", 400),
        ("/people", {"email": "ada@acme.example"}, 409),
        ("/nothings", {}, 400),
        ("/people?upsert=x", {}, 400),
        ("/batch/people", {}, 400),
    ):
        name = key()
        first, second = [await post(client, path, body, name) for _ in range(2)]
        assert first.status_code == status, first.text
        assert (told(second), is_replayed(second)) == (told(first), True)
    name, body = key(), {"email": "ada@acme.example"}
    first = await post(client, "/people", body, name)
    await ask(client, "DELETE", f"/people/{ADA}?soft_delete=false")
    assert told(await post(client, "/people", body, name)) == told(first)
    assert (await post(client, "/people", body, key())).status_code == 201


async def test_refusals_that_may_pass_are_not_kept(client: Client) -> None:
    weak = await acting(client, Role(rights=frozenset({"canReadAllObjectRecords"})))
    name, objects = key(), key()
    body = {"nameSingular": "r", "namePlural": "rs", "labelSingular": "R", "labelPlural": "Rs"}

    assert error(await post(weak, "/people", {"city": "x"}, name))[0] == 403
    assert error(await post(weak, "/metadata/objects", body, objects))[0] == 403
    stranger = replace(weak, tenant=replace(weak.tenant, key="sk_live_" + "x" * 43))
    assert error(await post(stranger, "/people", {"city": "x"}, name))[0] == 401
    assert error(await post(weak, "/people", b"x" * 10_000_001, name))[0] == 413
    assert await client.database.value('select count(*) from core."idempotencyKey"') == 0
    await assign(client, weak, Role(all_settings=True))

    async def is_allowed() -> bool:
        made = await post(weak, "/people", {"city": "x"}, name)
        return (made.status_code, is_replayed(made)) == (201, False)

    await until(is_allowed)
    assert (await post(weak, "/metadata/objects", body, objects)).status_code == 201


async def test_an_import_that_was_one_too_many_may_be_sent_again(client: Client) -> None:
    for _ in range(MOST_UNFINISHED):
        begun = await send(client, "POST", "/people/import", b"city\nOslo\n", headers={"Content-Type": "text/csv"})
    name, headers = key(), {"Content-Type": "text/csv"}
    assert error(await post(client, "/people/import", b"city\nOslo\n", name, **headers))[0] == 409
    await send(client, "POST", f"/imports/{begun.json()['data']['import']['id']}/cancel")
    again = await post(client, "/people/import", b"city\nOslo\n", name, **headers)
    assert (again.status_code, is_replayed(again)) == (202, False)


# -- who, and for how long -----------------------------------------------------------------------------------------


async def test_others_have_other_keys(client: Client) -> None:
    other_tenant = client.as_tenant(await make_tenant(client.database, "Other"))
    colleague = await acting(client, Role())
    ines, _ = await member(client)
    olga, _ = await member(client, email="olga@example.com")
    callers = (client, other_tenant, colleague, ines, olga)
    name, body = key(), {"city": "x"}

    answers = [await post(each, "/people", body, name) for each in callers]

    assert {each.status_code for each in answers} == {201}
    assert not any(map(is_replayed, answers))
    assert len({each.json()["data"]["createPerson"]["id"] for each in answers}) == 5
    assert error(await post(client, "/people", {}, name))[0] == 422
    for each, first in zip(callers, answers, strict=True):
        assert told(await post(each, "/people", body, name)) == told(first)


async def test_an_answer_is_withheld_from_those_whose_rights_have_changed(client: Client) -> None:
    caller = await acting(client, Role())
    name, body = key(), {"city": "secret"}
    assert (await post(caller, "/people", body, name)).status_code == 201
    await assign(client, caller, Role(hidden=("person.city",)))
    await until(lambda: _is_hidden(caller))

    for _ in range(2):
        answer = await post(caller, "/people", body, name)
        assert error(answer) == (409, "CONFLICT", WITHHELD)
        assert answer.json()["error"]["details"] == {
            "subCode": "IDEMPOTENT_ANSWER_WITHHELD",
            "userFriendlyMessage": "An error occurred.",
            "answeredStatus": 201,
        }
        assert "secret" not in answer.text
    assert await count(client, "filter=city[eq]:secret") == 1


async def test_an_answer_too_large_to_keep_is_not_given_again(shared: Client) -> None:
    name, body = key(), [{"city": "huge", "jobTitle": "x" * (LARGEST // 40)} for _ in range(50)]
    first = await post(shared, "/batch/people", body, name)
    assert first.status_code == 201
    assert len(first.content) > LARGEST
    assert error(await post(shared, "/batch/people", body, name)) == (409, "CONFLICT", WITHHELD)
    assert await count(shared, "filter=city[eq]:huge") == 50


async def test_answers_outlive_the_server(client: Client) -> None:
    name, body = key(), {"city": "x"}
    first = await post(client, "/people", body, name)
    database = await Database.connect(client.database.dialing.dsn, size=2)
    async with serving(database, client.tenant) as later:
        assert told(await post(later, "/people", body, name)) == told(first)
    await database.close()


async def test_answers_are_forgotten(client: Client) -> None:
    keep = timedelta(milliseconds=300)
    async with serving(client.database, client.tenant, idempotency_retention=keep) as server:
        name = key()
        first = await post(server, "/people", {"city": "x"}, name)
        made = await post(server, "/metadata/objects", {"nameSingular": "x"}, name + "m")
        assert (first.status_code, made.status_code) == (201, 400)
        await asyncio.sleep(keep.total_seconds() * 1.2)
        second = await post(server, "/people", {"city": "y"}, name)
        assert (second.status_code, is_replayed(second)) == (201, False)
        assert told(await post(server, "/people", {"city": "y"}, name)) == told(second)
        assert not is_replayed(await post(server, "/metadata/objects", {"nameSingular": "y"}, name + "m"))
    assert await drop_old(client.database, timedelta(hours=1)) == 0
    await asyncio.sleep(keep.total_seconds() * 1.2)
    await post(client, "/people", {"city": "z"}, key())
    assert await drop_old(client.database, keep) == 2
    assert await client.database.value('select count(*) from core."idempotencyKey"') == 1


async def _is_hidden(caller: Client) -> bool:
    return "city" not in (await ask(caller, "GET", "/people?depth=0"))["data"]["people"][0]


def _schema(client: Client) -> str:
    return client.tenant.schema
