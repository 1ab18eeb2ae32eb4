"""Leaving a workspace, and deleting one's account: what goes, what stays, and who may."""

import asyncio
import json
from collections.abc import Mapping

import pytest

from rapport.access.changes import AccessChange
from tests.accounts.guest import NEW_WORKSPACE, Guest
from tests.accounts.people import RENEW, Person, change, person, refusal, with_token
from tests.records.events import events
from tests.serving import Client, make_tenant

REMOVE = """mutation ($id: String!) {
    deleteUserFromWorkspace(workspaceMemberIdToDelete: $id) { id userId workspaceId user { id email } workspace { id } }
}"""
DELETE_USER = "mutation { deleteUser { id email } }"
WHO = "{ currentUser { id } }"
DELETED = "{ currentUser { deletedWorkspaceMembers { id userEmail userWorkspaceId name { firstName } } } }"
SOFT_DELETE = "mutation ($id: UUID!) { deleteWorkspaceMember(id: $id) { id deletedAt } }"


async def audited(client: Client) -> list[str]:
    rows = await client.database.rows('select action from core."auditEntry" order by "createdAt", id')
    return [action for (action,) in rows]


async def is_out(who: Person) -> bool:
    """Whether neither the access token nor the refresh token lets them in."""
    answers = [await who.client.ask(WHO), await who.client.ask(RENEW, {"token": who.refresh_token})]
    return all(refusal(answer)[0] in ("UNAUTHENTICATED", "FORBIDDEN") for answer in answers)


async def test_a_removed_member_is_out_at_once_and_known_as_a_former_one(client: Client) -> None:
    admin = await person(client, "ada@example.com", is_admin=True)
    plain = await person(client, "bo@example.com")
    await plain.client.data(WHO)
    removed = (await admin.client.data(REMOVE, {"id": str(plain.member_id)}))["deleteUserFromWorkspace"]
    assert removed == {
        "id": str(plain.user_workspace_id),
        "userId": str(plain.user_id),
        "workspaceId": str(client.tenant.workspace_id),
        "user": {"id": str(plain.user_id), "email": "bo@example.com"},
        "workspace": {"id": str(client.tenant.workspace_id)},
    }
    assert await is_out(plain)
    (former,) = (await admin.client.data(DELETED))["currentUser"]["deletedWorkspaceMembers"]
    assert former == {
        "id": str(plain.member_id),
        "userEmail": "bo@example.com",
        "userWorkspaceId": str(plain.user_workspace_id),
        "name": {"firstName": "bo"},
    }
    assert "memberRemoved" in await audited(client)
    assert (
        await client.database.value('select count(*) from core."roleTarget" where "userWorkspaceId" is not null') == 1
    )
    assert await client.database.value('select "deletedAt" from core."user" where id = $1', plain.user_id) is None
    (event,) = [each for each in await events(client, object_name="workspaceMember") if each.action == "deleted"]
    assert event.record_id == str(plain.member_id)


async def test_members_remove_themselves_and_nobody_else(client: Client) -> None:
    admin = await person(client, "ada@example.com", is_admin=True)
    plain = await person(client, "bo@example.com")
    assert refusal(await plain.client.ask(REMOVE, {"id": str(admin.member_id)})) == ("FORBIDDEN", "PERMISSION_DENIED")
    await plain.client.data(REMOVE, {"id": str(plain.member_id)})
    assert await is_out(plain)


async def test_the_last_admin_stays(client: Client) -> None:
    admin = await person(client, "ada@example.com", is_admin=True)
    expected = ("FORBIDDEN", "CANNOT_DELETE_LAST_ADMIN_USER")
    for query in (REMOVE, SOFT_DELETE):
        assert refusal(await admin.client.ask(query, {"id": str(admin.member_id)})) == expected
    assert refusal(await admin.client.ask(DELETE_USER)) == expected
    assert (await admin.client.data(WHO))["currentUser"]["id"] == str(admin.user_id)


@pytest.mark.parametrize("query", [REMOVE, SOFT_DELETE, DELETE_USER])
async def test_of_two_admins_who_leave_at_once_one_stays(client: Client, query: str) -> None:
    admins = [await person(client, f"{name}@example.com", is_admin=True) for name in ("ada", "bo")]
    answers = await asyncio.gather(
        *(each.client.ask(query, {} if query == DELETE_USER else {"id": str(each.member_id)}) for each in admins)
    )
    assert sorted("errors" in answer for answer in answers) == [False, True], answers
    (refused,) = [answer for answer in answers if "errors" in answer]
    assert refusal(refused) == ("FORBIDDEN", "CANNOT_DELETE_LAST_ADMIN_USER")
    assert await client.database.value('select count(*) from core."userWorkspace" where "deletedAt" is null') == 1


async def test_deleting_the_record_ends_the_membership(client: Client) -> None:
    admin = await person(client, "ada@example.com", is_admin=True)
    plain = await person(client, "bo@example.com")
    await plain.client.data(WHO)
    await admin.client.data(SOFT_DELETE, {"id": str(plain.member_id)})
    assert await is_out(plain)
    destroyed = await person(client, "cy@example.com")
    await admin.client.data(
        "mutation ($id: UUID!) { destroyWorkspaceMember(id: $id) { id } }", {"id": str(destroyed.member_id)}
    )
    assert await is_out(destroyed)


