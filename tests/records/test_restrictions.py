"""What callers may not do with the records of some objects (core-api.md §7.9), by every way of writing."""

import asyncio
from uuid import UUID

import pytest

from tests.records.asking import ask, fail
from tests.records.events import events, forget_events
from tests.records.failure import NOT_FOUND, Failure, failure
from tests.records.member import member
from tests.records.roles import admin, role_with
from tests.records.test_concurrency import outcomes
from tests.serving import Client

_ID = "20202020-0c28-43d9-b8f7-2b12e84b4d5e"
_OTHER = "30303030-0c28-43d9-b8f7-2b12e84b4d5e"
_REFUSED = Failure(message="Method not allowed.", code="FORBIDDEN", sub_code="METHOD_NOT_ALLOWED")
_DENIED = Failure(
    message="Entity performing the request does not have permission", code="FORBIDDEN", sub_code="PERMISSION_DENIED"
)
_STATUS = Failure(message="Statuses cannot be set manually.", code="FORBIDDEN", sub_code="FORBIDDEN")
_NO_DRAFT = Failure(
    message="Only a draft version of a workflow can be changed.", code="FORBIDDEN", sub_code="FORBIDDEN"
)
_SECOND_DRAFT = Failure(message="A workflow can have one draft version only.", code="FORBIDDEN", sub_code="FORBIDDEN")


@pytest.mark.parametrize(
    "field",
    [
        'createWorkspaceMember(data: {userEmail: "x@example.com"})',
        'createWorkspaceMember(data: {userEmail: "x@example.com"}, upsert: true)',
        "createWorkspaceMembers(data: [])",
        f'restoreWorkspaceMember(id: "{_ID}")',
        f'restoreWorkspaceMembers(filter: {{id: {{eq: "{_ID}"}}}})',
        f'mergeWorkspaceMembers(ids: ["{_ID}", "{_ID}"], conflictPriorityIndex: 0)',
        "createWorkflowRun(data: {})",
        f'updateWorkflowRun(id: "{_ID}", data: {{}})',
        f'deleteWorkflowRun(id: "{_ID}")',
        f'destroyWorkflowAutomatedTrigger(id: "{_ID}")',
        f'restoreWorkflowRuns(filter: {{id: {{eq: "{_ID}"}}}})',
        'createCompany(data: {accountOwner: {create: {userEmail: "x@example.com"}}})',
        'createWorkflow(data: {name: "x", runs: {create: {name: "y"}}})',
        *(
            f'merge{plural}(ids: ["{_ID}", "{_OTHER}"], conflictPriorityIndex: 0)'
            for plural in (
                "Workflows", "WorkflowVersions", "Favorites", "Blocklists", "ConnectedAccounts", "MessageChannels",
                "CalendarChannels",
            )
        ),
    ],
)  # fmt: skip
async def test_what_the_server_keeps_is_not_written(client: Client, field: str) -> None:
    assert await fail(client, f"{field} {{ id }}") == _REFUSED
    counts = await client.data("{ workspaceMembers { totalCount } companies { totalCount } workflows { totalCount } }")
    assert counts == {name: {"totalCount": 0} for name in ("workspaceMembers", "companies", "workflows")}


# -- members ----------------------------------------------------------------------------------------------------------


async def test_members_update_themselves_and_nobody_else(client: Client) -> None:
    user, own = await member(client)
    _, other = await member(client, email="other@example.com")

    updated = await ask(user, f'updateWorkspaceMember(id: "{own}", data: {{locale: "fr"}}) {{ locale }}')
    assert updated == {"locale": "fr"}
    assert await fail(user, f'updateWorkspaceMember(id: "{other}", data: {{locale: "fr"}}) {{ id }}') == _DENIED
    assert await fail(user, f'updateWorkspaceMember(id: "{_ID}", data: {{locale: "fr"}}) {{ id }}') == NOT_FOUND
    everybody = 'updateWorkspaceMembers(filter: {userEmail: {ilike: "%example.com"}}, data: {timeZone: "UTC"}) { id }'
    assert await ask(user, everybody) == [{"id": str(own)}]
    creating = 'favorites: {create: {company: {create: {name: "A"}}}}'
    assert await fail(user, f'updateWorkspaceMember(id: "{other}", data: {{{creating}}}) {{ id }}') == _DENIED
    assert await client.data("{ companies { totalCount } }") == {"companies": {"totalCount": 0}}


