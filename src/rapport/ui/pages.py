"""The pages for browsers: the start page, GraphiQL, the REST reference and the manual, all built into ``static/`` by ``make ui``."""

import html
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

STATIC = Path(__file__).parent / "static"

# What the built pages contain for the server to fill in. The pages in ui/ must have the same.
_CONFIG = '<script type="application/json" id="rapport-config">{"token":null}</script>'
_MARK = re.compile(r"<!--rapport:(version|origin)-->.*?<!--/rapport:\1-->", re.DOTALL)

_PLAIN = "default-src 'none'; style-src 'self'; img-src 'self'"
# Monaco, the editor inside GraphiQL, writes its theme into style elements and runs language services in workers.
_GRAPHIQL = (
    "default-src 'none'; script-src 'self'; worker-src 'self'; connect-src 'self'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:"
)
# Swagger UI sets the size of things in style attributes and brings its icons as data.
_REFERENCE = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:"
)


def _headers(policy: str) -> dict[str, str]:
    return {
        "Content-Security-Policy": f"{policy}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "no-referrer",
        "Cache-Control": "no-store",
    }


class _Assets(StaticFiles):
    """Files whose names carry a hash of their content, so that a browser may keep them for good."""

    def file_response(
        self, full_path: str | os.PathLike[str], stat_result: os.stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
        response.headers["X-Content-Type-Options"] = "nosniff"
        return response


@dataclass(frozen=True, kw_only=True)
class Pages:
    """The built pages. ``static`` may be missing: a checkout without them still serves the API."""

    version: str
    static: Path = STATIC

    def start(self, origin: str) -> Response:
        """The start page. ``origin`` (``http://127.0.0.1:3000``) goes into its examples."""
        given = {"version": self.version, "origin": origin}
        return self._page("index.html", _PLAIN, given=given)

    def graphiql(self, token: str | None = None) -> Response:
        """GraphiQL, for a browser's GET of ``/graphql``; its requests carry ``token`` unless the reader changes it.

        A page with a token must be readable by its own origin only: answer it without ``Access-Control-Allow-Origin``.
        """
        response = self._page("graphiql.html", _GRAPHIQL, config={"token": token})
        response.headers["Vary"] = "Accept"  # another Accept header gets JSON at the same address
        return response

    def reference(self, token: str | None = None) -> Response:
        """The REST reference, filled with ``token`` as GraphiQL is."""
        return self._page("reference.html", _REFERENCE, config={"token": token})

    def document(self, name: str) -> Response:
        """A page of the manual: ``configuration``, ``decisions/0001-…``. An empty name is the table of contents."""
        if not re.fullmatch(r"[a-z0-9-]+(/[a-z0-9-]+)*", name or "index"):
            raise HTTPException(404)
        return self._page(f"docs/{name or 'index'}.html", _PLAIN)

    def _page(
        self,
        file: str,
        policy: str,
        *,
        given: Mapping[str, str] = MappingProxyType({}),
        config: Mapping[str, str | None] | None = None,
    ) -> Response:
        try:
            text = (self.static / file).read_text(encoding="utf-8")
        except FileNotFoundError:
            if self.static.is_dir():
                raise HTTPException(404) from None
            return PlainTextResponse(
                f"Rapport {self.version} runs here, without its pages for browsers: they are not built yet.\n"
                "Type `make ui` in the project's folder and load this page again. POST /graphql works without them.\n",
                headers=_headers(_PLAIN),
            )
        if given:
            text = _MARK.sub(lambda mark: html.escape(given[mark[1]]), text)
        if config is not None:
            # "<" must not appear in the script element: "</script>" would end it.
            value = orjson.dumps(config).decode().replace("<", "\\u003c")
            text = text.replace(_CONFIG, _CONFIG.replace('{"token":null}', value))
        return HTMLResponse(text, headers=_headers(policy))


def routes(pages: Pages) -> list[BaseRoute]:
    """The routes of the start page, the manual and the files that pages load. ``GET /graphql`` is the edge's."""

    # Plain functions: Starlette runs them in a thread, and reading a file does not hold up the event loop.
    def start(request: Request) -> Response:
        return pages.start(str(request.base_url).rstrip("/"))

    def document(request: Request) -> Response:
        return pages.document(request.path_params.get("name", ""))

    found: list[BaseRoute] = [Route("/", start), Route("/docs", document), Route("/docs/{name:path}", document)]
    if (pages.static / "assets").is_dir():
        found.append(Mount("/assets", _Assets(directory=pages.static / "assets")))
    return found
