"""The operations on a workspace as a whole, over HTTP."""

import asyncio
import time
from typing import Any

import pytest

from tests.accounts.guest import NEW_WORKSPACE, Guest
from tests.accounts.people import Person, anybody, person, refusal
from tests.serving import Client, make_tenant, serving
from tests.users.selections import CURRENT_WORKSPACE
from tests.workspaces.founding import ACTIVATE, founder
from tests.workspaces.hostile import HOSTILE_TEXTS

UPDATE = "mutation ($data: UpdateWorkspaceInput!) { updateWorkspace(data: $data) { id } }"
DELETE = "mutation { deleteCurrentWorkspace { id displayName } }"
PUBLIC = """query ($origin: String) {
  getPublicWorkspaceDataByDomain(origin: $origin) {
    id displayName logo workspaceUrls { subdomainUrl customUrl } authBypassProviders { google microsoft password }
    authProviders { google magicLink microsoft password sso { id name type status issuer } }
  }
}"""
WHO = "{ currentUser { id } }"
PEOPLE = "{ people { edges { node { name { lastName } } } } companies { totalCount } }"
DENIED = ("FORBIDDEN", "PERMISSION_DENIED")

# Of each setting the permission that it demands (system-api.md §12) and a value that is good.
FIELDS: dict[str, tuple[str, Any]] = {
    "subdomain": ("WORKSPACE", "globex"),
    "customDomain": ("WORKSPACE", "crm.globex.org"),
    "displayName": ("WORKSPACE", "Globex"),
    "logo": ("WORKSPACE", "https://example.com/logo.png"),
    "trashRetentionDays": ("WORKSPACE", 30),
    "routerModel": ("WORKSPACE", "auto"),
    "fastModel": ("WORKSPACE", "gpt-4o-mini"),
    "smartModel": ("WORKSPACE", "vendor/model:1"),
    "inviteHash": ("WORKSPACE_MEMBERS", "0197f3f0-0000-7000-8000-00000000c0de"),
    "isPublicInviteLinkEnabled": ("SECURITY", False),
    "allowImpersonation": ("SECURITY", False),
    "isGoogleAuthEnabled": ("SECURITY", False),
    "isGoogleAuthBypassEnabled": ("SECURITY", False),
    "isMicrosoftAuthEnabled": ("SECURITY", False),
    "isMicrosoftAuthBypassEnabled": ("SECURITY", False),
    "isPasswordAuthEnabled": ("SECURITY", False),
    "isPasswordAuthBypassEnabled": ("SECURITY", True),
    "editableProfileFields": ("SECURITY", ["firstName"]),
    "isTwoFactorAuthenticationEnforced": ("SECURITY", True),
    "defaultRoleId": ("ROLES", None),  # made by the test
}


async def member_with_flag(client: Client, flag: str) -> Person:
    """A member whose role grants this flag and nothing else."""
    admin = await person(client, "ada@example.com", is_admin=True)
    found = await person(client, "bo@example.com")
    role = (await admin.client.data('mutation { createOneRole(createRoleInput: {label: "One flag"}) { id } }'))[
        "createOneRole"
    ]["id"]
    await admin.client.data(
        """mutation ($r: UUID!, $f: [PermissionFlagType!]!, $m: UUID!) {
            upsertPermissionFlags(upsertPermissionFlagsInput: {roleId: $r, permissionFlagKeys: $f}) { flag }
            updateWorkspaceMemberRole(roleId: $r, workspaceMemberId: $m) { id }
        }""",
        {"r": role, "f": [flag], "m": str(found.member_id)},
    )
    return found


async def a_role(client: Client) -> str:
    found = await client.database.value(
        "select id from core.role where \"workspaceId\" = $1 and label = 'Member'", client.tenant.workspace_id
    )
    return str(found)


# -- reading -----------------------------------------------------------------------------------------------------


async def test_an_api_key_sees_its_workspace(client: Client) -> None:
    workspace = (await client.data(CURRENT_WORKSPACE))["currentWorkspace"]
    assert workspace["id"] == str(client.tenant.workspace_id)
    assert workspace["databaseSchema"] == client.tenant.schema
    assert (workspace["databaseUrl"], workspace["workspaceUrls"]["subdomainUrl"]) == ("", client.url)
    assert workspace["subdomain"].startswith("tests-")  # the word itself is reserved
    assert (workspace["featureFlags"], workspace["billingEntitlements"]) == ([], [])
    assert workspace["inviteHash"]
    assert (await anybody(client).post(CURRENT_WORKSPACE)).json()["errors"][0]["extensions"][
        "code"
    ] == "UNAUTHENTICATED"


