"""`ETag`, `If-None-Match` and `If-Match`: what clients know of a record, and changes of it that depend on that."""

import asyncio
import re

import httpx
import pytest

from rapport.edge.rest.records.tags import tag
from tests.access.acting import Role, acting
from tests.edge.rest.asking import error, send
from tests.edge.rest.records import ACME, ADA, BEN, BOLT, UNKNOWN, ask, fill
from tests.records.events import events
from tests.records.member import member
from tests.serving import Client

CHANGED = (412, "PRECONDITION_FAILED", "The record is not, or no longer, in a state that If-Match names.")
MISPLACED = (400, "BAD_USER_INPUT", "'If-Match' is for changes of one record, 'If-None-Match' for reading one.")
WEAK = (412, "PRECONDITION_FAILED", "A weak tag in If-Match is equal to none: it is of an answer without some fields.")
OTHER = f'"{"0" * 32}"'


async def read(client: Client, path: str = f"/people/{ADA}", **headers: str) -> httpx.Response:
    return await send(client, "GET", path, headers={name.replace("_", "-"): each for name, each in headers.items()})


async def change(
    client: Client, if_match: str, method: str = "PATCH", path: str = "", **values: object
) -> httpx.Response:
    """Of Ada, unless a path is given."""
    return await send(client, method, path or f"/people/{ADA}", values or None, headers={"If-Match": if_match})


async def etag(client: Client, path: str = f"/people/{ADA}") -> str:
    return (await read(client, path)).headers["ETag"]


def state(found: str) -> str:
    return found.strip('"').partition("-")[0]


@pytest.fixture(scope="module")
async def filled(shared: Client) -> Client:
    await fill(shared)
    return shared


# -- reading -------------------------------------------------------------------------------------------------------


async def test_a_record_has_a_tag_that_changes_with_it(client: Client) -> None:
    await fill(client)
    deep, shallow = await etag(client), await etag(client, f"/people/{ADA}?depth=0")

    assert re.fullmatch(r'"[0-9a-f]{32}-[0-9a-f]{32}"', deep)
    assert re.fullmatch(r'"[0-9a-f]{32}"', shallow)
    assert state(deep) == state(shallow)
    assert deep == await etag(client)
    seen = {state(deep)}
    for values in (
        {"city": "Rome"},
        {"city": "Oslo"},
        {"companyId": BOLT},
        {"name": {"firstName": "Eva"}},
        {"position": 9},
    ):
        await ask(client, "PATCH", f"/people/{ADA}", values)
        seen.add(state(await etag(client)))
    assert len(seen) == 6
    await client.database.execute(f"update \"{client.tenant.schema}\".person set city = 'x' where id = $1", ADA)
    assert state(await etag(client)) not in seen
    await ask(client, "DELETE", f"/companies/{BOLT}?soft_delete=false")  # which empties the link to it
    assert len({*seen, state(await etag(client, f"/people/{ADA}?depth=0"))}) == 7


async def test_of_linked_records_only_the_second_part_speaks(client: Client) -> None:
    await fill(client)
    before, shallow = await etag(client), await etag(client, f"/people/{ADA}?depth=0")
    await ask(client, "PATCH", f"/companies/{ACME}", {"name": "Acme 2"})
    after = await etag(client)

    assert after != before
    assert state(after) == state(before)
    assert await etag(client, f"/people/{ADA}?depth=0") == shallow
    assert (await change(client, before, city="Rome")).status_code == 200
    assert (await read(client, If_None_Match=before)).status_code == 200


@pytest.mark.parametrize("query", ["", "?depth=0", "?depth=2", "?fields=id,city", "?omit_null_values=true"])
async def test_who_has_the_record_is_not_sent_it(filled: Client, query: str) -> None:
    client = filled
    await ask(client, "PATCH", f"/people/{ADA}", {"city": "Oslo"})
    path = f"/people/{ADA}{query}"
    whole = await read(client, path)
    found = whole.headers["ETag"]

    for known in (found, f"W/{found}".replace("W/W/", "W/"), f'"x", {found} , W/"y"', "*", f"{OTHER},{found}"):
        for method in ("GET", "HEAD"):
            answer = await send(client, method, path, headers={"If-None-Match": known})
            assert (answer.status_code, answer.content, answer.headers["ETag"]) == (304, b"", found)
            assert "Content-Length" not in answer.headers
            assert "Content-Type" not in answer.headers
    for other in (OTHER, '"x"', 'W/""'):
        answer = await read(client, path, If_None_Match=other)
        assert (answer.status_code, answer.content) == (200, whole.content)
    await ask(client, "PATCH", f"/people/{ADA}", {"city": "Rome"})
    assert (await read(client, path, If_None_Match=found)).status_code == 200


