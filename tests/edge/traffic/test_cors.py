"""What browsers are told about pages of other sites."""

import httpx
import pytest

from rapport.base.errors import ConfigurationError
from rapport.base.settings import Settings
from tests.edge.traffic.conftest import Home
from tests.serving import Client, serving

PAGE, OTHER = "https://app.example.com", "https://evil.example.com"
UNDERSTOOD = {
    "authorization", "content-type", "x-locale", "x-schema-version", "x-rapport-cost", "idempotency-key", "if-match",
    "if-none-match", "range",
}  # fmt: skip
TOLD = {
    "x-ratelimit-limit", "x-ratelimit-remaining", "x-ratelimit-reset", "retry-after", "etag", "location",
    "content-disposition", "idempotency-replayed",
}  # fmt: skip
PATHS = (
    "/graphql",
    "/metadata",
    "/rest/people",
    "/rest/files",
    "/files/x/y/z",
    "/rest/open-api/core",
    "/open-api/core",
)


async def ask(client: Client, method: str, path: str, origin: str | None) -> httpx.Response:
    headers = {"Authorization": f"Bearer {client.tenant.key}"}
    if origin is not None:
        headers |= {"Origin": origin, "Access-Control-Request-Method": "PATCH"}
    return await client.http.request(method, client.url + path, headers=headers)


def names(answer: httpx.Response, header: str) -> set[str]:
    return {each.strip().lower() for each in answer.headers.get(header, "").split(",")}


async def test_every_page_may_use_the_apis_with_the_token_that_it_has(home: Home) -> None:
    async with serving(home.database, home.tenant) as client:
        for path in PATHS:
            preflight = await ask(client, "OPTIONS", path, OTHER)
            assert (preflight.status_code, preflight.content) == (204, b""), path
            assert names(preflight, "Access-Control-Allow-Headers") >= UNDERSTOOD
            assert names(preflight, "Access-Control-Allow-Methods") >= {"get", "post", "put", "patch", "delete"}
            for answer in (preflight, await ask(client, "GET", path, OTHER)):
                assert answer.headers["Access-Control-Allow-Origin"] == "*", path
                assert names(answer, "Access-Control-Expose-Headers") >= TOLD
                assert "Access-Control-Allow-Credentials" not in answer.headers
            # Nobody but browsers reads what may be read.
            assert "Access-Control-Expose-Headers" not in (await ask(client, "GET", path, None)).headers
        for path in ("/", "/graphql"):
            page = await client.http.get(client.url + path, headers={"Accept": "text/html", "Origin": OTHER})
            assert "Access-Control-Allow-Origin" not in page.headers


async def test_only_the_pages_that_are_named_may(home: Home) -> None:
    async with serving(home.database, home.tenant, cors_origins=(PAGE, "http://localhost:3001")) as client:
        for path in PATHS:
            for method in ("OPTIONS", "GET"):
                allowed, refused, none = [await ask(client, method, path, each) for each in (PAGE, OTHER, None)]
                assert allowed.headers["Access-Control-Allow-Origin"] == PAGE, path
                assert names(allowed, "Access-Control-Expose-Headers") >= TOLD
                for answer in (refused, none):
                    assert not [name for name in answer.headers if name in ("access-control-allow-origin",)], path
                for answer in (allowed, refused, none):
                    assert "origin" in names(answer, "Vary"), path
        odd = await ask(client, "GET", "/rest/people", f"{PAGE}.evil.example.com")
        assert "Access-Control-Allow-Origin" not in odd.headers


def test_origins_are_read_from_the_environment() -> None:
    def read(value: str) -> tuple[str, ...]:
        return Settings.from_environment({"RAPPORT_CORS_ORIGINS": value}).cors_origins

    assert read("") == ("*",)
    assert read("https://App.example.com, http://localhost:3001") == (
        "https://app.example.com",
        "http://localhost:3001",
    )
    for wrong in (
        "app.example.com",
        "https://a.example.com/",
        "https://a.example.com/x",
        "https://u@x.com",
        "https://",
    ):
        with pytest.raises(ConfigurationError, match="RAPPORT_CORS_ORIGINS must be"):
            read(wrong)
