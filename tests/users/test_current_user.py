"""`currentUser`: everything of it, for members, for users without a workspace, and never more than one may see."""

import json
import re
from collections.abc import Mapping

import pytest

from rapport.access.principal import Principal
from rapport.access.request import Fields
from rapport.roles.tables import TABLES as ROLE_TABLES
from rapport.system.reading import Tables
from rapport.users.reading import Model, UserReader
from rapport.users.tables import TABLES as USER_TABLES
from rapport.workspaces.domains import Domains
from rapport.workspaces.reading import WorkspaceReader
from rapport.workspaces.tables import tables as workspace_tables
from tests.accounts.guest import NEW_WORKSPACE, Guest
from tests.accounts.people import person, with_token
from tests.serving import Client, make_tenant
from tests.users.selections import CURRENT_USER, MEMBERSHIP, USER

ACTIVATE = 'mutation { activateWorkspace(data: {displayName: "Acme"}) { id displayName activationStatus } }'


async def test_a_member_is_shown_whole(client: Client) -> None:
    admin = await person(client, "ada@example.com", is_admin=True)
    await person(client, "bo@example.com")
    user = (await admin.client.data(CURRENT_USER))["currentUser"]
    workspace_id = str(client.tenant.workspace_id)
    assert (user["id"], user["email"]) == (str(admin.user_id), "ada@example.com")
    assert (user["hasPassword"], user["passwordHash"], user["supportUserHash"]) == (True, None, None)
    assert user["onboardingStatus"] == "COMPLETED"
    assert user["userVars"] == {}
    assert user["workspaceMember"]["id"] == str(admin.member_id)
    assert user["workspaceMember"]["name"] == {"firstName": "ada", "lastName": "Ollier"}
    members = [(each["userEmail"], [role["label"] for role in each["roles"]]) for each in user["workspaceMembers"]]
    assert members == [("ada@example.com", ["Admin"]), ("bo@example.com", ["Member"])]
    assert user["deletedWorkspaceMembers"] == []
    workspace = user["currentWorkspace"]
    assert (workspace["id"], workspace["displayName"], workspace["activationStatus"]) == (
        workspace_id,
        "Tests",
        "ACTIVE",
    )
    assert workspace["workspaceMembersCount"] == 2
    assert workspace["workspaceUrls"] == {"subdomainUrl": client.url, "customUrl": None}
    assert (workspace["metadataVersion"], workspace["trashRetentionDays"]) == (1, 14)
    assert workspace["editableProfileFields"] == ["email", "profilePicture", "firstName", "lastName"]
    assert workspace["defaultRole"]["label"] == "Member"
    assert len(workspace["inviteHash"]) > 20
    (membership,) = user["userWorkspaces"]
    assert membership == user["currentUserWorkspace"]
    assert [each["id"] for each in user["workspaces"]] == [str(admin.user_workspace_id)]
    assert membership["user"] == {"id": str(admin.user_id), "email": "ada@example.com"}
    assert len(membership["permissionFlags"]) == 25
    assert membership["objectsPermissions"] == membership["objectPermissions"]
    assert len(membership["objectsPermissions"]) == 29
    assert all(
        each["canUpdateObjectRecords"] and each["restrictedFields"] == {} for each in membership["objectsPermissions"]
    )
    (available,) = user["availableWorkspaces"]["availableWorkspacesForSignIn"]
    assert available["id"] == workspace_id
    assert re.fullmatch(r"[\w-]+\.[\w-]+\.[\w-]+", available["loginToken"])


async def test_a_user_without_a_workspace_is_shown_without_one(client: Client) -> None:
    guest = Guest(client=client)
    token = await guest.sign_up("new@example.com")
    user = await guest.data(CURRENT_USER, token=token)
    assert user["email"] == "new@example.com"
    for name in ("currentWorkspace", "currentUserWorkspace", "workspaceMember", "workspaceMembers", "onboardingStatus"):
        assert user[name] is None
    assert user["userWorkspaces"] == []
    assert user["availableWorkspaces"] == {"availableWorkspacesForSignIn": [], "availableWorkspacesForSignUp": []}


