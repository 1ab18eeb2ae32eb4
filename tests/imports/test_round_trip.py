"""What one workspace exports another one imports, and has the same records then."""

from rapport.demo.bulk import bulk
from tests.edge.rest.asking import error, send
from tests.imports.asking import CSV, NDJSON, counts, imported, importing, post
from tests.serving import Client, make_tenant

_OWN = ("updatedBy", "createdBy")  # who imported it


async def test_an_export_imported_elsewhere_gives_the_same_records(client: Client) -> None:
    for name, data in bulk(20, 40, 20):
        plural = {"company": "companies", "person": "people", "opportunity": "opportunities"}[name]
        answer = await send(client, "POST", f"/batch/{plural}", data)
        assert answer.status_code == 201, answer.text
    odd = {
        "name": 'Say "hi",\r\n\u2028 \\N? =1+1',
        "employees": 0,
        "address": {"addressLat": "0.10", "addressCity": " x "},
    }
    assert (await send(client, "POST", "/companies", odd)).status_code == 201
    other = client.as_tenant(await make_tenant(client.database, "Other"))
    async with importing(client):
        for form, kind in (("csv", CSV), ("ndjson", NDJSON)):
            await _empty(other)
            for plural in ("companies", "people", "opportunities"):
                export = await send(client, "GET", f"/{plural}/export?format={form}&order_by=id")
                assert export.status_code == 200
                found = await imported(other, f"/{plural}/import", export.content, kind)
                assert (found["state"], found["failed"]) == ("done", 0), found["errors"]
                again = await send(other, "GET", f"/{plural}/export?format={form}&order_by=id")
                assert await _records(other, plural) == await _records(client, plural)
                assert len(again.content.splitlines()) == len(export.content.splitlines())
        people = await send(client, "GET", "/people/export?format=csv")
        same = await imported(other, "/people/import?match=id", people.content)
    assert (*counts(same), same["unchanged"]) == ("done", 40, 0, 0, 0, 40)
    answer = await send(other, "POST", f"/imports/{same['id']}/undo")
    assert (answer.status_code, answer.json()["messages"]) == (409, ["There is nothing to undo."])


async def test_links_to_what_another_workspace_does_not_have_are_left_empty_if_that_is_wanted(client: Client) -> None:
    """The recipe of the guide."""
    member = "20000000-0000-4000-8000-000000000001"
    await client.database.execute(
        f'insert into {client.tenant.schema}."workspaceMember" (id, "userId") values ($1::text::uuid, $1::text::uuid)',
        member,
    )
    acme = (await send(client, "POST", "/companies", {"name": "Acme", "accountOwnerId": member})).json()
    acme_id = acme["data"]["createCompany"]["id"]
    await send(client, "POST", "/companies", {"name": "Bolt"})
    await send(client, "POST", "/people", {"firstName": "Ada", "companyId": acme_id})
    other = client.as_tenant(await make_tenant(client.database, "Other"))
    exports = {
        plural: (await send(client, "GET", f"/{plural}/export?format=csv&order_by=createdAt")).content
        for plural in ("companies", "people")
    }
    recipe = "import?match=id&missing_links=empty"
    async with importing(client):
        refused = await imported(other, "/companies/import", exports["companies"])
        await _empty(other)
        tried = await imported(other, f"/companies/{recipe}&dry_run=true&on_error=stop", exports["companies"])
        found = [await imported(other, f"/{plural}/{recipe}", exports[plural]) for plural in exports]
        again = await imported(other, f"/companies/{recipe}", exports["companies"])
        keyed = await imported(
            other,
            "/people/import?missing_links=empty",
            "firstName,company.name\nBen,Acme\nCid,Nobody\nDan,\n",
        )
        lines = await imported(
            other,
            "/people/import?missing_links=empty",
            f'{{"firstName":"Eve","company":{{"name":"Nobody"}}}}\n{{"firstName":"Fay","companyId":"{acme_id}"}}\n'
            f'{{"firstName":"Gus","companyId":"{member}"}}\n{{"firstName":"Hal","companyId":"no id"}}',
            NDJSON,
        )
    assert counts(refused) == ("done", 2, 1, 0, 1)
    for each in (tried, found[0]):
        assert counts(each) == ("done", 2, 2, 0, 0)
        (note,) = each["errors"]
        assert (note["row"], note["column"], note["value"]) == (2, "accountOwnerId", member)
        assert note["message"] == "Left empty: No record with this id."
    assert counts(found[1]) == ("done", 1, 1, 0, 0)
    assert (*counts(again), again["unchanged"]) == ("done", 2, 0, 0, 0, 2)
    assert counts(keyed) == ("done", 3, 3, 0, 0)
    assert [(each["row"], each["column"], each["message"]) for each in keyed["errors"]] == [
        (3, "company.name", "Left empty: Expected 1 record to connect to company, but found 0 for name = Nobody")
    ]
    assert counts(lines) == ("done", 4, 3, 0, 1)
    assert [(each["row"], each["column"]) for each in lines["errors"]] == [
        (1, "company.name"),
        (3, "companyId"),
        (4, "companyId"),
    ]
    people = (await send(other, "GET", "/people?depth=0&order_by=name.firstName")).json()["data"]["people"]
    assert [each["companyId"] for each in people] == [acme_id, acme_id, None, None, None, acme_id, None]
    assert error(await post(other, "/people/import?missing_links=maybe", "firstName\nAda\n"))[0] == 400


async def _records(client: Client, plural: str) -> list[dict[str, object]]:
    answer = await send(client, "GET", f"/{plural}?depth=0&limit=200&order_by=id")
    return [{name: _plain(each[name]) for name in each if name not in _OWN} for each in answer.json()["data"][plural]]


def _plain(value: object) -> object:
    """'' and null are one value to a reader of CSV."""
    if isinstance(value, dict):
        return {name: _plain(each) for name, each in value.items()}
    return None if value == "" else value


async def _empty(client: Client) -> None:
    for table in ("opportunity", "person", "company"):
        await client.database.execute(f"delete from {client.tenant.schema}.{table}")
