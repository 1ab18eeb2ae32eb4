"""What endpoints are told, and which of them: to the letter of the contract."""

import json
from uuid import UUID

import pytest

from rapport.base.ids import new_id
from rapport.events.cursor import START
from rapport.events.log import read
from rapport.events.readers import Log
from rapport.jobs.handler import DELAYS
from rapport.webhooks.bodies import MOST_BYTES, Bodies
from rapport.webhooks.delivering import MOST
from rapport.webhooks.draining import LONGEST_PAUSE, PARALLEL, PATIENCE, SHORTEST_PAUSE, TURN_SECONDS
from rapport.webhooks.reading import WebhookReader
from rapport.webhooks.sending import SECONDS
from tests.accounts.people import person
from tests.docs.markdown import ROOT
from tests.files.test_attachments import attach
from tests.recording import RecordingConnection
from tests.roles.asking import field_id, object_id
from tests.serving import Client, make_tenant
from tests.webhooks.asking import make_webhook
from tests.webhooks.delivering import CREATE, LINKS, UPDATE, deliveries, delivering, reading, until_states
from tests.webhooks.receiving import receiving

CHANGES = """mutation($id: UUID!) {
    updatePerson(id: $id, data: { city: "Bergen", jobTitle: "Buyer" }) { id }
    deletePerson(id: $id) { id }
    restorePerson(id: $id) { id }
    destroyPerson(id: $id) { id }
}"""


async def record_of(client: Client, person_id: str) -> dict[str, object]:
    """As REST shows it."""
    headers = {"Authorization": f"Bearer {client.tenant.key}"}
    found = await client.http.get(f"{client.url}/rest/people/{person_id}?depth=0", headers=headers)
    record: dict[str, object] = found.json()["data"]["person"]
    return record


async def test_the_body_is_the_contracts_byte_for_byte(client: Client) -> None:
    ada = await person(client, "ada@example.com", is_admin=True)
    person_id = str(new_id())
    async with receiving() as receiver:
        hook = await make_webhook(client, targetUrl=f"{receiver.url}a?b=ü", operations=["person.*"])
        assert hook["targetUrl"] == f"{receiver.url}a?b=%C3%BC"
        await ada.client.data(CREATE, {"id": person_id, "city": 'Łódź "x" \\ \u2028 </script>'})
        created = await record_of(client, person_id)
        await client.data(CHANGES, {"id": person_id})
        async with delivering(client.database):
            await until_states(client, *["delivered"] * 5)
    rows = await client.database.rows(
        f"""select action, "happenedAt" from "{client.tenant.schema}".event where object = 'person' order by seq"""
    )
    expected = []
    for row in rows:
        name = f"person.{row['action']}"
        record = next(each.told["record"] for each in receiver.received if each.told["eventName"] == name)
        entries = {
            "targetUrl": hook["targetUrl"],
            "eventName": name,
            "objectMetadata": {"id": await object_id(client, "person"), "nameSingular": "person"},
            "workspaceId": str(client.tenant.workspace_id),
            "webhookId": hook["id"],
            "eventDate": row["happenedAt"].isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        }
        if row["action"] == "created":
            entries |= {"userId": str(ada.user_id), "workspaceMemberId": str(ada.member_id)}
            assert record == created
        entries["record"] = record
        if row["action"] == "updated":
            entries["updatedFields"] = ["jobTitle", "city"]
        expected.append(json.dumps(entries, ensure_ascii=False, separators=(",", ":")))
    assert [each.body.decode() for each in receiver.received] == expected
    assert {each.path for each in receiver.received} == {"/a?b=%C3%BC"}
    assert [
        (each.told["record"]["city"], each.told["record"]["deletedAt"] is None) for each in receiver.received[1:]
    ] == [
        ("Bergen", True),
        ("Bergen", False),
        ("Bergen", True),
        ("Bergen", True),
    ]


