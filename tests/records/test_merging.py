"""Merging records over GraphQL: fields, links, events, the dry run, and what is refused."""

import pytest

from tests.records.events import events, forget_events
from tests.records.failure import Failure, failure
from tests.serving import Client

A, B, C = (f"a0000001-0000-4000-8000-00000000000{digit}" for digit in "123")
ACME, OTHER = (f"c0000001-0000-4000-8000-00000000000{digit}" for digit in "12")
MISSING = "99999999-9999-4999-8999-999999999999"
CREATE = "mutation($data: [PersonCreateInput!]!) { createPeople(data: $data) { id } }"
FIELDS = """
    id deletedAt name { firstName lastName } emails { primaryEmail additionalEmails }
    phones { primaryPhoneNumber primaryPhoneCountryCode primaryPhoneCallingCode additionalPhones }
    linkedinLink { primaryLinkLabel primaryLinkUrl secondaryLinks } jobTitle city position companyId
    createdBy { source }
"""
MERGE = f"""mutation($ids: [UUID!]!, $index: Int!, $dry: Boolean) {{
    mergePeople(ids: $ids, conflictPriorityIndex: $index, dryRun: $dry) {{ {FIELDS} }}
}}"""
NO_PHONES = {
    "primaryPhoneNumber": None,
    "primaryPhoneCountryCode": None,
    "primaryPhoneCallingCode": None,
    "additionalPhones": None,
}


@pytest.fixture
async def people(client: Client) -> Client:
    """Three people, of whom two have values in the same fields, and two companies."""
    await client.data(
        f'mutation {{ createCompanies(data: [{{ id: "{ACME}", name: "Acme" }}, {{ id: "{OTHER}" }}]) {{ id }} }}'
    )
    data = [
        {
            "id": A,
            "position": 1,
            "name": {"firstName": "Ada", "lastName": "King"},
            "emails": {"primaryEmail": "a@x.example", "additionalEmails": ["c@x.example"]},
            "phones": {"primaryPhoneNumber": "+33612345678"},
            "linkedinLink": {"primaryLinkUrl": "l.example/a", "primaryLinkLabel": "in"},
            "city": "Paris",
        },
        {
            "id": B,
            "position": 2,
            "name": {"firstName": "", "lastName": "Byron"},
            "emails": {
                "primaryEmail": "b@x.example",
                "additionalEmails": ["c@x.example", "a@x.example", "d@x.example"],
            },
            "phones": {"primaryPhoneNumber": "+33612345678", "additionalPhones": [{"number": "+442079460018"}]},
            "linkedinLink": {"primaryLinkUrl": "l.example/b", "secondaryLinks": [{"url": "l.example/c", "label": "c"}]},
            "companyId": ACME,
        },
        {"id": C, "position": 3, "jobTitle": "Engineer", "companyId": OTHER},
    ]
    await client.data(CREATE, {"data": data})
    await forget_events(client)
    return client


async def merge(client: Client, ids: list[str], index: int, **more: object) -> dict[str, object]:
    found = await client.data(MERGE, {"ids": ids, "index": index, **more})
    merged = found["mergePeople"]
    assert isinstance(merged, dict)
    return merged


async def test_a_field_takes_the_only_value_or_unites_the_values_or_keeps_that_of_the_priority(people: Client) -> None:
    assert await merge(people, [A, B, C], 1) == {
        "id": B,
        "deletedAt": None,
        "name": {"firstName": "", "lastName": "Byron"},
        "emails": {"primaryEmail": "b@x.example", "additionalEmails": ["a@x.example", "c@x.example", "d@x.example"]},
        "phones": {
            "primaryPhoneNumber": "612345678",
            "primaryPhoneCountryCode": "FR",
            "primaryPhoneCallingCode": "+33",
            "additionalPhones": [{"number": "2079460018", "countryCode": "GB", "callingCode": "+44"}],
        },
        "linkedinLink": {
            "primaryLinkUrl": "l.example/b",
            "primaryLinkLabel": None,
            "secondaryLinks": [{"label": "in", "url": "l.example/a"}, {"label": "c", "url": "l.example/c"}],
        },
        "jobTitle": "Engineer",
        "city": "Paris",
        "position": 2,
        "companyId": ACME,
        "createdBy": {"source": "API"},
    }
    left = await people.data("{ people { edges { node { id } } } }")
    assert left == {"people": {"edges": [{"node": {"id": B}}]}}