@pytest.mark.parametrize("flags", [("WORKSPACE_MEMBERS",), ("WORKSPACE_MEMBERS", "ROLES")])
async def test_with_the_permission_others_can_be_updated(client: Client, flags: tuple[str, ...]) -> None:
    user, own = await member(client, role_id=await role_with(client, *flags))
    _, other = await member(client, email="other@example.com")

    for caller in (user, client):
        found = await ask(caller, f'updateWorkspaceMember(id: "{other}", data: {{locale: "de"}}) {{ id locale }}')
        assert found == {"id": str(other), "locale": "de"}
    everybody = 'updateWorkspaceMembers(filter: {userEmail: {ilike: "%example.com"}}, data: {timeZone: "UTC"}) { id }'
    assert {each["id"] for each in await ask(user, everybody)} == {str(own), str(other)}


async def test_another_permission_is_not_enough_for_members(client: Client) -> None:
    user, _ = await member(client, role_id=await role_with(client, "WORKSPACE", "ROLES"))
    _, other = await member(client, email="other@example.com")

    for field in (
        f'updateWorkspaceMember(id: "{other}", data: {{locale: "de"}})',
        f'deleteWorkspaceMember(id: "{other}")',
        f'destroyWorkspaceMember(id: "{other}")',
        f'deleteWorkspaceMembers(filter: {{id: {{eq: "{other}"}}}})',
        f'destroyWorkspaceMembers(filter: {{id: {{eq: "{other}"}}}})',
    ):
        assert await fail(user, f"{field} {{ id }}") == _DENIED
    assert await client.data("{ workspaceMembers { totalCount } }") == {"workspaceMembers": {"totalCount": 2}}


async def test_nobody_says_whose_member_record_it_is(client: Client) -> None:
    user, own = await member(client, role_id=await admin(client))
    for caller in (user, client):
        field = f'updateWorkspaceMember(id: "{own}", data: {{userId: "{_ID}"}}) {{ id }}'
        assert await fail(caller, field) == _DENIED


# -- workflows --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "field",
    [
        "createWorkflow(data: {statuses: [DRAFT]})",
        "createWorkflow(data: {statuses: ACTIVE}, upsert: true)",
        'createWorkflows(data: [{name: "a"}, {statuses: [ACTIVE, DRAFT]}])',
        f'updateWorkflow(id: "{_ID}", data: {{statuses: [ACTIVE]}})',
        f'updateWorkflows(filter: {{id: {{eq: "{_ID}"}}}}, data: {{name: "x", statuses: [ACTIVE]}})',
        f'createWorkflow(data: {{id: "{_ID}", statuses: [ACTIVE]}}, upsert: true)',
        "createWorkflowVersion(data: {workflow: {create: {statuses: [ACTIVE]}}})",
        "createFavorite(data: {workflow: {create: {statuses: [ACTIVE]}}})",
    ],
)
async def test_the_statuses_of_a_workflow_are_not_set_by_hand(client: Client, field: str) -> None:
    await ask(client, f'createWorkflow(data: {{id: "{_ID}", name: "W"}}) {{ id }}')

    assert await fail(client, f"{field} {{ id }}") == _STATUS
    found = await client.data("{ workflows { edges { node { name statuses } } } workflowVersions { totalCount } }")
    assert found["workflows"]["edges"] == [{"node": {"name": "W", "statuses": None}}]
    assert found["workflowVersions"] == {"totalCount": 0}


