"""Records that the server keeps itself cannot be written by callers."""

import pytest

from tests.records.failure import Failure, failure
from tests.serving import Client

_ID = "20202020-0c28-43d9-b8f7-2b12e84b4d5e"
_REFUSED = Failure(message="Method not allowed.", code="FORBIDDEN", sub_code="METHOD_NOT_ALLOWED")


@pytest.mark.parametrize(
    "field",
    [
        'createWorkspaceMember(data: {userEmail: "x@example.com"})',
        "createWorkspaceMembers(data: [])",
        f'mergeWorkspaceMembers(ids: ["{_ID}", "{_ID}"], conflictPriorityIndex: 0)',
        "createWorkflowRun(data: {})",
        f'updateWorkflowRun(id: "{_ID}", data: {{}})',
        f'deleteWorkflowRun(id: "{_ID}")',
        f'destroyWorkflowAutomatedTrigger(id: "{_ID}")',
        f'restoreWorkflowRuns(filter: {{id: {{eq: "{_ID}"}}}})',
        'createCompany(data: {accountOwner: {create: {userEmail: "x@example.com"}}})',
        'createWorkflow(data: {name: "x", runs: {create: {name: "y"}}})',
    ],
)
async def test_what_the_server_keeps_is_not_written(client: Client, field: str) -> None:
    assert await failure(client, f"mutation {{ {field} {{ id }} }}") == _REFUSED
    counts = await client.data("{ workspaceMembers { totalCount } companies { totalCount } workflows { totalCount } }")
    assert counts == {name: {"totalCount": 0} for name in ("workspaceMembers", "companies", "workflows")}
