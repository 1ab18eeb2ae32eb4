"""Who may do what at `/rest/metadata`: what GraphQL allows them, and nothing of another workspace."""

import pytest

from rapport.accounts.tokens import AgnosticClaims, TokenSigner
from rapport.keys.service import create_key
from tests.accounts.people import person
from tests.edge.rest.asking import error, send
from tests.records.roles import role_with
from tests.serving import SECRET, Client, make_tenant

NEW = {"nameSingular": "rocket", "namePlural": "rockets", "labelSingular": "Rocket", "labelPlural": "Rockets"}


async def first(client: Client, kind: str) -> str:
    found: str = (await send(client, "GET", f"/metadata/{kind}?limit=1")).json()["data"][kind][0]["id"]
    return found


async def key_with(client: Client, *flags: str) -> str:
    """The token of an API key with a role that has these permission flags."""
    role = await role_with(client, *flags)
    async with client.database.transaction() as connection:
        key = await create_key(connection, workspace_id=client.tenant.workspace_id, name="Limited", role_id=role)
    return key.token


async def test_writing_needs_the_permission(client: Client) -> None:
    for flags, may in (((), False), (("ROLES", "WORKSPACE"), False), (("DATA_MODEL",), True)):
        token = await key_with(client, *flags)
        assert (await send(client, "GET", "/metadata/objects", token=token)).status_code == 200
        made = await send(client, "POST", "/metadata/objects", NEW, token=token)
        if may:
            assert made.status_code == 201
            continue
        expected = (403, "FORBIDDEN", "Entity performing the request does not have permission")
        assert error(made) == expected
        for kind in ("objects", "fields"):
            one = f"/metadata/{kind}/{await first(client, kind)}"
            for method in ("PATCH", "PUT", "DELETE"):
                assert error(await send(client, method, one, {"icon": "IconX"}, token=token)) == expected


async def test_a_user_without_a_workspace_has_no_data_model(client: Client) -> None:
    ines = await person(client, "ines@example.com")
    token = TokenSigner(SECRET).sign(AgnosticClaims(user_id=ines.user_id)).token

    for method, path in (("GET", "objects"), ("GET", f"objects/{ines.user_id}"), ("POST", "objects")):
        assert error(await send(client, method, f"/metadata/{path}", NEW, token=token))[:2] == (403, "FORBIDDEN")


@pytest.mark.parametrize("kind", ["objects", "fields"])
async def test_what_belongs_to_another_workspace_does_not_exist(client: Client, kind: str) -> None:
    other = client.as_tenant(await make_tenant(client.database, "Other"))
    theirs = f"/metadata/{kind}/{await first(other, kind)}"

    assert (await send(other, "GET", theirs)).status_code == 200
    for method in ("GET", "PATCH", "PUT", "DELETE"):
        assert error(await send(client, method, theirs, {"icon": "IconX"}))[:2] == (404, "NOT_FOUND")
    mine = {each["id"] for each in (await send(client, "GET", f"/metadata/{kind}")).json()["data"][kind]}
    their = {each["id"] for each in (await send(other, "GET", f"/metadata/{kind}")).json()["data"][kind]}
    assert mine.isdisjoint(their)
