"""Replays what a real server of the contract answered, as far as it is served yet: records, errors, HTTP.

The facts are in `contract/*.json`, one after the other on one workspace. `<time>` and `<blocks>` stand for values that
differ each time. Where we differ on purpose (empty text is null, more in `extensions`), the files hold our side.
"""

import json
import re
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest

from tests.serving import Client

FACTS = Path(__file__).parent / "contract"
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")


def steps() -> Iterator[tuple[str, dict[str, object]]]:
    for name in ("writes", "reads", "deletes"):
        for step in json.loads((FACTS / f"{name}.json").read_text(encoding="utf-8")):
            yield step["name"], step


def blurred(value: object, key: str = "") -> object:
    """The value with `<time>` for each timestamp of the record itself, `<blocks>` for the blocks of a rich text."""
    if isinstance(value, dict):
        return {name: blurred(item, name) for name, item in value.items()}
    if isinstance(value, list):
        return [blurred(item) for item in value]
    if key in ("createdAt", "updatedAt", "deletedAt") and isinstance(value, str):
        assert TIME.fullmatch(value), value
        return "<time>"
    if key == "blocknote" and isinstance(value, str):
        assert all({"id", "type", "props", "content", "children"} == set(block) for block in json.loads(value))
        return "<blocks>"
    return value


def reduced(error: dict[str, object]) -> dict[str, object]:
    """The parts of an error that the facts hold."""
    extensions = error["extensions"]
    assert isinstance(extensions, dict)
    assert isinstance(extensions["statusCode"], int)
    parts = {**extensions, **error}
    names = ("message", "code", "subCode", "userFriendlyMessage", "http", "path", "locations")
    return {name: parts[name] for name in names if name in parts}


async def test_a_session_is_answered_as_recorded(client: Client) -> None:
    for name, step in steps():
        query, variables = step["query"], step.get("variables")
        assert isinstance(query, str)
        assert variables is None or isinstance(variables, dict)
        response = await client.post(query, variables)
        answer = response.json()
        found: dict[str, object] = {"status": response.status_code}
        if "data" in answer:
            found["data"] = blurred(answer["data"])
        if "errors" in answer:
            found["errors"] = [reduced(error) for error in answer["errors"]]
        wanted: dict[str, object] = {"status": 200}
        wanted |= {key: step[key] for key in ("status", "data", "errors") if key in step}

        assert found == wanted, name
        assert response.headers["content-type"] == "application/json; charset=utf-8", name


async def test_an_answer_has_the_order_of_its_document(client: Client) -> None:
    await client.data('mutation { createPerson(data: { city: "Oslo" }) { id } }')
    answer = await client.post(
        """{
            b: people { edges { node { position city } } totalCount }
            __typename
            a: people { totalCount }
            companies { totalCount }
        }"""
    )

    assert answer.text == (
        '{"data":{"b":{"edges":[{"node":{"position":0,"city":"Oslo"}}],"totalCount":1},"__typename":"Query",'
        '"a":{"totalCount":1},"companies":{"totalCount":0}}}'
    )


# -- HTTP --------------------------------------------------------------------------------------------------------------


@pytest.fixture
async def http(client: Client) -> AsyncIterator[httpx.AsyncClient]:
    """An HTTP client that is authenticated, without a content type of its own."""
    headers = {"Authorization": f"Bearer {client.tenant.key}"}
    async with httpx.AsyncClient(base_url=client.url, headers=headers) as found:
        yield found


TYPENAME = {"data": {"__typename": "Query"}}
COUNT = {"data": {"people": {"totalCount": 0}}}


async def test_a_query_may_come_by_get(http: httpx.AsyncClient) -> None:
    found = await http.get("/graphql?query={__typename}")
    named = await http.get(
        "/graphql",
        params={
            "query": "query A($f: PersonFilterInput) { people(filter: $f) { totalCount } } query B { __typename }",
            "variables": '{"f": {"city": {"eq": "Zürich & Co"}}}',
            "operationName": "A",
        },
    )

    assert (found.status_code, found.json()) == (200, TYPENAME)
    assert (named.status_code, named.json()) == (200, COUNT)


@pytest.mark.parametrize("content_type", ["text/plain", "text/plain;charset=UTF-8", "application/graphql"])
async def test_a_query_may_be_the_whole_body(http: httpx.AsyncClient, content_type: str) -> None:
    found = await http.post("/graphql", content="{people{totalCount}}", headers={"Content-Type": content_type})

    assert (found.status_code, found.json()) == (200, COUNT)


