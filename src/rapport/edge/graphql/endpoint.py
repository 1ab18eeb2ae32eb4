"""GraphQL over HTTP: reads the request, asks the service, writes the response. Plain ASGI, before any framework."""

from collections.abc import Mapping
from contextlib import ExitStack
from urllib.parse import parse_qs

import orjson
from starlette.types import Receive, Scope, Send

from rapport.base.errors import RapportError
from rapport.edge.answer import PREFLIGHT, Answer, respond
from rapport.edge.body import media_type, read_body, read_json, read_text
from rapport.edge.caller import Caller
from rapport.edge.errors import graphql_error
from rapport.edge.graphql.live.event_stream import Wish, answer_in_events, place_of, wish_of
from rapport.edge.graphql.live.service import Live
from rapport.edge.graphql.multipart import MULTIPART, FormReader
from rapport.edge.graphql.service import GraphQLService, Request
from rapport.edge.headers import read_headers
from rapport.edge.metrics.tally import Tally
from rapport.edge.misuse import BadRequest, MethodNotAllowed, UnsupportedBody, refusal_headers
from rapport.edge.traffic.door import Door
from rapport.edge.traffic.errors import Headers
from rapport.edge.traffic.visit import Visit

_METHODS = ("GET", "HEAD", "POST", "OPTIONS")
_COST_HEADER = b"x-rapport-cost"  # any value: the answer's extensions say what the document costs


class GraphQLEndpoint:
    """The ASGI callable of `/graphql` and `/metadata`. A GET of a browser is not for it: see ``is_for_browser``."""

    def __init__(
        self,
        service: GraphQLService,
        door: Door,
        live: Live,
        tally: Tally,
        *,
        max_body_bytes: int,
        max_file_bytes: int,
    ) -> None:
        self._service = service
        self._tally = tally
        self._door = door
        self._live = live
        self._max_body_bytes = max_body_bytes
        self._forms = FormReader(max_json_bytes=max_body_bytes, max_file_bytes=max_file_bytes)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        marks: Headers = ()
        try:
            if scope["method"] == "OPTIONS":
                answer = PREFLIGHT
            else:
                headers = read_headers(scope)
                visit = await self._door.enter(scope, headers)
                marks = visit.marks
                answer = await self._handle(scope, headers, receive, visit)
        except RapportError as error:
            body = orjson.dumps({"errors": [graphql_error(error)]})
            answer = Answer(body=body, status=error.status, headers=refusal_headers(error))
        self._tally.note(answer.status)
        if answer.stream is None:
            await respond(send, answer, marks=marks)
            return
        try:
            await respond(send, answer, marks=marks, receive=receive)
        finally:
            await answer.stream.aclose()  # also one of which nothing was sent

    async def _handle(self, scope: Scope, headers: Mapping[bytes, bytes], receive: Receive, visit: Visit) -> Answer:
        method, caller = scope["method"], visit.caller
        if method == "POST":
            kind = media_type(headers)
            if kind == MULTIPART:
                with ExitStack() as uploads:
                    given = await self._forms.read(receive, headers, caller, uploads)
                    return await self._answer(visit, _request(given, caller, False, _COST_HEADER in headers, True))
            body = await read_body(receive, headers, caller, self._max_body_bytes)
            given = _read(body, kind, scope["query_string"])
        elif method in ("GET", "HEAD"):
            given = _from_query_string(scope["query_string"])
        else:
            raise MethodNotAllowed(_METHODS, "GraphQL only supports GET and POST requests.")
        request = _request(given, caller, method != "POST", _COST_HEADER in headers)
        wish = wish_of(headers) if b"accept" in headers and method != "HEAD" else Wish.JSON
        if wish is Wish.JSON:
            return await self._answer(visit, request)
        after = place_of(headers, scope["query_string"], given)
        return await answer_in_events(self._live, request, visit, wish=wish, after=after)

    async def _answer(self, visit: Visit, request: Request) -> Answer:
        await visit.begin()
        try:
            return await self._service.answer(request)
        finally:
            visit.end()


def is_for_browser(scope: Scope) -> bool:
    """Whether a GET wants the page rather than the answer to a query."""
    if scope["method"] not in ("GET", "HEAD") or b"query=" in scope["query_string"]:
        return False
    return any(name == b"accept" and b"text/html" in value for name, value in scope["headers"])


def _read(body: bytes, kind: bytes, query_string: bytes) -> Mapping[str, object]:
    if kind == b"application/graphql" or (kind == b"text/plain" and not body.lstrip().startswith((b'{"', b"["))):
        return {"query": read_text(body)}
    if kind == b"application/x-www-form-urlencoded":
        return _form(read_text(body))
    if kind not in (b"application/json", b"application/graphql+json", b"", b"text/plain"):
        raise UnsupportedBody("The body must be JSON (Content-Type: application/json).")
    if not body.strip() and query_string:
        return _from_query_string(query_string)
    given = read_json(body)
    if isinstance(given, list):
        raise BadRequest("Batching is not supported.")
    if not isinstance(given, dict):
        raise BadRequest(f"POST body is expected to be object but received {_kind(given)}")
    return given


def _form(text: str) -> Mapping[str, object]:
    try:
        fields = {name: values[0] for name, values in parse_qs(text, keep_blank_values=True, max_num_fields=20).items()}
    except ValueError:
        raise BadRequest("The form has too many fields.") from None
    given: dict[str, object] = {"query": fields.get("query")}
    if fields.get("operationName"):
        given["operationName"] = fields["operationName"]
    if fields.get("variables"):
        given["variables"] = read_json(fields["variables"].encode("utf-8", "surrogatepass"))
    return given


def _from_query_string(query_string: bytes) -> Mapping[str, object]:
    return _form(query_string.decode("latin-1"))


def _request(
    given: Mapping[str, object], caller: Caller, reads_only: bool, wants_cost: bool, has_uploads: bool = False
) -> Request:
    query, variables, name = given.get("query"), given.get("variables"), given.get("operationName")
    if query is None:
        raise BadRequest("Must provide query string.")
    if not isinstance(query, str):
        raise BadRequest(f'Expected "query" param to be a string, but given {_kind(query)}.')
    if variables is None:
        variables = {}
    if not isinstance(variables, dict):
        raise BadRequest(f'Expected "variables" param to be empty or an object, but given {_kind(variables)}.')
    if name is not None and not isinstance(name, str):
        raise BadRequest("The operationName must be a string.")
    return Request(
        query=query,
        variables=variables,
        operation_name=name,
        caller=caller,
        reads_only=reads_only,
        wants_cost=wants_cost,
        has_uploads=has_uploads,
    )


def _kind(value: object) -> str:
    """What JavaScript calls such a value, whose words the contract's servers speak."""
    if value is None:
        return "null"
    return {bool: "boolean", str: "string", list: "array", dict: "object"}.get(type(value), "number")