async def test_no_statuses_are_no_statuses(client: Client) -> None:
    found = await ask(client, f'createWorkflow(data: {{id: "{_ID}", name: "W", statuses: []}}) {{ name }}')
    assert found == {"name": "W"}
    assert await ask(client, f'updateWorkflow(id: "{_ID}", data: {{name: "V", statuses: null}}) {{ name }}') == {
        "name": "V"
    }


async def versions(client: Client) -> None:
    """A workflow with a draft (_ID) and an active version (_OTHER)."""
    await ask(client, f'createWorkflow(data: {{id: "{_ID}", versions: {{create: {{id: "{_ID}"}}}}}}) {{ id }}')
    await ask(client, f'createWorkflowVersion(data: {{id: "{_OTHER}"}}) {{ id }}')
    await client.database.execute(
        f'update "{client.tenant.schema}"."workflowVersion" set status = $1, "workflowId" = $2 where id = $3',
        "ACTIVE",
        UUID(_ID),
        UUID(_OTHER),
    )


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        ("createWorkflowVersion(data: {status: ACTIVE})", _STATUS),
        ("createWorkflowVersions(data: [{status: DRAFT}, {status: ARCHIVED}])", _STATUS),
        ("createWorkflow(data: {versions: {create: {status: DEACTIVATED}}})", _STATUS),
        (f'updateWorkflowVersion(id: "{_ID}", data: {{status: ACTIVE}})', _STATUS),
        (f'updateWorkflowVersions(filter: {{id: {{eq: "{_ID}"}}}}, data: {{status: DRAFT}})', _STATUS),
        (f'createWorkflowVersion(data: {{id: "{_ID}", status: ACTIVE}}, upsert: true)', _STATUS),
        (f'createWorkflowVersion(data: {{workflowId: "{_ID}"}})', _SECOND_DRAFT),
        (f'createWorkflowVersion(data: {{workflowId: "{_ID}"}}, upsert: true)', _SECOND_DRAFT),
        (f'createWorkflowVersion(data: {{workflow: {{connect: {{where: {{id: "{_ID}"}}}}}}}})', _SECOND_DRAFT),
        (f'updateWorkflow(id: "{_ID}", data: {{versions: {{create: {{name: "x"}}}}}})', _SECOND_DRAFT),
        ("createWorkflow(data: {versions: {create: [{}, {}]}})", _SECOND_DRAFT),
        (f'updateWorkflowVersion(id: "{_OTHER}", data: {{steps: []}})', _NO_DRAFT),
        (f'updateWorkflowVersion(id: "{_OTHER}", data: {{name: "x", trigger: {{}}}})', _NO_DRAFT),
        ('updateWorkflowVersion(id: "40404040-0c28-43d9-b8f7-2b12e84b4d5e", data: {steps: []})', NOT_FOUND),
    ],
)  # fmt: skip
async def test_versions_begin_as_the_only_draft_and_only_a_draft_changes(
    client: Client, field: str, expected: Failure
) -> None:
    await versions(client)
    await forget_events(client)

    assert await fail(client, f"{field} {{ id }}") == expected
    assert await events(client) == []


async def test_what_may_be_done_with_versions(client: Client) -> None:
    await versions(client)

    found = await ask(client, f'updateWorkflowVersion(id: "{_ID}", data: {{steps: [{{type: "CODE"}}]}}) {{ steps }}')
    assert found == {"steps": [{"type": "CODE"}]}
    assert await ask(client, f'updateWorkflowVersion(id: "{_OTHER}", data: {{name: "v1"}}) {{ name status }}') == {
        "name": "v1",
        "status": "ACTIVE",
    }
    many = f'updateWorkflowVersions(filter: {{workflowId: {{eq: "{_ID}"}}}}, data: {{trigger: {{a: 1}}}}) {{ id }}'
    assert await ask(client, many) == [{"id": _ID}]
    again = f'createWorkflowVersion(data: {{id: "{_ID}", steps: []}}, upsert: true) {{ id }}'
    assert await ask(client, again) == {"id": _ID}
    active = await fail(client, f'createWorkflowVersion(data: {{id: "{_OTHER}", steps: []}}, upsert: true) {{ id }}')
    assert active.sub_code == "DUPLICATE_ENTRY_DETECTED"


