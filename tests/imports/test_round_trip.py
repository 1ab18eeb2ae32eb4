"""What one workspace exports another one imports, and has the same records then."""

from rapport.demo.bulk import bulk
from tests.edge.rest.asking import send
from tests.imports.asking import CSV, NDJSON, counts, imported, importing
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
    assert counts(same) == ("done", 40, 0, 40, 0)


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