async def test_feature_flags_are_read(client: Client) -> None:
    other = await make_tenant(client.database, "Other")
    for workspace_id, key in (
        (client.tenant.workspace_id, "IS_AI_ENABLED"),
        (other.workspace_id, "IS_FILES_FIELD_ENABLED"),
    ):
        await client.database.execute(
            'insert into core."featureFlag" (id, "workspaceId", key, value) values (gen_random_uuid(), $1, $2, true)',
            workspace_id,
            key,
        )
    flags = (await client.data("{ currentWorkspace { featureFlags { key value } } }"))["currentWorkspace"]
    assert flags == {"featureFlags": [{"key": "IS_AI_ENABLED", "value": True}]}


async def test_no_feature_can_be_switched_yet(client: Client) -> None:
    query = """mutation {
        updateLabPublicFeatureFlag(input: {publicFeatureFlag: "IS_AI_ENABLED", value: true}) { key value }
    }"""
    assert refusal(await client.ask(query)) == ("FORBIDDEN", "FEATURE_FLAG_NOT_PUBLIC")


async def test_the_sign_in_page_learns_what_it_may_offer(client: Client) -> None:
    await client.database.execute("update core.workspace set subdomain = 'acme'")
    for origin in (None, client.url, "http://acme.localhost:3000"):
        found = (await anybody(client).data(PUBLIC, {"origin": origin}))["getPublicWorkspaceDataByDomain"]
        assert found == {
            "id": str(client.tenant.workspace_id),
            "displayName": "Tests",
            "logo": None,
            "workspaceUrls": {"subdomainUrl": client.url, "customUrl": None},
            "authBypassProviders": {"google": False, "microsoft": False, "password": False},
            "authProviders": {"google": False, "magicLink": False, "microsoft": False, "password": True, "sso": []},
        }
    await client.database.execute('update core.workspace set "isPasswordAuthEnabled" = false')
    found = (await anybody(client).data(PUBLIC))["getPublicWorkspaceDataByDomain"]
    assert found["authProviders"]["password"] is False
    unknown = await anybody(client).ask(PUBLIC, {"origin": "http://nobody.localhost"})
    assert refusal(unknown) == ("NOT_FOUND", "WORKSPACE_NOT_FOUND")


@pytest.mark.parametrize("origin", [text for text in HOSTILE_TEXTS if "\ud800" not in text])
async def test_hostile_addresses_are_no_failure(client: Client, origin: str) -> None:
    await make_tenant(client.database, "Other")
    answer = await anybody(client).ask(PUBLIC, {"origin": origin})
    assert refusal(answer)[0] in ("NOT_FOUND", "BAD_USER_INPUT")


# -- activating --------------------------------------------------------------------------------------------------


async def test_activation_gives_a_workspace_that_can_be_used_with_the_same_token(client: Client) -> None:
    guest, token = await founder(client)
    assert "people" in (await guest.ask(PEOPLE, token=token))["errors"][0]["message"]  # no such thing as yet
    workspace = await guest.data(ACTIVATE, {"name": " Acme "}, token=token)
    assert (workspace["displayName"], workspace["activationStatus"]) == ("Acme", "ACTIVE")
    answer = await guest.ask(PEOPLE, token=token)
    names = [edge["node"]["name"]["lastName"] for edge in answer["data"]["people"]["edges"]]
    assert sorted(names) == ["Amodei", "Chesky", "Collison", "Field", "Zhao"]
    assert answer["data"]["companies"]["totalCount"] == 5
    user = await guest.data(
        "{ currentUser { currentUserWorkspace { permissionFlags } workspaceMember { roles { label } } } }", token=token
    )
    assert user["workspaceMember"] == {"roles": [{"label": "Admin"}]}
    assert len(user["currentUserWorkspace"]["permissionFlags"]) == 25
    assert await guest.error(ACTIVATE, {"name": "Acme"}, token=token) == (
        "BAD_USER_INPUT",
        "WORKSPACE_NOT_PENDING_CREATION",
    )


async def test_of_activations_at_once_one_wins(client: Client) -> None:
    guest, token = await founder(client)
    answers = await asyncio.gather(*(guest.ask(ACTIVATE, {"name": f"Name {n}"}, token=token) for n in range(3)))
    assert sorted("errors" in answer for answer in answers) == [False, True, True]
    assert {refusal(answer) for answer in answers if "errors" in answer} == {
        ("BAD_USER_INPUT", "WORKSPACE_NOT_PENDING_CREATION")
    }


