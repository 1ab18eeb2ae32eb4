"""Records created along with others, and connected by what is unique: all of it in one transaction."""

import pytest

from rapport.base.ids import new_id
from rapport.metadata.catalog import WorkspaceId
from rapport.metadata.standard.model import standard_catalog
from rapport.records.misfits import TooManyRecords
from rapport.records.rows import RowBuilder
from tests.records.events import events, forget_events
from tests.records.failure import NOT_FOUND, Failure, failure, refusal
from tests.records.upsert_twin import Json
from tests.serving import Client, make_tenant

ANN = "20202020-0c28-43d9-b8f7-2b12e84b4d5e"
BOB = "21212121-0c28-43d9-b8f7-2b12e84b4d5e"
ACME = "30303030-0c28-43d9-b8f7-2b12e84b4d5e"
BETA = "31313131-0c28-43d9-b8f7-2b12e84b4d5e"
MISSING = "50505050-0c28-43d9-b8f7-2b12e84b4d5e"
FIELDS = "id city companyId company { name createdBy { source } position }"
PERSON = f"mutation($data: PersonCreateInput!) {{ createPerson(data: $data) {{ {FIELDS} }} }}"
PEOPLE = f"mutation($data: [PersonCreateInput!]!) {{ createPeople(data: $data) {{ {FIELDS} }} }}"
UPDATE = (
    f'mutation($data: PersonUpdateInput!) {{ updatePerson(id: "{ANN}", data: $data)'
    " { city company { name people { totalCount } } } }"
)
COMPANY = (
    "mutation($data: CompanyCreateInput!) { createCompany(data: $data) { id name"
    " people(orderBy: { city: AscNullsLast }) { totalCount edges { node { city position createdBy { source } } } } } }"
)
UPDATE_COMPANY = (
    f'mutation($data: CompanyUpdateInput!) {{ updateCompany(id: "{ACME}", data: $data)'
    " { name people { totalCount } } }"
)


@pytest.fixture
async def two(client: Client) -> Client:
    """A client of a workspace with Ann, Bob, the companies Acme and Beta, and an empty log."""
    await client.data(
        f"""mutation {{
            createCompanies(data: [
                {{ id: "{ACME}", name: "Acme", domainName: "https://acme.example" }}
                {{ id: "{BETA}", name: "Beta", domainName: "https://beta.example/x" }}
            ]) {{ id }}
            createPeople(data: [
                {{ id: "{ANN}", email: "ann@acme.example", city: "Oslo" }}
                {{ id: "{BOB}", email: "bob@acme.example", city: "Rome", companyId: "{BETA}" }}
            ]) {{ id }}
        }}"""
    )
    await forget_events(client)
    return client


async def told(client: Client) -> list[str]:
    return [f"{each.kind} {each.action}" for each in await events(client)]


async def counts(client: Client) -> list[int]:
    answer = await client.data(
        "{ companies { totalCount } people { totalCount } notes { totalCount } noteTargets { totalCount } }"
    )
    return [each["totalCount"] for each in answer.values()]


# -- creating along ---------------------------------------------------------------------------------------------------


async def test_what_a_record_points_to_is_created_before_it(two: Client) -> None:
    data = {"city": "Bonn", "company": {"create": {"name": "New", "domainName": "https://new.example"}}}
    person = (await two.data(PERSON, {"data": data}))["createPerson"]

    assert person["company"] == {"name": "New", "createdBy": {"source": "API"}, "position": -2}
    assert person["companyId"] is not None
    assert await told(two) == ["company created", "person created"]


async def test_what_points_to_a_record_is_created_after_it(two: Client) -> None:
    people = [{"city": "Bonn"}, {"city": "Kyiv", "email": "k@new.example"}, {}]
    company = (await two.data(COMPANY, {"data": {"name": "New", "people": {"create": people}}}))["createCompany"]

    assert company["people"]["totalCount"] == 3
    assert [edge["node"] for edge in company["people"]["edges"]] == [
        {"city": "Bonn", "position": -2, "createdBy": {"source": "API"}},
        {"city": "Kyiv", "position": -3, "createdBy": {"source": "API"}},
        {"city": None, "position": -4, "createdBy": {"source": "API"}},
    ]
    assert await told(two) == ["company created", *["person created"] * 3]


