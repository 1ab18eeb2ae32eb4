"""Roles: reading, making, changing and deleting them."""

import json
from uuid import UUID

import pytest

from rapport.base.ids import new_id
from tests.roles.asking import CREATE, EVERYTHING, READING, at_metadata, fault, key, person, role, role_named, roles
from tests.serving import Client, make_tenant

SETTINGS = """
    label description icon isEditable canUpdateAllSettings canAccessAllTools canReadAllObjectRecords
    canUpdateAllObjectRecords canSoftDeleteAllObjectRecords canDestroyAllObjectRecords canBeAssignedToUsers
    canBeAssignedToAgents canBeAssignedToApiKeys
"""
UPDATE = "mutation($id: UUID!, $u: UpdateRolePayload!) { updateOneRole(updateRoleInput: {id: $id, update: $u}) { id } }"
DELETE = "mutation($id: UUID!) { deleteOneRole(roleId: $id) }"

NOT_FOUND = ("NOT_FOUND", "ROLE_NOT_FOUND")


async def test_a_workspace_begins_with_admin_and_member(client: Client) -> None:
    admin, member = await roles(client, f"standardId universalIdentifier agents {{ id }} {SETTINGS}")
    everything = dict.fromkeys(
        (
            "canUpdateAllSettings",
            "canAccessAllTools",
            "canReadAllObjectRecords",
            "canUpdateAllObjectRecords",
            "canSoftDeleteAllObjectRecords",
            "canDestroyAllObjectRecords",
            "canBeAssignedToUsers",
            "canBeAssignedToAgents",
            "canBeAssignedToApiKeys",
        ),
        True,
    )
    assert admin == {
        **everything,
        "standardId": "20202020-0001-0001-0001-000000000001",
        "universalIdentifier": "20202020-0001-0001-0001-000000000001",
        "agents": [],
        "label": "Admin",
        "description": "Admin role",
        "icon": "IconUserCog",
        "isEditable": False,
        "canBeAssignedToAgents": False,
    }
    assert member == {
        **everything,
        "standardId": "20202020-0001-0001-0001-000000000002",
        "universalIdentifier": "20202020-0001-0001-0001-000000000002",
        "agents": [],
        "label": "Member",
        "description": "Member role",
        "icon": "IconUser",
        "isEditable": True,
        "canUpdateAllSettings": False,
    }


async def test_a_role_is_made_as_it_was_recorded(client: Client) -> None:
    query = f"mutation($i:CreateRoleInput!){{createOneRole(createRoleInput:$i){{{SETTINGS}}}}}"
    given = {
        "label": "Viewer",
        "description": "read only",
        "icon": "IconEye",
        "canReadAllObjectRecords": True,
        "canUpdateAllObjectRecords": False,
        "canSoftDeleteAllObjectRecords": False,
        "canDestroyAllObjectRecords": False,
        "canBeAssignedToApiKeys": True,
        "canBeAssignedToUsers": True,
    }
    made = (await at_metadata(client, query, {"i": given})).json()
    assert made == {
        "data": {
            "createOneRole": {
                **given,
                "isEditable": True,
                "canUpdateAllSettings": False,
                "canAccessAllTools": False,
                "canBeAssignedToAgents": True,
            }
        }
    }


async def test_a_role_may_be_given_as_input_and_with_an_id(client: Client) -> None:
    own = str(new_id())
    made = await client.data(
        "mutation($i: CreateRoleInput!) { createOneRole(input: $i) { id label canReadAllObjectRecords } }",
        {"i": {"id": own, "label": "  Guest "}},
    )
    assert made["createOneRole"] == {"id": own, "label": "Guest", "canReadAllObjectRecords": False}
    again = {"i": {"id": own, "label": "Another"}}
    assert await fault(client, CREATE, again) == ("BAD_USER_INPUT", "DUPLICATE_ENTRY_DETECTED")


@pytest.mark.parametrize(
    ("given", "sub_code"),
    [
        ({"label": ""}, "INVALID_ARG"),
        ({"label": " \t "}, "INVALID_ARG"),
        ({"label": "a\u0000b"}, "INVALID_ARG"),
        ({"label": "a\nb"}, "INVALID_ARG"),
        ({"label": "x" * 101}, "INVALID_ARG"),
        ({"label": "x", "description": "x" * 5001}, "INVALID_ARG"),
        ({"label": "x", "description": "\u0007"}, "INVALID_ARG"),
        ({"label": "x", "icon": "x" * 101}, "INVALID_ARG"),
        ({"label": "x", "id": "1"}, "INVALID_ARG"),
        (
            {
                "label": "x",
                "canBeAssignedToUsers": False,
                "canBeAssignedToAgents": False,
                "canBeAssignedToApiKeys": False,
            },
            "INVALID_ARG",
        ),
        ({"label": "Admin"}, "ROLE_LABEL_ALREADY_EXISTS"),
        ({"label": " Member"}, "ROLE_LABEL_ALREADY_EXISTS"),
        (
            {"label": "x", "canUpdateAllObjectRecords": True},
            "CANNOT_GIVE_WRITING_PERMISSION_WITHOUT_READING_PERMISSION",
        ),
        (
            {"label": "x", "canSoftDeleteAllObjectRecords": True},
            "CANNOT_GIVE_WRITING_PERMISSION_WITHOUT_READING_PERMISSION",
        ),
        (
            {"label": "x", "canDestroyAllObjectRecords": True},
            "CANNOT_GIVE_WRITING_PERMISSION_WITHOUT_READING_PERMISSION",
        ),
    ],
)
async def test_roles_that_make_no_sense_are_refused(client: Client, given: dict[str, object], sub_code: str) -> None:
    assert await fault(client, CREATE, {"i": given}) == ("BAD_USER_INPUT", sub_code)
    assert len(await roles(client)) == 2


