"""Documents that are wrong, too large or made to hurt: each gets an error of the contract."""

from collections.abc import Callable

import pytest

from tests.edge.graphql.hostile import ask, codes
from tests.serving import Client

ALIASES = " Use different aliases on the fields to fetch both if this was intentional."
HINT = ' Did you mean "people { ... }"?'
PARSE, VALIDATION, INPUT = "GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED", "BAD_USER_INPUT"


def repeated(count: int, part: Callable[[int], str]) -> str:
    return " ".join(part(index) for index in range(count))


def nested_relations(depth: int) -> str:
    return "{ people " + "{ edges { node { company { people " * depth + "{ totalCount }" + " } } } }" * depth + " }"


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ("{ nope }", 'Cannot query field "nope" on type "Query". Did you mean "note" or "notes"?'),
        ("mutation { nope }", 'Cannot query field "nope" on type "Mutation".'),
        ("{ people { nope } }", 'Cannot query field "nope" on type "PersonConnection".'),
        ("{ people { edges { nope } } }", 'Cannot query field "nope" on type "PersonEdge". Did you mean "node"?'),
        ("{ people { edges { node { citi } } } }", 'Cannot query field "citi" on type "Person". Did you mean "city"?'),
        (
            "{ people { edges { node { name { nope } } } } }",
            'Cannot query field "nope" on type "FullName".',
        ),
        ("{ people { pageInfo { nope } } }", 'Cannot query field "nope" on type "PageInfo".'),
        ("{ people(nope: 1) { totalCount } }", 'Unknown argument "nope" on field "Query.people".'),
        (
            "{ people { edges { node { city(nope: 1) } } } }",
            'Unknown argument "nope" on field "Person.city".',
        ),
        (
            "{ people { edges { node { company(first: 1) { id } } } } }",
            'Unknown argument "first" on field "Person.company".',
        ),
        (
            "{ companies { edges { node { people(nope: 1) { totalCount } } } } }",
            'Unknown argument "nope" on field "Company.people".',
        ),
        (
            "mutation { createPerson(data: { nope: 1 }) { id } }",
            'Field "nope" is not defined by type "PersonCreateInput". Did you mean "name"?',
        ),
        (
            'mutation { createPerson(data: { name: { nope: "x" } }) { id } }',
            'Field "nope" is not defined by type "FullNameCreateInput".',
        ),
        ("{ people(filter: { nope: {} }) { totalCount } }",
         'Field "nope" is not defined by type "PersonFilterInput". Did you mean "name"?'),
        (
            "{ people(filter: { city: { nope: 1 } }) { totalCount } }",
            'Field "nope" is not defined by type "StringFilter".',
        ),
        (
            "{ people(orderBy: { nope: AscNullsFirst }) { totalCount } }",
            'Field "nope" is not defined by type "PersonOrderByInput". Did you mean "name"?',
        ),
        ("{ people }", 'Field "people" of type "PersonConnection" must have a selection of subfields.' + HINT),
        (
            "{ people { edges { node { city { x } } } } }",
            'Field "city" must not have a selection since type "String" has no subfields.',
        ),
        ("{ people { edges { node { createdBy } } } }",
         'Field "createdBy" of type "Actor" must have a selection of subfields. Did you mean "createdBy { ... }"?'),
        ("{ people { ...A } }", 'Unknown fragment "A".'),
        ("{ people { totalCount } } fragment A on Person { id }", 'Fragment "A" is never used.'),
        ("{ people { ...A } } fragment A on Nope { id }", 'Unknown type "Nope".'),
        (
            "{ people { ...A } } fragment A on Person { id }",
            'Fragment "A" cannot be spread here as objects of type "PersonConnection" can never be of type "Person".',
        ),
        ("query($a: Int) { people { totalCount } }", 'Variable "$a" is never used.'),
        ("{ people(first: $a) { totalCount } }", 'Variable "$a" is not defined.'),
        ("query($a: Int, $a: Int) { people(first: $a) { totalCount } }", 'There can be only one variable named "$a".'),
        ("{ people(first: 1, first: 2) { totalCount } }", 'There can be only one argument named "first".'),
        ("{ a: people(first: 1) { totalCount } a: people(first: 2) { totalCount } }",
         'Fields "a" conflict because they have differing arguments.' + ALIASES),
        ("{ people { edges { node { a: city a: jobTitle } } } }",
         'Fields "a" conflict because "city" and "jobTitle" are different fields.' + ALIASES),
        ("{ people @nope { totalCount } }", 'Unknown directive "@nope".'),
        ("{ people @include { totalCount } }",
         'Directive "@include" argument "if" of type "Boolean!" is required, but it was not provided.'),
        ("{ people @skip(if: true) @skip(if: true) { totalCount } }",
         'The directive "@skip" can only be used once at this location.'),
        ("query @include(if: true) { people { totalCount } }", 'Directive "@include" may not be used on QUERY.'),
        ("{ __typename } type Person { id: ID }", 'The "Person" definition is not executable.'),
        ("subscription { personCreated { id } }", "Subscriptions are not served over this transport."),
    ],
)  # fmt: skip
async def test_what_does_not_exist_or_fit_is_named(shared: Client, document: str, message: str) -> None:
    response = await ask(shared, document)
    found = [error["message"] for error in response.json()["errors"]]

    assert response.status_code == 200
    assert message in found
    assert set(codes(response)) == {VALIDATION}
    assert "data" not in response.json()