async def test_conditions_of_reading(client: Client) -> None:
    await fill(client)
    found = await etag(client)
    assert (await read(client, If_Match=found)).status_code == 200
    assert (await read(client, If_Match="*")).status_code == 200
    assert error(await read(client, If_Match=OTHER)) == CHANGED
    assert error(await read(client, If_Match=OTHER, If_None_Match=found)) == CHANGED
    assert (await read(client, If_Match=found, If_None_Match=found)).status_code == 304
    assert error(await read(client, f"/people/{UNKNOWN}", If_None_Match="*"))[0] == 404
    assert (await read(client, "/people", If_None_Match="*")).status_code == 200


@pytest.mark.parametrize(
    "value", ["", "x", "abc", '"a', 'a"', "W/", '"a" "b"', '"a",*', ",", "**", '"a\tb"', '"a",' * 101]
)
async def test_headers_without_tags(filled: Client, value: str) -> None:
    for name in ("If-Match", "If-None-Match"):
        message = f"'{name}' is invalid. Should be * or a list of up to 100 entity tags, eg: \"abc\""
        assert error(await read(filled, **{name: value})) == (400, "BAD_USER_INPUT", message)
    answer = await change(filled, value, city="x")
    assert error(answer)[0] == 400
    assert (await ask(filled, "GET", f"/people/{ADA}"))["data"]["person"]["city"] != "x"


# -- changing ------------------------------------------------------------------------------------------------------


async def test_a_change_of_what_one_knows(client: Client) -> None:
    """Each answer has the tag for the next change."""
    await fill(client)
    found = await etag(client)
    for method, path, values in (
        ("PATCH", "", {"city": "Rome"}),
        ("PUT", "", {"city": "Bern"}),
        ("PATCH", f"/people/{ADA}?depth=1", {"jobTitle": "Chief"}),
        ("PATCH", f"/people/{ADA}?depth=2", {"company": {"create": {"name": "New"}}}),
        ("PATCH", f"/people/{ADA}", {"companyId": BOLT}),
    ):
        old = found
        answer = await change(client, found, method, path, **values)
        assert answer.status_code == 200, answer.text
        found = answer.headers["ETag"]
        assert state(found) == state(await etag(client))
        assert error(await change(client, old, method, path, **values)) == CHANGED
    assert (await change(client, found, "DELETE")).json() == {"data": {"deletePerson": {"id": ADA}}}
    for path in (f"/people/{ADA}/restore", f"/restore/people/{ADA}"):
        assert error(await change(client, found, "PATCH", path)) == CHANGED
        restored = await change(client, "*", "PATCH", path)
        assert state(restored.headers["ETag"]) == state(await etag(client))
    made = await send(client, "POST", "/people?depth=1", {"id": UNKNOWN, "companyId": ACME})
    path = f"/people/{UNKNOWN}"
    assert error(await change(client, found, "DELETE", f"{path}?soft_delete=false")) == CHANGED
    assert (await change(client, made.headers["ETag"], "DELETE", f"{path}?soft_delete=false")).status_code == 200
    assert "ETag" not in (await send(client, "POST", "/batch/people", [{}])).headers


async def test_a_change_of_what_has_changed(client: Client) -> None:
    await fill(client)
    known = await etag(client)
    await ask(client, "PATCH", f"/people/{ADA}", {"city": "Rome"})
    before = (await read(client)).content, len(await events(client))

    for stale in (known, OTHER, f"W/{OTHER}, {known}", '"x"', f'{known}, "y"'):
        for method, path in (
            ("PATCH", ""), ("PUT", ""), ("PATCH", f"/people/{ADA}?depth=1"), ("DELETE", ""),
            ("DELETE", f"/people/{ADA}?soft_delete=false"), ("PATCH", f"/people/{ADA}/restore"),
        ):  # fmt: skip
            answer = await change(client, stale, method, path, **({"city": "x"} if method != "DELETE" else {}))
            assert error(answer) == CHANGED, (stale, method, path)
            assert "ETag" not in answer.headers
    assert ((await read(client)).content, len(await events(client))) == before
    listed = f'"x" , {known},W/"z",{await etag(client)}'
    assert (await change(client, listed, city="Bern")).status_code == 200
    assert (await change(client, "*", city="Rome")).status_code == 200


