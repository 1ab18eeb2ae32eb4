"""What strangers may send: enough to sign in, not enough to keep the server busy."""

from rapport.edge.body import LARGEST_ANONYMOUS_BODY
from tests.serving import Client

LARGE = {"query": "{ __typename }", "variables": {"x": "x" * LARGEST_ANONYMOUS_BODY}}


async def test_large_bodies_need_a_token(client: Client) -> None:
    answer = await client.http.post(f"{client.url}/graphql", json=LARGE)
    assert answer.status_code == 413
    assert answer.json()["errors"][0]["message"] == f"The body is larger than {LARGEST_ANONYMOUS_BODY} bytes."

    answer = await client.http.post(f"{client.url}/graphql", json=LARGE, headers={"Authorization": "Bearer nonsense"})
    assert answer.status_code == 401
    assert answer.json()["errors"][0]["message"] == "Token invalid."

    with_token = await client.post("{ __typename }", {"x": "x" * LARGEST_ANONYMOUS_BODY})
    assert with_token.json() == {"data": {"__typename": "Query"}}


async def test_small_ones_do_not(client: Client) -> None:
    small = {"query": "{ __typename }", "variables": {"x": "x" * (LARGEST_ANONYMOUS_BODY - 100)}}
    assert (await client.http.post(f"{client.url}/graphql", json=small)).json() == {"data": {"__typename": "Query"}}