async def test_a_query_may_be_a_form(http: httpx.AsyncClient) -> None:
    found = await http.post("/graphql", data={"query": "{__typename}"})
    typed = {"Content-Type": "application/x-www-form-urlencoded"}
    raw = await http.post("/graphql", content=f"query={quote('{__typename}')}", headers=typed)

    assert (found.status_code, found.json()) == (200, TYPENAME)
    assert (raw.status_code, raw.json()) == (200, TYPENAME)


@pytest.mark.parametrize("content_type", ["application/json", "APPLICATION/JSON; charset=utf-8", "", "text/plain"])
async def test_json_is_the_form_that_is_expected(http: httpx.AsyncClient, content_type: str) -> None:
    body = json.dumps({"query": "{__typename}", "extensions": {"x": 1}, "unknown": None})
    found = await http.post("/graphql", content=body, headers={"Content-Type": content_type} if content_type else {})

    assert (found.status_code, found.json()) == (200, TYPENAME)


@pytest.mark.parametrize("path", ["/graphql", "/metadata"])
@pytest.mark.parametrize(
    ("query", "message", "column"),
    [
        ("{people{", "Syntax Error: Expected Name, found <EOF>.", 9),
        ("{objects", "Syntax Error: Expected Name, found <EOF>.", 9),
        ("", "Syntax Error: Unexpected <EOF>.", 1),
    ],
)
async def test_a_syntax_error_is_answered_with_200(
    http: httpx.AsyncClient, path: str, query: str, message: str, column: int
) -> None:
    found = await http.post(path, json={"query": query})
    (error,) = found.json()["errors"]

    assert found.status_code == 200
    assert "data" not in found.json()
    assert (error["message"], error["locations"]) == (message, [{"line": 1, "column": column}])
    assert error["extensions"]["code"] == "GRAPHQL_PARSE_FAILED"


async def test_an_unknown_argument_is_answered_with_200(http: httpx.AsyncClient) -> None:
    found = await http.post("/graphql", json={"query": "{people(nope:1){totalCount}}"})
    (error,) = found.json()["errors"]

    assert found.status_code == 200
    assert error["message"] == 'Unknown argument "nope" on field "Query.people".'
    assert error["locations"] == [{"line": 1, "column": 9}]
    assert error["extensions"]["code"] == "GRAPHQL_VALIDATION_FAILED"


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
async def test_other_methods_are_refused(http: httpx.AsyncClient, method: str) -> None:
    found = await http.request(method, "/graphql", json={"query": "{__typename}"})
    (error,) = found.json()["errors"]

    assert found.status_code == 405
    assert error["message"] == "GraphQL only supports GET and POST requests."


async def test_a_browser_of_any_origin_may_ask(http: httpx.AsyncClient) -> None:
    asked = {
        "Origin": "http://evil.example",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type",
    }
    found = await http.request("OPTIONS", "/graphql", headers=asked)
    answer = await http.post("/graphql", json={"query": "{__typename}"}, headers={"Origin": "http://evil.example"})

    assert (found.status_code, found.content) == (204, b"")
    assert found.headers["access-control-allow-origin"] == answer.headers["access-control-allow-origin"] == "*"
    assert "POST" in found.headers["access-control-allow-methods"]
    assert "authorization" in found.headers["access-control-allow-headers"].lower()
    assert "access-control-allow-credentials" not in found.headers


async def test_headers_of_the_contract_s_own_web_app_are_accepted(http: httpx.AsyncClient) -> None:
    found = await http.post("/graphql", json={"query": "{people{totalCount}}"}, headers={"X-Schema-Version": "2"})

    assert (found.status_code, found.json()) == (200, COUNT)


@pytest.mark.parametrize(
    "query", ["{ people { totalCount } }", "{ nope }", "mutation { createPerson(data: {}) { id } }"]
)
@pytest.mark.parametrize("token", [None, "sk_live_nope", "a.b.c", "x"])
async def test_records_are_for_holders_of_a_token(client: Client, query: str, token: str | None) -> None:
    headers = {} if token is None else {"Authorization": f"Bearer {token}"}
    found = await client.http.post(f"{client.url}/graphql", json={"query": query}, headers=headers)
    (error,) = found.json()["errors"]

    assert found.status_code == 401
    assert error["extensions"]["code"] == "UNAUTHENTICATED"
    assert error["message"] == ("Missing authentication token" if token is None else "Token invalid.")
    assert found.json().get("data") is None
