"""Headers that are sent more than once."""

import httpx
import pytest

from tests.edge.rest.asking import error
from tests.edge.rest.records import ask
from tests.serving import Client


async def send(client: Client, path: str, *headers: tuple[str, str]) -> httpx.Response:
    body = {"query": "{ people { totalCount } }"} if path == "/graphql" else {"city": "Twice"}
    return await client.http.post(f"{client.url}{path}", json=body, headers=list(headers))


@pytest.mark.parametrize("name", ["Authorization", "Idempotency-Key"])
async def test_what_must_be_there_once_is_refused_twice(shared: Client, name: str) -> None:
    good = ("Authorization", f"Bearer {shared.tenant.key}")
    before = (await ask(shared, "GET", "/people?limit=0"))["totalCount"]
    message = f"The header '{name}' was sent more than once."
    for first, second in (("Bearer nonsense", good[1]), (good[1], "Bearer nonsense"), (good[1], good[1])):
        headers = [(name, first), (name.lower(), second)] + ([] if name == good[0] else [good])
        assert error(await send(shared, "/rest/people", *headers)) == (400, "BAD_USER_INPUT", message)
        answer = await send(shared, "/graphql", *headers)
        assert answer.status_code == 400
        assert [each["message"] for each in answer.json()["errors"]] == [message]
        answer = await shared.http.get(f"{shared.url}/open-api/core", headers=headers)
        assert error(answer) == (400, "BAD_USER_INPUT", message)
    assert (await ask(shared, "GET", "/people?limit=0"))["totalCount"] == before


async def test_other_headers_may_come_twice(shared: Client) -> None:
    headers = [("Authorization", f"Bearer {shared.tenant.key}"), ("X-Trace", "a"), ("X-Trace", "b"), ("Accept", "*/*")]
    assert (await send(shared, "/rest/people", *headers)).status_code == 201