async def test_one_record_stands_for_a_list_of_one(two: Client) -> None:
    data = {"people": {"create": {"city": "Bonn"}}}
    assert (await two.data(COMPANY, {"data": data}))["createCompany"]["people"]["totalCount"] == 1
    assert (await two.data(COMPANY, {"data": {"people": {"create": []}}}))["createCompany"]["people"]["totalCount"] == 0


async def test_creations_nest_in_both_directions(two: Client) -> None:
    query = """mutation($data: NoteCreateInput!) { createNote(data: $data) { title noteTargets { edges { node {
        targetCompany { name people { edges { node { city noteTargets { edges { node { note { title } } } } } } } }
        targetPerson { city company { name } }
        targetOpportunity { name pointOfContact { city company { name } } }
    } } } } }"""
    again = {"create": [{"note": {"create": {"title": "Inner"}}}]}
    targets = [
        {"targetCompany": {"create": {"name": "New", "people": {"create": [{"city": "Bonn", "noteTargets": again}]}}}},
        {"person": {"create": {"city": "Kyiv", "company": {"connect": {"where": {"id": ACME}}}}}},
        {"targetOpportunity": {"create": {"name": "Deal", "pointOfContact": {"connect": {"where": {"id": BOB}}}}}},
    ]
    note = (await two.data(query, {"data": {"title": "Outer", "noteTargets": {"create": targets}}}))["createNote"]

    found = [edge["node"] for edge in note["noteTargets"]["edges"]]
    inner = {"edges": [{"node": {"note": {"title": "Inner"}}}]}
    people = {"edges": [{"node": {"city": "Bonn", "noteTargets": inner}}]}
    assert found == [
        {"targetCompany": {"name": "New", "people": people}, "targetPerson": None, "targetOpportunity": None},
        {
            "targetCompany": None,
            "targetPerson": {"city": "Kyiv", "company": {"name": "Acme"}},
            "targetOpportunity": None,
        },
        {
            "targetCompany": None,
            "targetPerson": None,
            "targetOpportunity": {"name": "Deal", "pointOfContact": {"city": "Rome", "company": {"name": "Beta"}}},
        },
    ]
    assert sorted(await told(two)) == sorted(
        ["note created"] * 2
        + ["noteTarget created"] * 4
        + ["company created", "person created", "person created", "opportunity created"]
    )


async def test_each_record_of_a_batch_brings_its_own(two: Client) -> None:
    rows = [
        {"city": "A", "company": {"create": {"name": "One"}}},
        {"city": "B", "companyId": ACME},
        {"city": "C"},
        {"city": "D", "company": {"create": {"name": "Two"}}},
        {"city": "E", "company": {"connect": {"where": {"id": BETA}}}},
    ]
    found = (await two.data(PEOPLE, {"data": rows}))["createPeople"]

    shown = [(each["city"], each["company"] and each["company"]["name"]) for each in found]
    assert shown == [("A", "One"), ("B", "Acme"), ("C", None), ("D", "Two"), ("E", "Beta")]


async def test_an_update_can_create_along(two: Client) -> None:
    data = {"city": "Bonn", "company": {"create": {"name": "New", "people": {"create": [{}, {}]}}}}
    person = (await two.data(UPDATE, {"data": data}))["updatePerson"]
    assert person == {"city": "Bonn", "company": {"name": "New", "people": {"totalCount": 3}}}
    assert await told(two) == ["company created", "person created", "person created", "person updated"]

    await forget_events(two)
    found = await two.data(UPDATE_COMPANY, {"data": {"people": {"create": [{"city": "Bonn"}]}}})
    assert found == {"updateCompany": {"name": "Acme", "people": {"totalCount": 1}}}
    assert await told(two) == ["person created"]


async def test_records_that_are_updated_together_share_what_is_created(two: Client) -> None:
    query = (
        "mutation($city: String, $data: PersonUpdateInput!) {"
        " updatePeople(filter: { city: { eq: $city } }, data: $data) { company { name people { totalCount } } } }"
    )
    await two.data(PERSON, {"data": {"city": "Rome"}})
    await forget_events(two)
    data = {"company": {"create": {"name": "New"}}}

    assert await two.data(query, {"city": "Nowhere", "data": data}) == {"updatePeople": []}
    assert await told(two) == []
    found = await two.data(query, {"city": "Rome", "data": data})
    assert found == {"updatePeople": [{"company": {"name": "New", "people": {"totalCount": 2}}}] * 2}
    assert await told(two) == ["company created", "person updated", "person updated"]


