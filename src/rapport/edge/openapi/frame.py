"""What every document has: who it is about, where the server is, and how one signs in."""

from collections.abc import Mapping

from rapport.edge.openapi.parts import Part, answer, operation

GENERAL = "General"
_READ = "A document of OpenAPI 3.1"
_SUMMARIES = {
    "core": ("GetOpenApiSchema", "Describe the records"),
    "metadata": ("GetOpenApiMetadataSchema", "Describe the data model"),
}


def frame(
    *,
    url: str,
    version: str,
    description: str,
    paths: Mapping[str, Part],
    components: Mapping[str, Part],
    tags: tuple[Part, ...] = (),
    webhooks: Mapping[str, Part] | None = None,
) -> Part:
    """A whole document. ``url`` is the server's address, ``version`` the program's."""
    return {
        "openapi": "3.1.1",
        "info": {
            "title": "Rapport API",
            "description": description,
            "termsOfService": f"{url}/docs",
            "contact": {"name": "Rapport", "email": "contact@example.com"},
            "license": {"name": "MIT", "url": "https://spdx.org/licenses/MIT.html"},
            "version": f"v{version}",
        },
        "servers": [{"url": f"{url}/rest/", "description": "This server"}],
        "components": {
            "securitySchemes": {
                "bearerAuth": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "JWT",
                    "description": "An API key (`sk_live_…`), or the access token of somebody who has signed in.",
                }
            },
            **components,
        },
        "security": [{"bearerAuth": []}],
        "externalDocs": {"url": f"{url}/docs/rest", "description": "The guide to the REST API"},
        "paths": paths,
        "tags": [{"name": GENERAL, "description": "Descriptions of the API"}, *tags],
    } | ({"webhooks": webhooks} if webhooks else {})


def document_paths() -> Mapping[str, Part]:
    """The routes of the documents themselves, which are open to all."""
    answers: Mapping[str, Part] = {
        "200": answer({"type": "object"}, _READ, is_tagged=True),
        "304": {"description": "The document is the one of the entity tag in If-None-Match"},
    }
    return {
        f"/open-api/{kind}": {
            "get": {
                **operation(id_, summary, tag=GENERAL, answers=answers, failures=("429",)),
                "security": [],
            }
        }
        for kind, (id_, summary) in _SUMMARIES.items()
    }
