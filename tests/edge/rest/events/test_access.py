"""Whoever reads the change feed is told what they may see, and that something has left it."""

from contextlib import AbstractAsyncContextManager
from typing import Any

from rapport.access.changes import AccessChange
from rapport.accounts.tokens import AgnosticClaims, TokenSigner
from rapport.store.database import Connection
from rapport.system.access_news import AccessNews
from tests.access.acting import Role, acting
from tests.accounts.people import person
from tests.edge.rest.asking import error, send
from tests.edge.rest.events.feed import now, page, short, streaming, walk
from tests.edge.rest.records import ACME, ADA, BEN, BOLT, CID, ask, fill
from tests.records.member import member
from tests.serving import SECRET, Client
from tests.waiting import until

DENIED = (403, "FORBIDDEN", "Entity performing the request does not have permission")
OF_OSLO = Role(rows=(("person", "city", "IS", "Oslo"),))


def changing(client: Client) -> AbstractAsyncContextManager[Connection]:
    """A transaction that changes what somebody may do."""
    return AccessNews(client.database).changing(AccessChange(workspace_id=client.tenant.workspace_id))


async def test_objects_that_may_not_be_read_are_not_told_of(client: Client) -> None:
    await fill(client)
    key = await acting(client, Role(objects={"company": {"read": False}}))

    assert short(await walk(key)) == [("created", "person", name) for name in ("Ada", "Ben", "Cid")]
    assert "company" not in str(await walk(key)).lower().replace("companyid", "")
    for query in ("objects=company", "objects=person,companies"):
        for headers in ({}, {"Accept": "text/event-stream"}):
            assert error(await send(key, "GET", f"/events?{query}", headers=headers)) == DENIED
    nobody = await acting(client, Role(rights=frozenset()))
    assert await walk(nobody) == []


async def test_fields_that_may_not_be_read_are_not_told_of(client: Client) -> None:
    await fill(client)
    key = await acting(client, Role(hidden=("person.jobTitle", "person.company", "person.emails")))
    after = await now(client)
    await ask(client, "PATCH", f"/people/{ADA}", {"jobTitle": "Spy"})
    await ask(client, "PATCH", f"/people/{ADA}", {"jobTitle": "Cook", "city": "Rome", "companyId": None})

    for query in ("", "before=true"):
        (event,) = await walk(key, after, query or "limit=10")
        assert event["updatedFields"] == ["city"]
        for state in ("record", "before") if query else ("record",):
            assert {"jobTitle", "companyId", "emails"}.isdisjoint(event[state])
            assert "city" in event[state]
        assert "Spy" not in str(event)
    assert [each["updatedFields"] for each in await walk(client, after)] == [
        ["jobTitle"], ["jobTitle", "city", "company"]
    ]  # fmt: skip


async def test_who_may_not_see_authors_does_not_see_them_here(client: Client) -> None:
    await fill(client)
    for field in ("createdBy", "updatedBy"):
        key = await acting(client, Role(hidden=(f"person.{field}",)))
        events = await walk(key)
        assert [each["actor"] is None for each in events] == [each["object"] == "person" for each in events]


async def test_records_enter_and_leave_what_a_caller_may_see(client: Client) -> None:
    await fill(client)
    key = await acting(client, OF_OSLO)
    assert short(await walk(key, query="objects=person")) == [("created", "person", "Ada")]
    after = await now(key)
    for who, city in ((ADA, "Oslo "), (ADA, "Rome"), (BEN, "Rome"), (BEN, "Oslo"), (BEN, "Bern"), (ADA, "Oslo")):
        await ask(client, "PATCH", f"/people/{who}", {"city": city})
    await ask(client, "PATCH", f"/people/{ADA}", {"jobTitle": "Cook"})
    await ask(client, "DELETE", f"/people/{ADA}")
    await ask(client, "PATCH", f"/restore/people/{ADA}")
    await ask(client, "DELETE", f"/people/{ADA}?soft_delete=false")
    for who in (BEN, CID):  # of whom the caller knows nothing
        await ask(client, "DELETE", f"/people/{who}?soft_delete=false")

    events = await walk(key, after, "before=true")
    assert [(each["action"], each["recordId"], (each["record"] or {}).get("city")) for each in events] == [
        ("hidden", ADA, None), ("shown", BEN, "Oslo"), ("hidden", BEN, None), ("shown", ADA, "Oslo"),
        ("updated", ADA, "Oslo"), ("deleted", ADA, "Oslo"), ("restored", ADA, "Oslo"), ("destroyed", ADA, None),
    ]  # fmt: skip
    assert [(each["before"] or {}).get("city") for each in events] == [
        "Oslo", None, "Oslo", None, "Oslo", "Oslo", "Oslo", "Oslo"
    ]  # fmt: skip
    assert "Rome" not in str(events)
    assert ["updatedFields" in each for each in events] == [each["action"] == "updated" for each in events]
    for query, count in (("actions=hidden,shown", 4), ("actions=updated", 1), ("actions=shown&limit=1", 2)):
        wanted = query.partition("&")[0].removeprefix("actions=").split(",")
        found = await walk(key, after, query)
        assert [each["action"] for each in found] == [each["action"] for each in events if each["action"] in wanted]
        assert len(found) == count