async def test_who_was_removed_can_come_back(client: Client) -> None:
    admin = await person(client, "ada@example.com", is_admin=True)
    plain = await person(client, "bo@example.com")
    await admin.client.data(REMOVE, {"id": str(plain.member_id)})
    link = (await admin.client.data("{ currentWorkspace { inviteHash } }"))["currentWorkspace"]["inviteHash"]
    join = """mutation ($hash: String!) {
        signUpInWorkspace(email: "bo@example.com", password: "correct horse", workspaceInviteHash: $hash) { loginToken }
    }"""
    guest = Guest(client=client)
    token, _ = await guest.enter((await guest.data(join, {"hash": link}))["loginToken"])
    user = await guest.data("{ currentUser { userWorkspaces { id } workspaceMember { id userEmail } } }", token=token)
    assert len(user["userWorkspaces"]) == 1
    assert user["workspaceMember"]["userEmail"] == "bo@example.com"
    assert user["workspaceMember"]["id"] != str(plain.member_id)
    assert await is_out(plain)


@pytest.mark.parametrize(
    ("member_id", "code"),
    [("nonsense", "BAD_USER_INPUT"), ("", "BAD_USER_INPUT"), ("0" * 100_000, "BAD_USER_INPUT"),
     ("\0", "BAD_USER_INPUT"), ("0197aaaa-0000-7000-8000-000000000000", "NOT_FOUND")],
)  # fmt: skip
async def test_there_must_be_a_member_to_remove(client: Client, member_id: str, code: str) -> None:
    admin = await person(client, "ada@example.com", is_admin=True)
    assert refusal(await admin.client.ask(REMOVE, {"id": member_id}))[0] == code


async def test_members_of_another_workspace_cannot_be_removed(client: Client) -> None:
    other = client.as_tenant(await make_tenant(client.database, "Other"))
    stranger = await person(other, "oz@example.com")
    admin = await person(client, "ada@example.com", is_admin=True)
    for query in (REMOVE, SOFT_DELETE):
        code, _ = refusal(await admin.client.ask(query, {"id": str(stranger.member_id)}))
        assert code == "NOT_FOUND"
    assert (await stranger.client.data(WHO))["currentUser"]["id"] == str(stranger.user_id)


async def test_an_api_key_of_an_admin_removes_members(client: Client) -> None:
    await person(client, "ada@example.com", is_admin=True)
    plain = await person(client, "bo@example.com")
    await client.data(REMOVE, {"id": str(plain.member_id)})
    assert await is_out(plain)


async def test_a_deleted_user_is_nowhere_any_more_and_the_address_is_free(client: Client) -> None:
    admin = await person(client, "ada@example.com", is_admin=True)
    plain = await person(client, "bo@example.com")
    assert (await plain.client.data(DELETE_USER))["deleteUser"] == {"id": str(plain.user_id), "email": "bo@example.com"}
    assert await is_out(plain)
    former = (await admin.client.data(DELETED))["currentUser"]["deletedWorkspaceMembers"]
    assert [each["userEmail"] for each in former] == ["bo@example.com"]
    assert "userDeleted" in await audited(client)
    guest = Guest(client=client)
    token = await guest.sign_up("bo@example.com")
    assert (await guest.data(WHO, token=token))["id"] != str(plain.user_id)


async def test_a_user_without_a_workspace_can_go(client: Client) -> None:
    guest = Guest(client=client)
    token = await guest.sign_up("new@example.com")
    await guest.data(DELETE_USER, token=token)
    assert (await guest.error(WHO, token=token))[0] == "UNAUTHENTICATED"


async def test_a_workspace_that_was_never_activated_goes_with_its_founder(client: Client) -> None:
    guest = Guest(client=client)
    agnostic = await guest.sign_up("new@example.com")
    made = await guest.data(NEW_WORKSPACE, {"input": {"displayName": "Never"}}, token=agnostic)
    await guest.data(DELETE_USER, token=agnostic)
    found = await client.database.value("select count(*) from core.workspace where id = $1", made["workspace"]["id"])
    assert found == 0


async def test_who_acts_in_somebodys_name_does_not_delete_the_account(client: Client) -> None:
    admin = await person(client, "ada@example.com", is_admin=True)
    plain = await person(client, "bo@example.com")
    impersonate = """mutation ($u: UUID!, $w: UUID!) {
        impersonate(userId: $u, workspaceId: $w) { loginToken { token } }
    }"""
    begun = await admin.client.data(impersonate, {"u": str(plain.user_id), "w": str(client.tenant.workspace_id)})
    token, _ = await Guest(client=client).enter(begun["impersonate"]["loginToken"]["token"])
    posing = with_token(client, token)
    assert refusal(await posing.ask(DELETE_USER)) == ("FORBIDDEN", "PERMISSION_DENIED")
    user = (
        await posing.data(
            """{ currentUser { id email userWorkspaces { id } workspaceMember { id }
                availableWorkspaces { availableWorkspacesForSignIn { loginToken } } } }"""
        )
    )["currentUser"]
    assert user == {
        "id": str(plain.user_id),
        "email": "bo@example.com",
        "userWorkspaces": [{"id": str(plain.user_workspace_id)}],
        "workspaceMember": {"id": str(plain.member_id)},
        "availableWorkspaces": {"availableWorkspacesForSignIn": []},
    }


