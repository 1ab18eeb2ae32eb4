"""The pages for browsers, over real HTTP. The tests at the end look at what `make ui` built."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from rapport.ui.pages import STATIC, Pages, routes


@contextmanager
def server(pages: Pages, token: str | None = None) -> Iterator[httpx.Client]:
    def graphiql(_: Request) -> Response:
        return pages.graphiql(token)

    def reference(_: Request) -> Response:
        return pages.reference(token)

    app = Starlette(routes=[*routes(pages), Route("/graphql", graphiql), Route("/reference", reference)])
    with socket.create_server(("127.0.0.1", 0)) as listener:
        running = uvicorn.Server(uvicorn.Config(app, log_level="critical", lifespan="off"))
        thread = threading.Thread(target=running.run, kwargs={"sockets": [listener]})
        thread.start()
        try:
            port = listener.getsockname()[1]
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=10) as client:
                yield client
        finally:
            running.should_exit = True
            thread.join(10)


@pytest.fixture
def small(tmp_path: Path) -> Pages:
    """Pages as small as the server's part in them allows."""
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "page-1a2b.css").write_text("p {}")
    (tmp_path / "docs" / "decisions").mkdir(parents=True)
    (tmp_path / "docs" / "index.html").write_text("contents")
    (tmp_path / "docs" / "decisions" / "0001-a.html").write_text("decision")
    (tmp_path / "secret.html").write_text("secret")
    (tmp_path / "index.html").write_text(
        "<!--rapport:version-->0<!--/rapport:version--> <!--rapport:origin-->x<!--/rapport:origin-->/graphql"
    )
    (tmp_path / "graphiql.html").write_text(
        '<script type="application/json" id="rapport-config">{"token":null}</script>'
    )
    return Pages(version="1.2.3", static=tmp_path)


def test_the_start_page_names_the_version_and_its_own_address(small: Pages) -> None:
    with server(small) as client:
        response = client.get("/")
        assert (response.status_code, response.text) == (200, f"1.2.3 {client.base_url}/graphql")
        assert response.headers["content-type"] == "text/html; charset=utf-8"


def test_the_host_header_cannot_bring_markup_into_the_start_page(small: Pages) -> None:
    with server(small) as client:
        assert "<script>" not in client.get("/", headers={"host": "<script>alert(1)</script>"}).text


def test_graphiql_gets_the_token(small: Pages) -> None:
    with server(small, token="sk_live_</script>") as client:
        assert client.get("/graphql").text == (
            '<script type="application/json" id="rapport-config">{"token":"sk_live_\\u003c/script>"}</script>'
        )


def test_graphiql_without_a_token_stays_as_built(small: Pages) -> None:
    with server(small) as client:
        assert '{"token":null}' in client.get("/graphql").text


def test_pages_may_not_be_framed_kept_or_load_from_another_host(small: Pages) -> None:
    with server(small) as client:
        for address in ("/", "/graphql", "/docs"):
            headers = client.get(address).headers
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["cache-control"] == "no-store"
            policy = headers["content-security-policy"]
            assert policy.startswith("default-src 'none';")
            assert "frame-ancestors 'none'" in policy
            assert "http" not in policy
            assert "script-src 'unsafe-inline'" not in policy


def test_assets_are_kept_by_the_browser_for_good(small: Pages) -> None:
    with server(small) as client:
        response = client.get("/assets/page-1a2b.css")
        assert (response.text, response.headers["cache-control"]) == ("p {}", "public, max-age=31536000, immutable")
        assert client.get("/assets/missing.css").status_code == 404


def test_the_manual_is_served_by_name(small: Pages) -> None:
    with server(small) as client:
        assert client.get("/docs").text == "contents"
        assert client.get("/docs/").text == "contents"
        assert client.get("/docs/decisions/0001-a").text == "decision"


@pytest.mark.parametrize(
    "name",
    ["missing", "%2e%2e/secret", "..%2fsecret", "decisions/..%2f..%2fsecret", "decisions", "a%00b", "index.html"],
)
def test_the_manual_leads_nowhere_else(small: Pages, name: str) -> None:
    with server(small) as client:
        response = client.get(f"/docs/{name}")
        assert response.status_code == 404
        assert "secret" not in response.text


def test_a_checkout_without_built_pages_says_how_to_build_them(tmp_path: Path) -> None:
    with server(Pages(version="1.2.3", static=tmp_path / "static")) as client:
        for address in ("/", "/graphql", "/reference", "/docs"):
            response = client.get(address)
            assert response.status_code == 200
            assert response.headers["content-type"] == "text/plain; charset=utf-8"
            assert "make ui" in response.text
        assert client.get("/assets/page-1a2b.css").status_code == 404


def test_the_built_start_page_leads_to_all_that_is_here() -> None:
    with server(Pages(version="1.2.3")) as client:
        page = client.get("/").text
        assert "Version 1.2.3" in page
        assert f"curl {client.base_url}/graphql" in page
        assert "rapport:" not in page
        for address in ("/graphql", "/reference", "/docs", "/healthz"):
            assert f'href="{address}"' in page


@pytest.mark.parametrize(
    ("address", "title"), [("/graphql", "Rapport GraphiQL"), ("/reference", "Rapport REST reference")]
)
def test_a_built_page_takes_the_token_and_loads_only_what_is_here(address: str, title: str) -> None:
    with server(Pages(version="1.2.3"), token="sk_live_x") as client:
        page = client.get(address).text
        assert f"<title>{title}</title>" in page
        assert '{"token":"sk_live_x"}' in page
        assert "//" not in page.replace("<!doctype", "")
        for asset in (STATIC / "assets").iterdir():
            assert client.head(f"/assets/{asset.name}").status_code == 200


def test_the_built_manual_has_every_document() -> None:
    root = Path(__file__).parents[2] / "docs"
    with server(Pages(version="1.2.3")) as client:
        contents = client.get("/docs").text
        for file in sorted(root.rglob("*.md")):
            name = file.relative_to(root).with_suffix("").as_posix()
            assert f'href="/docs/{name}"' in contents
            assert client.get(f"/docs/{name}").status_code == 200