async def test_webhooks_are_told_of_what_they_ask_for(client: Client) -> None:
    asked = [
        ["person.created"],
        ["*.created"],
        ["person.*"],
        ["*.*"],
        ["company.*"],
        ["*.deleted"],
    ]
    person_id = str(new_id())
    async with receiving() as receiver:
        for operations in asked:
            await make_webhook(client, targetUrl=f"{receiver.url}{'-'.join(operations)}", operations=operations)
        await client.data(CREATE, {"id": person_id, "city": "Oslo"})
        await client.data('mutation { createPeople(data: [{ city: "Bergen" }], upsert: true) { id } }')
        await client.data(f'mutation {{ createCompany(data: {{}}) {{ id }} deletePerson(id: "{person_id}") {{ id }} }}')
        async with delivering(client.database):
            await until_states(client, *["delivered"] * 14)
    told: dict[str, list[str]] = {}
    for each in receiver.received:
        told.setdefault(each.path[1:], []).append(each.told["eventName"])
    created = ["person.created", "person.created"]
    assert {name: sorted(names) for name, names in told.items()} == {
        "person.created": created,
        "*.created": ["company.created", *created],
        "person.*": [*created, "person.deleted"],
        "*.*": ["company.created", *created, "person.deleted"],
        "company.*": ["company.created"],
        "*.deleted": ["person.deleted"],
    }


async def test_what_an_upsert_did_is_told_once_and_by_the_name_that_is_asked_for(client: Client) -> None:
    asked = [
        ["person.upserted"],
        ["*.upserted"],
        ["company.upserted"],
        ["*.upserted", "person.*"],
        ["person.upserted", "person.created"],
        ["*.updated", "person.upserted", "*.upserted"],
    ]
    gone_id = str(new_id())
    await client.data(CREATE, {"id": gone_id, "city": "gone"})
    await client.data(f'mutation {{ deletePerson(id: "{gone_id}") {{ id }} }}')
    async with receiving() as receiver:
        for operations in asked:
            await make_webhook(client, targetUrl=f"{receiver.url}{'+'.join(operations)}", operations=operations)
        person_id = str(new_id())
        await client.data(CREATE, {"id": person_id, "city": "plain"})
        for row in (f'id: "{person_id}", city: "changed"', 'city: "new"', f'id: "{gone_id}", city: "back"'):
            await client.data(f"mutation {{ createPeople(data: [{{ {row} }}], upsert: true) {{ id }} }}")
        await client.data(f'mutation {{ updatePerson(id: "{person_id}", data: {{ city: "plainer" }}) {{ id }} }}')
        async with delivering(client.database):
            await until_states(client, *["delivered"] * 19)
    told: dict[str, dict[str, str]] = {}
    for each in receiver.received:
        names = told.setdefault(each.path[1:], {})
        city = each.told["record"]["city"]
        assert city not in names
        names[city] = each.told["eventName"]
        assert ("updatedFields" in each.told) == (city in {"changed", "plainer"})
    upserted = dict.fromkeys(("changed", "new", "back"), "person.upserted")
    plain = {"plain": "person.created", "plainer": "person.updated"}
    assert told == {
        "person.upserted": upserted,
        "*.upserted": upserted,
        "*.upserted+person.*": plain
        | {"changed": "person.updated", "new": "person.created", "back": "person.restored"},
        "person.upserted+person.created": upserted | {"plain": "person.created", "new": "person.created"},
        "*.updated+person.upserted+*.upserted": upserted | {"changed": "person.updated", "plainer": "person.updated"},
    }
    rows = await client.database.rows("""select "eventName", body from core."webhookDelivery" """)
    assert all(json.loads(row["body"])["eventName"] == row["eventName"] for row in rows)


async def test_nobody_is_told_of_what_happens_elsewhere(client: Client) -> None:
    other = client.as_tenant(await make_tenant(client.database, "Other"))
    async with receiving() as receiver, delivering(client.database):
        for each, path in ((client, "one"), (other, "other")):
            await make_webhook(each, targetUrl=f"{receiver.url}{path}")
        await client.data(CREATE, {"city": "Oslo"})
        await other.data(CREATE, {"city": "Bergen"})
        await receiver.until(2)
        await until_states(client, "delivered", "delivered")
    assert sorted((each.path, each.what, each.told["workspaceId"]) for each in receiver.received) == [
        ("/one", "person.created Oslo", str(client.tenant.workspace_id)),
        ("/other", "person.created Bergen", str(other.tenant.workspace_id)),
    ]