async def test_signing_up_and_in_show_the_same_user(client: Client) -> None:
    guest = Guest(client=client)
    query = f"""mutation ($email: String!, $password: String!) {{
        signUp(email: $email, password: $password) {{ user {{ {USER} }} tokens {{ accessToken }} }}
    }}"""
    found = await guest.data(query, {"email": "new@example.com", "password": "correct horse"})
    assert found["user"] == await guest.data(CURRENT_USER, token=found["tokens"]["accessToken"])


async def test_the_onboarding_goes_from_step_to_step(client: Client) -> None:
    guest = Guest(client=client)
    agnostic = await guest.sign_up("new@example.com")
    made = await guest.data(NEW_WORKSPACE, {"input": {"displayName": "Acme"}}, token=agnostic)
    token, _ = await guest.enter(made["loginToken"])
    query = "{ currentUser { onboardingStatus userVars workspaceMember { id } workspaceMembers { id } } }"
    user = await guest.data(query, token=token)
    assert (user["onboardingStatus"], user["workspaceMember"]) == ("WORKSPACE_ACTIVATION", None)
    assert (await guest.data(ACTIVATE, token=token))["activationStatus"] == "ACTIVE"
    user = await guest.data(query, token=token)
    assert user["onboardingStatus"] == "PROFILE_CREATION"
    assert user["userVars"]["ONBOARDING_CREATE_PROFILE_PENDING"] is True
    member = user["workspaceMember"]["id"]
    assert user["workspaceMembers"] == [{"id": member}]
    rename = """mutation ($id: UUID!) {
        updateWorkspaceMember(id: $id, data: {name: {firstName: "Inès", lastName: "Ollier"}}) { id }
    }"""
    await guest.data(rename, {"id": member}, token=token)
    user = await guest.data("{ currentUser { onboardingStatus firstName lastName } }", token=token)
    assert user == {"onboardingStatus": "SYNC_EMAIL", "firstName": "Inès", "lastName": "Ollier"}
    created = await guest.data(
        'mutation { createCompany(data: {name: "X"}) { createdBy { name source } } }', token=token
    )
    assert created["createdBy"] == {"name": "Inès Ollier", "source": "MANUAL"}
    assert await guest.data("mutation { skipSyncEmailOnboardingStep { success } }", token=token) == {"success": True}
    assert (await guest.data(query, token=token))["onboardingStatus"] == "INVITE_TEAM"
    await client.database.execute(
        """update core."userVar" set key = 'ONBOARDING_BOOK_ONBOARDING_PENDING' where key like '%INVITE_TEAM%'"""
    )
    assert (await guest.data(query, token=token))["onboardingStatus"] == "BOOK_ONBOARDING"
    assert await guest.data("mutation { skipBookOnboardingStep { success } }", token=token) == {"success": True}
    user = await guest.data(query, token=token)
    assert (user["onboardingStatus"], user["userVars"]) == ("COMPLETED", {})


async def test_what_a_role_takes_away_is_told(client: Client) -> None:
    plain = await person(client, "bo@example.com")
    row = await client.database.row(
        """
        select o.id, f.id from core."objectMetadata" o join core."fieldMetadata" f on f."objectMetadataId" = o.id
        where o."workspaceId" = $1 and o."nameSingular" = 'person' and f.name = 'jobTitle'
        """,
        client.tenant.workspace_id,
    )
    assert row is not None
    person_id, name_id = row
    admin = await person(client, "ada@example.com", is_admin=True)
    role = (
        await admin.client.data(
            """mutation { createOneRole(createRoleInput: {label: "Viewer", canReadAllObjectRecords: true}) { id } }"""
        )
    )["createOneRole"]["id"]
    await admin.client.data(
        """mutation ($r: UUID!, $o: UUID!, $f: UUID!, $m: UUID!) {
            upsertObjectPermissions(upsertObjectPermissionsInput: {roleId: $r, objectPermissions: [
                {objectMetadataId: $o, canReadObjectRecords: true}]}) { objectMetadataId }
            upsertFieldPermissions(upsertFieldPermissionsInput: {roleId: $r, fieldPermissions: [
                {objectMetadataId: $o, fieldMetadataId: $f, canReadFieldValue: false}]}) { id }
            upsertPermissionFlags(upsertPermissionFlagsInput: {roleId: $r, permissionFlagKeys: [VIEWS]}) { flag }
            updateWorkspaceMemberRole(roleId: $r, workspaceMemberId: $m) { id }
        }""",
        {"r": role, "o": str(person_id), "f": str(name_id), "m": str(plain.member_id)},
    )
    membership = (await plain.client.data(f"{{ currentUser {{ currentUserWorkspace {{ {MEMBERSHIP} }} }} }}"))[
        "currentUser"
    ]["currentUserWorkspace"]
    assert membership["permissionFlags"] == ["VIEWS"]
    (permission,) = [each for each in membership["objectsPermissions"] if each["objectMetadataId"] == str(person_id)]
    assert permission["restrictedFields"][str(name_id)] == {"canRead": False, "canUpdate": False}
    assert (permission["canReadObjectRecords"], permission["canUpdateObjectRecords"]) == (True, False)
    assert (await plain.client.data("{ currentWorkspace { inviteHash } }"))["currentWorkspace"] == {"inviteHash": None}