async def test_many_cannot_have_children_created_along(two: Client) -> None:
    query = (
        """mutation { updateCompanies(filter: { name: { eq: "Acme" } }, data: { people: { create: [{}] } }) { id } }"""
    )

    message = "Records can be created along with the update of one record, not of many."
    assert await failure(two, query) == refusal(message)


@pytest.mark.parametrize("verb", ["delete", "destroy"])
async def test_nothing_is_created_along_with_an_update_of_what_is_not_there(two: Client, verb: str) -> None:
    await two.data(f'mutation {{ {verb}Company(id: "{ACME}") {{ id }} {verb}Person(id: "{ANN}") {{ id }} }}')
    before = await counts(two)

    assert await failure(two, UPDATE_COMPANY, {"data": {"people": {"create": [{}]}}}) == NOT_FOUND
    assert await failure(two, UPDATE, {"data": {"company": {"create": {}}}}) == NOT_FOUND
    assert await counts(two) == before


@pytest.mark.parametrize(
    ("data", "sub_code"),
    [
        ({"people": {"create": [{"city": "x"}, {"email": "ann@acme.example"}]}}, "DUPLICATE_ENTRY_DETECTED"),
        ({"people": {"create": [{"id": ANN}]}}, "DUPLICATE_ENTRY_DETECTED"),
        ({"people": {"create": [{"email": "n@new.example"}, {"email": "n@new.example"}]}}, "DUPLICATE_ENTRY_DETECTED"),
        ({"domainName": "https://acme.example", "people": {"create": [{}]}}, "DUPLICATE_ENTRY_DETECTED"),
        ({"people": {"create": [{"company": {"create": {}}}]}}, "INVALID_ARGS_DATA"),
        ({"noteTargets": {"create": [{"noteId": MISSING}]}}, "RELATION_TARGET_NOT_FOUND"),
        (
            {"noteTargets": {"create": [{"note": {"connect": {"where": {"id": MISSING}}}}]}},
            "CONNECT_RECORD_NOT_FOUND",
        ),
        ({"people": {"create": [{"email": "no address"}]}}, "INVALID_ARGS_DATA"),
    ],
)
async def test_if_one_of_them_cannot_be_created_none_is(two: Client, data: Json, sub_code: str) -> None:
    before = await counts(two)

    assert (await failure(two, COMPANY, {"data": data})).sub_code == sub_code
    assert await counts(two) == before
    assert await told(two) == []


async def test_a_duplicate_is_told_of_the_record_that_is_one(two: Client) -> None:
    data = {"people": {"create": [{"email": "ann@acme.example"}]}}
    answer = await two.ask(COMPANY, {"data": data})

    errors = answer["errors"]
    assert isinstance(errors, list)
    assert errors[0]["extensions"]["conflictingObjectNameSingular"] == "person"
    assert errors[0]["message"].startswith('A duplicate entry was detected: the value of the field "emails"')


# -- connecting -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("where", "name"),
    [
        ({"id": ACME}, "Acme"),
        ({"id": ACME.upper()}, "Acme"),
        ({"domainName": {"primaryLinkUrl": "https://acme.example"}}, "Acme"),
        ({"domainName": {"primaryLinkUrl": "https://ACME.example/"}}, "Acme"),
        ({"domainName": "https://beta.example/x"}, "Beta"),
        ({"id": BETA, "domainName": "https://beta.example/x"}, "Beta"),
    ],
)
async def test_a_record_is_connected_by_what_is_unique(two: Client, where: Json, name: str) -> None:
    data = {"company": {"connect": {"where": where}}}
    assert (await two.data(PERSON, {"data": data}))["createPerson"]["company"]["name"] == name
    assert (await two.data(UPDATE, {"data": data}))["updatePerson"]["company"]["name"] == name
    rows = [data, {}, data]
    found = (await two.data(PEOPLE, {"data": rows}))["createPeople"]
    assert [each["company"] and each["company"]["name"] for each in found] == [name, None, name]