async def test_a_webhook_is_told_of_what_happens_after_it_was_made_and_before_it_is_deleted(client: Client) -> None:
    await client.data(CREATE, {"city": "before"})
    kept, gone, disabled = [await make_webhook(client) for _ in range(3)]
    await client.data(CREATE, {"city": "meanwhile"})
    await client.data(f'mutation {{ deleteWebhook(id: "{gone["id"]}") }}')
    await client.database.execute(
        """update core.webhook set "disabledAt" = now() where id = $1""", UUID(disabled["id"])
    )
    async with reading(client.database):
        await until_states(client, "waiting")
    rows = await client.database.rows("""select "webhookId", body from core."webhookDelivery" """)
    assert [(str(row["webhookId"]), json.loads(row["body"])["record"]["city"]) for row in rows] == [
        (kept["id"], "meanwhile")
    ]


async def test_links_to_files_are_signed(client: Client) -> None:
    await make_webhook(client, operations=["attachment.created"])
    signed, _ = await attach(client)
    async with reading(client.database):
        await until_states(client, "waiting")
    body = await client.database.value("""select body from core."webhookDelivery" """)
    path = json.loads(str(body))["record"]["fullPath"]
    assert path.startswith("http://crm.example/files/attachment/")
    linked = LINKS.read(path.removeprefix("http://crm.example/files/"))
    assert (linked.workspace_id, linked.path) == (client.tenant.workspace_id, signed["path"])


async def test_the_data_model_may_change_between_an_event_and_its_delivery(client: Client) -> None:
    await make_webhook(client)
    await client.data(CREATE, {"city": "Oslo"})
    await client.data('mutation { createNote(data: { title: "n" }) { id } createCompany(data: { name: "c" }) { id } }')
    person_id, note_id = await object_id(client, "person"), await object_id(client, "note")
    field = {"objectMetadataId": person_id, "name": "shoeSize", "label": "Shoe size", "type": "NUMBER"}
    await client.data(
        "mutation($input: CreateOneFieldMetadataInput!) { createOneField(input: $input) { id } }",
        {"input": {"field": field}},
    )
    city_id = await field_id(client, "person.city")
    hide = f"""mutation {{
        updateOneField(input: {{ id: "{city_id}", update: {{ isActive: false }} }}) {{ id }}
        updateOneObject(input: {{ id: "{note_id}", update: {{ isActive: false }} }}) {{ id }}
    }}"""
    await client.data(hide)
    async with reading(client.database):
        await until_states(client, "waiting", "waiting")
    found = [each.name for each in await deliveries(client)]
    assert found == ["person.created", "company.created"]
    body = await client.database.value("""select body from core."webhookDelivery" order by number limit 1""")
    record = json.loads(str(body))["record"]
    assert record["shoeSize"] is None
    assert "city" not in record


@pytest.mark.parametrize(("webhooks", "statements"), [(0, 1), (1, 1), (3, 1)])
async def test_events_that_nobody_asks_for_cost_one_statement(client: Client, webhooks: int, statements: int) -> None:
    for _ in range(webhooks):
        await make_webhook(client, operations=["company.*"])
    await client.data(CREATE, {})
    batch = await read(client.database, client.tenant.schema, START, 1000)
    log = Log(workspace_id=client.tenant.workspace_id, schema=client.tenant.schema)
    async with client.database.transaction() as connection:
        recorded = RecordingConnection(connection, [])
        await WebhookReader(Bodies()).read(recorded, log, batch.events)
    assert len(recorded._log) == statements


async def test_many_events_are_enqueued_by_few_statements(client: Client) -> None:
    for _ in range(2):
        await make_webhook(client)
    many = "mutation($data: [PersonCreateInput!]!) { createPeople(data: $data) { id } }"
    cities = [str(number) for number in range(60)]
    await client.data(many, {"data": [{"city": city} for city in cities]})
    batch = await read(client.database, client.tenant.schema, START, 1000)
    log = Log(workspace_id=client.tenant.workspace_id, schema=client.tenant.schema)
    async with client.database.transaction() as connection:
        recorded = RecordingConnection(connection, [])
        await WebhookReader(Bodies()).read(recorded, log, batch.events)
    assert len([sql for sql in recorded._log if "webhookDelivery" in sql]) == 1
    rows = await client.database.rows("""select body from core."webhookDelivery" order by number""")
    assert [json.loads(row["body"])["record"]["city"] for row in rows] == [city for city in cities for _ in range(2)]


