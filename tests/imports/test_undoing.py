"""Taking imports back."""

from collections.abc import Sequence

from rapport.access.principal import Principal
from rapport.store.database import Connection
from tests.access.acting import Role, acting
from tests.edge.rest.asking import error, send
from tests.imports.asking import counts, imported, importing, people, start, state, undone
from tests.serving import Client

ADA, BEN = (f"a0000000-0000-4000-8000-00000000000{number}" for number in (1, 2))


async def test_undo_takes_back_what_the_import_did_but_not_what_others_did_since(client: Client) -> None:
    body = [
        {"id": ADA, "firstName": "Ada", "email": "ada@acme.example", "city": "Oslo", "jobTitle": "Cook"},
        {"id": BEN, "firstName": "Ben", "email": "ben@acme.example", "city": "Bern", "jobTitle": "Cook"},
    ]
    await send(client, "POST", "/batch/people", body)
    before = {each["id"]: each for each in await people(client)}
    rows = [
        "ada@acme.example,Rome,Chief", "ben@acme.example,Rome,Chief", "cid@acme.example,Rome,Chief",
        "dan@acme.example,Rome,Chief", "dan@acme.example,Kiel,Chief", "eve@acme.example,Rome,Chief",
        "fay@acme.example,Rome,Chief",
    ]  # fmt: skip
    async with importing(client):
        found = await imported(client, "/people/import?match=email", "email,city,jobTitle\n" + "\n".join(rows))
        assert counts(found) == ("done", 7, 4, 3, 0)
        now = {each["emails"]["primaryEmail"]: each["id"] for each in await people(client)}
        await send(client, "PATCH", f"/people/{BEN}", {"city": "Ulm"})
        await send(client, "PATCH", f"/people/{now['cid@acme.example']}", {"city": "Ulm"})
        await send(client, "DELETE", f"/people/{now['eve@acme.example']}")
        await send(client, "DELETE", f"/people/{now['fay@acme.example']}?soft_delete=false")
        back = await undone(client, found["id"])
    assert (back["state"], back["undone"], back["kept"]) == ("undone", 4, 3)
    kept = {(each["recordId"], each["column"]) for each in back["errors"]}
    assert kept == {(now["cid@acme.example"], None), (now["eve@acme.example"], None), (BEN, "city")}
    after = {each["id"]: each for each in await people(client)}
    assert set(after) == {ADA, BEN, now["cid@acme.example"]}
    for record in (before[ADA], after[ADA]):
        del record["updatedAt"], record["updatedBy"]
    assert after[ADA] == before[ADA]
    assert (after[BEN]["city"], after[BEN]["jobTitle"]) == ("Ulm", "Cook")
    assert error(await send(client, "POST", f"/imports/{found['id']}/undo"))[0] == 409


async def test_all_kinds_of_values_come_back_as_they_were(client: Client) -> None:
    first = {
        "name": "Acme", "employees": 3, "annualRecurringRevenue": {"amountMicros": "12345678901234567890.5"},
        "address": {"addressLat": "59.913868912345678901", "addressCity": "Oslo"}, "domainName": "acme.example",
        "idealCustomerProfile": True,
    }  # fmt: skip
    await send(client, "POST", "/companies", first)
    columns = "name,employees,annualRecurringRevenue.amountMicros,address.addressLat,idealCustomerProfile,domainName"
    listed = "/companies?depth=0"
    before = (await send(client, "GET", listed)).json()["data"]["companies"][0]
    async with importing(client):
        found = await imported(client, "/companies/import?match=name", f"{columns}\nAcme,\\N,1,2.5,no,bolt.example\n")
        changed = (await send(client, "GET", listed)).json()["data"]["companies"][0]
        assert (changed["employees"], changed["address"]["addressLat"]) == (None, "2.5")
        await undone(client, found["id"])
    after = (await send(client, "GET", listed)).json()["data"]["companies"][0]
    for record in (before, after):
        del record["updatedAt"], record["updatedBy"]
    assert after == before


async def test_what_cannot_be_put_back_is_told(client: Client) -> None:
    await send(client, "POST", "/people", {"id": ADA, "email": "ada@acme.example", "city": "Oslo"})
    async with importing(client):
        found = await imported(
            client, "/people/import?match=id", f"id,email,city\n{ADA},new@acme.example,Rome\n{BEN},,\n"
        )
        await send(client, "POST", "/people", {"email": "ada@acme.example"})
        back = await undone(client, found["id"])
    assert (back["state"], back["undone"], back["kept"]) == ("undone", 1, 1)
    assert back["errors"][0]["recordId"] == ADA
    assert "already in use" in back["errors"][0]["message"]


