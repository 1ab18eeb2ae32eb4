"""The cost of a document: what it is, when it is told, and when it is too much."""

import pytest

from tests.serving import Client, serving

_RELATED = "filter: {company: {name: {is: NULL}}}"
_ID = "{ edges { node { id } } }"
_ASKED = {"X-Rapport-Cost": "1"}


async def cost(client: Client, query: str) -> object:
    client.headers = _ASKED
    return (await client.ask(query))["extensions"]


async def the_error(client: Client, query: str) -> tuple[object, object, object]:
    """Message, code and subCode of the only error of a document that is refused as a whole."""
    answer = (await client.post(query)).json()
    assert answer.keys() == {"errors"}
    (error,) = answer["errors"]
    return error["message"], error["extensions"]["code"], error["extensions"]["subCode"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("{ people(first: 20) { edges { node { id city company { name } } } } }", 48),
        ("{ people { totalCount } }", 10),
        ("{ people(first: 0) { edges { node { id } } } }", 2),
        ("{ companies(first: 10) { edges { node { people(first: 5) { edges { node { id } } } } } } }", 66),
        ('{ person(filter: {name: {firstName: {eq: "x"}}}) { name { firstName lastName } } }', 2),
        ("{ a: people { totalCount } b: companies { totalCount } }", 20),
        ("mutation { createPerson(data: {}) { id company { name } } }", 3),
        ('{ people(filter: {company: {name: {eq: "x"}}}) { totalCount } }', 20),
        ("{ people(filter: {company: {id: {is: NULL}}, companyId: {is: NULL}}) { totalCount } }", 20),
        ("{ people(filter: {company: {is: NULL}}) { totalCount } }", 10),
        ("{ people(filter: {company: {people: {some: {company: {name: {is: NULL}}}}}}) { totalCount } }", 40),
        ("{ companies(filter: {not: {or: [{people: {none: {}}}, {people: {every: {}}}]}}) { totalCount } }", 30),
        ('{ person(filter: {company: {name: {eq: "x"}}}) { id } }', 12),
        (f"{{ companies(first: 10) {{ edges {{ node {{ people(first: 5, {_RELATED}) {_ID} }} }} }} }}", 166),
        (f"{{ peopleGroupBy(groupBy: {{city: true}}, limit: 1, {_RELATED}) {{ totalCount }} }}", 20),
        ('mutation { deletePeople(filter: {company: {name: {eq: "x"}}}) { id } }', 76),
    ],
)
async def test_a_document_says_what_it_costs_when_asked(client: Client, query: str, expected: int) -> None:
    assert await cost(client, query) == {"cost": {"cost": expected, "limit": 1_000_000}}


async def test_nobody_is_told_who_did_not_ask(client: Client) -> None:
    assert "extensions" not in await client.ask("{ people { totalCount } }")


async def test_a_document_beyond_the_limit_is_refused_with_cost_and_limit(client: Client) -> None:
    async with serving(client.database, client.tenant, max_cost=47) as strict:
        error = await the_error(strict, "{ people(first: 20) { edges { node { id city company { name } } } } }")
        assert error == (
            "Query complexity is too high. The document costs 48, the limit is 47.",
            "BAD_USER_INPUT",
            "TOO_COMPLEX_QUERY",
        )
        assert "errors" not in await strict.ask("{ people(first: 19) { edges { node { id city company { name } } } } }")


async def test_the_page_size_of_a_variable_counts(client: Client) -> None:
    async with serving(client.database, client.tenant, max_cost=100) as strict:
        query = "query ($n: Int) { people(first: $n) { edges { node { id } } } }"
        assert "errors" not in await strict.ask(query, {"n": 90})
        assert "errors" in await strict.ask(query, {"n": 91})


async def test_lists_in_lists_in_lists_are_refused_when_they_multiply(client: Client) -> None:
    inner = "id"
    for _ in range(4):
        inner = f"id company {{ people {{ edges {{ node {{ {inner} }} }} }} }}"
    error = await the_error(client, f"{{ people {{ edges {{ node {{ {inner} }} }} }} }}")
    assert error[1:] == ("BAD_USER_INPUT", "TOO_COMPLEX_QUERY")
