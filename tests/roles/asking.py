"""Asking about roles over HTTP, as an admin, as a member, and as an API key."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

import httpx

from rapport.keys.service import create_key
from rapport.roles.assigning import admin_role, assign_to_member
from tests.records.member import member
from tests.serving import Client

Fault = tuple[str, str | None]

CREATE = "mutation($i: CreateRoleInput!) { createOneRole(createRoleInput: $i) { id label } }"
READING: Mapping[str, Any] = {"canReadAllObjectRecords": True}
EVERYTHING: Mapping[str, Any] = {
    "canReadAllObjectRecords": True,
    "canUpdateAllObjectRecords": True,
    "canSoftDeleteAllObjectRecords": True,
    "canDestroyAllObjectRecords": True,
}


async def fault(client: Client, query: str, variables: Mapping[str, object] | None = None) -> Fault:
    """Code and sub code of the only error of an answer."""
    answer = await client.ask(query, variables)
    assert "errors" in answer, answer
    errors = answer["errors"]
    assert isinstance(errors, list)
    (error,) = errors
    extensions = error["extensions"]
    return extensions["code"], extensions.get("subCode")


async def role(client: Client, label: str = "Viewer", **settings: object) -> str:
    """The id of a new role."""
    made = await client.data(CREATE, {"i": {"label": label, **settings}})
    found: str = made["createOneRole"]["id"]
    return found


async def roles(client: Client, fields: str = "id label") -> list[dict[str, object]]:
    found: list[dict[str, object]] = (await client.data(f"{{ getRoles {{ {fields} }} }}"))["getRoles"]
    return found


async def role_named(client: Client, label: str, fields: str = "id") -> dict[str, object]:
    (found,) = [each for each in await roles(client, f"label {fields}") if each["label"] == label]
    return found


async def person(client: Client, email: str, *, role_id: UUID | str | None = None) -> tuple[Client, UUID]:
    """A new member, with a role other than the default one if it is given, and the id of their record."""
    found, member_id = await member(client, email=email)
    if role_id is not None:
        await give(client, member_id, UUID(str(role_id)))
    return found, member_id


async def admin(client: Client, email: str = "ada@example.com") -> tuple[Client, UUID]:
    async with client.database.transaction() as connection:
        role_id = await admin_role(connection, client.tenant.workspace_id)
    return await person(client, email, role_id=role_id)


async def give(client: Client, member_id: UUID, role_id: UUID) -> None:
    """Gives a member a role behind the server's back: before they have asked for anything."""
    async with client.database.transaction() as connection:
        membership = await connection.value(
            'select id from core."userWorkspace" where "workspaceMemberId" = $1', member_id
        )
        assert isinstance(membership, UUID)
        await assign_to_member(
            connection, workspace_id=client.tenant.workspace_id, role_id=role_id, user_workspace_id=membership
        )


async def key(client: Client, role_id: UUID | str, *, name: str = "a key") -> tuple[Client, UUID]:
    """A client with a new API key of the role, and the key's id."""
    async with client.database.transaction() as connection:
        made = await create_key(
            connection, workspace_id=client.tenant.workspace_id, name=name, role_id=UUID(str(role_id))
        )
    return client.as_tenant(replace(client.tenant, key=made.token)), made.id


async def object_id(client: Client, name: str) -> str:
    found = await client.database.value(
        'select id from core."objectMetadata" where "workspaceId" = $1 and "nameSingular" = $2',
        client.tenant.workspace_id,
        name,
    )
    assert found is not None
    return str(found)


async def field_id(client: Client, path: str) -> str:
    """Of `person.city`."""
    name, field = path.split(".")
    found = await client.database.value(
        'select id from core."fieldMetadata" where "objectMetadataId" = $1 and name = $2',
        UUID(await object_id(client, name)),
        field,
    )
    assert found is not None
    return str(found)


async def at_metadata(client: Client, query: str, variables: Mapping[str, object]) -> httpx.Response:
    """The same at the other endpoint."""
    return await client.http.post(
        f"{client.url}/metadata",
        json={"query": query, "variables": dict(variables)},
        headers={"Authorization": f"Bearer {client.tenant.key}"},
    )
