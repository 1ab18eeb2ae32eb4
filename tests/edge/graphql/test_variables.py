"""Values that come beside a document: what does not fit is said in GraphQL's words, with HTTP 400."""

import pytest

from tests.serving import Client

ONE = "a0000001-0000-4000-8000-000000000001"
CREATE = "mutation($v: PersonCreateInput!) { createPerson(data: $v) { id } }"
CREATE_MANY = "mutation($v: [PersonCreateInput!]!) { createPeople(data: $v) { id } }"
DEAL = "mutation($v: OpportunityCreateInput!) { createOpportunity(data: $v) { id } }"
UPDATE = f'mutation($v: PersonUpdateInput!) {{ updatePerson(id: "{ONE}", data: $v) {{ id }} }}'
DELETE = "mutation($v: UUID!) { deletePerson(id: $v) { id } }"
FILTER = "query($v: PersonFilterInput) { people(filter: $v) { totalCount } }"
DEALS = "query($v: OpportunityFilterInput) { opportunities(filter: $v) { totalCount } }"
ORDER = "query($v: [PersonOrderByInput]) { people(orderBy: $v) { totalCount } }"
FIRST = "query($v: Int) { people(first: $v) { totalCount } }"
CITY = "mutation($v: String) { createPerson(data: { name: { firstName: $v } }) { id } }"
INCLUDE = "query($v: Boolean!) { people { totalCount @include(if: $v) } }"
ONLY = "query($v: PersonFilterInput!) { person(filter: $v) { id } }"
DIRECTIONS = 'Did you mean the enum value "AscNullsFirst", "AscNullsLast", "DescNullsFirst", or "DescNullsLast"?'
STAGES = '"OpportunityStageEnum" enum.'


@pytest.mark.parametrize(
    ("document", "value", "message"),
    [
        (CREATE, None, 'Variable "$v" of non-null type "PersonCreateInput!" must not be null.'),
        (CREATE, "x", 'Expected type "PersonCreateInput" to be an object.'),
        (CREATE, {"nme": 1}, 'Field "nme" is not defined by type "PersonCreateInput". Did you mean "name"?'),
        (CREATE, {"zzzzzz": 1}, 'Field "zzzzzz" is not defined by type "PersonCreateInput".'),
        (CREATE, {"city": 5}, "String cannot represent a non string value: 5"),
        (CREATE, {"name": ["it's"]}, 'Expected type "FullNameCreateInput" to be an object.'),
        (CREATE, {"city": ["it's 'x'"]}, """String cannot represent a non string value: ["it's 'x'"]"""),
        (CREATE, {"createdBy": "x"}, 'Expected type "ActorCreateInput" to be an object.'),
        (CREATE, {"emails": ["a@b.example"]}, 'Expected type "EmailsCreateInput" to be an object.'),
        (CREATE, {"emails": {"primaryEmail": {}}}, "String cannot represent a non string value: {}"),
        (
            CREATE,
            {"name": {"middleName": "x"}},
            'Field "middleName" is not defined by type "FullNameCreateInput". Did you mean "firstName"?',
        ),
        (CREATE, {"company": {"disconnect": "yes"}}, 'Boolean cannot represent a non boolean value: "yes"'),
        (
            CREATE,
            {"company": {"connect": {"where": {"domanName": {}}}}},
            'Field "domanName" is not defined by type "CompanyWhereUniqueInput". Did you mean "domainName"?',
        ),
        (CREATE_MANY, [{"city": "x"}, None], 'Expected non-nullable type "PersonCreateInput!" not to be null.'),
        (CREATE_MANY, [{"city": "x"}, {"city": 5}], "String cannot represent a non string value: 5"),
        (UPDATE, {"nme": 1}, 'Field "nme" is not defined by type "PersonUpdateInput". Did you mean "name"?'),
        (DEAL, {"stage": "NOPE"}, f'Value "NOPE" does not exist in {STAGES}'),
        (DEAL, {"stage": "new"}, f'Value "new" does not exist in {STAGES} Did you mean the enum value "NEW"?'),
        (DEAL, {"stage": 5}, 'Enum "OpportunityStageEnum" cannot represent non-string value: 5.'),
        (DELETE, "x", "Invalid UUID"),
        (DELETE, 5, "UUID must be a string"),
        (DELETE, None, 'Variable "$v" of non-null type "UUID!" must not be null.'),
        (FILTER, "x", 'Expected type "PersonFilterInput" to be an object.'),
        (FILTER, {"city": {"nope": "x"}}, 'Field "nope" is not defined by type "StringFilter".'),
        (FILTER, {"city": {"eq": "it's", "is": "NUL"}},
         'Value "NUL" does not exist in "FilterIs" enum. Did you mean the enum value "NULL"?'),
        (FILTER, {"city": {"is": 5}}, 'Enum "FilterIs" cannot represent non-string value: 5.'),
        (FILTER, {"id": {"eq": "x"}}, "Invalid UUID"),
        (FILTER, {"id": {"in": [ONE, "x"]}}, "Invalid UUID"),
        (FILTER, {"companyId": {"neq": "x"}}, "Invalid UUID"),
        (FILTER, {"position": {"gt": "x"}}, 'Float cannot represent non numeric value: "x"'),
        (FILTER, {"or": [{"city": {"eq": "x"}}, {"city": {"eq": 5}}]}, "String cannot represent a non string value: 5"),
        (ONLY, {"id": {"eq": "x"}}, "Invalid UUID"),
        (DEALS, {"stage": {"eq": 5}}, 'Enum "OpportunityStageEnum" cannot represent non-string value: 5.'),
        (DEALS, {"stage": {"isEmptyArray": "x"}}, 'Boolean cannot represent a non boolean value: "x"'),
        (ORDER, [{"city": "ASC"}], 'Value "ASC" does not exist in "OrderByDirection" enum.'),
        (
            ORDER,
            [{"city": "AscNullFirst"}],
            'Value "AscNullFirst" does not exist in "OrderByDirection" enum. ' + DIRECTIONS,
        ),
        (ORDER, [{"city": 5}], 'Enum "OrderByDirection" cannot represent non-string value: 5.'),
        (FIRST, "x", 'Int cannot represent non-integer value: "x"'),
        (CITY, 5, "String cannot represent a non string value: 5"),
        (INCLUDE, "x", 'Boolean cannot represent a non boolean value: "x"'),
    ],
)  # fmt: skip
async def test_a_value_that_does_not_fit_is_refused_with_400(
    shared: Client, document: str, value: object, message: str
) -> None:
    for _ in range(2):  # the second may meet what the first has left in the cache of plans
        response = await shared.post(document, {"v": value})

        assert response.status_code == 400
        assert response.json() == {
            "errors": [
                {
                    "message": message,
                    "extensions": {
                        "code": "BAD_USER_INPUT",
                        "statusCode": 400,
                        "userFriendlyMessage": "An error occurred.",
                        "http": {"status": 400},
                    },
                }
            ]
        }


