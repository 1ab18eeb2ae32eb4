"""What the public link shows to those who are not in the workspace, over HTTP."""

import pytest

from tests.invitations.people import error_of
from tests.serving import Client, make_tenant

VALID = "query ($hash: String!) { checkWorkspaceInviteHashIsValid(inviteHash: $hash) { isValid } }"
WORKSPACE = """query ($hash: String!) { findWorkspaceFromInviteHash(inviteHash: $hash) {
  id displayName logo allowImpersonation inviteHash isPublicInviteLinkEnabled activationStatus isGoogleAuthEnabled
  isMicrosoftAuthEnabled isPasswordAuthEnabled workspaceUrls { subdomainUrl customUrl } __typename
} }"""


async def ask(client: Client, query: str, invite_hash: object) -> dict[str, object]:
    """As nobody."""
    answer = await client.http.post(f"{client.url}/graphql", json={"query": query, "variables": {"hash": invite_hash}})
    found: dict[str, object] = answer.json()
    return found


async def hash_of(client: Client) -> str:
    found = await client.database.value(
        'select "inviteHash" from core.workspace where id = $1', client.tenant.workspace_id
    )
    assert isinstance(found, str)
    return found


async def test_everybody_may_ask_whether_a_link_is_one(client: Client) -> None:
    yes, no = ({"data": {"checkWorkspaceInviteHashIsValid": {"isValid": valid}}} for valid in (True, False))
    invite_hash = await hash_of(client)
    assert await ask(client, VALID, invite_hash) == yes
    for wrong in ("", "x", invite_hash + " ", "%", "'", "\x00", "x" * 90_000, "\u202e"):
        assert await ask(client, VALID, wrong) == no


async def test_a_link_shows_what_the_page_of_an_invitation_needs(client: Client) -> None:
    invite_hash = await hash_of(client)
    expected = {
        "id": str(client.tenant.workspace_id),
        "displayName": "Tests",
        "logo": None,
        "allowImpersonation": True,
        "inviteHash": invite_hash,
        "isPublicInviteLinkEnabled": True,
        "activationStatus": "ACTIVE",
        "isGoogleAuthEnabled": True,
        "isMicrosoftAuthEnabled": True,
        "isPasswordAuthEnabled": True,
        "workspaceUrls": {"subdomainUrl": client.url, "customUrl": None},
        "__typename": "Workspace",
    }
    assert await ask(client, WORKSPACE, invite_hash) == {"data": {"findWorkspaceFromInviteHash": expected}}
    # Personal invitations have the hash in their links, too: it is shown although it opens nothing alone.
    await client.database.execute('update core.workspace set "isPublicInviteLinkEnabled" = false')
    shown = await ask(client, WORKSPACE, invite_hash)
    assert shown == {"data": {"findWorkspaceFromInviteHash": {**expected, "isPublicInviteLinkEnabled": False}}}


async def test_a_hash_that_is_none_is_not_found(client: Client) -> None:
    for wrong in ("", "x", "\x00", "x" * 90_000):
        found = error_of(await ask(client, WORKSPACE, wrong))
        assert found == ("NOT_FOUND", "WORKSPACE_NOT_FOUND", "Workspace not found")


@pytest.mark.parametrize("field", ["databaseSchema", "databaseUrl", "workspaceMembersCount", "metadataVersion",
                                   "defaultRole { id }", "trashRetentionDays"])  # fmt: skip
async def test_the_rest_of_a_workspace_is_hidden(client: Client, field: str) -> None:
    query = "query ($hash: String!) { findWorkspaceFromInviteHash(inviteHash: $hash) { id ...F } }"
    query += f" fragment F on Workspace {{ hidden: {field} }}"
    code, sub_code, message = error_of(await ask(client, query, await hash_of(client)))
    assert (code, sub_code) == ("FORBIDDEN", "PERMISSION_DENIED")
    assert field.split()[0] in str(message)


async def test_no_two_workspaces_share_a_link(client: Client) -> None:
    other = client.as_tenant(await make_tenant(client.database, "Other"))
    assert await hash_of(client) != await hash_of(other)
    shown = await ask(client, WORKSPACE, await hash_of(other))
    assert shown["data"]["findWorkspaceFromInviteHash"]["displayName"] == "Other"  # type: ignore[index]
