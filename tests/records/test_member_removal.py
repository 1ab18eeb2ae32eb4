"""Deleting member records: who may, what ends with them, and that an admin stays."""

import asyncio
from typing import Any

import pytest

from tests.records.asking import ask
from tests.records.failure import NOT_FOUND, failure
from tests.records.member import member
from tests.records.roles import admin, role_with
from tests.records.test_concurrency import outcome
from tests.serving import Client

LAST = "CANNOT_DELETE_LAST_ADMIN_USER"


async def may_enter(user: Client) -> bool:
    answer = await user.ask("{ companies { totalCount } }")
    return "errors" not in answer


async def members(client: Client) -> int:
    found: dict[str, Any] = await client.data("{ workspaceMembers { totalCount } }")
    return int(found["workspaceMembers"]["totalCount"])


@pytest.mark.parametrize("verb", ["delete", "destroy"])
async def test_a_member_who_is_deleted_cannot_enter_any_more(client: Client, verb: str) -> None:
    boss, _ = await member(client, email="boss@example.com", role_id=await role_with(client, "WORKSPACE_MEMBERS"))
    user, own = await member(client)
    other, other_id = await member(client, email="other@example.com")
    assert await may_enter(user)

    assert await ask(boss, f'{verb}WorkspaceMember(id: "{own}") {{ id userEmail }}') == {
        "id": str(own),
        "userEmail": "ines@example.com",
    }
    many = f'{verb}WorkspaceMembers(filter: {{id: {{in: ["{own}", "{other_id}"]}}}}) {{ id }}'
    assert {"id": str(other_id)} in await ask(client, many)
    assert [await may_enter(each) for each in (boss, user, other)] == [True, False, False]
    assert await members(client) == 1
    unknown = client.tenant.workspace_id
    assert await failure(client, f'mutation {{ {verb}WorkspaceMember(id: "{unknown}") {{ id }} }}') == NOT_FOUND
    ended = await client.database.value(
        'select count(*) from core."userWorkspace" where "workspaceId" = $1 and "deletedAt" is not null',
        client.tenant.workspace_id,
    )
    assert ended == 2


@pytest.mark.parametrize("verb", ["delete", "destroy"])
async def test_the_last_admin_stays(client: Client, verb: str) -> None:
    boss, own = await member(client, role_id=await admin(client))
    user, other = await member(client, email="other@example.com")

    for field in (
        f'{verb}WorkspaceMember(id: "{own}") {{ id }}',
        f'{verb}WorkspaceMembers(filter: {{userEmail: {{ilike: "%@example.com"}}}}) {{ id }}',
        f'{verb}WorkspaceMembers(filter: {{id: {{in: ["{other}", "{own}"]}}}}) {{ id }}',
    ):
        for caller in (boss, client):
            assert (await failure(caller, f"mutation {{ {field} }}")).sub_code == LAST
    assert await may_enter(user)
    assert await may_enter(boss)
    assert await members(client) == 2


@pytest.mark.parametrize("verb", ["delete", "destroy"])
async def test_two_admins_who_delete_each_other_do_not_leave_none(client: Client, verb: str) -> None:
    role = await admin(client)
    for number in range(3):
        first, one = await member(client, email=f"a{number}@example.com", role_id=role)
        second, two = await member(client, email=f"b{number}@example.com", role_id=role)
        answers = await asyncio.gather(
            client.ask(f'mutation {{ {verb}WorkspaceMember(id: "{one}") {{ id }} }}'),
            client.ask(f'mutation {{ {verb}WorkspaceMember(id: "{two}") {{ id }} }}'),
        )
        if number == 0:
            assert sorted(map(outcome, answers)) == [LAST, "done"]
        left = [await may_enter(each) for each in (first, second)]
        assert any(left) or number > 0
    admins = await client.database.value(
        'select count(*) from core."userWorkspace" u join core."roleTarget" t on t."userWorkspaceId" = u.id'
        ' where u."workspaceId" = $1 and u."deletedAt" is null and t."roleId" = $2',
        client.tenant.workspace_id,
        role,
    )
    assert admins == 1


async def test_removing_and_deleting_one_member_at_once_is_done(client: Client) -> None:
    boss, _ = await member(client, email="boss@example.com", role_id=await admin(client))
    for number in range(4):
        _, own = await member(client, email=f"m{number}@example.com")
        answers = await asyncio.gather(
            boss.ask(f'mutation {{ deleteWorkspaceMember(id: "{own}") {{ id }} }}'),
            boss.ask(f'mutation {{ deleteUserFromWorkspace(workspaceMemberIdToDelete: "{own}") {{ id }} }}'),
        )
        assert "done" in map(outcome, answers)
        assert {outcome(each) for each in answers} <= {"done", "RECORD_NOT_FOUND", "WORKSPACE_MEMBER_NOT_FOUND"}
