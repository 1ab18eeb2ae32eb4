"""Records that seem to be the same: by id and by data, for objects with criteria and for those without."""

from collections.abc import Mapping

import pytest

from tests.records.failure import Failure, failure, refusal
from tests.serving import Client

ADA = "a0000001-0000-4000-8000-000000000001"
TWIN = "a0000001-0000-4000-8000-000000000002"
MAIL = "a0000001-0000-4000-8000-000000000003"
GONE = "a0000001-0000-4000-8000-000000000004"
BARE = "a0000001-0000-4000-8000-000000000005"
MISSING = "99999999-9999-4999-8999-999999999999"
BY_IDS = "query($ids: [UUID]) { personDuplicates(ids: $ids) { totalCount edges { node { id } } } }"
BY_DATA = "query($data: [PersonCreateInput]) { personDuplicates(data: $data) { edges { node { id } } } }"


@pytest.fixture
async def people(client: Client) -> Client:
    """Two of one name, one more with the link of the first, one deleted of the same name, and one without anything."""
    name = {"firstName": "Ada", "lastName": "King"}
    data: list[Mapping[str, object]] = [
        {
            "id": ADA,
            "name": name,
            "emails": {"primaryEmail": "ada@x.example"},
            "linkedinLink": {"primaryLinkUrl": "l.example/ada"},
        },
        {"id": TWIN, "name": name},
        {
            "id": MAIL,
            "linkedinLink": {"primaryLinkUrl": "l.example/ada"},
            "name": {"firstName": "", "lastName": "King"},
        },
        {"id": GONE, "name": name},
        {"id": BARE, "name": {"firstName": "", "lastName": ""}},
    ]
    await client.data("mutation($data: [PersonCreateInput!]!) { createPeople(data: $data) { id } }", {"data": data})
    await client.data(f'mutation {{ deletePerson(id: "{GONE}") {{ id }} }}')
    return client


def ids(connections: list[dict[str, list[dict[str, dict[str, str]]]]]) -> list[list[str]]:
    return [[edge["node"]["id"] for edge in connection["edges"]] for connection in connections]


async def test_each_record_has_the_others_that_share_its_name_link_or_address(people: Client) -> None:
    asked = [ADA, BARE, TWIN.upper(), MAIL, MISSING, GONE, None, ADA]
    found = (await people.data(BY_IDS, {"ids": asked}))["personDuplicates"]

    assert ids(found) == [[TWIN, MAIL], [], [ADA], [ADA], [], [], [], [TWIN, MAIL]]
    assert [each["totalCount"] for each in found] == [2, 0, 1, 1, 0, 0, 0, 2]


async def test_data_finds_records_by_its_normalised_values(people: Client) -> None:
    data: list[object] = [
        {"emails": {"primaryEmail": " ADA@X.example "}},
        {"name": {"firstName": "Ada", "lastName": "King"}},
        {"linkedinLink": {"primaryLinkUrl": "L.Example/ada/"}},
        {"email": "ada@x.example"},
        {"name": {"firstName": "Ada"}},
        {"name": {"firstName": "", "lastName": ""}, "emails": {"primaryEmail": ""}},
        {"id": ADA, "city": "Oslo"},
        {},
        None,
        {"firstName": "ada", "lastName": "king"},
    ]
    found = await people.data(BY_DATA, {"data": data})

    assert ids(found["personDuplicates"]) == [[ADA], [ADA, TWIN], [ADA, MAIL], [ADA], [], [], [], [], [], []]


async def test_one_candidate_needs_no_list_and_no_candidate_is_no_answer(people: Client) -> None:
    assert ids((await people.data(BY_IDS, {"ids": TWIN}))["personDuplicates"]) == [[ADA]]
    assert ids((await people.data(BY_DATA, {"data": {"email": "ada@x.example"}}))["personDuplicates"]) == [[ADA]]
    assert (await people.data(BY_IDS, {"ids": []}))["personDuplicates"] == []
    assert (await people.data("{ personDuplicates(ids: [], data: null) { totalCount } }"))["personDuplicates"] == []


async def test_a_connection_of_duplicates_is_like_any_other(people: Client) -> None:
    company = (await people.data('mutation { createCompany(data: { name: "Acme" }) { id } }'))["createCompany"]["id"]
    await people.data(f'mutation {{ updatePerson(id: "{TWIN}", data: {{ companyId: "{company}" }}) {{ id }} }}')
    found = await people.data(
        f"""{{
            a: personDuplicates(ids: ["{ADA}", "{BARE}"]) {{
              __typename
              edges {{
                __typename cursor
                node {{ __typename name {{ firstName }} company {{ name people {{ totalCount }} }} }}
              }}
              pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }}
            }}
            people {{ totalCount }}
            companyDuplicates(ids: ["{company}"]) {{ totalCount }}
        }}"""
    )
    first, second = found["a"]
    cursors = [edge.pop("cursor") for edge in first["edges"]]

    assert first == {
        "__typename": "PersonConnection",
        "edges": [
            {
                "__typename": "PersonEdge",
                "node": {
                    "__typename": "Person",
                    "name": {"firstName": "Ada"},
                    "company": {"name": "Acme", "people": {"totalCount": 1}},
                },
            },
            {"__typename": "PersonEdge", "node": {"__typename": "Person", "name": {"firstName": ""}, "company": None}},
        ],
        "pageInfo": {
            "hasNextPage": False,
            "hasPreviousPage": False,
            "startCursor": cursors[0],
            "endCursor": cursors[1],
        },
    }
    nothing = {"hasNextPage": False, "hasPreviousPage": False, "startCursor": None, "endCursor": None}
    assert second == {"__typename": "PersonConnection", "edges": [], "pageInfo": nothing}
    assert found["people"] == {"totalCount": 4}
    assert found["companyDuplicates"] == [{"totalCount": 0}]


