"""Speaks REST to a server, and checks what every answer must be."""

import json

import httpx

from tests.serving import Client

CODES = frozenset(
    {
        "BAD_USER_INPUT", "UNAUTHENTICATED", "FORBIDDEN", "NOT_FOUND", "METHOD_NOT_ALLOWED", "CONFLICT",
        "METADATA_VALIDATION_FAILED", "PRECONDITION_FAILED",
    }
)  # fmt: skip


async def send(
    client: Client,
    method: str,
    path: str,
    body: object = None,
    *,
    headers: dict[str, str] | None = None,
    token: str | None = "",
) -> httpx.Response:
    """``path``, below `/rest`, is sent byte by byte. ``body``: bytes, or else JSON. ``token``: else the tenant's."""
    sent = {"Content-Type": "application/json"} if body is not None else {}
    if token is not None:
        sent["Authorization"] = f"Bearer {token or client.tenant.key}"
    content = body if isinstance(body, bytes | None) else json.dumps(body).encode()
    target = {"target": f"/rest{path}".encode()}  # httpx would tidy up the path
    return await client.http.request(
        method, client.url, content=content, headers={**sent, **(headers or {})}, extensions=target
    )


def error(response: httpx.Response) -> tuple[int, str, str]:
    """Status, code and message of an answer that must be an error in the documented shape."""
    assert response.headers["Content-Type"] == "application/json; charset=utf-8"
    body = response.json()
    assert list(body) == ["error", "statusCode", "messages"], body
    assert list(body["error"]) == ["code", "message", "details"]
    assert body["statusCode"] == response.status_code
    assert body["messages"][0] == body["error"]["message"]
    assert body["error"]["code"] in CODES, body
    assert "Traceback" not in response.text
    assert "workspace_" not in response.text
    return response.status_code, body["error"]["code"], body["error"]["message"]
