"""Clients note events about records; the audit log keeps them."""

import pytest

from rapport.audit.reading import entries
from tests.serving import Client

NOTE = """mutation ($event: String!, $object: UUID!, $record: UUID!, $properties: JSON) {
  createObjectEvent(event: $event, objectMetadataId: $object, recordId: $record, properties: $properties) { success }
}"""
RECORD = "20202020-0c28-43d9-b8f7-2b12e84b4d5e"


async def object_id(client: Client, name: str) -> str:
    found = await client.database.value('select id from core."objectMetadata" where "nameSingular" = $1', name)
    return str(found)


async def test_an_event_is_kept_in_the_audit_log_without_secrets(client: Client) -> None:
    data = await client.data(
        NOTE,
        {
            "event": "Record opened",
            "object": await object_id(client, "person"),
            "record": RECORD,
            "properties": {"view": "board", "token": "x"},
        },
    )
    assert data == {"createObjectEvent": {"success": True}}
    (entry,) = await entries(client.database, actions=["eventNoted"])
    assert (entry.who, entry.address, entry.workspace_id, entry.details) == (
        "key tests",
        "127.0.0.1",
        client.tenant.workspace_id,
        {
            "event": "Record opened",
            "object": "person",
            "recordId": RECORD,
            "properties": {"view": "board", "token": "[hidden]"},
        },
    )


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"object": RECORD}, "NOT_FOUND"),
        ({"event": " "}, "BAD_USER_INPUT"),
        ({"event": "x" * 201}, "BAD_USER_INPUT"),
        ({"properties": {"x": "y" * 10_000}}, "BAD_USER_INPUT"),
    ],
)
async def test_what_makes_no_sense_is_refused_and_not_kept(
    client: Client, changed: dict[str, object], code: str
) -> None:
    given = {"event": "x", "object": await object_id(client, "person"), "record": RECORD, **changed}
    answer = await client.ask(NOTE, given)
    errors = answer["errors"]
    assert isinstance(errors, list)
    assert [error["extensions"]["code"] for error in errors] == [code]
    assert await entries(client.database, actions=["eventNoted"]) == []


async def test_an_object_that_a_role_does_not_see_is_none(client: Client) -> None:
    await client.database.execute(
        'update core.role set "canReadAllObjectRecords" = false, "canUpdateAllObjectRecords" = false,'
        ' "canSoftDeleteAllObjectRecords" = false, "canDestroyAllObjectRecords" = false'
    )
    await client.database.execute('update core.workspace set "accessVersion" = "accessVersion" + 1')
    given = {"event": "x", "object": await object_id(client, "person"), "record": RECORD}
    answer = await client.ask(NOTE, given)
    errors = answer["errors"]
    assert isinstance(errors, list)
    assert [error["extensions"]["code"] for error in errors] == ["NOT_FOUND"]


async def test_strangers_note_nothing(client: Client) -> None:
    given = {"event": "x", "object": RECORD, "record": RECORD}
    answer = await client.http.post(f"{client.url}/graphql", json={"query": NOTE, "variables": given})
    assert answer.status_code == 401
