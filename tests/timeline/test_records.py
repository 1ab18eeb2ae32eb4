"""What the timeline of a record tells of the record itself."""

from collections.abc import Sequence

import pytest

from tests.records.member import member
from tests.timeline.telling import Teller

ANN, BOB = "b0000001-0000-4000-8000-000000000001", "b0000001-0000-4000-8000-000000000002"
ACME = "c0000001-0000-4000-8000-000000000001"
PERSON = "targetPersonId"
CREATE = "mutation($data: PersonCreateInput!) { createPerson(data: $data) { id } }"
UPDATE = "mutation($id: UUID!, $data: PersonUpdateInput!) { updatePerson(id: $id, data: $data) { id } }"


async def create(teller: Teller, **data: object) -> None:
    await teller.client.data(CREATE, {"data": {"id": ANN, **data}})


async def update(teller: Teller, **data: object) -> None:
    await teller.client.data(UPDATE, {"id": ANN, "data": data})


async def act(teller: Teller, verb: str, record_id: str = ANN) -> None:
    await teller.client.data(f'mutation {{ {verb}Person(id: "{record_id}") {{ id }} }}')


async def test_each_action_is_told_with_who_did_it_when_and_what(teller: Teller) -> None:
    anonymous = teller.client
    teller.client, member_id = await member(anonymous)
    await create(teller, name={"firstName": "Ann", "lastName": "Moe"}, city="Oslo")
    await update(teller, name={"lastName": "Lie"}, jobTitle="CEO", position=7)
    await act(teller, "delete")
    await act(teller, "restore")
    await teller.tell()

    headers = {"Authorization": f"Bearer {anonymous.tenant.key}"}
    order = "order_by=happensAt,id&depth=0"
    answer = await anonymous.http.get(f"{anonymous.url}/rest/timelineActivities?{order}", headers=headers)
    entries = answer.json()["data"]["timelineActivities"]
    events = await anonymous.database.rows(
        f'select "happenedAt", after from "{teller.log.schema}".event where "recordId" = $1 order by seq', ANN
    )
    moments = [f"{event['happenedAt']:%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "Z" for event in events]
    person = (await anonymous.http.get(f"{anonymous.url}/rest/people/{ANN}?depth=0", headers=headers)).json()
    shown = person["data"]["person"]
    after = {
        **shown,
        "name": {"firstName": "Ann", "lastName": "Moe"},
        "jobTitle": None,
        "position": 0,
        "updatedAt": moments[0],
    }
    expected: list[tuple[str, object]] = [
        ("person.created", {"after": after}),
        (
            "person.updated",
            {
                "diff": {
                    "name": {
                        "before": {"firstName": "Ann", "lastName": "Moe"},
                        "after": {"firstName": "Ann", "lastName": "Lie"},
                    },
                    "jobTitle": {"before": None, "after": "CEO"},
                }
            },
        ),
        ("person.deleted", {"diff": {"deletedAt": {"before": None, "after": moments[2]}}}),
        ("person.restored", {"diff": {"deletedAt": {"before": moments[2], "after": None}}}),
    ]
    nothing = dict.fromkeys([key for key in entries[0] if key.startswith(("target", "linked")) or key == "deletedAt"])
    assert [{key: value for key, value in entry.items() if key != "id"} for entry in entries] == [
        {
            **nothing,
            "createdAt": moment,
            "updatedAt": moment,
            "happensAt": moment,
            "name": name,
            "properties": properties,
            "workspaceMemberId": str(member_id),
            "targetPersonId": ANN,
        }
        for moment, (name, properties) in zip(moments, expected, strict=True)
    ]


async def test_what_keys_do_is_told_without_a_member(teller: Teller) -> None:
    await create(teller)
    await teller.tell()
    (entry,) = await teller.entries(PERSON, ANN)
    assert entry.keys() == {"name", "properties", PERSON}


async def test_changes_that_do_not_count_are_not_told(teller: Teller) -> None:
    await create(teller, city="Oslo")
    await update(teller, position=12)
    await update(teller, city="Oslo")
    await teller.tell()
    assert await teller.names(PERSON, ANN) == ["person.created"]


async def test_links_are_told_by_ids_moments_and_numbers_as_apis_show_them(teller: Teller) -> None:
    await teller.client.data(
        f"""mutation {{
            createCompany(data: {{ id: "{ACME}", name: "Acme" }}) {{ id }}
            createOpportunity(data: {{ id: "{ANN}", closeDate: "2026-01-02T03:04:05.600Z" }}) {{ id }}
            updateOpportunity(id: "{ANN}", data: {{
                companyId: "{ACME}", closeDate: "2026-02-03T00:00:00Z", probability: 60,
                amount: {{ amountMicros: 12345678901234567890, currencyCode: "NOK" }}
            }}) {{ id }}
        }}"""
    )
    await teller.tell()
    entries = await teller.entries("targetOpportunityId", ANN)
    assert entries[1]["properties"] == {
        "diff": {
            "companyId": {"before": None, "after": ACME},
            "closeDate": {"before": "2026-01-02T03:04:05.600Z", "after": "2026-02-03T00:00:00.000Z"},
            "probability": {"before": None, "after": 60},
            "amount": {
                "before": {"amountMicros": None, "currencyCode": None},
                "after": {"amountMicros": 12345678901234567890, "currencyCode": "NOK"},
            },
        }
    }


async def move(teller: Teller, minutes: Sequence[int]) -> None:
    """The events of Ann happened so many minutes ago."""
    schema = teller.log.schema
    rows = await teller.client.database.rows(
        f'select seq from "{schema}".event where "recordId" = $1 order by seq', ANN
    )
    for row, ago in zip(rows, minutes, strict=True):
        await teller.client.database.execute(
            f"""update "{schema}".event set "happenedAt" = date_trunc('hour', now()) - $2 * interval '1 minute'"""
            " where seq = $1",
            row["seq"],
            ago,
        )


@pytest.mark.parametrize("at_once", [1, 2, 3, 1000])
async def test_changes_that_follow_each_other_are_one_entry_however_they_are_read(teller: Teller, at_once: int) -> None:
    """Ten minutes from the first one on."""
    await create(teller, city="Oslo")
    for data in ({"city": "Rome"}, {"jobTitle": "CEO"}, {"city": "Bonn"}, {"city": "Kiel"}):
        await update(teller, **data)
    await move(teller, [60, 40, 35, 31, 29])
    await teller.tell(at_once=at_once)
    entries = await teller.entries(PERSON, ANN)
    assert [entry["name"] for entry in entries] == ["person.created", "person.updated", "person.updated"]
    assert [entry["properties"] for entry in entries[1:]] == [
        {"diff": {"city": {"before": "Oslo", "after": "Bonn"}, "jobTitle": {"before": None, "after": "CEO"}}},
        {"diff": {"city": {"before": "Bonn", "after": "Kiel"}}},
    ]
    table = f'"{teller.log.schema}"."timelineActivity"'
    spans = await teller.client.database.rows(
        f'select ("updatedAt" - "happensAt")::text as span from {table} order by "happensAt"'
    )
    assert [row["span"] for row in spans] == ["00:00:00", "00:09:00", "00:00:00"]


@pytest.mark.parametrize("at_once", [1, 1000])
async def test_what_is_again_what_it_was_is_not_told(teller: Teller, at_once: int) -> None:
    await create(teller, city="Oslo", jobTitle="CEO")
    for data in ({"city": "Rome"}, {"jobTitle": "CTO"}, {"city": "Oslo"}):
        await update(teller, **data)
    await teller.tell(at_once=at_once)
    entries = await teller.entries(PERSON, ANN)
    assert [entry["properties"] for entry in entries[1:]] == [{"diff": {"jobTitle": {"before": "CEO", "after": "CTO"}}}]
    await update(teller, jobTitle="CEO")
    await teller.tell(at_once=at_once)
    assert await teller.names(PERSON, ANN) == ["person.created"]


@pytest.mark.parametrize("at_once", [1, 1000])
async def test_changes_by_others_and_other_actions_come_between(teller: Teller, at_once: int) -> None:
    await create(teller, city="Oslo")
    by_key = teller.client
    by_member, _ = await member(by_key)
    for client, city in ((by_key, "Rome"), (by_member, "Bonn"), (by_member, "Kiel"), (by_key, "Bern")):
        teller.client = client
        await update(teller, city=city)
    await act(teller, "delete")
    await act(teller, "restore")
    await update(teller, city="Lyon")
    await teller.tell(at_once=at_once)
    entries = await teller.entries(PERSON, ANN)
    told = [
        (entry["name"], entry["properties"]["diff"].get("city"), "workspaceMemberId" in entry)  # type: ignore[index]
        for entry in entries[1:]
    ]
    assert told == [
        ("person.updated", {"before": "Oslo", "after": "Rome"}, False),
        ("person.updated", {"before": "Rome", "after": "Kiel"}, True),
        ("person.updated", {"before": "Kiel", "after": "Bern"}, False),
        ("person.deleted", None, False),
        ("person.restored", None, False),
        ("person.updated", {"before": "Bern", "after": "Lyon"}, False),
    ]


async def test_entries_that_users_have_deleted_or_changed_do_no_harm(teller: Teller) -> None:
    await create(teller, city="Oslo")
    await update(teller, city="Rome")
    await teller.tell()
    await teller.client.data('mutation { deleteTimelineActivities(filter: {name: {eq: "person.updated"}}) { id } }')
    await update(teller, city="Bonn")
    await teller.tell()
    table = f'"{teller.log.schema}"."timelineActivity"'
    assert (await teller.entries(PERSON, ANN))[-1]["properties"] == {
        "diff": {"city": {"before": "Rome", "after": "Bonn"}}
    }
    await teller.client.database.execute(f"""update {table} set properties = '["x"]'""")
    await update(teller, city="Kiel")
    await teller.tell()
    assert (await teller.entries(PERSON, ANN))[-1]["properties"] == {
        "diff": {"city": {"before": "Bonn", "after": "Kiel"}}
    }


async def test_a_record_that_is_gone_has_no_timeline(teller: Teller) -> None:
    await create(teller)
    await teller.client.data(CREATE, {"data": {"id": BOB}})
    await update(teller, city="Rome")
    await act(teller, "destroy")
    await teller.tell()
    assert await teller.names(PERSON, BOB) == ["person.created"]
    assert await teller.client.database.value(f'select count(*) from "{teller.log.schema}"."timelineActivity"') == 1


async def test_a_record_that_came_back_under_its_id_has_all_of_its_timeline(teller: Teller) -> None:
    await create(teller)
    await act(teller, "destroy")
    await create(teller)
    await teller.tell()
    assert await teller.names(PERSON, ANN) == ["person.created", "person.destroyed", "person.created"]
