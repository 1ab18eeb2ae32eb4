"""Giving roles to members, API keys and agents."""

import asyncio
from uuid import UUID

from rapport.base.ids import new_id
from rapport.roles.assigning import lock_roles
from tests.roles.asking import EVERYTHING, READING, admin, fault, key, person, role, role_named
from tests.roles.test_permissions import FLAG
from tests.serving import Client, make_tenant

GIVE = """
mutation($m: UUID!, $r: UUID!) {
    updateWorkspaceMemberRole(workspaceMemberId: $m, roleId: $r) { id name { firstName } roles { id label } }
}
"""
GIVE_KEY = "mutation($k: UUID!, $r: UUID!) { assignRoleToApiKey(apiKeyId: $k, roleId: $r) }"

ROLE_NOT_FOUND = ("NOT_FOUND", "ROLE_NOT_FOUND")
MEMBER_NOT_FOUND = ("NOT_FOUND", "WORKSPACE_MEMBER_NOT_FOUND")
LAST_ADMIN = ("FORBIDDEN", "CANNOT_UNASSIGN_LAST_ADMIN")


async def standard(client: Client, label: str) -> str:
    return str((await role_named(client, label))["id"])


async def test_a_member_gets_another_role_and_acts_by_it_at_once(client: Client) -> None:
    ada, _ = await admin(client)
    mary, member_id = await person(client, "mary@example.com")
    assert await fault(mary, "{ getRoles { id } }") == ("FORBIDDEN", "PERMISSION_DENIED")
    given = await ada.data(GIVE, {"m": str(member_id), "r": await standard(client, "Admin")})
    assert given["updateWorkspaceMemberRole"] == {
        "id": str(member_id),
        "name": {"firstName": "Inès"},
        "roles": [{"id": await standard(client, "Admin"), "label": "Admin"}],
    }
    assert "getRoles" in await mary.data("{ getRoles { id } }")
    await ada.data(GIVE, {"m": str(member_id), "r": await standard(client, "Member")})
    assert await fault(mary, "{ getRoles { id } }") == ("FORBIDDEN", "PERMISSION_DENIED")


async def test_a_change_of_rights_holds_for_the_next_request(client: Client) -> None:
    role_id = await role(client, **EVERYTHING)
    writer, _ = await key(client, role_id)
    create = "mutation { createPerson(data: {}) { id } }"
    await writer.data(create)
    await client.data(
        "mutation($id: UUID!) { updateOneRole(input: {id: $id, update: {canUpdateAllObjectRecords: false}}) { id } }",
        {"id": role_id},
    )
    assert await fault(writer, create) == ("FORBIDDEN", "PERMISSION_DENIED")


async def test_nobody_changes_their_own_role(client: Client) -> None:
    ada, member_id = await admin(client)
    await admin(client, "another@example.com")
    for label in ("Member", "Admin"):
        given = {"m": str(member_id), "r": await standard(client, label)}
        assert await fault(ada, GIVE, given) == ("FORBIDDEN", "CANNOT_UPDATE_SELF_ROLE")


async def test_an_api_key_gives_no_roles_to_members(client: Client) -> None:
    _, member_id = await person(client, "mary@example.com")
    given = {"m": str(member_id), "r": await standard(client, "Admin")}
    assert (await fault(client, GIVE, given))[0] == "FORBIDDEN"


async def test_the_last_admin_stays_one(client: Client) -> None:
    _, ada = await admin(client)
    steward = await role(client, "Steward", canUpdateAllSettings=True)
    sam, _ = await person(client, "sam@example.com", role_id=steward)
    member = await standard(client, "Member")
    assert await fault(sam, GIVE, {"m": str(ada), "r": member}) == LAST_ADMIN
    _, second = await admin(client, "second@example.com")
    await client.database.execute('update core."user" set disabled = true where email = $1', "second@example.com")
    assert await fault(sam, GIVE, {"m": str(ada), "r": member}) == LAST_ADMIN  # the other one cannot sign in
    await sam.data(GIVE, {"m": str(second), "r": member})
    assert await fault(sam, GIVE, {"m": str(ada), "r": member}) == LAST_ADMIN
    await sam.data(GIVE, {"m": str(ada), "r": await standard(client, "Admin")})  # which changes nothing


