"""Who changed which record, when, with which key and from where."""

from collections.abc import Mapping
from uuid import UUID

import pytest

from rapport.audit.changes import changes
from rapport.base.ids import new_id
from rapport.base.networks import read_network
from rapport.imports.acting import Starter
from rapport.keys.service import create_key
from rapport.store.database import Database
from tests.conftest import Inhabited
from tests.edge.rest.asking import send
from tests.imports.asking import CSV, ended, importing, start
from tests.serving import Client, Tenant, make_tenant, serving

ANN = "20202020-0c28-43d9-b8f7-2b12e84b4d5e"
CREATE = "mutation ($id: UUID!) { createPerson(data: {id: $id}) { id } }"
UPDATE = 'mutation ($id: UUID!) { updatePerson(id: $id, data: {city: "Oslo"}) { id } }'
PROXIES = (read_network("127.0.0.1"),)


def shown(entry: object) -> Mapping[str, object]:
    names = ("action", "who", "address", "details")
    return {name: getattr(entry, name) for name in names}


async def events(client: Client, **wanted: object) -> list[Mapping[str, object]]:
    return [shown(entry) for entry in await changes(client.database, **wanted)]  # type: ignore[arg-type]


def change(action: str, address: str = "127.0.0.1", **details: object) -> Mapping[str, object]:
    return {
        "action": action,
        "who": "key tests",
        "address": address,
        "details": {"object": "person", "recordId": ANN, **details},
    }


async def test_every_way_of_changing_a_record_is_told_with_its_key_and_address(inhabited: Inhabited) -> None:
    async with serving(inhabited.database, inhabited.tenant, trusted_proxies=PROXIES) as client:
        client.headers = {"X-Forwarded-For": "192.0.2.1"}
        await client.data(CREATE, {"id": ANN})
        client.headers = {"X-Forwarded-For": "203.0.113.99, 192.0.2.2"}  # the first is what the caller claims
        await client.data(UPDATE, {"id": ANN})
        key = {"Authorization": f"Bearer {client.tenant.key}"}
        place = f"{client.url}/rest/people/{ANN}"
        patch = {**key, "X-Forwarded-For": "192.0.2.3"}
        assert (await client.http.patch(place, json={"jobTitle": "Chef"}, headers=patch)).status_code == 200
        delete = {**key, "X-Forwarded-For": "2001:db8::1"}
        assert (await client.http.delete(place, headers=delete)).status_code == 200
        assert await events(client) == [
            change("created", "192.0.2.1"),
            change("updated", "192.0.2.2", fields=["city"]),
            change("updated", "192.0.2.3", fields=["jobTitle"]),
            change("deleted", "2001:db8::1"),
        ]


async def test_nobody_but_a_trusted_proxy_speaks_for_others(client: Client) -> None:
    client.headers = {"X-Forwarded-For": "192.0.2.1"}
    await client.data(CREATE, {"id": ANN})
    assert await events(client) == [change("created", "127.0.0.1")]


async def test_an_import_is_told_of_who_started_it_and_from_where(inhabited: Inhabited) -> None:
    async with serving(inhabited.database, inhabited.tenant, trusted_proxies=PROXIES) as client, importing(client):
        headers = {"Content-Type": CSV, "X-Forwarded-For": "192.0.2.5"}
        answer = await send(client, "POST", "/people/import", f"id\n{ANN}\n".encode(), headers=headers)
        found = answer.json()["data"]["import"]
        await ended(client, found["id"])
        await send(client, "POST", f"/imports/{found['id']}/undo", headers={"X-Forwarded-For": "192.0.2.6"})
        await ended(client, found["id"])
        assert await events(client) == [
            change("created", "192.0.2.5", importId=found["id"]),
            change("destroyed", "192.0.2.6", undoneImportId=found["id"]),
        ]


async def test_an_import_is_told_of_who_acted_in_the_name_of_its_starter(inhabited: Inhabited) -> None:
    database, otto, membership = inhabited.database, new_id(), new_id()
    await database.execute('insert into core."user" (id, email) values ($1, $2)', otto, "otto@example.com")
    await database.execute(
        'insert into core."userWorkspace" (id, "userId", "workspaceId") values ($1, $2, $3)',
        membership,
        otto,
        inhabited.tenant.workspace_id,
    )
    async with serving(database, inhabited.tenant) as client:
        found = await start(client, "/people/import", f"id\n{ANN}\n", CSV)
        await database.execute('update core."import" set "impersonatorUserWorkspaceId" = $1', membership)
        async with importing(client):
            await ended(client, found["id"])
    (entry,) = await changes(database)
    assert (entry.action, entry.impersonator_email) == ("created", "otto@example.com")