@pytest.mark.parametrize("name", [None, "", "  ", "x" * 256, "a\0b", "a\nb", "x" * 1_000_000])
async def test_a_workspace_needs_a_name(client: Client, name: str | None) -> None:
    guest, token = await founder(client)
    assert (await guest.error(ACTIVATE, {"name": name}, token=token))[0] == "BAD_USER_INPUT"
    status = await guest.data("{ currentWorkspace { activationStatus } }", token=token)
    assert status == {"activationStatus": "PENDING_CREATION"}


async def test_only_who_is_in_a_workspace_activates_it(client: Client) -> None:
    guest = Guest(client=client)
    agnostic = await guest.sign_up("new@example.com")
    assert (await guest.error(ACTIVATE, {"name": "Acme"}, token=agnostic))[0] == "FORBIDDEN"
    assert refusal(await client.ask(ACTIVATE, {"name": "Acme"}))[0] == "FORBIDDEN"


async def test_activation_is_fast(client: Client) -> None:
    guest, token = await founder(client)
    started = time.perf_counter()
    await guest.data(ACTIVATE, {"name": "Acme"}, token=token)
    assert time.perf_counter() - started < 2  # a quarter of a second on an idle machine


# -- changing ----------------------------------------------------------------------------------------------------


def test_every_setting_is_in_the_table_of_this_test() -> None:
    from rapport.workspaces.settings import SETTINGS

    assert {name: setting.flag for name, setting in SETTINGS.items()} == {
        name: flag for name, (flag, _) in FIELDS.items()
    }


@pytest.mark.parametrize("flag", ["WORKSPACE", "WORKSPACE_MEMBERS", "SECURITY", "ROLES"])
async def test_every_setting_demands_its_own_permission(client: Client, flag: str) -> None:
    member = await member_with_flag(client, flag)
    role = await a_role(client)
    for name, (needed, good) in FIELDS.items():
        value = role if name == "defaultRoleId" else good
        answer = await member.client.ask(UPDATE, {"data": {name: value}})
        if needed == flag:
            assert "errors" not in answer, (name, answer)
            column = await client.database.value(f'select "{name}" from core.workspace')
            assert str(column) == str(value)
        else:
            assert refusal(answer) == DENIED, name


async def test_one_setting_that_is_denied_denies_all(client: Client) -> None:
    member = await member_with_flag(client, "WORKSPACE")
    data = {"displayName": "Globex", "isPublicInviteLinkEnabled": False}
    assert refusal(await member.client.ask(UPDATE, {"data": data})) == DENIED
    assert await client.database.value('select "displayName" from core.workspace') == "Tests"


async def test_an_api_key_changes_no_settings(client: Client) -> None:
    assert refusal(await client.ask(UPDATE, {"data": {"displayName": "Globex"}}))[0] == "FORBIDDEN"


async def test_nothing_given_changes_nothing(client: Client) -> None:
    member = await person(client, "bo@example.com")
    assert (await member.client.data(UPDATE, {"data": {}}))["updateWorkspace"]["id"] == str(client.tenant.workspace_id)


@pytest.mark.parametrize(
    "data",
    [
        *({"subdomain": value} for value in ("ab", "www", "Has Space", "a" * 31, None, "", "api-x", "a\0bc")),
        *({"customDomain": value} for value in ("nonsense", "a b.example.com", "1.2.3.4", "x" * 300 + ".com",
                                                "https://a.example", "a..b", "-a.example", "ex\0.com", "a.localhost")),
        *({"displayName": value} for value in ("", " ", None, "x" * 256, "a\0")),
        *({"logo": value} for value in ("javascript:alert(1)", "data:text/html,x", "x" * 2_001, "http://[", "\0")),
        *({"trashRetentionDays": value} for value in (-1, 1.5, 1e300, None)),
        *({"inviteHash": value} for value in ("short", None, "x" * 201, "has space in the middle", "\0" * 20)),
        *({"routerModel": value} for value in (None, "", "x" * 201, "a\nb")),
        *({"editableProfileFields": value} for value in (None, ["passwordHash"], ["email"] * 3 + ["x"])),
        *({"isPublicInviteLinkEnabled": value} for value in (None,)),
        *({"defaultRoleId": value} for value in (None, "0197aaaa-0000-7000-8000-000000000000")),
        *({"isGoogleAuthBypassEnabled": True}, {"isMicrosoftAuthBypassEnabled": True}),
    ],
)  # fmt: skip
async def test_bad_settings_are_refused(client: Client, data: dict[str, object]) -> None:
    admin = await person(client, "ada@example.com", is_admin=True)
    before = await client.database.row("select * from core.workspace")
    assert refusal(await admin.client.ask(UPDATE, {"data": data}))[0] == "BAD_USER_INPUT"
    assert await client.database.row("select * from core.workspace") == before