@pytest.mark.parametrize(
    ("document", "name"),
    [
        ("query A { __typename } query B { __typename }", None),
        ("query A { __typename } query A { __typename }", None),
        ("{ __typename } query B { __typename }", None),
        ("query A { nope }", "B"),
        ("{ __typename }", "A"),
        ("fragment A on Person { id }", None),
        ("type Person { id: ID }", None),
    ],
)
async def test_a_document_must_say_what_is_to_be_executed(shared: Client, document: str, name: str | None) -> None:
    response = await shared.post(document, operationName=name)

    assert response.status_code == 400
    assert [error["message"] for error in response.json()["errors"]] == [
        "Could not determine what operation to execute."
    ]


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ("query A { __typename } query A { __typename }", 'There can be only one operation named "A".'),
        ("{ __typename } query A { __typename }", "This anonymous operation must be the only defined operation."),
    ],
)
async def test_operations_beside_the_executed_one_must_be_right_too(
    shared: Client, document: str, message: str
) -> None:
    response = await shared.post(document, operationName="A")

    assert response.status_code == 200
    assert [error["message"] for error in response.json()["errors"]] == [message]


@pytest.mark.parametrize(
    "document",
    [
        "{people(filter:{^nope:{eq:1}}){totalCount}}",
        "{people(filter:{city:{^nope:1}}){totalCount}}",
        "{people(filter:{city:{eq:^1}}){totalCount}}",
        "query($a:String){people(filter:{and:[{city:{eq:$a}},{^nope:1}]}){totalCount}}",
        "query($a:String){people(filter:{^nope:{eq:$a}}){totalCount}}",
        "{people(orderBy:[{^nope:AscNullsFirst}]){totalCount}}",
        "{people(orderBy:[{name:{^nope:AscNullsFirst}}]){totalCount}}",
        "{people(orderBy:[{city:^ASC}]){totalCount}}",
        "{peopleGroupBy(groupBy:[{^nope:true}]){totalCount}}",
        "mutation{createPerson(data:{^nope:1}){id}}",
        "mutation($a:String){createPerson(data:{^nope:$a}){id}}",
        "mutation{createPerson(data:{city:^1}){id}}",
        "mutation{createPerson(data:{name:{^nope:1}}){id}}",
        "mutation{createPerson(data:{name:{firstName:^1}}){id}}",
        'mutation{createPeople(data:[{city:"x"},{city:^1}]){id}}',
        "mutation{createPeople(data:{city:^1}){id}}",
        "mutation{createPerson(data:{company:{create:{^nope:1}}}){id}}",
        "mutation{createPerson(data:{company:{connect:{where:{^nope:1}}}}){id}}",
        "mutation{createPerson(data:{taskTargets:{create:[{^nope:1}]}}){id}}",
        "mutation{createPerson(data:{emails:^[1]}){id}}",
        'mutation{deletePerson(id:^"x"){id}}',
        "mutation{deletePerson(id:^null){id}}",
        '{personDuplicates(data:[{city:"x"},{^nope:1}]){totalCount}}',
        "{people{^...A}} fragment A on Person{id}",
        "{people{^... on Person{id}}}",
        "{^people{totalCount} ^people:companies{totalCount}}",
        "{people{totalCount @include(if:^1)}}",
        "query(^$a:String){people(first:^$a){totalCount}}",
    ],
)
async def test_an_error_says_where_it_is(shared: Client, document: str) -> None:
    """The places are marked in the document."""
    parts = document.split("^")
    columns = [len("".join(parts[:count])) + 1 for count in range(1, len(parts))]
    answer = (await shared.post("".join(parts), {"a": "x"})).json()
    (error,) = answer["errors"]

    assert "data" not in answer
    assert error["locations"] == [{"line": 1, "column": column} for column in columns]
    assert error["extensions"]["code"] == VALIDATION


