"""Updating records, one and many, over HTTP."""

from datetime import datetime

from tests.records.failure import NOT_FOUND, Failure, failure, refusal
from tests.records.member import member
from tests.serving import Client

ID = "20202020-0c28-43d9-b8f7-2b12e84b4d5e"
OTHER_ID = "30303030-0c28-43d9-b8f7-2b12e84b4d5e"
CREATE = "mutation($data: PersonCreateInput!) { createPerson(data: $data) { id } }"
UPDATE = "mutation($id: UUID!, $data: PersonUpdateInput!) { updatePerson(id: $id, data: $data) { id } }"


async def updated(client: Client, data: object, selection: str) -> object:
    found = await client.data(UPDATE.replace("{ id }", f"{{ {selection} }}"), {"id": ID, "data": data})
    return found["updatePerson"]


async def test_an_update_changes_what_it_names_and_nothing_else(client: Client) -> None:
    fields = "id city jobTitle position createdAt name { firstName lastName } emails { primaryEmail } deletedAt"
    created = await client.data(
        CREATE.replace("{ id }", f"{{ {fields} }}"),
        {
            "data": {
                "id": ID,
                "city": "Oslo",
                "jobTitle": "Chef",
                "name": {"firstName": "Ann"},
                "email": "a@acme.example",
            }
        },
    )

    assert await updated(client, {"city": "Bern"}, fields) == created["createPerson"] | {"city": "Bern"}
    assert await updated(client, {"city": None}, fields) == created["createPerson"] | {"city": None}
    assert await updated(client, {}, fields) == created["createPerson"] | {"city": None}


async def test_of_a_composite_only_the_given_parts_change(client: Client) -> None:
    await client.data(
        CREATE,
        {
            "data": {
                "id": ID,
                "name": {"firstName": "Ann", "lastName": "Bo"},
                "linkedinLink": {"primaryLinkUrl": "https://a.example", "primaryLinkLabel": "A"},
                "emails": {"primaryEmail": "a@acme.example", "additionalEmails": ["b@acme.example"]},
                "phones": {
                    "primaryPhoneNumber": "612345678",
                    "primaryPhoneCountryCode": "FR",
                    "primaryPhoneCallingCode": "+33",
                },
            }
        },
    )

    assert await updated(client, {"name": {"lastName": "Day"}}, "name { firstName lastName }") == {
        "name": {"firstName": "Ann", "lastName": "Day"}
    }
    assert await updated(client, {"name": {"firstName": None}}, "name { firstName lastName }") == {
        "name": {"firstName": None, "lastName": "Day"}
    }
    assert await updated(client, {"name": {}}, "name { firstName lastName }") == {
        "name": {"firstName": None, "lastName": "Day"}
    }
    assert await updated(client, {"name": None}, "name { firstName lastName }") == {
        "name": {"firstName": None, "lastName": None}
    }
    assert await updated(
        client, {"emails": {"primaryEmail": "c@acme.example"}}, "emails { primaryEmail additionalEmails }"
    ) == {"emails": {"primaryEmail": "c@acme.example", "additionalEmails": ["b@acme.example"]}}
    assert await updated(
        client, {"linkedinLink": {"primaryLinkLabel": "B"}}, "linkedinLink { primaryLinkUrl primaryLinkLabel }"
    ) == {"linkedinLink": {"primaryLinkUrl": "https://a.example", "primaryLinkLabel": "B"}}


async def test_the_time_and_the_person_of_the_last_change_are_kept(client: Client) -> None:
    user, member_id = await member(client)
    fields = "createdAt updatedAt createdBy { source name } updatedBy { source workspaceMemberId name }"
    created = (await client.data(CREATE.replace("{ id }", f"{{ {fields} }}"), {"data": {"id": ID}}))["createPerson"]
    changed = await updated(user, {"city": "Bern", "updatedAt": "2001-01-01T00:00:00Z"}, fields)
    assert isinstance(changed, dict)

    assert changed["createdAt"] == created["createdAt"]
    assert datetime.fromisoformat(changed["updatedAt"]) >= datetime.fromisoformat(created["updatedAt"])
    assert changed["createdBy"] == {"source": "API", "name": "tests"}
    assert changed["updatedBy"] == {"source": "MANUAL", "workspaceMemberId": str(member_id), "name": "Inès Ollier"}


async def test_the_source_of_a_change_may_be_given(client: Client) -> None:
    await client.data(CREATE, {"data": {"id": ID}})

    assert await updated(client, {"updatedBy": {"source": "IMPORT"}}, "updatedBy { source name }") == {
        "updatedBy": {"source": "IMPORT", "name": "tests"}
    }
    assert await updated(
        client, {"city": "Bern", "updatedBy": None, "createdBy": None}, "updatedBy { source } createdBy { source }"
    ) == {
        "updatedBy": {"source": "API"},
        "createdBy": {"source": "API"},
    }


async def test_a_position_can_be_given_by_name(client: Client) -> None:
    await client.data("mutation { createPeople(data: [{ position: 5 }, { position: 9 }]) { id } }")
    await client.data(CREATE, {"data": {"id": ID, "position": 7}})

    assert await updated(client, {"city": "Bern"}, "position") == {"position": 7}
    assert await updated(client, {"position": "last"}, "position") == {"position": 10}
    assert await updated(client, {"position": "first"}, "position") == {"position": 4}
    assert await updated(client, {"position": 6.5}, "position") == {"position": 6.5}


