"""How many statements an answer takes: one for a query, however large; one for each change in the common case."""

import pytest

from rapport.base.ids import new_id
from tests.recording import recording
from tests.serving import Client

ONE = str(new_id())

QUERIES = {
    "one list": "{ people { edges { node { id } } } }",
    "a list with all that a page tells": """
        { people(first: 2, orderBy: [{company: {name: AscNullsLast}}, {city: DescNullsLast}], offset: 1,
            filter: {or: [{city: {ilike: "%a%"}}, {company: {name: {neq: "x"}}}]}) {
          edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } totalCount } }
    """,
    "lists in lists": """
        { companies { totalCount edges { node { people(first: 3) { totalCount edges { node {
            pointOfContactForOpportunities { totalCount edges { cursor node { company { people {
                pageInfo { hasNextPage } edges { node { id } } } } } } } } } } } } } }
    """,
    "several root fields": """
        { a: people(first: 1) { edges { node { id } } } b: people(last: 1) { edges { node { id } } }
          companies { totalCount } opportunities { edges { node { name } } } __typename
          one: person(filter: {city: {eq: "Paris"}}) { id company { name } } notes { totalCount } tasks { totalCount } }
    """,
    "records that are not there": f"""
        {{ a: person(filter: {{id: {{eq: "{ONE}"}}}}) {{ id }} b: company(filter: {{id: {{eq: "{ONE}"}}}}) {{ id }} }}
    """,
    "fragments and directives": """
        query { ...Both companies @skip(if: true) { totalCount } }
        fragment Both on Query { people { ...P } tasks { totalCount @include(if: true) } }
        fragment P on PersonConnection { edges { node { ... on Person { name { firstName } } } } }
    """,
    "a root field with a wrong value beside a good one": """
        { people(filter: {createdAt: {eq: "no time"}}) { totalCount } companies { totalCount } }
    """,
}

CHANGES = {
    "create one": f'createPerson(data: {{id: "{ONE}", city: "Rome"}}) {{ id createdAt name {{ firstName }} }}',
    "create one with links": 'createPerson(data: {city: "Rome"}) { id company { name } taskTargets { totalCount } }',
    "create many": 'createPeople(data: [{city: "a"}, {city: "b", jobTitle: "x"}, {position: 3}]) { id position }',
    "update one": f'updatePerson(id: "{ONE}", data: {{city: "Oslo"}}) {{ id city updatedAt company {{ name }} }}',
    "update many": 'updatePeople(filter: {city: {eq: "Oslo"}}, data: {city: "Bern"}) { id city }',
    "delete one": f'deletePerson(id: "{ONE}") {{ id deletedAt }}',
    "restore one": f'restorePerson(id: "{ONE}") {{ id deletedAt }}',
    "delete many": 'deletePeople(filter: {city: {eq: "Bern"}}) { id }',
    "restore many": 'restorePeople(filter: {city: {eq: "Bern"}}) { id }',
    "destroy one": f'destroyPerson(id: "{ONE}") {{ id city company {{ name people {{ totalCount }} }} }}',
    "destroy many": 'destroyPeople(filter: {city: {eq: "b"}}) { id }',
}


async def test_a_query_is_one_statement_however_large(client: Client) -> None:
    async with recording(client) as recorder:
        for name, query in QUERIES.items():
            for attempt in ("planned", "from the cache"):
                answer, statements = await recorder.ask(query)
                assert answer.get("data") is not None, (name, answer)
                assert len(statements) == 1, (name, attempt, statements)


async def test_a_query_with_as_many_root_fields_as_there_are_objects_is_one_statement(client: Client) -> None:
    fields = " ".join(f"a{number}: people(first: {number}) {{ edges {{ node {{ id }} }} }}" for number in range(60))
    async with recording(client) as recorder:
        answer, statements = await recorder.ask(f"{{ {fields} }}")
    assert "errors" not in answer
    assert len(statements) == 1


async def test_other_values_of_the_same_shape_are_the_same_statement(client: Client) -> None:
    query = "query($filter: PersonFilterInput) { people(filter: $filter) { totalCount } }"
    async with recording(client) as recorder:
        asked = [await recorder.ask(query, {"filter": {"city": {"eq": city}}}) for city in ("a", "b", "'; --")]
    assert len({statement for _, statements in asked for statement in statements}) == 1


async def test_each_change_is_one_statement_and_a_destruction_three(client: Client) -> None:
    """What goes along with destroyed records goes by foreign keys, and has to be told of before."""
    async with recording(client) as recorder:
        for name, change in CHANGES.items():
            answer, statements = await recorder.ask(f"mutation {{ {change} }}")
            assert "errors" not in answer, (name, answer)
            assert len(statements) == (3 if name.startswith("destroy") else 1), (name, statements)


async def test_changes_of_one_document_are_a_statement_each(client: Client) -> None:
    fields = " ".join(f'a{number}: createPerson(data: {{city: "x"}}) {{ id }}' for number in range(5))
    async with recording(client) as recorder:
        answer, statements = await recorder.ask(f"mutation {{ {fields} }}")
    assert "errors" not in answer
    assert len(statements) == 5


@pytest.mark.parametrize(
    "selection", ["company { people { totalCount } }", "company { people { edges { node { id city } } } }"]
)
async def test_an_answer_that_comes_back_to_what_is_changed_takes_a_second_statement(
    client: Client, selection: str
) -> None:
    company = await client.data('mutation { createCompany(data: {name: "Acme"}) { id } }')
    data = f'{{city: "Rome", companyId: "{company["createCompany"]["id"]}"}}'
    async with recording(client) as recorder:
        answer, statements = await recorder.ask(f"mutation {{ createPerson(data: {data}) {{ {selection} }} }}")
    assert "errors" not in answer
    assert len(statements) == 2


async def test_a_refusal_takes_no_statement_but_a_look_at_the_models_version(client: Client) -> None:
    async with recording(client) as recorder:
        for query in (
            "{ people { nothing } }",
            "{ people(some: 1) { totalCount } }",
            'mutation { createPerson(data: {position: "x"}) { id } }',
        ):
            answer, statements = await recorder.ask(query)
            assert answer["errors"]
            assert ["core.workspace where" in each for each in statements] == [True]