async def test_half_a_character_is_no_label(client: Client) -> None:
    body = json.dumps({"query": CREATE, "variables": {"i": {"label": "\ud800"}}})  # as an escape, which JSON allows
    headers = {"Authorization": f"Bearer {client.tenant.key}", "Content-Type": "application/json"}
    answer = (await client.http.post(f"{client.url}/graphql", content=body, headers=headers)).json()
    (error,) = answer["errors"]
    assert error["extensions"]["code"] == "BAD_USER_INPUT"
    assert len(await roles(client)) == 2


async def test_a_description_may_have_lines(client: Client) -> None:
    assert await role(client, description="one\ntwo", icon=None)


async def test_a_role_is_given_once(client: Client) -> None:
    twice = 'mutation { createOneRole(createRoleInput: {label: "a"}, input: {label: "b"}) { id } }'
    assert await fault(client, twice) == ("BAD_USER_INPUT", "ARGS_CONFLICT")
    assert await fault(client, "mutation { createOneRole { id } }") == ("BAD_USER_INPUT", "INVALID_ARGS_DATA")
    assert await fault(client, "mutation { deleteOneRole }") == ("BAD_USER_INPUT", "INVALID_ARGS_DATA")
    assert await fault(client, "mutation { updateOneRole { id } }") == ("BAD_USER_INPUT", "INVALID_ARGS_DATA")


async def test_what_is_absent_in_an_update_stays(client: Client) -> None:
    role_id = await role(client, description="old", **EVERYTHING)
    update = f"mutation($i: UpdateRoleInput!) {{ updateOneRole(input: $i) {{ {SETTINGS} }} }}"
    before = await role_named(client, "Viewer", SETTINGS)
    changed = await client.data(update, {"i": {"id": role_id, "update": {"canDestroyAllObjectRecords": False}}})
    assert changed["updateOneRole"] == {**before, "canDestroyAllObjectRecords": False}
    texts = {"label": "Reader", "description": None, "icon": "IconBook", "canReadAllObjectRecords": None}
    changed = await client.data(update, {"i": {"id": role_id, "update": texts}})
    assert changed["updateOneRole"] == {
        **before,
        "canDestroyAllObjectRecords": False,
        "label": "Reader",
        "description": None,
        "icon": "IconBook",
    }


async def test_an_update_is_checked_together_with_what_stays(client: Client) -> None:
    role_id = await role(client, **EVERYTHING)
    writing = ("BAD_USER_INPUT", "CANNOT_GIVE_WRITING_PERMISSION_WITHOUT_READING_PERMISSION")
    unread = {"id": role_id, "u": {"canReadAllObjectRecords": False}}
    assert await fault(client, UPDATE, unread) == writing
    taken = {"id": role_id, "u": {"label": "Member"}}
    assert await fault(client, UPDATE, taken) == ("BAD_USER_INPUT", "ROLE_LABEL_ALREADY_EXISTS")
    assert await fault(client, UPDATE, {"id": role_id, "u": {"label": None}}) == ("BAD_USER_INPUT", "INVALID_ARG")
    await client.data(UPDATE, {"id": role_id, "u": {"label": "Viewer"}})  # its own label is no other one


async def test_a_role_that_is_not_editable_stays_as_it_is(client: Client) -> None:
    admin = (await role_named(client, "Admin"))["id"]
    refused = ("FORBIDDEN", "ROLE_NOT_EDITABLE")
    assert await fault(client, UPDATE, {"id": admin, "u": {"label": "Root"}}) == refused
    assert await fault(client, DELETE, {"id": admin}) == refused


async def test_the_default_role_stays_and_can_be_given_to_users(client: Client) -> None:
    default = (await role_named(client, "Member"))["id"]
    assert await fault(client, DELETE, {"id": default}) == ("FORBIDDEN", "DEFAULT_ROLE_CANNOT_BE_DELETED")
    unfit = {"id": default, "u": {"canBeAssignedToUsers": False}}
    assert await fault(client, UPDATE, unfit) == ("BAD_USER_INPUT", "DEFAULT_ROLE_MUST_BE_ASSIGNABLE_TO_USERS")