@pytest.mark.parametrize("given", [{"emails": {"primaryEmail": "BOB@acme.example"}}, {"email": "bob@acme.example"}])
async def test_people_are_connected_by_their_address(two: Client, given: Json) -> None:
    query = "mutation($data: OpportunityCreateInput!) { createOpportunity(data: $data) { pointOfContactId } }"
    found = await two.data(query, {"data": {"pointOfContact": {"connect": {"where": given}}}})
    assert found == {"createOpportunity": {"pointOfContactId": BOB}}


@pytest.mark.parametrize(
    ("where", "shown", "count"),
    [
        ({"id": MISSING}, f"id = {MISSING}", 0),
        (
            {"domainName": {"primaryLinkUrl": "https://no.example"}},
            "domainNamePrimaryLinkUrl = https://no.example",
            0,
        ),
        (
            {"id": ACME, "domainName": "https://beta.example/x"},
            f"id = {ACME} and domainNamePrimaryLinkUrl = https://beta.example/x",
            0,
        ),
    ],
)
async def test_a_record_that_is_not_found_cannot_be_connected(two: Client, where: Json, shown: str, count: int) -> None:
    answer = await two.ask(PERSON, {"data": {"company": {"connect": {"where": where}}}})

    errors = answer["errors"]
    assert isinstance(errors, list)
    (error,) = errors
    assert error["message"] == f"Expected 1 record to connect to company, but found {count} for {shown}"
    assert error["extensions"] == {
        "code": "BAD_USER_INPUT",
        "subCode": "CONNECT_RECORD_NOT_FOUND",
        "statusCode": 400,
        "userFriendlyMessage": f"Can't connect to company. No unique record found with condition: {shown}",
    }
    assert await told(two) == []


async def test_a_deleted_record_cannot_be_connected(two: Client) -> None:
    await two.data(f'mutation {{ deleteCompany(id: "{ACME}") {{ id }} }}')
    for where in ({"id": ACME}, {"domainName": {"primaryLinkUrl": "https://acme.example"}}):
        found = await failure(two, PERSON, {"data": {"company": {"connect": {"where": where}}}})
        assert found.sub_code == "CONNECT_RECORD_NOT_FOUND"


async def test_a_record_of_another_workspace_cannot_be_connected(two: Client) -> None:
    stranger = two.as_tenant(await make_tenant(two.database, "Others"))

    found = await failure(stranger, PERSON, {"data": {"company": {"connect": {"where": {"id": ACME}}}}})
    assert found.sub_code == "CONNECT_RECORD_NOT_FOUND"


async def test_a_batch_connects_by_one_kind_of_condition(two: Client) -> None:
    by_id = {"company": {"connect": {"where": {"id": ACME}}}}
    by_domain = {"company": {"connect": {"where": {"domainName": {"primaryLinkUrl": "https://acme.example"}}}}}
    message = "Expected the same constraint fields to be used consistently across all operations for company."

    refused = refusal(message, "CONNECT_UNIQUE_CONSTRAINT_ERROR")
    assert await failure(two, PEOPLE, {"data": [by_id, {}, by_domain]}) == refused


async def test_disconnect_can_stand_beside_when_it_is_false(two: Client) -> None:
    connect = {"connect": {"where": {"id": ACME}}}
    for data in ({**connect, "disconnect": False}, {**connect, "disconnect": None}, {**connect, "create": None}):
        found = await two.data(UPDATE, {"data": {"company": data}})
        assert found["updatePerson"]["company"]["name"] == "Acme"
    found = await two.data(UPDATE, {"data": {"company": {"create": {"name": "New"}, "disconnect": False}}})
    assert found["updatePerson"]["company"]["name"] == "New"


# -- what cannot be asked ---------------------------------------------------------------------------------------------

_RELATION = 'Relation "company" requires connect or disconnect operation'