@pytest.mark.parametrize(
    "document",
    [
        "{", "}", "{ people { } }", "{}", "mutation {}", "{ people( ) { totalCount } }", "{ people { totalCount }",
        '{ people(filter: { city: { eq: "x } }) { totalCount } }', "query ($a: ) { a }", "{ a: }", "\x00", "{ \x07 }",
        "# only a comment", "   ", "{ 'a' }", "{ people { totalCount } } junk", '{ people(filter: "\\uD800") { x } }',
        '{ people(filter: "\\u{110000}") { x } }', '{ people(filter: "\\q") { x } }', "{ people(first: 01) { x } }",
        "{ people(first: 1.) { x } }", "{ people(first: 1e) { x } }", "{ people(first: 1x) { x } }", "{ ...on }",
        "fragment on on Person { id }", "query { a } { b", "{ a @ }", "{ \U0001f600 }",
    ],
)  # fmt: skip
async def test_what_cannot_be_parsed_says_where(shared: Client, document: str) -> None:
    response = await ask(shared, document)

    assert response.status_code == 200
    assert codes(response) == [PARSE]
    assert response.json()["errors"][0]["locations"]


@pytest.mark.parametrize("condition", ["null", "1", '"true"', "$missing", "{}", "[true]", "TRUE"])
async def test_a_directive_wants_a_boolean(shared: Client, condition: str) -> None:
    declared = "query($missing: Boolean)" if condition.startswith("$") else ""
    response = await ask(shared, f"{declared} {{ people @include(if: {condition}) {{ totalCount }} }}")

    assert codes(response) == [VALIDATION]


@pytest.mark.parametrize("value", ["null", "1", '"true"', "{}", "[true]"])
async def test_a_directive_wants_a_boolean_variable(shared: Client, value: str) -> None:
    response = await ask(shared, "query($a: Boolean!) { people @skip(if: $a) { totalCount } }", f'{{"a":{value}}}')

    assert codes(response)
    assert set(codes(response)) <= {VALIDATION, INPUT}


async def test_everything_may_be_left_out_by_directives(shared: Client) -> None:
    response = await ask(shared, "{ people @skip(if: true) { totalCount } }")

    assert response.json() == {"data": {}}
    nested = await ask(shared, "{ people { totalCount @skip(if: true) edges @include(if: false) { node { id } } } }")
    assert nested.json() == {"data": {"people": {}}}