async def test_a_deleted_draft_does_not_come_back_beside_a_new_one(client: Client) -> None:
    await versions(client)
    await ask(client, f'deleteWorkflowVersion(id: "{_ID}") {{ id }}')
    await ask(client, f'createWorkflowVersion(data: {{workflowId: "{_ID}"}}) {{ id }}')

    assert await fail(client, f'restoreWorkflowVersion(id: "{_ID}") {{ id }}') == _SECOND_DRAFT
    by_filter = f'restoreWorkflowVersions(filter: {{workflowId: {{eq: "{_ID}"}}}}) {{ id }}'
    assert await fail(client, by_filter) == _SECOND_DRAFT


async def test_of_several_drafts_at_once_one_is_made(client: Client) -> None:
    for _ in range(4):
        workflow = (await ask(client, "createWorkflow(data: {}) { id }"))["id"]
        create = f'mutation {{ createWorkflowVersion(data: {{workflowId: "{workflow}"}}) {{ id }} }}'
        found = await outcomes(*(client.ask(create) for _ in range(5)))
        assert found == ["FORBIDDEN"] * 4 + ["done"]


# -- what belongs to one member ---------------------------------------------------------------------------------------


async def test_everybody_blocks_for_themselves(client: Client) -> None:
    user, own = await member(client)
    rival, other = await member(client, email="other@example.com")
    mine = f'workspaceMemberId: "{own}"'
    entry = await ask(user, f'createBlocklist(data: {{handle: " Spam@Example.COM ", {mine}}}) {{ id handle }}')
    assert entry["handle"] == "spam@example.com"
    connected = f'workspaceMember: {{connect: {{where: {{id: "{other}"}}}}}}'
    theirs = f'blocklist(id: "{entry["id"]}") {{ handle }}'

    for field in (
        f'createBlocklist(data: {{handle: "a@example.com", workspaceMemberId: "{other}"}})',
        f'createBlocklist(data: {{handle: "a@example.com", {connected}}})',
        f'createBlocklist(data: {{handle: "a@example.com", workspaceMemberId: "{other}"}}, upsert: true)',
        f'updateBlocklist(id: "{entry["id"]}", data: {{workspaceMemberId: "{other}"}})',
    ):
        assert await fail(user, f"{field} {{ id }}") == _DENIED
    for caller in (rival, client):
        for verb in ("update", "delete", "destroy"):
            data = ', data: {handle: "x@example.com"}' if verb == "update" else ""
            assert await fail(caller, f'{verb}Blocklist(id: "{entry["id"]}"{data}) {{ id }}') == _DENIED
        taken = f'createBlocklist(data: {{id: "{entry["id"]}", handle: "y@example.com"}}, upsert: true) {{ id }}'
        assert (await fail(caller, taken)).code in ("BAD_USER_INPUT", "FORBIDDEN")
        everything = 'deleteBlocklists(filter: {handle: {ilike: "%"}}) { id }'
        assert await ask(caller, everything) == []
    assert await user.data(f"{{ {theirs} }}") == {"blocklist": {"handle": "spam@example.com"}}
    assert await ask(user, f'deleteBlocklist(id: "{entry["id"]}") {{ id }}') == {"id": entry["id"]}
    assert await fail(rival, f'restoreBlocklist(id: "{entry["id"]}") {{ id }}') == _DENIED
    assert await ask(user, f'restoreBlocklist(id: "{entry["id"]}") {{ id }}') == {"id": entry["id"]}