async def test_who_acts_in_somebodys_name_does_not_see_their_other_workspaces(client: Client) -> None:
    admin = await person(client, "ada@example.com", is_admin=True)
    plain = await person(client, "bo@example.com")
    other = await make_tenant(client.database, "Secret Ltd")
    await client.database.execute(
        'insert into core."userWorkspace" (id, "userId", "workspaceId") values (gen_random_uuid(), $1, $2)',
        plain.user_id,
        other.workspace_id,
    )
    begun = await admin.client.data(
        "mutation ($u: UUID!, $w: UUID!) { impersonate(userId: $u, workspaceId: $w) { loginToken { token } } }",
        {"u": str(plain.user_id), "w": str(client.tenant.workspace_id)},
    )
    token, _ = await Guest(client=client).enter(begun["impersonate"]["loginToken"]["token"])
    asked = "{ currentUser { workspaces { workspace { displayName } } userWorkspaces { workspace { displayName } } } }"
    assert "Secret Ltd" not in json.dumps(await with_token(client, token).data(asked))
    assert "Secret Ltd" in json.dumps(await plain.client.data(asked))


async def test_profiles_are_changed_as_far_as_the_workspace_lets(client: Client) -> None:
    admin = await person(client, "ada@example.com", is_admin=True)
    plain = await person(client, "bo@example.com")
    edit = """mutation ($id: UUID!, $data: WorkspaceMemberUpdateInput!) {
        updateWorkspaceMember(id: $id, data: $data) { id }
    }"""
    denied = ("FORBIDDEN", "PERMISSION_DENIED")
    rename = {"id": str(plain.member_id), "data": {"name": {"firstName": "Bob"}}}
    await plain.client.data(edit, rename)
    await admin.client.data('mutation { updateWorkspace(data: {editableProfileFields: ["lastName"]}) { id } }')
    assert refusal(await plain.client.ask(edit, rename)) == denied
    data: Mapping[str, object]
    for data in ({"avatarUrl": "https://example.com/b.png"}, {"userEmail": "other@example.com"}):
        assert refusal(await plain.client.ask(edit, {"id": str(plain.member_id), "data": data})) == denied
    for data in ({"name": {"lastName": "Nilsson"}}, {"colorScheme": "Dark"}):
        await plain.client.data(edit, {"id": str(plain.member_id), "data": data})
    await admin.client.data(edit, {"id": str(plain.member_id), "data": {"name": {"firstName": "Robert"}}})
    name = (await plain.client.data("{ currentUser { firstName lastName workspaceMember { name { firstName } } } }"))[
        "currentUser"
    ]
    # The account keeps the name that its owner gave it: an admin of one workspace does not rename it everywhere.
    assert name == {"firstName": "Bob", "lastName": "Nilsson", "workspaceMember": {"name": {"firstName": "Robert"}}}


async def test_news_of_a_removal_reach_other_processes(client: Client) -> None:
    """The announcement, and not only this process's memory, ends a token."""
    plain = await person(client, "bo@example.com")
    await plain.client.data(WHO)
    await change(
        client,
        'update core."userWorkspace" set "deletedAt" = now() where id = $1',
        plain.user_workspace_id,
        about=AccessChange(user_id=plain.user_id),
    )
    for _ in range(100):
        if "errors" in await plain.client.ask(WHO):
            return
        await asyncio.sleep(0.02)
    raise AssertionError("still let in")


async def test_removals_that_meet_do_not_stand_in_each_others_way(client: Client) -> None:
    admin = await person(client, "ada@example.com", is_admin=True)
    for number in range(4):
        plain = await person(client, f"bo{number}@example.com")
        answers = await asyncio.gather(
            admin.client.ask(REMOVE, {"id": str(plain.member_id)}),
            admin.client.ask(SOFT_DELETE, {"id": str(plain.member_id)}),
            plain.client.ask(DELETE_USER),
        )
        codes = [refusal(answer)[0] for answer in answers if "errors" in answer]
        assert set(codes) <= {"NOT_FOUND", "UNAUTHENTICATED"}, answers
        assert len(codes) < 3
        assert await is_out(plain)
    await person(client, "cy@example.com", is_admin=True)
    leaving = [await person(client, f"di{number}@example.com") for number in range(3)]
    deleted, *_ = await asyncio.gather(
        admin.client.ask("mutation { deleteCurrentWorkspace { id } }"),
        *(admin.client.ask(SOFT_DELETE, {"id": str(each.member_id)}) for each in leaving),
    )
    assert "errors" not in deleted, deleted
    assert await client.database.value("select count(*) from core.workspace") == 0