async def test_a_change_of_a_hidden_field_may_hide_the_record(client: Client) -> None:
    await fill(client)
    key = await acting(client, Role(hidden=("person.city",), rows=(("person", "city", "IS", "Oslo"),)))
    after = await now(key)
    await ask(client, "PATCH", f"/people/{ADA}", {"city": "Rome"})
    await ask(client, "PATCH", f"/people/{ADA}", {"city": "Oslo"})

    assert short(await walk(key, after)) == [("hidden", "person", "-"), ("shown", "person", "Ada")]
    assert "city" not in str(await walk(key))


async def test_rules_may_ask_for_the_member_who_reads(client: Client) -> None:
    await fill(client)
    role = Role(member_rows=(("person", "city", "IS", "locale"),))
    ines, member_id = await member(client, role_id=None)
    key = await acting(client, role)
    assert await walk(key, query="objects=person") == []  # an API key is no member
    async with changing(client) as connection:
        await connection.execute(
            'update core."roleTarget" set "roleId" = (select "roleId" from core."roleTarget" t join core."apiKey" k '
            'on k.id = t."apiKeyId" where k.name = \'acting\') where "userWorkspaceId" is not null'
        )
    table = f'"{client.tenant.schema}"."workspaceMember"'
    await client.database.execute(f"update {table} set locale = 'Bern' where id = $1", member_id)
    async with streaming(ines, "objects=person") as stream:
        assert short(await stream.has(1)) == [("created", "person", "Ben")]
    assert short(await walk(ines, query="objects=person")) == [("created", "person", "Ben")]


async def test_rights_that_change_count_from_the_next_page_on(client: Client) -> None:
    await fill(client)
    key = await acting(client, Role())
    first = await page(key, "limit=3")
    async with changing(client) as connection:
        await connection.execute('update core.role set "canReadAllObjectRecords" = false where label like $1', "Role %")

    after = first["pageInfo"]["endCursor"]

    async def is_heard() -> bool:
        """The news comes to the server by way of the database."""
        return await walk(key, after) == []

    await until(is_heard)
    assert error(await send(key, "GET", "/events?objects=person")) == DENIED


async def test_what_hangs_on_hidden_records_is_hidden(client: Client) -> None:
    await fill(client)
    key = await acting(client, Role(rows=(("company", "name", "IS", "Bolt"),)))
    for company in (ACME, BOLT):
        await ask(client, "POST", "/favorites", {"companyId": company, "position": 1}, 201)

    told = await walk(key, query="objects=favorites,company")
    assert [(each["object"], each["record"].get("companyId", each["recordId"])) for each in told] == [
        ("company", BOLT), ("favorite", BOLT)
    ]  # fmt: skip


async def test_a_user_who_has_not_entered_a_workspace_has_no_events(client: Client) -> None:
    ines = await person(client, "ines@example.com")
    token = TokenSigner(SECRET).sign(AgnosticClaims(user_id=ines.user_id)).token
    for headers in ({}, {"Accept": "text/event-stream"}):
        assert error(await send(client, "GET", "/events", token=token, headers=headers))[:2] == (403, "FORBIDDEN")


async def test_the_fields_of_the_model_of_the_moment_are_told(client: Client) -> None:
    await fill(client)
    objects = (await ask(client, "GET", "/metadata/objects"))["data"]["objects"]
    (people,) = [each for each in objects if each["nameSingular"] == "person"]
    body: dict[str, Any] = {"objectMetadataId": people["id"], "name": "shoes", "label": "Shoes", "type": "NUMBER"}
    async with streaming(client, "objects=person") as stream:
        assert "shoes" not in (await stream.has(3))[-1]["record"]
        made = (await ask(client, "POST", "/metadata/fields", body, 201))["data"]["createOneField"]
        await ask(client, "PATCH", f"/people/{ADA}", {"shoes": 42})
        event = (await stream.has(4))[-1]
        assert (event["updatedFields"], event["record"]["shoes"]) == (["shoes"], 42)
        await ask(client, "DELETE", f"/metadata/fields/{made['id']}")
        await ask(client, "PATCH", f"/people/{ADA}", {"city": "Rome"})
        assert "shoes" not in (await stream.has(5))[-1]["record"]
    assert [each["recordId"] for each in await walk(client, query="objects=person")] == [ADA, BEN, CID, ADA]
