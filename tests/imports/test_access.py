"""Who may import what, when it starts and while it runs."""

from tests.access.acting import ALL, Role, acting
from tests.edge.rest.asking import error, send
from tests.imports.asking import counts, ended, imported, importing, people, post, start
from tests.jobs.working import until
from tests.serving import Client, make_tenant

FLAG = frozenset({"IMPORT_CSV"})


async def test_the_role_decides_what_may_be_imported(client: Client) -> None:
    hidden = ("person.city",)
    roles = {
        "nothing": Role(),
        "reader": Role(rights=frozenset({"canReadAllObjectRecords"}), flags=FLAG),
        "one object less": Role(flags=FLAG, objects={"person": {"update": False}}),
        "hidden": Role(flags=FLAG, hidden=hidden),
        "frozen": Role(flags=FLAG, frozen=hidden),
        "no companies": Role(flags=FLAG, objects={"company": {"read": False}}),
    }
    body = "firstName,city,company.name\nAda,Oslo,\n"
    for name, role in roles.items():
        answer = await post(await acting(client, role), "/people/import", body)
        assert error(answer)[0] == (400 if name == "no companies" else 403), name
    assert error(await send(client, "GET", "/imports", token=None))[0] == 401
    assert error(await send(await acting(client, Role()), "GET", "/imports"))[0] == 403
    assert (await send(await acting(client, Role(flags=FLAG)), "GET", "/imports")).json()["totalCount"] == 0


async def test_rows_that_would_not_exist_for_their_writer_are_refused(client: Client) -> None:
    await send(client, "POST", "/people", {"firstName": "Zoe", "email": "zoe@acme.example", "city": "Bern"})
    role = Role(flags=FLAG, rows=(("person", "city", "IS", "Oslo"),))
    limited = await acting(client, role)
    rows = "Ada,Oslo,\nBen,Bern,\nCid,Oslo,\nZoe,Oslo,zoe@acme.example\n"
    async with importing(client):
        found = await imported(limited, "/people/import?match=email", f"firstName,city,email\n{rows}")
    assert counts(found) == ("done", 4, 2, 0, 2)
    assert [(each["row"], each["message"][:30]) for each in found["errors"]] == [
        (3, "Entity performing the request "), (5, "A duplicate entry was detected"),
    ]  # fmt: skip
    assert sorted(each["name"]["firstName"] for each in await people(client)) == ["Ada", "Cid", "Zoe"]


async def test_an_import_ends_when_whoever_started_it_may_not_go_on(client: Client) -> None:
    limited = await acting(client, Role(rights=frozenset(ALL), flags=FLAG))
    await start(limited, "/people/import", "firstName\nAda\n")
    await client.database.execute('delete from core."permissionFlag"')
    await start(client, "/people/import", "firstName\nAda\n")
    await client.database.execute('update core."apiKey" set "revokedAt" = now() where name = \'tests\'')
    async with importing(client):
        await until(lambda: _have_failed(client, 2))
    rows = await client.database.rows('select state, reason, created from core."import" order by "createdAt"')
    assert [(row["state"], row["created"]) for row in rows] == [("failed", 0)] * 2
    assert all("may not go on" in row["reason"] for row in rows)


async def test_the_model_may_change_while_an_import_waits(client: Client) -> None:
    renamed = await start(client, "/people/import", "firstName,city\nAda,Oslo\n")
    column = await client.database.value(
        'select f.id::text from core."fieldMetadata" f join core."objectMetadata" o on o.id = f."objectMetadataId"'
        " where o.\"nameSingular\" = 'person' and f.name = 'city'"
    )
    await send(client, "PATCH", f"/metadata/fields/{column}", {"isActive": False})
    async with importing(client):
        over = await ended(client, renamed["id"])
    assert (over["state"], over["created"]) == ("failed", 0)
    assert over["reason"].startswith("Unknown columns: 'city'.")


async def test_imports_of_others_do_not_exist(client: Client) -> None:
    found = await start(client, "/people/import", "firstName\nAda\n")
    stranger = client.as_tenant(await make_tenant(client.database, "Other"))
    for method, path in (("GET", ""), ("GET", "/errors"), ("POST", "/cancel"), ("POST", "/undo")):
        assert error(await send(stranger, method, f"/imports/{found['id']}{path}"))[0] == 404
    assert (await send(stranger, "GET", "/imports")).json() == {"data": {"imports": []}, "totalCount": 0}


async def _have_failed(client: Client, count: int) -> bool:
    return await client.database.value("select count(*) from core.\"import\" where state = 'failed'") == count
