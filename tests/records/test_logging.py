"""The event log: what each verb leaves in it, over HTTP (core-api.md §7.10)."""

from datetime import datetime

from tests.records.events import Event, events, forget_events
from tests.records.failure import failure
from tests.records.member import member
from tests.serving import Client

ID = "20202020-0c28-43d9-b8f7-2b12e84b4d5e"
OTHER_ID = "30303030-0c28-43d9-b8f7-2b12e84b4d5e"
CREATE = "mutation($data: PersonCreateInput!) { createPerson(data: $data) { id } }"
UPDATE = "mutation($id: UUID!, $data: PersonUpdateInput!) { updatePerson(id: $id, data: $data) { id } }"


def shown(event: Event) -> tuple[str, str, str, tuple[str, ...] | None]:
    return event.action, event.kind, event.record_id, event.updated_fields


async def test_a_creation_logs_the_record_and_its_author(client: Client) -> None:
    user, member_id = await member(client)
    await user.data(CREATE, {"data": {"id": ID, "city": "Łódź", "name": {"firstName": "Ann"}, "companyId": None}})
    (event,) = await events(client, object_name="person")
    assert event.after is not None

    assert shown(event) == ("created", "person", ID, None)
    assert event.before is None
    assert {
        key: event.after[key] for key in ("id", "city", "nameFirstName", "nameLastName", "companyId", "deletedAt")
    } == {
        "id": ID,
        "city": "Łódź",
        "nameFirstName": "Ann",
        "nameLastName": None,
        "companyId": None,
        "deletedAt": None,
    }
    assert "searchVector" not in event.after
    user_id = event.actor["userId"]
    assert event.actor == {
        "source": "MANUAL",
        "name": "Inès Ollier",
        "userId": user_id,
        "workspaceMemberId": str(member_id),
        "apiKeyId": None,
        "address": "127.0.0.1",
    }


async def test_an_api_key_is_named_as_the_author(client: Client) -> None:
    await client.data(CREATE, {"data": {}})
    (event,) = await events(client)

    assert event.actor["source"] == "API"
    assert event.actor["name"] == "tests"
    assert event.actor["apiKeyId"] is not None
    assert event.actor["userId"] is None


async def test_an_update_logs_before_and_after_and_the_fields_that_changed(client: Client) -> None:
    await client.data(CREATE, {"data": {"id": ID, "city": "Oslo", "jobTitle": "Chef", "name": {"firstName": "Ann"}}})
    await forget_events(client)
    await client.data(
        UPDATE,
        {"id": ID, "data": {"city": "Bern", "jobTitle": "Chef", "name": {"lastName": "Day"}, "position": "last"}},
    )
    (event,) = await events(client)
    assert event.before is not None
    assert event.after is not None

    assert event.action == "updated"
    assert set(event.updated_fields or ()) == {"city", "name", "position"}
    changed = {key for key, value in event.after.items() if event.before[key] != value}
    assert changed >= {"city", "nameLastName", "position"}
    assert changed <= {"city", "nameLastName", "position", "updatedAt"}
    assert (event.before["city"], event.after["city"]) == ("Oslo", "Bern")
    assert event.before["nameFirstName"] == event.after["nameFirstName"] == "Ann"


async def test_a_change_of_nothing_logs_nothing(client: Client) -> None:
    data = {"city": "Oslo", "name": {"firstName": "Ann"}, "emails": {"primaryEmail": "a@acme.example"}}
    await client.data(CREATE, {"data": {"id": ID, **data}})
    await forget_events(client)
    for same in (data, {}, {"id": ID}, {"emails": {"primaryEmail": "A@Acme.example "}}, {"deletedAt": None}):
        await client.data(UPDATE, {"id": ID, "data": same})
    await client.data('mutation { updatePeople(data: { city: "Oslo" }, filter: { city: { eq: "Oslo" } }) { id } }')
    await client.data(f'mutation {{ restorePerson(id: "{ID}") {{ id }} }}')

    assert await events(client) == []