async def test_who_may_not_destroy_may_not_undo(client: Client) -> None:
    role = Role(
        rights=frozenset({"canReadAllObjectRecords", "canUpdateAllObjectRecords"}), flags=frozenset({"IMPORT_CSV"})
    )
    limited = await acting(client, role)
    async with importing(client):
        found = await imported(client, "/people/import", "firstName\nAda\n")
        assert error(await send(limited, "POST", f"/imports/{found['id']}/undo"))[0] == 403
        assert (await state(client, found["id"]))["state"] == "done"


async def test_an_import_can_be_cancelled_and_what_it_did_undone(client: Client) -> None:
    found = await start(client, "/people/import", "firstName\n" + "Ada\n" * 5_000)
    answer = await send(client, "POST", f"/imports/{found['id']}/cancel")
    assert answer.json()["data"]["import"]["state"] == "cancelled"
    assert error(await send(client, "POST", f"/imports/{found['id']}/cancel"))[0] == 409
    async with importing(client):
        second = await start(client, "/people/import", "firstName\n" + "Ada\n" * 30_000)
        while not (await state(client, second["id"]))["created"]:
            pass
        await send(client, "POST", f"/imports/{second['id']}/cancel")
        cancelled = await state(client, second["id"])
        assert 0 < cancelled["created"] < 30_000
        assert (await undone(client, second["id"]))["undone"] == cancelled["created"]
    assert await client.database.value(f"select count(*) from {client.tenant.schema}.person") == 0
    listed = (await send(client, "GET", "/imports?limit=1")).json()
    assert ([each["id"] for each in listed["data"]["imports"]], listed["totalCount"]) == ([second["id"]], 2)
    assert await client.database.value('select count(*) from core."importChunk"') == 0


async def test_files_of_what_is_destroyed_are_given_up(client: Client) -> None:
    gone: list[str] = []

    async def lose(_connection: Connection, paths: Sequence[str], _principal: Principal) -> None:
        gone.extend(paths)

    async with importing(client, lose):
        found = await imported(client, "/people/import", "id,firstName\n" + f"{ADA},Ada\n{BEN},Ben\n")
        attachment = {"targetPersonId": ADA, "name": "a.txt", "fullPath": "attachment/a.txt"}
        assert (await send(client, "POST", "/attachments", attachment)).status_code == 201
        assert (await undone(client, found["id"]))["undone"] == 2
    assert gone == ["attachment/a.txt"]


async def test_undo_changes_no_fields_that_the_role_keeps_from_the_caller(client: Client) -> None:
    await send(client, "POST", "/people", {"id": ADA, "firstName": "Ada", "city": "Oslo", "jobTitle": "Cook"})
    flags = frozenset({"IMPORT_CSV"})
    roles = {"Rome": Role(flags=flags, frozen=("person.city",)), "Pisa": Role(flags=flags, hidden=("person.city",))}
    for city, role in roles.items():
        async with importing(client):
            found = await imported(client, "/people/import?match=id", f"id,city,jobTitle\n{ADA},{city},Chief\n")
            back = await undone(await acting(client, role), found["id"])
        assert (back["state"], back["undone"], back["kept"]) == ("undone", 0, 1)
        (told,) = back["errors"]
        assert told["message"] == "Not all fields may be changed by this role."
        assert (told["recordId"], told["column"]) == (ADA, "city" if role.frozen else None)
        (ada,) = await people(client)
        assert (ada["city"], ada["jobTitle"]) == (city, "Cook")


async def test_undo_tells_of_fields_that_are_not_there_any_more(client: Client) -> None:
    names = {"nameSingular": "boat", "namePlural": "boats", "labelSingular": "Boat", "labelPlural": "Boats"}
    made = (await send(client, "POST", "/metadata/objects", names)).json()["data"]["createOneObject"]
    field = {"objectMetadataId": made["id"], "type": "TEXT", "name": "tag", "label": "Tag"}
    tag = (await send(client, "POST", "/metadata/fields", field)).json()["data"]["createOneField"]
    await send(client, "POST", "/batch/boats", [{"id": ADA, "name": "a", "tag": "old"}, {"id": BEN, "name": "old"}])
    async with importing(client):
        found = await imported(client, "/boats/import?match=id", f"id,name,tag\n{ADA},,new\n{BEN},new,\n")
        await send(client, "PATCH", f"/metadata/fields/{tag['id']}", {"name": "mark", "label": "Mark"})
        back = await undone(client, found["id"])
    assert (back["state"], back["undone"], back["kept"]) == ("undone", 1, 1)
    (told,) = back["errors"]
    assert (told["recordId"], told["column"]) == (ADA, "tag")
    assert told["message"] == "The import has changed a field that is not there any more, or has another name now."