async def test_other_tenants_are_not_shown(client: Client) -> None:
    other = client.as_tenant(await make_tenant(client.database, "Other"))
    await person(other, "oz@example.com", is_admin=True)
    mine = await person(client, "ada@example.com", is_admin=True)
    text = json.dumps(await mine.client.data(CURRENT_USER))
    assert "oz@example.com" not in text
    assert str(other.tenant.workspace_id) not in text


async def test_of_another_workspace_only_what_members_see_is_shown(client: Client) -> None:
    mine = await person(client, "ada@example.com", is_admin=True)
    other = await make_tenant(client.database, "Other")
    await client.database.execute(
        """
        insert into core."userWorkspace" (id, "userId", "workspaceId") values (gen_random_uuid(), $1, $2)
        """,
        mine.user_id,
        other.workspace_id,
    )
    query = f"{{ currentUser {{ userWorkspaces {{ {MEMBERSHIP} workspace {{ id inviteHash }} }} }} }}"
    here, there = (await mine.client.data(query))["currentUser"]["userWorkspaces"]
    assert here["workspace"]["inviteHash"]
    assert there["workspace"] == {"id": str(other.workspace_id), "inviteHash": None}
    assert (there["permissionFlags"], there["objectsPermissions"]) == (None, None)


async def test_api_keys_and_strangers_have_no_user(client: Client) -> None:
    for asking, code in ((client, "FORBIDDEN"), (with_token(client, "nobody"), "UNAUTHENTICATED")):
        answer = await asking.ask("{ currentUser { id } }")
        assert answer.get("data") is None
        assert answer["errors"][0]["extensions"]["code"] == code  # type: ignore[index]


class _NotAsked:
    """What must not be used."""

    async def load(self, principal: Principal) -> Model:
        raise AssertionError(principal)

    async def available(self, principal: Principal) -> Mapping[str, object]:
        raise AssertionError(principal)


async def test_nothing_is_computed_that_was_not_asked_for(client: Client) -> None:
    admin = await person(client, "ada@example.com", is_admin=True)
    principal = Principal(
        workspace_id=client.tenant.workspace_id,
        schema=client.tenant.schema,
        user_id=admin.user_id,
        user_workspace_id=admin.user_workspace_id,
        workspace_member_id=admin.member_id,
    )
    domains = Domains(server_url=client.url)
    tables = Tables(client.database, (*ROLE_TABLES, *workspace_tables(domains), *USER_TABLES))
    reader = UserReader(tables, WorkspaceReader(client.database, tables), _NotAsked(), _NotAsked().available)
    asked: Fields = {"id": {}, "currentUserWorkspace": {"workspace": {"displayName": {}}}}
    assert await reader.caller(principal, asked) == {
        "id": str(admin.user_id),
        "currentUserWorkspace": {"id": str(admin.user_workspace_id), "workspace": {"displayName": "Tests"}},
    }
    with pytest.raises(AssertionError):
        await reader.caller(principal, {"availableWorkspaces": {}})
    with pytest.raises(AssertionError):
        await reader.caller(principal, {"currentUserWorkspace": {"objectsPermissions": {"objectMetadataId": {}}}})