async def test_the_members_of_a_deleted_role_get_the_default_one(client: Client) -> None:
    role_id = await role(client)
    mary, member_id = await person(client, "mary@example.com", role_id=role_id)
    assert (await client.data(DELETE, {"id": role_id})) == {"deleteOneRole": role_id}
    default = await role_named(client, "Member", "workspaceMembers { id userEmail }")
    assert default["workspaceMembers"] == [{"id": str(member_id), "userEmail": "mary@example.com"}]
    assert [each["label"] for each in await roles(client)] == ["Admin", "Member"]
    assert await mary.data("{ people { totalCount } }") == {"people": {"totalCount": 0}}


async def test_a_role_is_deleted_by_its_id_too(client: Client) -> None:
    role_id = await role(client)
    query = "mutation($id: UUID!) { deleteOneRole(id: $id) }"
    assert (await client.data(query, {"id": role_id})) == {"deleteOneRole": role_id}
    assert await fault(client, query, {"id": role_id}) == NOT_FOUND


async def test_keys_gain_nothing_when_their_role_is_deleted(client: Client) -> None:
    role_id = await role(client, **READING)
    reader, key_id = await key(client, role_id)
    assert await fault(client, DELETE, {"id": role_id}) == ("BAD_USER_INPUT", "ROLE_HAS_API_KEYS")
    assert await reader.data("{ people { totalCount } }") == {"people": {"totalCount": 0}}
    await client.database.execute('update core."apiKey" set "revokedAt" = now() where id = $1', key_id)
    await client.data(DELETE, {"id": role_id})


async def test_roles_of_other_workspaces_do_not_exist(client: Client) -> None:
    other = client.as_tenant(await make_tenant(client.database, "Other"))
    theirs = await role(other, "Theirs")
    assert await fault(client, UPDATE, {"id": theirs, "u": {"label": "Mine"}}) == NOT_FOUND
    assert await fault(client, DELETE, {"id": theirs}) == NOT_FOUND
    taken = {"i": {"id": theirs, "label": "Mine"}}
    assert await fault(client, CREATE, taken) == ("BAD_USER_INPUT", "DUPLICATE_ENTRY_DETECTED")
    assert "Theirs" not in [each["label"] for each in await roles(client)]
    await role(client, "Theirs")  # labels are unique in a workspace only
    assert await fault(client, DELETE, {"id": str(new_id())}) == NOT_FOUND


async def test_ids_that_are_none_are_refused_before_anything_is_done(client: Client) -> None:
    answer = await client.ask(DELETE, {"id": "1 or true"})
    assert "data" not in answer
    answer = await client.ask('mutation { deleteOneRole(roleId: "x") }')
    assert "data" not in answer


async def test_reading_and_changing_roles_needs_the_flag(client: Client) -> None:
    mary, _ = await person(client, "mary@example.com")
    role_id = await role(client)
    denied = ("FORBIDDEN", "PERMISSION_DENIED")
    assert await fault(mary, "{ getRoles { id } }") == denied
    assert await fault(mary, CREATE, {"i": {"label": "x"}}) == denied
    assert await fault(mary, UPDATE, {"id": role_id, "u": {"label": "x"}}) == denied
    assert await fault(mary, DELETE, {"id": role_id}) == denied


async def test_getting_roles_shows_who_has_them(client: Client) -> None:
    role_id = await role(client, **READING)
    _, key_id = await key(client, role_id, name="Sync")
    _, member_id = await person(client, "mary@example.com", role_id=role_id)
    found = await role_named(
        client,
        "Viewer",
        """
        workspaceMembers {
            id name { firstName lastName } userEmail colorScheme locale avatarUrl calendarStartDay timeZone dateFormat
            timeFormat numberFormat userWorkspaceId roles { id label }
        }
        apiKeys { id name expiresAt revokedAt }
        """,
    )
    members = found["workspaceMembers"]
    assert isinstance(members, list)
    (mary,) = members
    assert UUID(mary.pop("userWorkspaceId")) != member_id
    assert mary == {
        "id": str(member_id),
        "name": {"firstName": "Inès", "lastName": "Ollier"},
        "userEmail": "mary@example.com",
        "colorScheme": "System",
        "locale": "en",
        "avatarUrl": None,
        "calendarStartDay": 7,
        "timeZone": "system",
        "dateFormat": "SYSTEM",
        "timeFormat": "SYSTEM",
        "numberFormat": "SYSTEM",
        "roles": [{"id": role_id, "label": "Viewer"}],
    }
    assert found["apiKeys"] == [
        {"id": str(key_id), "name": "Sync", "expiresAt": "9999-12-31T23:59:59.999Z", "revokedAt": None}
    ]


async def test_each_change_of_roles_is_in_the_audit_log(client: Client) -> None:
    role_id = await role(client)
    await client.data(UPDATE, {"id": role_id, "u": {"label": "Reader"}})
    await client.data(DELETE, {"id": role_id})
    await fault(client, DELETE, {"id": role_id})  # what is refused is no change
    rows = await client.database.rows('select action from core."auditEntry" order by "createdAt", id')
    assert [row["action"] for row in rows] == ["roleCreated", "roleUpdated", "roleDeleted"]