async def test_a_provider_that_the_server_lacks_cannot_be_switched_on(client: Client) -> None:
    admin = await person(client, "ada@example.com", is_admin=True)
    await admin.client.data(UPDATE, {"data": {"isGoogleAuthEnabled": True}})  # it was on
    await admin.client.data(UPDATE, {"data": {"isGoogleAuthEnabled": False}})
    answer = await admin.client.ask(UPDATE, {"data": {"isGoogleAuthEnabled": True}})
    assert refusal(answer) == ("BAD_USER_INPUT", "PROVIDER_NOT_AVAILABLE")
    for value in (False, True):
        await admin.client.data(UPDATE, {"data": {"isPasswordAuthEnabled": value}})


async def test_names_on_the_web_belong_to_one_workspace(client: Client) -> None:
    admin = await person(client, "ada@example.com", is_admin=True)
    await make_tenant(client.database, "Globex")
    await client.database.execute(
        """update core.workspace set "customDomain" = 'crm.globex.org', "inviteHash" = 'a-link-that-is-taken'
           where subdomain = 'globex'"""
    )
    for data, sub_code in (
        ({"subdomain": "globex"}, "SUBDOMAIN_ALREADY_TAKEN"),
        ({"customDomain": "CRM.globex.org."}, "DOMAIN_ALREADY_TAKEN"),
        ({"inviteHash": "a-link-that-is-taken"}, "INVITE_HASH_TAKEN"),
    ):
        assert refusal(await admin.client.ask(UPDATE, {"data": data})) == ("BAD_USER_INPUT", sub_code)


async def test_of_two_workspaces_that_want_a_subdomain_at_once_one_gets_it(client: Client) -> None:
    other = client.as_tenant(await make_tenant(client.database, "Other"))
    admins = [
        await person(client, "ada@example.com", is_admin=True),
        await person(other, "oz@example.com", is_admin=True),
    ]
    answers = await asyncio.gather(*(each.client.ask(UPDATE, {"data": {"subdomain": "prize"}}) for each in admins))
    assert sorted("errors" in answer for answer in answers) == [False, True]
    (refused,) = [answer for answer in answers if "errors" in answer]
    assert refusal(refused) == ("BAD_USER_INPUT", "SUBDOMAIN_ALREADY_TAKEN")


async def test_a_custom_domain_is_kept_and_not_yet_served(client: Client) -> None:
    admin = await person(client, "ada@example.com", is_admin=True)
    query = """mutation ($data: UpdateWorkspaceInput!) {
        updateWorkspace(data: $data) { customDomain isCustomDomainEnabled workspaceUrls { customUrl } }
    }"""
    found = (await admin.client.data(query, {"data": {"customDomain": " CRM.Acme.org "}}))["updateWorkspace"]
    assert found == {
        "customDomain": "crm.acme.org", "isCustomDomainEnabled": False, "workspaceUrls": {"customUrl": None}
    }  # fmt: skip
    found = (await admin.client.data(query, {"data": {"customDomain": None}}))["updateWorkspace"]
    assert found["customDomain"] is None


async def test_a_role_of_another_workspace_or_not_for_users_is_no_default(client: Client) -> None:
    admin = await person(client, "ada@example.com", is_admin=True)
    other = client.as_tenant(await make_tenant(client.database, "Other"))
    expected = ("BAD_USER_INPUT", "DEFAULT_ROLE_NOT_VALID")
    assert refusal(await admin.client.ask(UPDATE, {"data": {"defaultRoleId": await a_role(other)}})) == expected
    made = await admin.client.data(
        'mutation { createOneRole(createRoleInput: {label: "Keys only", canBeAssignedToUsers: false}) { id } }'
    )
    assert refusal(await admin.client.ask(UPDATE, {"data": {"defaultRoleId": made["createOneRole"]["id"]}})) == expected


async def test_what_concerns_security_is_audited_without_secrets(client: Client) -> None:
    admin = await person(client, "ada@example.com", is_admin=True)
    secret = "a-new-link-nobody-guesses"
    await admin.client.data(UPDATE, {"data": {"displayName": "Globex"}})
    await admin.client.data(UPDATE, {"data": {"isPublicInviteLinkEnabled": False, "inviteHash": secret}})
    rows = await client.database.rows(
        """select "userId", details::text from core."auditEntry" where action = 'securitySettingsChanged'"""
    )
    assert [row["userId"] for row in rows] == [admin.user_id]
    assert secret not in rows[0]["details"]
    assert '"isPublicInviteLinkEnabled": false' in rows[0]["details"]


