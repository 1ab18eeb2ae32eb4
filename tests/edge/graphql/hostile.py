"""What every answer to hostile input must be: well-formed, with a documented error or with data, never a breakdown."""

import json
from collections.abc import Mapping

import httpx

from tests.serving import Client

CODES = frozenset(
    {
        "GRAPHQL_PARSE_FAILED",
        "GRAPHQL_VALIDATION_FAILED",
        "BAD_USER_INPUT",
        "NOT_FOUND",
        "METHOD_NOT_ALLOWED",
        "UNAUTHENTICATED",
        "FORBIDDEN",
        "CONFLICT",
    }
)
STATUSES = frozenset({200, 400, 401, 405, 413, 415})


def codes(response: httpx.Response) -> list[str]:
    """The codes of the answer's errors; the answer is checked to be a proper one."""
    assert response.status_code in STATUSES, (response.status_code, response.text[:500])
    answer = json.loads(response.content.decode())
    assert isinstance(answer, dict)
    assert answer.keys() <= {"data", "errors"}
    if "errors" not in answer:
        assert isinstance(answer["data"], dict)
        assert response.status_code == 200
        return []
    assert answer["errors"]
    found = []
    for error in answer["errors"]:
        assert isinstance(error["message"], str)
        assert error["extensions"]["code"] in CODES, error
        assert isinstance(error["extensions"]["statusCode"], int)
        assert "Traceback" not in error["message"]
        assert "workspace_" not in error["message"]
        found.append(error["extensions"]["code"])
    return found


async def send(client: Client, body: str | bytes, headers: Mapping[str, str] | None = None) -> httpx.Response:
    """Posts a body exactly as it is given."""
    sent = {"Authorization": f"Bearer {client.tenant.key}", "Content-Type": "application/json", **(headers or {})}
    content = body.encode() if isinstance(body, str) else body
    return await client.http.post(f"{client.url}/graphql", content=content, headers=sent)


async def ask(client: Client, query: str, variables: str = "{}") -> httpx.Response:
    """Posts a document with variables that are JSON text; twice, for the second answer comes from a remembered plan."""
    body = f'{{"query":{json.dumps(query)},"variables":{variables}}}'
    first = await send(client, body)
    second = await send(client, body)
    if not query.lstrip().startswith("mutation"):
        assert (first.status_code, first.text) == (second.status_code, second.text)
    return first