@pytest.mark.parametrize(
    "document",
    [
        nested_relations(200),
        "{ a " * 200 + "}" * 200,
        "{ a " * 100_000 + "}" * 100_000,
        "{ people(filter: { and: " + "[" * 100_000 + "]" * 100_000 + " }) { totalCount } }",
        "{ people(filter: " + "{ not: " * 5_000 + "{}" + " }" * 5_000 + ") { totalCount } }",
        "query($a: " + "[" * 100_000 + "Int" + "]" * 100_000 + ") { people { totalCount } }",
        "{ people { edges { node { " + "... { " * 5_000 + "id" + " }" * 5_000 + " } } } }",
        "{ people { ...A } } fragment A on PersonConnection { edges { node { company { people { ...A } } } } }",
        "{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }",
        "{ people { edges { node { ...F0 } } } } "
        + repeated(3_000, lambda index: f"fragment F{index} on Person {{ ...F{index + 1} }}")
        + " fragment F3000 on Person { id }",
    ],
    ids=lambda document: document[:40] if isinstance(document, str) else "",
)
async def test_nesting_has_an_end(shared: Client, document: str) -> None:
    assert codes(await ask(shared, document))[0] in (PARSE, VALIDATION, INPUT)


@pytest.mark.parametrize(
    "document",
    [
        "{ " + repeated(6_000, lambda index: f"a{index}: people {{ totalCount }}") + " }",
        "{ people { edges { node { " + repeated(60_000, lambda index: f"a{index}: city") + " } } } }",
        "{ people { edges { node { " + "city " * 60_000 + " } } } }",
        "{ people { edges { node { " + repeated(101, lambda index: f"a{index}: company {{ id }}") + " } } } }",
        "{ " + repeated(50_000, lambda index: f"a{index}: __typename") + " }",
        "mutation { " + repeated(3_000, lambda index: f"a{index}: createPerson(data: {{}}) {{ id }}") + " }",
        "{ people { edges { node { " + repeated(4_000, lambda index: f"nope{index}") + " } } } }",
        "{ people { totalCount } } " + repeated(20_000, lambda index: f"fragment F{index} on Person {{ id }}"),
        repeated(20_000, lambda index: f"query Q{index} {{ __typename }}"),
        "query(" + repeated(20_000, lambda index: f"$v{index}: Int") + ") { __typename }",
        "{ people " + "@include(if: true) " * 1_000 + "{ totalCount } }",
        "{ people(filter: { or: [" + "{ city: { eq: 5 } } " * 5_000 + "] }) { totalCount } }",
        "{ " + "a" * 1_000_000 + " }",
    ],
    ids=lambda document: document[:40] if isinstance(document, str) else "",
)
async def test_quantity_has_an_end(shared: Client, document: str) -> None:
    response = await ask(shared, document)
    found = codes(response)

    assert found
    assert len(found) <= 51
    assert set(found) <= {PARSE, VALIDATION, INPUT}


async def test_fragments_that_double_each_other_are_expanded_once(shared: Client) -> None:
    await shared.data('mutation { createPerson(data: { city: "Oslo" }) { id } }')
    spread = repeated(
        40, lambda index: f"fragment F{index} on Person {{ a{index}: city ...F{index + 1} ...F{index + 1} }}"
    )
    inline = repeated(
        30,
        lambda index: (
            f"fragment F{index} on Person {{ ... on Person {{ ...F{index + 1} }} ... {{ ...F{index + 1} }} }}"
        ),
    )
    for fragments, last in ((spread, 40), (inline, 30)):
        response = await ask(
            shared,
            f"{{ people(first: 1) {{ edges {{ node {{ ...F0 }} }} }} }} {fragments} "
            f"fragment F{last} on Person {{ z: city }}",
        )
        assert codes(response) == []
        assert response.json()["data"]["people"]["edges"][0]["node"]["z"] == "Oslo"


async def test_a_name_or_a_string_may_be_long(shared: Client) -> None:
    long = "a" * 800_000
    response = await ask(
        shared, f'{{ {long[:100_000]}: people(filter: {{ city: {{ eq: "{long}" }} }}) {{ totalCount }} }}'
    )

    assert response.json() == {"data": {long[:100_000]: {"totalCount": 0}}}


async def test_a_failed_document_leaves_the_server_as_it_was(shared: Client) -> None:
    for _ in range(3):
        assert codes(await ask(shared, "{ people { edges { node { nope } } } }")) == [VALIDATION]
        assert codes(await ask(shared, "{ people { totalCount } }")) == []