async def test_what_is_absent_or_deleted_is_not_found(client: Client) -> None:
    await client.data(CREATE, {"data": {"id": ID}})
    await client.data(f'mutation {{ deletePerson(id: "{ID}") {{ id }} }}')

    for identity in (ID, OTHER_ID):
        assert await failure(client, UPDATE, {"id": identity, "data": {"city": "Bern"}}) == NOT_FOUND


async def test_the_id_cannot_change(client: Client) -> None:
    await client.data(CREATE, {"data": {"id": ID}})
    refused = refusal("The id of a record cannot be changed.")
    many = "mutation($data: PersonUpdateInput!) { updatePeople(data: $data, filter: { id: { is: NOT_NULL } }) { id } }"

    assert await updated(client, {"id": ID.upper(), "city": "Bern"}, "id city") == {"id": ID, "city": "Bern"}
    assert await updated(client, {"id": None, "city": "Rome"}, "id city") == {"id": ID, "city": "Rome"}
    assert await failure(client, UPDATE, {"id": ID, "data": {"id": OTHER_ID}}) == refused
    assert await failure(client, many, {"data": {"id": ID}}) == refused


async def test_null_is_refused_where_there_must_be_a_value(client: Client) -> None:
    await client.data(f'mutation {{ createCompany(data: {{ id: "{ID}" }}) {{ id }} }}')
    await client.data(CREATE, {"data": {"id": ID}})
    company = (
        f'mutation {{ updateCompany(id: "{ID}", data: {{ idealCustomerProfile: null }}) {{ idealCustomerProfile }} }}'
    )

    for found in (await client.ask(company), await client.ask(UPDATE, {"id": ID, "data": {"createdAt": None}})):
        if "errors" in found:  # a field with a default may take it instead
            assert isinstance(found["errors"], list)
            assert found["errors"][0]["extensions"]["subCode"] == "INVALID_ARGS_DATA"
            assert "is not nullable and has no default value." in found["errors"][0]["message"]
    assert (await client.data(f'{{ company(id: "{ID}") {{ idealCustomerProfile }} }}'))["company"] == {
        "idealCustomerProfile": False
    }


async def test_many_are_chosen_by_a_filter_and_come_back_with_their_relations(client: Client) -> None:
    await client.data(f'mutation {{ createCompany(data: {{ id: "{ID}", name: "Acme" }}) {{ id }} }}')
    await client.data('mutation { createPeople(data: [{ city: "Oslo" }, { city: "Oslo" }, { city: "Bern" }]) { id } }')
    found = await client.data(
        f"""mutation {{ updatePeople(
            data: {{ jobTitle: "CEO", companyId: "{ID}" }}, filter: {{ city: {{ eq: "Oslo" }} }}
        ) {{
            city jobTitle company {{ name people {{ totalCount edges {{ node {{ jobTitle }} }} }} }}
        }} }}"""
    )
    people = {"totalCount": 2, "edges": [{"node": {"jobTitle": "CEO"}}, {"node": {"jobTitle": "CEO"}}]}
    one = {"city": "Oslo", "jobTitle": "CEO", "company": {"name": "Acme", "people": people}}

    assert found == {"updatePeople": [one, one]}
    assert await client.data(
        'mutation { updatePeople(data: { city: "x" }, filter: { city: { eq: "no" } }) { id } }'
    ) == {"updatePeople": []}


async def test_a_filter_that_says_nothing_is_refused(client: Client) -> None:
    await client.data(CREATE, {"data": {"id": ID, "city": "Oslo"}})
    verbs = {
        "updatePeople": '(data: { city: "Bern" }, filter: $filter)',
        "deletePeople": "(filter: $filter)",
        "destroyPeople": "(filter: $filter)",
        "restorePeople": "(filter: $filter)",
    }
    empty: list[object] = [
        {},
        {"and": []},
        {"or": []},
        {"and": [{}, {}]},
        {"or": [{}, {"city": {"eq": "Oslo"}}]},
        {"city": {}},
        {"city": None},
        {"city": {"is": None}},
        {"name": {}},
    ]
    for verb, arguments in verbs.items():
        query = f"mutation($filter: PersonFilterInput!) {{ {verb}{arguments} {{ id }} }}"
        for given in empty:
            assert await failure(client, query, {"filter": given}) == refusal(
                "A non-empty filter is required", "INVALID_QUERY_INPUT"
            ), (verb, given)
        without = query.replace("($filter: PersonFilterInput!)", "").replace("filter: $filter", "").replace("()", "")
        missing = await failure(client, without)
        assert missing == Failure(
            message=f'Field "{verb}" argument "filter" of type "PersonFilterInput!" is required, '
            "but it was not provided.",
            code="GRAPHQL_VALIDATION_FAILED",
        ), verb
    assert (await client.data("{ people { edges { node { city } } } }"))["people"]["edges"] == [
        {"node": {"city": "Oslo"}}
    ]


async def test_an_update_of_many_is_done_to_all_or_none(client: Client) -> None:
    await client.data('mutation { createPeople(data: [{ city: "Oslo" }, { city: "Oslo" }]) { id } }')
    query = """mutation { updatePeople(
        data: { email: "one@acme.example" }, filter: { city: { eq: "Oslo" } }
    ) { id } }"""

    assert (await failure(client, query)).sub_code == "DUPLICATE_ENTRY_DETECTED"
    assert (await client.data("{ people(filter: { email: { is: NOT_NULL } }) { totalCount } }"))["people"] == {
        "totalCount": 0
    }