async def test_of_several_values_the_first_is_taken_where_the_priority_has_none(people: Client) -> None:
    merged = await merge(people, [A, B, C], 2)

    assert merged["name"] == {"firstName": "Ada", "lastName": "King"}
    assert merged["emails"] == {
        "primaryEmail": "a@x.example",
        "additionalEmails": ["c@x.example", "b@x.example", "d@x.example"],
    }
    assert merged["companyId"] == OTHER


async def test_ids_may_be_in_capitals_and_arguments_in_the_document(people: Client) -> None:
    arguments = f'ids: ["{B.upper()}", "{C}"], conflictPriorityIndex: 0'
    found = await people.data(f"mutation {{ mergePeople({arguments}) {{ id jobTitle company {{ name }} }} }}")
    assert found == {"mergePeople": {"id": B, "jobTitle": "Engineer", "company": {"name": "Acme"}}}


async def test_all_that_pointed_to_the_others_points_to_the_survivor(people: Client) -> None:
    note = MISSING.replace("9", "7")
    await people.data(
        f"""mutation {{
            createNote(data: {{ id: "{note}" }}) {{ id }}
            createOpportunity(data: {{ name: "Deal", pointOfContactId: "{A}" }}) {{ id }}
            createNoteTargets(
              data: [{{ noteId: "{note}", personId: "{A}" }}, {{ noteId: "{note}", personId: "{C}" }}]
            ) {{ id }}
            createTaskTarget(data: {{ personId: "{B}" }}) {{ id }}
            createAttachment(data: {{ name: "CV", personId: "{A}" }}) {{ id }}
            createFavorites(data: [{{ personId: "{A}" }}, {{ personId: "{C}" }}]) {{ id }}
            createTimelineActivity(data: {{ name: "person.created", personId: "{A}" }}) {{ id }}
        }}"""
    )
    await people.data(f'mutation {{ deleteFavorites(filter: {{ personId: {{ eq: "{C}" }} }}) {{ id }} }}')
    found = await people.data(
        f"""mutation {{ mergePeople(ids: ["{A}", "{B}", "{C}"], conflictPriorityIndex: 1) {{
            opportunities {{ edges {{ node {{ name pointOfContact {{ id }} }} }} }}
            noteTargets {{ totalCount }} taskTargets {{ totalCount }} attachments {{ totalCount }}
            favorites {{ totalCount }} timelineActivities {{ totalCount }}
        }} }}"""
    )

    assert found["mergePeople"] == {
        "opportunities": {"edges": [{"node": {"name": "Deal", "pointOfContact": {"id": B}}}]},
        "noteTargets": {"totalCount": 2},
        "taskTargets": {"totalCount": 1},
        "attachments": {"totalCount": 1},
        "favorites": {"totalCount": 1},
        "timelineActivities": {"totalCount": 1},
    }
    deleted = await people.data(
        "{ favorites(filter: { deletedAt: { is: NOT_NULL } }) { edges { node { personId } } } }"
    )
    assert deleted == {"favorites": {"edges": [{"node": {"personId": B}}]}}


async def test_the_log_tells_of_every_record_that_changed(people: Client) -> None:
    await people.data(f'mutation {{ createOpportunity(data: {{ name: "Deal", pointOfContactId: "{A}" }}) {{ id }} }}')
    await forget_events(people)
    await merge(people, [A, B], 1)

    log = await events(people)
    told = [(each.action, each.kind, each.updated_fields and set(each.updated_fields)) for each in log]
    changed = {"emails", "linkedinLink", "city"}
    assert told == [
        ("deleted", "person", None),
        ("updated", "person", changed),
        ("updated", "opportunity", {"pointOfContact"}),
    ]
    assert [each.record_id for each in log[:2]] == [A, B]
    states = [(each.before or {}, each.after or {}) for each in log]
    assert [before["deletedAt"] is None for before, _ in states] == [True, True, True]
    assert [after["deletedAt"] is None for _, after in states] == [False, True, True]
    assert [state["city"] for state in states[1]] == [None, "Paris"]
    assert [state["pointOfContactId"] for state in states[2]] == [A, B]
    assert {each.actor["source"] for each in log} == {"API"}


async def test_a_survivor_that_gains_nothing_is_not_in_the_log(people: Client) -> None:
    await people.data(
        f'mutation {{ updatePerson(id: "{A}", data: {{ companyId: "{ACME}", jobTitle: "CEO" }}) {{ id }} }}'
    )
    await forget_events(people)
    await merge(people, [A, C], 0)

    assert [(each.action, each.record_id) for each in await events(people)] == [("deleted", C)]


