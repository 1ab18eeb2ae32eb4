"""A workspace that waits for its activation has no records: what asks for them answers, and does not fail."""

import pytest

from tests.accounts.people import with_token
from tests.serving import Client
from tests.users.selections import CURRENT_USER, CURRENT_WORKSPACE
from tests.workspaces.founding import founder


@pytest.mark.parametrize(
    "query",
    [
        CURRENT_USER,
        CURRENT_WORKSPACE,
        "{ getRoles { id label workspaceMembers { id } } }",
        'mutation { createOneRole(createRoleInput: {label: "Viewer"}) { id workspaceMembers { id } } }',
        '{ search(searchInput: "a", limit: 3) { edges { node { recordId } } } }',
        "{ findWorkspaceInvitations { id } apiKeys { id } }",
        "{ __schema { queryType { fields { name } } } }",
        'mutation { updateWorkspace(data: {displayName: "Soon"}) { id displayName } }',
    ],
)
async def test_reading_and_changing_what_is_there_works(client: Client, query: str) -> None:
    guest, token = await founder(client)
    answer = await guest.ask(query, token=token)
    assert "errors" not in answer, answer["errors"]


async def test_an_api_key_finds_no_records_there(client: Client) -> None:
    guest, token = await founder(client)
    workspace = await guest.data("{ currentWorkspace { id defaultRole { id } } }", token=token)
    made = await guest.data(
        """mutation ($role: UUID!) {
            createApiKey(input: {name: "CI", expiresAt: "2126-01-01T00:00:00Z", roleId: $role}) { id }
        }""",
        {"role": workspace["defaultRole"]["id"]},
        token=token,
    )
    key = await guest.data(
        'mutation ($id: UUID!) { generateApiKeyToken(apiKeyId: $id, expiresAt: "2126-01-01T00:00:00Z") { token } }',
        {"id": made["id"]},
        token=token,
    )
    found = await with_token(client, key["token"]).data("{ currentWorkspace { id activationStatus } }")
    assert found["currentWorkspace"] == {"id": workspace["id"], "activationStatus": "PENDING_CREATION"}


async def test_strangers_introspect_a_schema_without_records(client: Client) -> None:
    guest, token = await founder(client)
    kinds = await guest.data("{ __schema { queryType { fields { name } } } }", token=token)
    names = {field["name"] for field in kinds["queryType"]["fields"]}
    assert "currentUser" in names
    assert "people" not in names