async def test_two_admins_cannot_unseat_one_another_at_once(client: Client) -> None:
    member = await standard(client, "Member")
    for number in range(5):
        (ada, ada_id), (bea, bea_id) = [await admin(client, f"{name}{number}@example.com") for name in ("ada", "bea")]
        answers = await asyncio.gather(
            ada.ask(GIVE, {"m": str(bea_id), "r": member}), bea.ask(GIVE, {"m": str(ada_id), "r": member})
        )
        failed = [answer for answer in answers if "errors" in answer]
        assert len(failed) == 1, answers
        admins = (await role_named(client, "Admin", "workspaceMembers { id }"))["workspaceMembers"]
        assert isinstance(admins, list)
        assert len(admins) == 1
        await client.database.execute('delete from core."roleTarget" where "userWorkspaceId" is not null')


async def test_demotions_by_others_wait_for_one_another(client: Client) -> None:
    """Both see two admins when they begin: only the lock keeps the second from unseating the last."""
    steward = await role(client, "Steward", canUpdateAllSettings=True)
    (sam, _), (tom, _) = [await person(client, f"{name}@example.com", role_id=steward) for name in ("sam", "tom")]
    ids = [(await admin(client, f"{name}@example.com"))[1] for name in ("ada", "bea")]
    member = await standard(client, "Member")
    async with client.database.transaction() as connection:
        await lock_roles(connection, client.tenant.workspace_id)
        asked = [
            asyncio.create_task(who.ask(GIVE, {"m": str(member_id), "r": member}))
            for who, member_id in zip((sam, tom), ids, strict=True)
        ]
        await asyncio.sleep(0.3)
        assert not any(task.done() for task in asked)
    answers = await asyncio.gather(*asked)
    (failed,) = [answer["errors"] for answer in answers if "errors" in answer]
    assert failed[0]["extensions"]["subCode"] == "CANNOT_UNASSIGN_LAST_ADMIN"  # type: ignore[index]


async def test_a_role_is_not_deleted_while_a_key_gets_it(client: Client) -> None:
    role_id = await role(client, **READING)
    _, key_id = await key(client, await standard(client, "Member"))
    delete = "mutation($id: UUID!) { deleteOneRole(roleId: $id) }"
    assigned, deleted = await asyncio.gather(
        client.ask(GIVE_KEY, {"k": str(key_id), "r": role_id}), client.ask(delete, {"id": role_id})
    )
    codes = {
        error["extensions"]["subCode"]
        for answer in (assigned, deleted)
        for error in answer.get("errors", ())  # type: ignore[attr-defined]
    }
    assert codes in ({"ROLE_HAS_API_KEYS"}, {"ROLE_NOT_FOUND"})


async def test_roles_are_given_to_those_that_they_are_for(client: Client) -> None:
    ada, _ = await admin(client)
    _, member_id = await person(client, "mary@example.com")
    _, key_id = await key(client, await standard(client, "Member"))
    for_keys = await role(client, "Keys", canBeAssignedToUsers=False)
    for_users = await role(client, "Users", canBeAssignedToApiKeys=False)
    assert await fault(ada, GIVE, {"m": str(member_id), "r": for_keys}) == (
        "BAD_USER_INPUT",
        "ROLE_CANNOT_BE_ASSIGNED_TO_USERS",
    )
    assert await fault(ada, GIVE_KEY, {"k": str(key_id), "r": for_users}) == (
        "BAD_USER_INPUT",
        "ROLE_CANNOT_BE_ASSIGNED_TO_API_KEYS",
    )


async def test_an_api_key_gets_another_role(client: Client) -> None:
    role_id = await role(client, **READING)
    other, key_id = await key(client, await standard(client, "Member"))
    await other.data("mutation { createPerson(data: {}) { id } }")
    assert await client.data(GIVE_KEY, {"k": str(key_id), "r": role_id}) == {"assignRoleToApiKey": True}
    assert await fault(other, "mutation { createPerson(data: {}) { id } }") == ("FORBIDDEN", "PERMISSION_DENIED")
    keys = (await role_named(client, "Viewer", "apiKeys { id }"))["apiKeys"]
    assert keys == [{"id": str(key_id)}]