def test_who_asked_for_a_job_is_read_as_it_was_written() -> None:
    ids = {name: new_id() for name in ("workspace_id", "user_workspace_id", "api_key_id", "impersonator")}
    for starter in (
        Starter(**ids, address="192.0.2.1"),
        Starter(workspace_id=ids["workspace_id"], user_workspace_id=None, api_key_id=None),
    ):
        assert Starter.read(starter.payload()) == starter


@pytest.fixture
async def several(inhabited: Inhabited) -> Client:
    """Two keys in one workspace, and another workspace: three people, one company."""
    database, tenant = inhabited.database, inhabited.tenant
    async with database.transaction() as connection:
        second = await create_key(connection, workspace_id=tenant.workspace_id, name="second")
    other = await make_tenant(database, "Other")
    keyed = Tenant(workspace_id=tenant.workspace_id, schema=tenant.schema, key=second.token)
    async with serving(database, tenant, trusted_proxies=PROXIES) as client:
        for place, each in enumerate((tenant, keyed, other)):
            speaker = client.as_tenant(each)
            speaker.headers = {"X-Forwarded-For": f"192.0.2.{place}"}
            await speaker.data("mutation ($n: String) { createPerson(data: {city: $n}) { id } }", {"n": str(place)})
        await client.data(CREATE.replace("Person", "Company"), {"id": ANN})
    return client


async def test_changes_are_found_by_workspace_object_record_key_and_address(several: Client) -> None:
    database, tenant = several.database, several.tenant

    async def who(**wanted: object) -> list[tuple[str, str | None, object]]:
        found = await changes(database, **wanted)  # type: ignore[arg-type]
        return [(entry.who, entry.address, entry.details["object"]) for entry in found]

    first = ("key tests", "192.0.2.0", "person")
    second = ("key second", "192.0.2.1", "person")
    third = ("key tests", "192.0.2.2", "person")
    company = ("key tests", "127.0.0.1", "company")
    assert await who() == [first, second, third, company]
    assert await who(workspace_id=tenant.workspace_id) == [first, second, company]
    assert await who(object_name="person") == [first, second, third]
    assert await who(record_id=UUID(ANN)) == [company]
    assert await who(key="second") == [second]
    key_id = await database.value('select id from core."apiKey" where name = $1', "second")
    assert await who(key=str(key_id).upper()) == [second]
    assert await who(key="third") == []
    assert await who(address="192.0.2.2") == [third]
    assert await who(actions=["deleted"]) == []
    assert await who(user="nobody@example.com") == []
    assert await who(limit=2) == [third, company]


async def test_a_key_that_is_gone_has_the_name_that_it_had(several: Client) -> None:
    await several.database.execute('delete from core."apiKey" where name = $1', "second")
    found = await changes(several.database, address="192.0.2.1")
    assert [entry.who for entry in found] == ["key second"]


async def test_who_acted_in_anothers_name_is_told_and_found(database: Database) -> None:
    tenant = await make_tenant(database, "Tests")
    users = {name: new_id() for name in ("ines", "otto")}
    memberships = {name: new_id() for name in users}
    for name, user_id in users.items():
        await database.execute('insert into core."user" (id, email) values ($1, $2)', user_id, f"{name}@example.com")
        await database.execute(
            'insert into core."userWorkspace" (id, "userId", "workspaceId") values ($1, $2, $3)',
            memberships[name],
            user_id,
            tenant.workspace_id,
        )
    await database.execute(
        f'insert into {tenant.schema}.event (action, object, "recordId", actor) values '
        "('destroyed', 'person', $1, json_build_object('name', 'I', 'userId', $2::uuid, 'impersonatedBy', $3::uuid))",
        UUID(ANN),
        users["ines"],
        memberships["otto"],
    )
    for wanted in ("ines@example.com", "OTTO@example.com", str(users["otto"])):
        assert [entry.who for entry in await changes(database, user=wanted)] == ["ines@example.com by otto@example.com"]
    assert await changes(database, user="else@example.com") == []


async def test_a_workspace_that_is_just_being_deleted_is_passed_over(several: Client) -> None:
    await several.database.script(f"drop schema {several.tenant.schema} cascade")
    assert [entry.address for entry in await changes(several.database)] == ["192.0.2.2"]