@pytest.mark.parametrize(
    ("company", "message"),
    [
        ("x", _RELATION),
        (5, _RELATION),
        ([], _RELATION),
        ([{"connect": {"where": {"id": ACME}}}], _RELATION),
        ({"upsert": {}}, _RELATION),
        ({"connect": {"where": {"id": ACME}}, "update": {}}, _RELATION),
        ({"connect": []}, _RELATION),
        ({"connect": {}}, _RELATION),
        ({"connect": {"id": ACME}}, _RELATION),
        ({"connect": {"where": None}}, _RELATION),
        ({"connect": {"where": {}}}, _RELATION),
        ({"connect": {"where": [{"id": ACME}]}}, _RELATION),
        ({"connect": {"where": {"id": ACME}, "create": {}}}, _RELATION),
        ({"connect": {"where": {"id": None}}}, 'A record cannot be found by "id" without a value.'),
        ({"connect": {"where": {"id": ""}}}, "Invalid UUID value '' for field \"id\""),
        ({"connect": {"where": {"id": "x'; --"}}}, 'Invalid UUID value "x\'; --" for field "id"'),
        ({"connect": {"where": {"domainName": None}}}, 'A record cannot be found by "domainName" without a value.'),
        ({"connect": {"where": {"domainName": ""}}}, 'A record cannot be found by "domainName" without a value.'),
        ({"connect": {"where": {"domainName": {}}}}, 'A record cannot be found by "domainName" without a value.'),
        (
            {"connect": {"where": {"domainName": {"primaryLinkUrl": None}}}},
            'A record cannot be found by "domainName" without a value.',
        ),
        (
            {"connect": {"where": {"domainName": {"primaryLinkUrl": ""}}}},
            'A record cannot be found by "domainName" without a value.',
        ),
        (
            {"connect": {"where": {"id": ACME}}, "create": {"name": "x"}},
            "Cannot have both connect and create for the same field on company.",
        ),
        (
            {"create": {"name": "x"}, "disconnect": True},
            "Cannot have both create and disconnect for the same field on company.",
        ),
    ],
)
async def test_a_relation_that_is_ill_formed_is_refused(two: Client, company: Json, message: str) -> None:
    for query in (PERSON, UPDATE):
        assert await failure(two, query, {"data": {"company": company}}) == refusal(message)
    assert await told(two) == []


@pytest.mark.parametrize(
    ("company", "message"),
    [
        ({"connect": {"where": {"name": "Acme"}}}, 'Field "name" is not defined by type "CompanyWhereUniqueInput".'),
        ({"connect": {"where": {"id": ACME, "x": 1}}}, 'Field "x" is not defined by type "CompanyWhereUniqueInput".'),
        (
            {"connect": {"where": {"domainName": {"url": "x"}}}},
            'Field "url" is not defined by type "CompanyDomainNameWhereInput".',
        ),
        (
            {"connect": {"where": {"domainName": {"primaryLinkLabel": "x"}}}},
            (
                'Field "primaryLinkLabel" is not defined by type "CompanyDomainNameWhereInput". '
                'Did you mean "primaryLinkUrl"?'
            ),
        ),
        ({"connect": {"where": {"id": 5}}}, "UUID must be a string"),
        ({"connect": {"where": {"id": {"eq": ACME}}}}, "UUID must be a string"),
        (
            {"connect": {"where": {"domainName": {"primaryLinkUrl": 5}}}},
            "String cannot represent a non string value: 5",
        ),
        ({"disconnect": "yes"}, 'Boolean cannot represent a non boolean value: "yes"'),
        ({"disconnect": 1}, "Boolean cannot represent a non boolean value: 1"),
        ({"create": "x"}, 'Expected type "CompanyCreateInput" to be an object.'),
        ({"create": [{}]}, 'Expected type "CompanyCreateInput" to be an object.'),
        (
            {"create": {"nam": "x"}},
            'Field "nam" is not defined by type "CompanyCreateInput". Did you mean "name"?',
        ),
        ({"create": {"name": 5}}, "String cannot represent a non string value: 5"),
        ({"create": {"address": {"street": "x"}}}, 'Field "street" is not defined by type "AddressCreateInput".'),
        ({"create": {"people": {"create": [5]}}}, 'Expected type "PersonCreateInput" to be an object.'),
        (
            {"create": {"people": {"create": [None]}}},
            'Expected non-nullable type "PersonCreateInput!" not to be null.',
        ),
        ({"create": {"people": {"create": 5}}}, 'Expected type "PersonCreateInput" to be an object.'),
        (
            {"create": {"people": {"create": [{}, {"town": "x"}]}}},
            'Field "town" is not defined by type "PersonCreateInput".',
        ),
        (
            {"create": {"opportunities": {"create": [{"stage": "LOST"}]}}},
            'Value "LOST" does not exist in "OpportunityStageEnum" enum.',
        ),
    ],
)
async def test_what_is_of_the_wrong_kind_is_told_of_the_type_it_is_in(two: Client, company: Json, message: str) -> None:
    for query in (PERSON, UPDATE):
        refused = Failure(message=message, code="BAD_USER_INPUT")
        assert await failure(two, query, {"data": {"company": company}}) == refused
    assert await told(two) == []


