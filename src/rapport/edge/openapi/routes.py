"""Where the documents are: below `/rest` and beside it (core-api.md §8)."""

from collections.abc import Iterable, Mapping

from starlette.types import Receive, Scope, Send

from rapport.edge.answer import PREFLIGHT, Answer, respond
from rapport.edge.caller import Caller
from rapport.edge.headers import read_headers
from rapport.edge.openapi.service import Documents, Kind
from rapport.edge.rest.request import RestRequest
from rapport.edge.rest.router import Route
from rapport.edge.rest.shapes import ErrorShape
from rapport.edge.traffic.door import Door
from rapport.edge.traffic.errors import Headers

METHODS = ("GET", "HEAD", "OPTIONS")
_KINDS: Mapping[str, Kind] = {"open-api/core": "core", "open-api/metadata": "metadata"}
_TO_REFERENCE = Answer(status=302, headers=((b"location", b"/reference"), (b"vary", b"accept")))


def openapi_routes(documents: Documents) -> Iterable[Route]:
    """The routes below `/rest`."""

    def route(path: str, kind: Kind, *, has_page: bool = False) -> Route:
        async def show(request: RestRequest) -> Answer:
            return await _answer(documents, kind, request.caller, request.headers, has_page=has_page)

        return Route(methods=("GET",), path=path, handler=show, is_public=True)

    for path, kind in _KINDS.items():
        yield route(path, kind)
    yield route("api/docs", "core", has_page=True)


class Page:
    """What answers at a path beside it: an ASGI application, for METHODS."""

    def __init__(
        self, documents: Documents, door: Door, error_shape: ErrorShape, kind: Kind, *, has_page: bool = False
    ) -> None:
        self._documents = documents
        self._door = door
        self._error_shape = error_shape
        self._kind = kind
        self._has_page = has_page

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        marks: Headers = ()
        try:
            if scope["method"] == "OPTIONS":
                answer = PREFLIGHT
            else:
                headers = read_headers(scope)
                visit = await self._door.enter(scope, headers)
                marks = visit.marks
                answer = await _answer(self._documents, self._kind, visit.caller, headers, has_page=self._has_page)
        except Exception as error:  # noqa: BLE001  # the edge: what nobody foresaw is logged and told without details
            answer = self._error_shape.answer(error)
        await respond(send, answer, marks=marks, is_head=scope["method"] == "HEAD")


def openapi_pages(documents: Documents, door: Door, error_shape: ErrorShape) -> Mapping[str, Page]:
    """By path."""
    pages = {f"/{path}": Page(documents, door, error_shape, kind) for path, kind in _KINDS.items()}
    return pages | {"/api-docs": Page(documents, door, error_shape, "core", has_page=True)}


async def _answer(
    documents: Documents, kind: Kind, caller: Caller, headers: Mapping[bytes, bytes], *, has_page: bool
) -> Answer:
    """The document; a browser is led to the page, where there is one."""
    if has_page and b"text/html" in headers.get(b"accept", b""):
        return _TO_REFERENCE
    document = await documents.get(kind, caller.principal)
    # Whoever keeps it asks each time whether it is still the same: it is another one for another caller.
    known = ((b"etag", document.tag), (b"cache-control", b"private, no-cache"), (b"vary", b"accept-encoding, accept"))
    if document.tag in headers.get(b"if-none-match", b""):
        return Answer(status=304, headers=known)
    if b"gzip" in headers.get(b"accept-encoding", b""):
        return Answer(body=document.packed, headers=(*known, (b"content-encoding", b"gzip")))
    return Answer(body=document.text, headers=known)