async def test_a_weak_tag_is_no_news_of_others(client: Client) -> None:
    await fill(client)
    weak = await etag(client, f"/people/{ADA}?fields=id,city")
    assert weak.startswith("W/")
    for tags in (weak, f"W/{await etag(client)}", f'{weak}, W/"x"'):
        for method in ("PATCH", "DELETE"):
            answer = await change(client, tags, method, **({"city": "x"} if method == "PATCH" else {}))
            assert error(answer) == WEAK
            assert "omebody else" not in answer.text
        assert error(await read(client, If_Match=tags)) == WEAK
    assert (await ask(client, "GET", f"/people/{ADA}"))["data"]["person"]["city"] == "Oslo"


async def test_what_is_deleted_can_be_restored_as_one_knows_it(client: Client) -> None:
    await fill(client)
    for query in ("", "?depth=1"):
        deleted = await change(client, await etag(client), "DELETE", f"/people/{ADA}{query}")
        assert deleted.json() == {"data": {"deletePerson": {"id": ADA}}}
        again = await send(client, "DELETE", f"/people/{ADA}")
        assert (again.status_code, "ETag" in again.headers) == (404, False)
        await client.database.execute(f'update "{client.tenant.schema}".person set "city" = $1 where id = $2', "x", ADA)
        assert error(await change(client, deleted.headers["ETag"], "PATCH", f"/people/{ADA}/restore")) == CHANGED
        await client.database.execute(
            f'update "{client.tenant.schema}".person set "city" = $1 where id = $2', "Oslo", ADA
        )
        restored = await change(client, deleted.headers["ETag"], "PATCH", f"/people/{ADA}/restore")
        assert restored.status_code == 200, restored.text
        assert restored.headers["ETag"] == await etag(client, f"/people/{ADA}?depth=0")
    destroyed = await send(client, "DELETE", f"/people/{ADA}?soft_delete=false")
    assert (destroyed.json(), "ETag" in destroyed.headers) == ({"data": {"deletePerson": {"id": ADA}}}, False)


async def test_tags_on_several_lines_are_one_list(filled: Client) -> None:
    path = f"/people/{ADA}"
    found = await etag(filled)
    for lines in ((found, OTHER), (OTHER, found)):
        sent = [("If-None-Match", each) for each in lines]
        headers = [("Authorization", f"Bearer {filled.tenant.key}"), *sent]
        assert (await filled.http.get(f"{filled.url}/rest{path}", headers=headers)).status_code == 304


async def test_what_is_not_there_has_not_changed(client: Client) -> None:
    await fill(client)
    found = await etag(client)
    await ask(client, "DELETE", f"/people/{BEN}")
    for missing in (UNKNOWN, BEN, ACME):
        for tags in (found, "*"):
            for method in ("PATCH", "DELETE"):
                answer = await change(
                    client, tags, method, f"/people/{missing}", **({"city": "x"} if method == "PATCH" else {})
                )
                assert error(answer) == (404, "NOT_FOUND", "Record not found")


async def test_of_many_writers_who_know_the_same_one_wins(client: Client) -> None:
    await fill(client)
    for round_ in range(5):
        known = await etag(client)
        answers = await asyncio.gather(*(change(client, known, city=f"{round_}-{number}") for number in range(20)))
        winners = [each for each in answers if each.status_code == 200]
        assert len(winners) == 1
        assert {error(each) for each in answers if each.status_code != 200} == {CHANGED}
        assert (await read(client, f"/people/{ADA}?depth=0")).headers["ETag"] == winners[0].headers["ETag"]
    updated = [each for each in await events(client, object_name="person") if each.action == "updated"]
    assert len(updated) == 5