async def test_a_value_that_is_missing_is_refused_with_400(shared: Client) -> None:
    response = await shared.post(CREATE)
    (error,) = response.json()["errors"]

    assert response.status_code == 400
    assert error["message"] == 'Variable "$v" of required type "PersonCreateInput!" was not provided.'
    assert error["extensions"]["http"] == {"status": 400}
    assert "locations" not in error


async def test_values_are_looked_at_when_the_document_is_right(shared: Client) -> None:
    document = "query($v: Int) { people(first: $v) { totalCount } companies(nope: 1) { totalCount } }"
    response = await shared.post(document, {"v": "x"})

    assert response.status_code == 200
    assert [error["message"] for error in response.json()["errors"]] == [
        'Unknown argument "nope" on field "Query.companies".'
    ]


async def test_more_than_fifty_wrong_values_are_too_many(shared: Client) -> None:
    response = await shared.post(FILTER, {"v": {"id": {"in": ["x"] * 60}}})
    messages = [error["message"] for error in response.json()["errors"]]

    assert response.status_code == 400
    assert messages[:-1] == ["Invalid UUID"] * 50
    assert messages[-1] == "Too many errors processing variables, error limit reached. Execution aborted."


@pytest.mark.parametrize(
    ("declared", "argument", "expected"),
    [("String", "first", "Int"), ("Boolean!", "last", "Int"), ("Int", "after", "String"), ("Float", "offset", "Int")],
)
async def test_a_scalar_cannot_stand_for_another(shared: Client, declared: str, argument: str, expected: str) -> None:
    response = await shared.post(f"query($v: {declared}) {{ people({argument}: $v) {{ totalCount }} }}", {"v": None})
    (error,) = response.json()["errors"]

    assert response.status_code in (200, 400)
    if declared != "Boolean!":
        assert error["message"] == (f'Variable "$v" of type "{declared}" used in position expecting type "{expected}".')
        assert len(error["locations"]) == 2


@pytest.mark.parametrize("declared", ["ID", "ID!", "String", "UUID!"])
async def test_texts_and_ids_may_stand_for_each_other(shared: Client, declared: str) -> None:
    document = f"mutation($v: {declared}) {{ deletePerson(id: $v) {{ id }} }}"
    (error,) = (await shared.post(document, {"v": ONE})).json()["errors"]

    assert error["message"] == "Record not found"