async def test_only_the_records_that_an_update_of_many_changes_are_logged(client: Client) -> None:
    await client.data(
        f"""mutation {{ createPeople(data: [
            {{ id: "{ID}", city: "Oslo", jobTitle: "Chef" }}, {{ id: "{OTHER_ID}", city: "Bern", jobTitle: "Chef" }}
        ]) {{ id }} }}"""
    )
    await forget_events(client)
    await client.data('mutation { updatePeople(data: { city: "Oslo" }, filter: { jobTitle: { eq: "Chef" } }) { id } }')

    assert [shown(each) for each in await events(client)] == [("updated", "person", OTHER_ID, ("city",))]


async def test_deleting_restoring_and_destroying_log_the_record(client: Client) -> None:
    await client.data(CREATE, {"data": {"id": ID, "city": "Oslo"}})
    await forget_events(client)
    for verb in ("delete", "restore", "destroy"):
        await client.data(f'mutation {{ {verb}Person(id: "{ID}") {{ id }} }}')
    deleted, restored, destroyed = await events(client)

    assert [shown(each)[:3] for each in (deleted, restored, destroyed)] == [
        ("deleted", "person", ID),
        ("restored", "person", ID),
        ("destroyed", "person", ID),
    ]
    assert deleted.before is not None
    assert deleted.after is not None
    assert restored.before == deleted.after
    assert restored.after == destroyed.before
    assert destroyed.after is None
    assert deleted.before["deletedAt"] is None
    assert datetime.fromisoformat(str(deleted.after["deletedAt"])).tzinfo is not None


async def test_verbs_on_many_log_one_event_for_each_record(client: Client) -> None:
    rows = ", ".join('{ city: "Oslo" }' for _ in range(20))
    made = await client.data(f"mutation {{ createPeople(data: [{rows}]) {{ id }} }}")
    ids = sorted(each["id"] for each in made["createPeople"])
    for verb in ("delete", "restore", "delete", "destroy"):
        query = f'mutation {{ {verb}People(filter: {{ city: {{ eq: "Oslo" }} }}) {{ id }} }}'
        await client.data(query)
    found = await events(client)

    assert [each.action for each in found[::20]] == ["created", "deleted", "restored", "deleted", "destroyed"]
    for start in range(0, 100, 20):
        assert sorted(each.record_id for each in found[start : start + 20]) == ids


async def test_nothing_refused_is_logged(client: Client) -> None:
    await client.data(CREATE, {"data": {"id": ID, "email": "a@acme.example"}})
    await client.data(CREATE, {"data": {"id": OTHER_ID}})
    await forget_events(client)
    await failure(client, CREATE, {"data": {"id": ID}})
    await failure(client, CREATE, {"data": {"companyId": ID}})
    await failure(client, CREATE, {"data": {"emails": {"primaryEmail": "no"}}})
    await failure(client, UPDATE, {"id": OTHER_ID, "data": {"email": "a@acme.example", "city": "Bern"}})
    await failure(client, UPDATE, {"id": "40404040-0c28-43d9-b8f7-2b12e84b4d5e", "data": {"city": "Bern"}})
    await failure(client, "mutation { deletePeople(filter: {}) { id } }")
    await failure(client, 'mutation { updatePeople(data: { id: "x" }, filter: { city: { eq: "x" } }) { id } }')

    assert await events(client) == []


async def test_values_of_every_kind_are_logged_as_the_columns_hold_them(client: Client) -> None:
    await client.data(
        f"""mutation {{ createOpportunity(data: {{
            id: "{ID}", name: "It's \\"quoted\\" \\\\ 𝄞"
            amount: {{ amountMicros: 9007199254740993, currencyCode: "EUR" }},
            stage: MEETING, closeDate: "2026-06-30T12:00:00.123Z"
        }}) {{ id }} }}"""
    )
    (event,) = await events(client, object_name="opportunity")
    assert event.after is not None

    assert event.after["name"] == 'It\'s "quoted" \\ 𝄞'
    assert event.after["amountAmountMicros"] == 9007199254740993
    assert event.after["stage"] == "MEETING"
    assert datetime.fromisoformat(str(event.after["closeDate"])) == datetime.fromisoformat("2026-06-30T12:00:00.123Z")
