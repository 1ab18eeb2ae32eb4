"""Creating records, one and many, over HTTP."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from tests.records.events import events
from tests.records.failure import Failure, failure, refusal
from tests.records.member import member
from tests.serving import Client

ID = "20202020-0c28-43d9-b8f7-2b12e84b4d5e"
OTHER_ID = "30303030-0c28-43d9-b8f7-2b12e84b4d5e"
CREATE = "mutation($data: PersonCreateInput!) { createPerson(data: $data) { id } }"
CREATE_MANY = "mutation($data: [PersonCreateInput!]!) { createPeople(data: $data) { id } }"
COUNT = "{ people { totalCount } }"


async def position_of(client: Client, *data: object) -> list[float]:
    found = await client.data(
        "mutation($data: [PersonCreateInput!]!) { createPeople(data: $data) { position } }", {"data": list(data)}
    )
    return [each["position"] for each in found["createPeople"]]


async def test_a_record_without_any_value_has_the_defaults(client: Client) -> None:
    before = datetime.now(UTC) - timedelta(seconds=1)
    found = await client.data(
        """mutation { createPerson(data: {}) {
            id position createdAt updatedAt deletedAt city jobTitle companyId company { id }
            name { firstName lastName } emails { primaryEmail additionalEmails }
            phones { primaryPhoneNumber primaryPhoneCountryCode primaryPhoneCallingCode additionalPhones }
            linkedinLink { primaryLinkLabel primaryLinkUrl secondaryLinks }
            createdBy { source workspaceMemberId name context } updatedBy { source workspaceMemberId name context }
        } }"""
    )
    person = found["createPerson"]
    actor: dict[str, object] = {"source": "API", "workspaceMemberId": None, "name": "tests", "context": {}}
    created = datetime.fromisoformat(person["createdAt"])

    assert UUID(person.pop("id")).version == 7
    assert person.pop("createdAt") == person.pop("updatedAt")
    assert before <= created <= datetime.now(UTC)
    assert person == {
        "position": 0,
        "deletedAt": None,
        "city": None,
        "jobTitle": None,
        "companyId": None,
        "company": None,
        "name": {"firstName": None, "lastName": None},
        "emails": {"primaryEmail": None, "additionalEmails": None},
        "phones": {
            "primaryPhoneNumber": None,
            "primaryPhoneCountryCode": None,
            "primaryPhoneCallingCode": None,
            "additionalPhones": None,
        },
        "linkedinLink": {"primaryLinkLabel": None, "primaryLinkUrl": None, "secondaryLinks": None},
        "createdBy": actor,
        "updatedBy": actor,
    }


async def test_the_answer_nests_relations_of_what_was_created(client: Client) -> None:
    await client.data(f'mutation {{ createCompany(data: {{ id: "{ID}", name: "Acme" }}) {{ id }} }}')
    await client.data(f'mutation {{ createPerson(data: {{ city: "Rome", companyId: "{ID}" }}) {{ id }} }}')
    found = await client.data(
        f"""mutation {{ createPeople(data: [{{ city: "Oslo", companyId: "{ID}" }}, {{ city: "Bern" }}]) {{
            city
            company {{ name people(orderBy: {{ city: AscNullsFirst }}) {{ totalCount edges {{ node {{ city }} }} }} }}
        }} }}"""
    )
    people = {"totalCount": 2, "edges": [{"node": {"city": "Oslo"}}, {"node": {"city": "Rome"}}]}

    assert found == {
        "createPeople": [
            {"city": "Oslo", "company": {"name": "Acme", "people": people}},
            {"city": "Bern", "company": None},
        ]
    }


async def test_a_user_is_named_as_the_creator(client: Client) -> None:
    user, member_id = await member(client)
    found = await user.data(
        """mutation { createPerson(data: { city: "Oslo" }) {
            createdBy { source workspaceMemberId name context } updatedBy { source workspaceMemberId name context }
        } }"""
    )
    actor = {"source": "MANUAL", "workspaceMemberId": str(member_id), "name": "Inès Ollier", "context": {}}

    assert found == {"createPerson": {"createdBy": actor, "updatedBy": actor}}


async def test_a_caller_may_say_the_source_and_nothing_else_of_the_creator(client: Client) -> None:
    user, member_id = await member(client)
    fields = "createdBy { source workspaceMemberId name }"
    imported = await user.data(
        f"mutation {{ createPerson(data: {{ createdBy: {{ source: IMPORT }} }}) {{ {fields} }} }}"
    )
    ignored = await user.data(f"mutation {{ createPerson(data: {{ createdBy: null }}) {{ {fields} }} }}")
    by = {"workspaceMemberId": str(member_id), "name": "Inès Ollier"}

    assert imported["createPerson"]["createdBy"] == {"source": "IMPORT", **by}
    assert ignored["createPerson"]["createdBy"] == {"source": "MANUAL", **by}
    assert await failure(user, 'mutation { createPerson(data: { createdBy: { name: "x" } }) { id } }') == Failure(
        message='Field "name" is not defined by type "ActorCreateInput".', code="GRAPHQL_VALIDATION_FAILED"
    )


async def test_positions_go_before_the_first_record_unless_said_otherwise(client: Client) -> None:
    assert await position_of(client, {}) == [0]
    assert await position_of(client, {}, {"position": "first"}) == [-1, -2]
    assert await position_of(client, {"position": "last"}) == [1]
    assert await position_of(client, {"position": "last"}, {"position": "last"}) == [2, 3]
    assert await position_of(client, {"position": 12.25}, {"position": -30}) == [12.25, -30]
    assert await position_of(client, {}, {"position": "last"}) == [-31, 14.25]


async def test_the_first_record_of_an_empty_table_put_last_has_position_2(client: Client) -> None:
    assert await position_of(client, {"position": "last"}) == [2]


async def test_numbers_of_a_batch_take_part_in_its_first_and_last(client: Client) -> None:
    given = [{"position": 10}, {}, {"position": "last"}, {"position": -7.5}, {"position": "first"}]

    assert await position_of(client, *given) == [10, -9.5, 13, -7.5, -12.5]


async def test_a_position_of_null_is_none_given(client: Client) -> None:
    assert await position_of(client, {"position": 5}) == [5]
    assert await position_of(client, {"position": None}) == [4]


async def test_the_rows_of_a_batch_come_back_in_its_order(client: Client) -> None:
    names = [f"city {index}" for index in range(60)]
    found = await client.data(
        "mutation($data: [PersonCreateInput!]!) { createPeople(data: $data) { city position } }",
        {"data": [{"city": name} for name in names]},
    )

    assert found["createPeople"] == [{"city": name, "position": -index} for index, name in enumerate(names)]


async def test_each_row_of_a_batch_keeps_the_defaults_of_what_it_does_not_give(client: Client) -> None:
    found = await client.data(
        """mutation { createOpportunities(data: [
            { name: "A", stage: MEETING }, { name: "B" }, { stage: null, amount: { amountMicros: 5 } }
        ]) { name stage amount { amountMicros currencyCode } } }"""
    )

    assert found["createOpportunities"] == [
        {"name": "A", "stage": "MEETING", "amount": {"amountMicros": None, "currencyCode": None}},
        {"name": "B", "stage": "NEW", "amount": {"amountMicros": None, "currencyCode": None}},
        {"name": None, "stage": "NEW", "amount": {"amountMicros": 5, "currencyCode": None}},
    ]


async def test_a_client_may_choose_id_and_timestamps(client: Client) -> None:
    found = await client.data(
        "mutation($data: PersonCreateInput!) { createPerson(data: $data) { id createdAt updatedAt } }",
        {"data": {"id": ID.upper(), "createdAt": "2020-01-02T03:04:05.678+01:00", "updatedAt": "2021-01-01T00:00:00Z"}},
    )

    assert found["createPerson"] == {
        "id": ID,
        "createdAt": "2020-01-02T02:04:05.678Z",
        "updatedAt": "2021-01-01T00:00:00.000Z",
    }


async def test_an_id_can_be_used_once(client: Client) -> None:
    await client.data(CREATE, {"data": {"id": ID}})
    await client.data(f'mutation {{ deletePerson(id: "{ID}") {{ id }} }}')

    for query, data in ((CREATE, {"id": ID}), (CREATE_MANY, [{"city": "Oslo"}, {"id": ID}])):
        assert await failure(client, query, {"data": data}) == refusal(
            "A duplicate entry was detected: a record with this id exists already", "DUPLICATE_ENTRY_DETECTED"
        )
    assert await client.data(COUNT) == {"people": {"totalCount": 0}}


@pytest.mark.parametrize("bad", ["x", "", "20202020-0c28-43d9-b8f7-2b12e84b4d5", f"{{{ID}}}", ID.replace("-", "")])
async def test_an_id_that_is_no_uuid_is_refused(client: Client, bad: str) -> None:
    assert await failure(client, CREATE, {"data": {"id": bad}}) == refusal(
        f"Invalid UUID value '{bad}' for field \"id\""
    )


async def test_null_stands_for_the_default_where_there_is_one(client: Client) -> None:
    found = await client.data(
        """mutation {
            createPerson(data: { id: null, createdAt: null, updatedAt: null }) { id createdAt updatedAt }
            createCompany(data: { idealCustomerProfile: null }) { idealCustomerProfile }
        }"""
    )

    assert None not in found["createPerson"].values()
    assert found["createCompany"] == {"idealCustomerProfile": False}


async def test_a_record_cannot_be_born_deleted(client: Client) -> None:
    assert await failure(client, CREATE, {"data": {"deletedAt": "2020-01-01T00:00:00Z"}}) == refusal(
        'Field "deletedAt" cannot be written; delete or restore the record instead.'
    )


async def test_what_postgresql_computes_cannot_be_given(client: Client) -> None:
    assert await failure(client, CREATE, {"data": {"searchVector": "x"}}) == Failure(
        message='Field "searchVector" is not defined by type "PersonCreateInput".', code="BAD_USER_INPUT"
    )


async def test_a_batch_may_be_empty_or_a_single_record_but_not_too_long(client: Client) -> None:
    assert await client.data(CREATE_MANY, {"data": []}) == {"createPeople": []}
    assert len((await client.data('mutation { createPeople(data: { city: "Oslo" }) { id } }'))["createPeople"]) == 1
    assert len((await client.data(CREATE_MANY, {"data": [{}] * 60}))["createPeople"]) == 60
    assert await failure(client, CREATE_MANY, {"data": [{}] * 61}) == refusal(
        "Maximum number of records to upsert is 60.", "TOO_MANY_RECORDS_TO_UPDATE"
    )
    assert await client.data(COUNT) == {"people": {"totalCount": 61}}


async def test_one_record_is_not_given_as_a_list(client: Client) -> None:
    for data in ([{"city": "Oslo"}], [{"city": "Oslo"}, {"city": "Bern"}], []):
        assert (await failure(client, CREATE, {"data": data})).code == "BAD_USER_INPUT"
    assert await client.data(COUNT) == {"people": {"totalCount": 0}}


async def test_data_is_required_under_one_of_its_two_names(client: Client) -> None:
    absent = refusal('Argument "data" of required type "PersonCreateInput!" was not provided.')

    assert await failure(client, "mutation { createPerson { id } }") == absent
    assert await failure(client, "mutation { createPerson(data: null) { id } }") == absent
    assert await failure(client, "mutation { createPerson(data: {}, input: {}) { id } }") == refusal(
        "Cannot provide both data and input", "ARGS_CONFLICT"
    )
    assert (await client.data('mutation { createPerson(input: { city: "Oslo" }) { city } }'))["createPerson"] == {
        "city": "Oslo"
    }


async def test_a_batch_is_created_whole_or_not_at_all(client: Client) -> None:
    await client.data(CREATE, {"data": {"emails": {"primaryEmail": "ada@acme.example"}}})
    rest = [{"city": f"city {index}"} for index in range(10)]
    taken = refusal(
        'A duplicate entry was detected: the value of the field "emails" (Emails) is already in use',
        "DUPLICATE_ENTRY_DETECTED",
    )
    twice = [{"emails": {"primaryEmail": "bob@acme.example"}}, {"emails": {"primaryEmail": "Bob@Acme.example"}}]

    assert await failure(client, CREATE_MANY, {"data": [*rest, {"email": "ADA@acme.example"}]}) == taken
    assert await failure(client, CREATE_MANY, {"data": [*rest, *twice]}) == taken
    assert (await failure(client, CREATE_MANY, {"data": [*rest, {"companyId": ID}]})).sub_code == (
        "RELATION_TARGET_NOT_FOUND"
    )
    assert (await failure(client, CREATE_MANY, {"data": [*rest, {"emails": {"primaryEmail": "no"}}]})).sub_code == (
        "INVALID_ARGS_DATA"
    )
    assert await client.data(COUNT) == {"people": {"totalCount": 1}}
    assert len(await events(client)) == 1


async def test_root_fields_are_executed_one_after_the_other(client: Client) -> None:
    answer = await client.ask(
        f"""mutation {{
            a: createPerson(data: {{ id: "{ID}", city: "Oslo" }}) {{ city }}
            b: createPerson(data: {{ id: "{ID}" }}) {{ city }}
            c: updatePerson(id: "{ID}", data: {{ city: "Bern" }}) {{ city }}
            __typename
            d: deletePerson(id: "{OTHER_ID}") {{ id }}
        }}"""
    )
    failed = answer["errors"]
    assert isinstance(failed, list)

    assert answer["data"] == {
        "a": {"city": "Oslo"},
        "b": None,
        "c": {"city": "Bern"},
        "__typename": "Mutation",
        "d": None,
    }
    assert [(each["path"], each["extensions"]["subCode"]) for each in failed] == [
        (["b"], "DUPLICATE_ENTRY_DETECTED"),
        (["d"], "RECORD_NOT_FOUND"),
    ]
    data = answer["data"]
    assert isinstance(data, dict)
    assert list(data) == ["a", "b", "c", "__typename", "d"]


async def test_what_the_type_check_finds_stops_the_whole_document(client: Client) -> None:
    answer = await client.post(
        'mutation { a: createPerson(data: { city: "Oslo" }) { id } b: createPerson(data: { city: 5 }) { id } }'
    )

    assert answer.status_code == 200
    assert "data" not in answer.json()
    assert await client.data(COUNT) == {"people": {"totalCount": 0}}