# -- deleting ----------------------------------------------------------------------------------------------------


async def test_a_deleted_workspace_leaves_nothing_but_the_audit(client: Client) -> None:
    admin = await person(client, "ada@example.com", is_admin=True)
    plain = await person(client, "bo@example.com")
    other = await make_tenant(client.database, "Other")
    await client.database.execute(
        'insert into core."userWorkspace" (id, "userId", "workspaceId") values (gen_random_uuid(), $1, $2)',
        plain.user_id,
        other.workspace_id,
    )
    await plain.client.data(WHO)
    await client.data(PEOPLE)
    found = (await admin.client.data(DELETE))["deleteCurrentWorkspace"]
    assert found == {"id": str(client.tenant.workspace_id), "displayName": "Tests"}
    for asking in (admin.client, plain.client, client):
        assert refusal(await asking.ask("{ people { totalCount } }"))[0] in ("UNAUTHENTICATED", "FORBIDDEN")
    database = client.database
    assert await database.value("select count(*) from pg_namespace where nspname = $1", client.tenant.schema) == 0
    for table in ("workspace", "role", "apiKey", "objectMetadata", "roleTarget", "userWorkspace"):
        column = "id" if table == "workspace" else '"workspaceId"'
        left = await database.value(
            f'select count(*) from core."{table}" where {column} = $1', client.tenant.workspace_id
        )
        assert left == 0, table
    users = await database.rows('select email, "deletedAt" is null as lives from core."user" order by email')
    assert [tuple(row) for row in users] == [("ada@example.com", False), ("bo@example.com", True)]
    actions = await database.rows(
        'select action from core."auditEntry" where "workspaceId" = $1', client.tenant.workspace_id
    )
    assert "workspaceDeleted" in [action for (action,) in actions]
    assert "errors" not in await client.as_tenant(other).ask("{ people { totalCount } }")


async def test_who_may_not_change_the_workspace_does_not_delete_it(client: Client) -> None:
    plain = await person(client, "bo@example.com")
    assert refusal(await plain.client.ask(DELETE)) == DENIED
    assert await client.database.value("select count(*) from core.workspace") == 1


async def test_a_workspace_is_deleted_once(client: Client) -> None:
    admins = [await person(client, f"{name}@example.com", is_admin=True) for name in ("ada", "bo")]
    answers = await asyncio.gather(*(each.client.ask(DELETE) for each in admins))
    assert sorted("errors" in answer for answer in answers) == [False, True]
    (refused,) = [answer for answer in answers if "errors" in answer]
    assert refusal(refused)[0] in ("NOT_FOUND", "UNAUTHENTICATED")


async def test_somebody_whose_workspaces_are_all_deleted_at_once_is_deleted(client: Client) -> None:
    other = client.as_tenant(await make_tenant(client.database, "Other"))
    admins = [
        await person(client, "ada@example.com", is_admin=True),
        await person(other, "oz@example.com", is_admin=True),
    ]
    both = await person(client, "bo@example.com")
    await client.database.execute(
        'insert into core."userWorkspace" (id, "userId", "workspaceId") values (gen_random_uuid(), $1, $2)',
        both.user_id,
        other.tenant.workspace_id,
    )
    answers = await asyncio.gather(*(each.client.ask(DELETE) for each in admins))
    assert all("errors" not in answer for answer in answers), answers
    assert await client.database.value('select count(*) from core."user" where "deletedAt" is null') == 0


async def test_one_can_begin_anew_after_deleting_a_workspace(client: Client) -> None:
    guest, token = await founder(client)
    await guest.data(ACTIVATE, {"name": "Acme"}, token=token)
    await guest.data(DELETE, token=token)
    assert (await guest.error(WHO, token=token))[0] == "UNAUTHENTICATED"
    guest, token = await founder(client)  # with the same address
    await guest.data(ACTIVATE, {"name": "Acme"}, token=token)


async def test_with_one_workspace_only_there_is_no_second(client: Client) -> None:
    async with serving(client.database, client.tenant, multiworkspace=False) as single:
        guest = Guest(client=single)
        agnostic = await guest.sign_up("new@example.com")
        assert await guest.error(NEW_WORKSPACE, {"input": {}}, token=agnostic) == ("FORBIDDEN", "SIGNUP_DISABLED")