@pytest.mark.parametrize(
    "handle",
    ['"nobody"', '""', "null", '"@"', '"@@example.com"', '"@localhost"', '"a b@example.com"', '"a@example.com, b@c.de"',
     '"any@"', '"@exam\\nple.com"', '"@' + "x" * 400 + '.com"'],
)  # fmt: skip
async def test_a_handle_is_an_address_or_a_domain(client: Client, handle: str) -> None:
    user, own = await member(client)
    data = f'handle: {handle}, workspaceMemberId: "{own}"'

    found = await fail(user, f"createBlocklist(data: {{{data}}}) {{ id }}")
    assert found.sub_code == "INVALID_ARGS_DATA"
    assert found.message.startswith("Invalid value ")
    assert found.message.endswith(' for field "handle". Expected an e-mail address or "@domain"')


async def test_a_handle_is_blocked_once(client: Client) -> None:
    user, own = await member(client)
    data = f'handle: $handle, workspaceMemberId: "{own}"'
    create = f"mutation($handle: String) {{ createBlocklist(data: {{{data}}}) {{ handle }} }}"
    assert (await user.data(create, {"handle": "@Example.com"}))["createBlocklist"] == {"handle": "@example.com"}
    again = await failure(user, create, {"handle": "@EXAMPLE.com"})
    assert (again.code, again.sub_code) == ("BAD_USER_INPUT", "DUPLICATE_ENTRY_DETECTED")
    assert again.message.startswith("A duplicate entry was detected")
    assert '"handle"' in again.message

    for number in range(3):
        asked = [user.ask(create, {"handle": f"a{number}@example.com"}) for _ in range(4)]
        assert await outcomes(*asked) == ["DUPLICATE_ENTRY_DETECTED"] * 3 + ["done"]
    rival, other = await member(client, email="other@example.com")
    assert await rival.data(create.replace(str(own), str(other)), {"handle": "@example.com"})
    changed = 'updateBlocklists(filter: {handle: {startsWith: "a"}}, data: {handle: "@same.example"}) { id }'
    assert (await fail(user, changed)).sub_code == "DUPLICATE_ENTRY_DETECTED"


async def test_accounts_and_channels_are_updated_by_their_owner(client: Client) -> None:
    user, own = await member(client)
    rival, _ = await member(client, email="other@example.com")
    boss, _ = await member(client, email="boss@example.com", role_id=await admin(client))
    account = f'id: "{_ID}", handle: "a@example.com", accountOwnerId: "{own}"'
    await ask(user, f"createConnectedAccount(data: {{{account}}}) {{ id }}")
    for channel in ("MessageChannel", "CalendarChannel"):
        await ask(user, f'create{channel}(data: {{id: "{_ID}", connectedAccountId: "{_ID}"}}) {{ id }}')

    for kind in ("ConnectedAccount", "MessageChannel", "CalendarChannel"):
        update = f'update{kind}(id: "{_ID}", data: {{handle: "b@example.com"}}) {{ handle }}'
        many = f'update{kind}s(filter: {{id: {{eq: "{_ID}"}}}}, data: {{handle: "b@example.com"}}) {{ handle }}'
        upsert = f'create{kind}(data: {{id: "{_ID}", handle: "b@example.com"}}, upsert: true) {{ handle }}'
        for caller in (rival, boss, client):
            assert await fail(caller, update) == _DENIED
            assert await ask(caller, many) == []
            assert (await fail(caller, upsert)).code == "BAD_USER_INPUT"
        assert await ask(user, update) == {"handle": "b@example.com"}
        assert await ask(user, many) == [{"handle": "b@example.com"}]
        assert await ask(user, upsert) == {"handle": "b@example.com"}
        assert await fail(user, update.replace(_ID, _OTHER)) == NOT_FOUND


async def test_other_objects_and_the_caller_s_own_do_not_wait_for_each_other(client: Client) -> None:
    user, own = await member(client)
    writes = [
        f'{verb}(data: {{{name}: "n{number}"}}{more}) {{ id }}'
        for number in range(8)
        for verb, name, more in (
            ("createCompany", "name", ""),
            ("updateWorkspaceMember", "locale", f', id: "{own}"'),
        )
    ]
    answers = await asyncio.gather(*(user.ask(f"mutation {{ {write} }}") for write in writes))
    assert all("errors" not in answer for answer in answers)