async def test_objects_without_criteria_have_no_duplicates(client: Client) -> None:
    for index in range(2):
        await client.data(f'mutation {{ createNote(data: {{ id: "{index}{ADA[1:]}", title: "Call" }}) {{ id }} }}')

    found = await client.data(
        f'{{ noteDuplicates(ids: ["0{ADA[1:]}", "{MISSING}"]) {{ totalCount edges {{ node {{ id }} }} }} }}'
    )
    assert found == {"noteDuplicates": [{"totalCount": 0, "edges": []}] * 2}
    found = await client.data('{ noteDuplicates(data: [{ title: "Call" }]) { totalCount } }')
    assert found == {"noteDuplicates": [{"totalCount": 0}]}


async def test_a_plan_serves_other_values_of_its_shape(people: Client) -> None:
    for _ in range(2):
        for email, expected in (("ada@x.example", [ADA]), ("bob@x.example", [])):
            assert ids((await people.data(BY_DATA, {"data": [{"email": email}]}))["personDuplicates"]) == [expected]
        wrong = await failure(people, BY_DATA, {"data": [{"email": "no address"}]})
        assert wrong == refusal("Invalid string value 'no address' for email field \"emails.primaryEmail\"")
        for asked, lists in (([TWIN], [[ADA]]), ([TWIN, ADA, MISSING], [[ADA], [TWIN, MAIL], []]), ([], [])):
            assert ids((await people.data(BY_IDS, {"ids": asked}))["personDuplicates"]) == lists


def standard(message: str, *, in_variable: bool = True) -> Failure:
    return Failure(message=message, code="BAD_USER_INPUT" if in_variable else "GRAPHQL_VALIDATION_FAILED")


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({}, refusal('You have to provide either "data" or "ids" argument', "INVALID_QUERY_INPUT")),
        (
            {"ids": None, "data": None},
            refusal('You have to provide either "data" or "ids" argument', "INVALID_QUERY_INPUT"),
        ),
        (
            {"ids": [ADA], "data": [{}]},
            refusal('You cannot provide both "data" and "ids" arguments', "INVALID_QUERY_INPUT"),
        ),
        ({"ids": [], "data": []}, refusal('You cannot provide both "data" and "ids" arguments', "INVALID_QUERY_INPUT")),
        (
            {"data": []},
            refusal('The "data" condition can not be empty when "ids" input not provided', "INVALID_QUERY_INPUT"),
        ),
        (
            {"ids": [ADA] * 61},
            refusal("Maximum number of records to find duplicates of is 60.", "TOO_MANY_RECORDS_TO_UPDATE"),
        ),
        (
            {"data": [{}] * 61},
            refusal("Maximum number of records to find duplicates of is 60.", "TOO_MANY_RECORDS_TO_UPDATE"),
        ),
        ({"ids": ["x"]}, standard("Invalid UUID")),
        ({"ids": ["'; drop table person --"]}, standard("Invalid UUID")),
        ({"ids": [ADA, 3]}, standard("UUID must be a string")),
        ({"ids": {"eq": ADA}}, standard("UUID must be a string")),
        ({"data": "x"}, standard('Expected type "PersonCreateInput" to be an object.')),
        (
            {"data": [{"nme": "x"}]},
            standard('Field "nme" is not defined by type "PersonCreateInput". Did you mean "name"?'),
        ),
        ({"data": [{"name": {"nick": "x"}}]}, standard('Field "nick" is not defined by type "FullNameCreateInput".')),
        ({"data": [{"city": 3}]}, standard("String cannot represent a non string value: 3")),
        (
            {"data": [{"city": "a\0b"}]},
            refusal("Invalid string value 'a\\x00b' for text field \"city\": a text cannot contain the NUL character"),
        ),
    ],
)
async def test_bad_arguments_are_refused(shared: Client, variables: dict[str, object], expected: Failure) -> None:
    query = (
        "query($ids: [UUID], $data: [PersonCreateInput]) { personDuplicates(ids: $ids, data: $data) { totalCount } }"
    )
    good: list[dict[str, object]] = [{"ids": [ADA]}, {"ids": []}, {"data": [{"city": "x", "name": {"firstName": "x"}}]}]

    for _ in range(2):
        assert await failure(shared, query, variables) == expected
        for each in good:
            assert "errors" not in await shared.ask(query, each)


async def test_arguments_written_in_the_document_are_checked_too(shared: Client) -> None:
    def asked(arguments: str, selection: str = "{ totalCount }") -> str:
        return f"{{ personDuplicates({arguments}) {selection} }}"

    written = [
        (asked("ids: [3]"), "UUID must be a string"),
        (
            asked("data: [{ nme: 3 }]"),
            'Field "nme" is not defined by type "PersonCreateInput". Did you mean "name"?',
        ),
        (asked('ids: ["x"]'), "Invalid UUID"),
        (asked("where: 3, ids: []"), 'Unknown argument "where" on field "Query.personDuplicates".'),
        (asked("ids: []", "{ zzz }"), 'Cannot query field "zzz" on type "PersonConnection".'),
        (
            asked("ids: []", ""),
            (
                'Field "personDuplicates" of type "PersonConnection" must have a selection of subfields. '
                'Did you mean "personDuplicates { ... }"?'
            ),
        ),
    ]
    for query, message in written:
        assert await failure(shared, query) == standard(message, in_variable=False), query