async def enlarge(client: Client, megabytes: int) -> None:
    """The people of all events have a city of so many bytes, which is stored in few."""
    await client.database.execute(
        f"""update "{client.tenant.schema}".event
            set after = after || jsonb_build_object('city', repeat('x', $1::int)) where object = 'person'""",
        megabytes * 1_000_000,
    )


async def test_large_records_are_fetched_and_enqueued_a_few_at_a_time(client: Client) -> None:
    for _ in range(2):
        await make_webhook(client, operations=["person.*"])
    for _ in range(5):
        await client.data(CREATE, {})
    await enlarge(client, 3)
    batch = await read(client.database, client.tenant.schema, START, 1000)
    log = Log(workspace_id=client.tenant.workspace_id, schema=client.tenant.schema)
    async with client.database.transaction() as connection:
        recorded = RecordingConnection(connection, [])
        await WebhookReader(Bodies()).read(recorded, log, batch.events)
    assert len([sql for sql in recorded._log if "jsonb_populate_record" in sql]) == 3  # of two, two and one
    assert len([sql for sql in recorded._log if 'insert into core."webhookDelivery"' in sql]) == 5
    rows = await client.database.rows(
        """select "eventId", octet_length(body) > 3000000 as large from core."webhookDelivery" order by number"""
    )
    people = [event for event in batch.events if event.object == "person"]
    assert [tuple(row) for row in rows] == [(event.id, True) for event in people for _ in range(2)]


async def test_a_record_that_is_too_large_is_given_up_at_once_and_holds_up_nothing(client: Client) -> None:
    person_id = str(new_id())
    async with receiving() as receiver:
        await make_webhook(client, targetUrl=receiver.url, operations=["person.*"])
        await client.data(CREATE, {"id": person_id})
        await enlarge(client, 1 + MOST_BYTES // 1_000_000)
        await client.data(UPDATE, {"id": person_id, "city": "Oslo"})
        async with delivering(client.database):
            await until_states(client, "dead", "delivered")
    (dead, _) = await deliveries(client)
    assert (dead.error, dead.attempts) == ("The record is too large: more than 20 MB.", 0)
    assert receiver.whats == ["person.updated Oslo"]
    body = await client.database.value("""select body from core."webhookDelivery" where state = 'dead'""")
    assert json.loads(str(body))["record"] == {"id": person_id}


async def test_the_guide_shows_a_body(client: Client) -> None:
    ada = await person(client, "ada@example.com", is_admin=True)
    person_id = str(new_id())
    await make_webhook(client, operations=["person.updated"])
    await ada.client.data(CREATE, {"id": person_id})
    await ada.client.data(UPDATE, {"id": person_id, "city": "Oslo"})
    async with reading(client.database):
        await until_states(client, "waiting")
    told = json.loads(str(await client.database.value("""select body from core."webhookDelivery" """)))
    text = (ROOT / "docs" / "webhooks.md").read_text(encoding="utf-8")
    shown = json.loads(text.partition("```json\n")[2].partition("```")[0])
    assert list(shown) == list(told)
    assert shown["objectMetadata"].keys() == told["objectMetadata"].keys()
    assert (shown["eventName"], shown["updatedFields"]) == (told["eventName"], told["updatedFields"])
    assert shown["record"].keys() <= told["record"].keys()


@pytest.mark.parametrize(
    "said",
    [
        f"within {SECONDS:.0f} seconds",
        f"up to {PARALLEL} are on their way",
        f"for {SHORTEST_PAUSE.total_seconds():.0f} seconds, then for longer and longer, up to an hour",
        f"has its turn for {TURN_SECONDS:.0f} seconds",
        f"fewer than {MOST} of them",
        f"more than {MOST_BYTES // 1_000_000} MB",
    ],
)
def test_the_guide_says_the_numbers_of_the_program(said: str) -> None:
    text = (ROOT / "docs" / "webhooks.md").read_text(encoding="utf-8")
    assert said in " ".join(text.split())
    assert [delay.total_seconds() for delay in DELAYS] == [5, 30, 120, 600, 1_800, 7_200, 21_600, 57_600]
    assert (PATIENCE, LONGEST_PAUSE.total_seconds()) == (3, 3_600)