@pytest.mark.parametrize(
    "people",
    [
        {},
        [],
        [{}],
        "x",
        None,
        5,
        {"create": None},
        {"connect": []},
        {"create": [{}], "connect": []},
        {"disconnect": True},
    ],
)
async def test_a_list_takes_nothing_but_creations(two: Client, people: Json) -> None:
    message = "One-to-many relation people field does not support write operations."
    for query in (COMPANY, UPDATE_COMPANY):
        assert await failure(two, query, {"data": {"people": people}}) == refusal(message)


@pytest.mark.parametrize(
    ("child", "named"),
    [({"companyId": ACME}, "company"), ({"companyId": None}, "company"), ({"company": None}, "company")],
)
async def test_a_child_does_not_say_itself_whose_it_is(two: Client, child: Json, named: str) -> None:
    data = {"people": {"create": [child]}}
    assert await failure(two, COMPANY, {"data": data}) == refusal(f"people and {named} cannot be both provided.")


async def test_a_target_does_not_say_itself_whose_it_is_by_its_other_name(two: Client) -> None:
    data = {"noteTargets": {"create": [{"companyId": ACME}]}}
    assert (await failure(two, COMPANY, {"data": data})).message.endswith(" cannot be both provided.")


async def test_the_limit_of_a_batch_counts_what_is_created_along(two: Client) -> None:
    too_many = refusal("Maximum number of records to upsert is 60.", "TOO_MANY_RECORDS_TO_UPDATE")
    along: Json = {"company": {"create": {}}}
    before = await counts(two)
    for count in (60, 10_000):
        assert await failure(two, COMPANY, {"data": {"people": {"create": [{}] * count}}}) == too_many
    assert await failure(two, UPDATE_COMPANY, {"data": {"people": {"create": [{}] * 61}}}) == too_many
    assert await failure(two, PEOPLE, {"data": [along] * 31}) == too_many
    connect = {"company": {"connect": {"where": {"id": ACME}}}}
    assert await failure(two, PEOPLE, {"data": [connect] * 10_000}) == too_many
    assert await counts(two) == before

    assert len((await two.data(PEOPLE, {"data": [along] * 30}))["createPeople"]) == 30
    assert len((await two.data(PEOPLE, {"data": [connect] * 60}))["createPeople"]) == 60
    data: Json = {"people": {"create": [{}] * 59}}
    assert (await two.data(COMPANY, {"data": data}))["createCompany"]["people"]["totalCount"] == 59


def nested(depth: int) -> Json:
    """A note about a person with a note about a person …; so many records with what links them."""
    data: Json = {}
    for level in range(depth - 1, 0, -1):
        match level % 4:
            case 0:
                data = {"note": {"create": data}}
            case 1 | 3:
                data = {"noteTargets": {"create": [data]}}
            case 2:
                data = {"targetPerson": {"create": data}}
    return data


async def test_creations_nest_as_deep_as_a_batch_is_long(two: Client) -> None:
    query = "mutation($data: NoteCreateInput!) { createNote(data: $data) { id } }"
    await two.data(query, {"data": nested(60)})
    log = await told(two)
    assert (len(log), log.count("note created"), log.count("person created")) == (60, 15, 15)
    for deep in (61, 62, 150):
        found = await failure(two, query, {"data": nested(deep)})
        assert found.sub_code == "TOO_MANY_RECORDS_TO_UPDATE"
    assert len(await told(two)) == 60


def test_without_a_limit_of_the_batch_there_is_one_of_the_depth() -> None:
    catalog = standard_catalog(WorkspaceId(new_id()), "workspace_x")
    builder = RowBuilder(catalog, catalog.by_name["note"])
    builder.creation([nested(100)])
    with pytest.raises(TooManyRecords, match="Records can be created along 100 deep at most"):
        builder.creation([nested(102)])
