"""The thinnest path: a document over HTTP, records in PostgreSQL, JSON back."""

from tests.serving import Client


async def test_a_person_that_was_created_is_found(client: Client) -> None:
    created = await client.data('mutation { createPerson(data: {name: {firstName: "Ann"}}) { id name { firstName } } }')
    found = await client.data("{ people { totalCount edges { node { id name { firstName } } } } }")
    assert found == {"people": {"totalCount": 1, "edges": [{"node": created["createPerson"]}]}}


async def test_without_a_token_the_answer_says_so(client: Client) -> None:
    response = await client.http.post(f"{client.url}/graphql", json={"query": "{ people { totalCount } }"})
    (error,) = response.json()["errors"]
    assert (response.status_code, error["message"], error["extensions"]["code"]) == (
        401,
        "Missing authentication token",
        "UNAUTHENTICATED",
    )