async def test_several_records_and_new_ones_have_no_condition(client: Client) -> None:
    await fill(client)
    found = await etag(client)
    for method, path, body in (
        ("POST", "/people", {"city": "x"}),
        ("POST", "/batch/people", [{"city": "x"}]),
        ("PATCH", "/people?filter=city[eq]:Oslo", {"city": "x"}),
        ("DELETE", "/people?filter=city[eq]:Oslo", None),
        ("PATCH", "/restore/people?filter=city[eq]:Oslo", None),
        ("PATCH", "/batch/people", [{"id": ADA, "city": "x"}]),
        ("DELETE", "/batch/people", [ADA]),
        ("PATCH", "/people/merge", {"ids": [ADA, BEN], "conflictPriorityIndex": 0}),
    ):
        assert error(await send(client, method, path, body, headers={"If-Match": found})) == MISPLACED
    for method, path in (("PATCH", f"/people/{ADA}"), ("POST", "/people")):
        assert error(await send(client, method, path, {}, headers={"If-None-Match": "*"})) == MISPLACED
    assert (await ask(client, "GET", "/people?limit=0"))["totalCount"] == 3
    assert await etag(client) == found


async def test_those_who_do_not_see_everything_have_tags_of_their_own(client: Client) -> None:
    await fill(client)
    blind = await acting(
        client,
        Role(
            hidden=("person.city",),
            objects={"company": {"read": False}},
            rows=(("person", "jobTitle", "IS_EMPTY", ""),),
        ),
    )
    theirs, ours = await etag(blind), await etag(client)

    assert state(theirs) != state(ours)
    assert (await change(blind, theirs, position=5)).status_code == 200
    assert error(await change(blind, theirs, position=6)) == CHANGED
    deleted = await change(blind, await etag(blind), "DELETE")
    assert state(deleted.headers["ETag"]) != state((await send(client, "DELETE", f"/people/{BEN}")).headers["ETag"])
    assert (await change(blind, deleted.headers["ETag"], "PATCH", f"/people/{ADA}/restore")).status_code == 200
    theirs = await etag(blind)
    await ask(client, "PATCH", f"/people/{ADA}", {"jobTitle": "Chief"})
    assert error(await change(blind, theirs, position=7))[0] == 404
    assert error(await change(blind, theirs, "DELETE", f"/people/{ADA}?soft_delete=false"))[0] == 404


async def test_members_of_the_workspace(client: Client) -> None:
    """Whose changes take several steps."""
    ines, member_id = await member(client)
    path = f"/workspaceMembers/{member_id}"
    known = await etag(ines, path)
    changed = await change(ines, known, "PATCH", path, colorScheme="Dark")
    assert changed.status_code == 200, changed.text
    assert error(await change(ines, known, "PATCH", path, colorScheme="Light")) == CHANGED
    assert await etag(ines, path) != known
    assert state(await etag(ines, path)) == state(changed.headers["ETag"])
    deleted = await send(client, "DELETE", path)
    assert deleted.json() == {"data": {"deleteWorkspaceMember": {"id": str(member_id)}}}, deleted.text
    assert "ETag" in deleted.headers


def test_signatures_of_links_are_no_part_of_the_state() -> None:
    def body(token: str, more: str = "") -> bytes:
        link = f"https://crm.example/files/person-picture/eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.{token}/a.png"
        return f'{{"data":{{"person":{{"avatarUrl":"{link}","city":null{more}}}}}}}'.encode()

    early, late = tag(body("eyJ.a_-")), tag(body("eyK.b"))
    assert early != late
    assert state(early.decode()) == state(late.decode())
    related = tag(body("eyJ.a_-", '\n,"company":null')).decode()
    assert state(related) == state(late.decode())
    assert "-" in related
    assert state(tag(body("eyJ.a", ',"x":1')).decode()) != state(related)


async def test_records_with_pictures_can_be_changed_under_a_condition(client: Client) -> None:
    await fill(client)
    foreign = "https://crm.example/x/eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.a.b/c"
    for city, avatar in enumerate(("person-picture/0190.png", foreign)):
        await ask(client, "PATCH", f"/people/{ADA}", {"avatarUrl": avatar})
        known = await etag(client)
        assert (await change(client, known, city=f"{city}")).status_code == 200
        assert error(await change(client, known, city="Bern")) == CHANGED
        shown = (await ask(client, "GET", f"/people/{ADA}"))["data"]["person"]["avatarUrl"]
        assert shown == avatar or "/files/person-picture/eyJ" in shown