async def test_a_dry_run_shows_the_merged_record_and_changes_nothing(people: Client) -> None:
    await people.data(f'mutation {{ createOpportunity(data: {{ name: "Deal", pointOfContactId: "{A}" }}) {{ id }} }}')
    await forget_events(people)
    everything = (
        "{ people { edges { node { createdAt updatedAt "
        + FIELDS
        + " } } } opportunities { edges { node { updatedAt pointOfContactId } } } }"
    )
    before = await people.data(everything)
    preview = await merge(people, [A, B, C], 1, dry=True)

    assert await people.data(everything) == before
    assert await events(people) == []
    assert preview.pop("id") not in (A, B, C)
    assert preview.pop("deletedAt") is not None
    related = await people.data(
        f"""mutation {{ mergePeople(ids: ["{A}", "{B}", "{C}"], conflictPriorityIndex: 1, dryRun: true) {{
            createdAt company {{ name }} opportunities {{ totalCount edges {{ node {{ name }} }} }} }} }}"""
    )
    by_id = {edge["node"]["id"]: edge["node"] for edge in before["people"]["edges"]}
    assert related["mergePeople"] == {
        "createdAt": by_id[B]["createdAt"],
        "company": {"name": "Acme"},
        "opportunities": {"totalCount": 1, "edges": [{"node": {"name": "Deal"}}]},
    }
    merged = await merge(people, [A, B, C], 1, dry=False)
    assert {**merged, "id": None, "deletedAt": None} == {**preview, "id": None, "deletedAt": None}


async def test_the_survivor_may_take_a_unique_value_of_another_record(people: Client) -> None:
    merged = await merge(people, [C, A], 0)
    assert merged["emails"] == {"primaryEmail": "a@x.example", "additionalEmails": ["c@x.example"]}
    assert merged["phones"] != NO_PHONES

    refused = await failure(people, f'mutation {{ restorePerson(id: "{A}") {{ id }} }}')
    assert refused.sub_code == "DUPLICATE_ENTRY_DETECTED"


async def test_links_that_may_not_be_there_twice_refuse_the_merge(client: Client) -> None:
    data = await client.data(
        """mutation {
            createMessageChannel(data: { handle: "a@x.example" }) { id }
            createMessages(data: [{ subject: "a" }, { subject: "b" }]) { id }
        }"""
    )
    channel, messages = data["createMessageChannel"]["id"], [each["id"] for each in data["createMessages"]]
    links = [{"messageChannelId": channel, "messageId": each} for each in messages]
    query = (
        "mutation($data: [MessageChannelMessageAssociationCreateInput!]!) "
        "{ createMessageChannelMessageAssociations(data: $data) { id } }"
    )
    await client.data(query, {"data": links})
    await forget_events(client)
    refused = await failure(
        client,
        "mutation($ids: [UUID!]!) { mergeMessages(ids: $ids, conflictPriorityIndex: 0) { id } }",
        {"ids": messages},
    )

    assert refused.sub_code == "DUPLICATE_ENTRY_DETECTED"
    assert refused.message.startswith("A duplicate entry was detected")
    assert await events(client) == []
    assert await client.data("{ messages { totalCount } }") == {"messages": {"totalCount": 2}}


NOT_FOUND = Failure(message="One or more records not found", code="NOT_FOUND", sub_code="RECORD_NOT_FOUND")


async def test_deleted_records_cannot_be_merged(people: Client) -> None:
    await people.data(f'mutation {{ deletePerson(id: "{C}") {{ id }} }}')
    assert await failure(people, MERGE, {"ids": [A, C], "index": 0}) == NOT_FOUND


async def test_root_fields_after_a_merge_see_it_and_a_refused_one_stops_nothing(people: Client) -> None:
    answer = await people.ask(
        f"""mutation {{
            bad: mergePeople(ids: ["{A}", "{MISSING}"], conflictPriorityIndex: 0) {{ id }}
            good: mergePeople(ids: ["{A}", "{C}"], conflictPriorityIndex: 0) {{ jobTitle }}
            again: mergePeople(ids: ["{A}", "{C}"], conflictPriorityIndex: 0) {{ id }}
        }}"""
    )
    assert answer["data"] == {"bad": None, "good": {"jobTitle": "Engineer"}, "again": None}
    assert [error["path"] for error in answer["errors"]] == [["bad"], ["again"]]  # type: ignore[attr-defined]


async def test_any_object_can_be_merged(client: Client) -> None:
    data = await client.data('mutation { createNotes(data: [{ title: "a", body: "one" }, { body: "two" }]) { id } }')
    found = await client.data(
        "mutation($ids: [UUID!]!) { mergeNotes(ids: $ids, conflictPriorityIndex: 1) { title body } }",
        {"ids": [each["id"] for each in data["createNotes"]]},
    )
    assert found == {"mergeNotes": {"title": "a", "body": "two"}}