async def test_giving_roles_to_keys_needs_their_flag_and_not_that_of_roles(client: Client) -> None:
    member = await standard(client, "Member")
    _, key_id = await key(client, member)
    mary, _ = await person(client, "mary@example.com")
    given = {"k": str(key_id), "r": member}
    assert await fault(mary, GIVE_KEY, given) == ("FORBIDDEN", "PERMISSION_DENIED")
    role_id = await role(client, canAccessAllTools=True, **EVERYTHING)
    await client.data(FLAG, {"i": {"roleId": role_id, "permissionFlagKeys": ["API_KEYS_AND_WEBHOOKS"]}})
    kim, _ = await person(client, "kim@example.com", role_id=role_id)
    assert await kim.data(GIVE_KEY, given) == {"assignRoleToApiKey": True}
    assert await fault(kim, GIVE, {"m": str(new_id()), "r": role_id}) == ("FORBIDDEN", "PERMISSION_DENIED")


async def test_nobody_gives_a_key_more_than_they_have(client: Client) -> None:
    """Who may make keys, but not change roles, would otherwise be an admin by a key of their own."""
    role_id = await role(client, canReadAllObjectRecords=True)
    await client.data(FLAG, {"i": {"roleId": role_id, "permissionFlagKeys": ["API_KEYS_AND_WEBHOOKS"]}})
    kim, _ = await person(client, "kim@example.com", role_id=role_id)
    _, key_id = await key(client, role_id)
    for label in ("Admin", "Member"):
        given = {"k": str(key_id), "r": await standard(client, label)}
        assert await fault(kim, GIVE_KEY, given) == ("FORBIDDEN", "PERMISSION_DENIED")
    create = """mutation($r: UUID!) {
        createApiKey(input: {name: "mine", expiresAt: "2099-01-01T00:00:00Z", roleId: $r}) { id }
    }"""
    generate = 'mutation($k: UUID!) { generateApiKeyToken(apiKeyId: $k, expiresAt: "2099-01-01T00:00:00Z") { token } }'
    _, admins_key = await key(client, await standard(client, "Admin"))
    assert await fault(kim, create, {"r": await standard(client, "Admin")}) == ("FORBIDDEN", "PERMISSION_DENIED")
    assert await fault(kim, generate, {"k": str(admins_key)}) == ("FORBIDDEN", "PERMISSION_DENIED")
    await kim.data(create, {"r": role_id})
    await kim.data(generate, {"k": str(key_id)})
    less = await role(client, "Less")
    for wanted in (role_id, less):
        assert await kim.data(GIVE_KEY, {"k": str(key_id), "r": wanted}) == {"assignRoleToApiKey": True}


async def test_what_belongs_to_other_workspaces_does_not_exist(client: Client) -> None:
    ada, _ = await admin(client)
    other = client.as_tenant(await make_tenant(client.database, "Other"))
    _, their_member = await person(other, "their@example.com")
    their_role = await role(other, "Theirs")
    _, their_key = await key(other, their_role)
    _, my_member = await person(client, "mary@example.com")
    _, my_key = await key(client, await standard(client, "Member"))
    member = await standard(client, "Member")
    nobody = str(new_id())
    for member_id in (str(their_member), nobody):
        assert await fault(ada, GIVE, {"m": member_id, "r": member}) == MEMBER_NOT_FOUND
    for role_id in (their_role, nobody):
        assert await fault(ada, GIVE, {"m": str(my_member), "r": role_id}) == ROLE_NOT_FOUND
        assert await fault(ada, GIVE_KEY, {"k": str(my_key), "r": role_id}) == ROLE_NOT_FOUND
    for key_id in (str(their_key), nobody):
        assert await fault(ada, GIVE_KEY, {"k": key_id, "r": member}) == ("NOT_FOUND", "API_KEY_NOT_FOUND")


async def test_there_are_no_agents_yet(client: Client) -> None:
    agent, role_id = str(UUID(int=7)), await role(client)
    give = "mutation($a: UUID!, $r: UUID!) { assignRoleToAgent(agentId: $a, roleId: $r) }"
    take = "mutation($a: UUID!) { removeRoleFromAgent(agentId: $a) }"
    assert await fault(client, give, {"a": agent, "r": role_id}) == ("NOT_FOUND", "AGENT_NOT_FOUND")
    assert await fault(client, give, {"a": agent, "r": agent}) == ROLE_NOT_FOUND
    assert await fault(client, take, {"a": agent}) == ("NOT_FOUND", "AGENT_NOT_FOUND")
