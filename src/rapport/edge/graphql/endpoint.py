"""GraphQL over HTTP: reads the request, asks the service, writes the response. Plain ASGI, before any framework."""

import json
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import replace
from typing import Any, TypeAlias
from urllib.parse import parse_qs

import orjson
from graphql import GraphQLError

from rapport.access.principal import Principal
from rapport.accounts.authenticator import Authenticator
from rapport.base.errors import RapportError
from rapport.base.networks import Networks
from rapport.edge.addresses import check_address, forwarded_address
from rapport.edge.bearer import bearer
from rapport.edge.errors import graphql_error
from rapport.edge.graphql.service import Answer, GraphQLService, Request

Scope: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send: TypeAlias = Callable[[MutableMapping[str, Any]], Awaitable[None]]

LARGEST_ANONYMOUS_BODY = 100_000  # bytes: signing in takes less, and strangers are not to keep us busy

_COST_HEADER = b"x-rapport-cost"  # any value: the answer's extensions say what the document costs
_DIGITS_AS_ZEROS = bytes.maketrans(b"123456789", b"0" * 9)
_LONG_NUMBER = b"0" * 19
_JSON = (b"content-type", b"application/json; charset=utf-8")
_SECURITY = ((b"x-content-type-options", b"nosniff"), (b"cache-control", b"no-store"))
_CORS = ((b"access-control-allow-origin", b"*"),)
_CORS_PREFLIGHT = (
    (b"access-control-allow-methods", b"GET,HEAD,PUT,PATCH,POST,DELETE"),
    (b"access-control-allow-headers", b"authorization, content-type, x-locale, x-rapport-cost, x-schema-version"),
    (b"access-control-max-age", b"86400"),
)


class BadRequest(Exception):
    """The HTTP request cannot be understood."""

    def __init__(self, message: str, status: int = 400) -> None:
        super().__init__(message)
        self.message = message
        self.status = status


class GraphQLEndpoint:
    """The ASGI callable of `/graphql` and `/metadata`. A GET of a browser is not for it: see ``is_for_browser``."""

    def __init__(
        self,
        service: GraphQLService,
        authenticator: Authenticator,
        *,
        max_body_bytes: int,
        proxies: Networks = Networks(()),  # noqa: B008  # nothing can change it
    ) -> None:
        self._service = service
        self._authenticator = authenticator
        self._max_body_bytes = max_body_bytes
        self._proxies = proxies

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            answer = await self._handle(scope, receive)
        except BadRequest as error:
            shaped = graphql_error(GraphQLError(error.message))
            code = "METHOD_NOT_ALLOWED" if error.status == 405 else "BAD_USER_INPUT"
            shaped["extensions"] = {"code": code, "statusCode": error.status, "userFriendlyMessage": error.message}
            answer = Answer(body=orjson.dumps({"errors": [shaped]}), status=error.status)
        except RapportError as error:
            answer = Answer(body=orjson.dumps({"errors": [graphql_error(error)]}), status=error.status)
        await respond(send, answer)

    async def _handle(self, scope: Scope, receive: Receive) -> Answer:
        method = scope["method"]
        if method == "OPTIONS":
            return Answer(body=b"", status=204)
        headers: Mapping[bytes, bytes] = dict(scope["headers"])
        token = bearer(headers.get(b"authorization"))
        if token is None and b"token=" in scope["query_string"]:
            token = parse_qs(scope["query_string"].decode("latin-1")).get("token", [None])[0]
        client = scope.get("client")
        address: str | None = client[0] if client else None
        if self._proxies:
            address = forwarded_address(address, scope["headers"], self._proxies)
        principal, failure = None, None
        if token is not None:
            try:
                principal = self._authenticator.cached(token) or await self._authenticator.authenticate(token)
                if principal.allowed_ips is not None:
                    check_address(principal, address)
            except RapportError as error:
                principal, failure = None, error
        if method == "POST":
            if headers.get(b"content-encoding", b"identity") not in (b"", b"identity"):
                raise BadRequest("Compressed bodies are not supported.", 415)
            limit = self._max_body_bytes if principal else min(self._max_body_bytes, LARGEST_ANONYMOUS_BODY)
            body = await _body(receive, headers, limit, failure)
            given = _read(body, headers.get(b"content-type", b""), scope["query_string"])
        elif method in ("GET", "HEAD"):
            given = _from_query_string(scope["query_string"])
        else:
            raise BadRequest("GraphQL only supports GET and POST requests.", 405)
        asked = _request(given, scope, headers, principal, token, failure, address)
        if _COST_HEADER in headers:
            asked = replace(asked, wants_cost=True)
        return await self._service.answer(asked)


async def _body(receive: Receive, headers: Mapping[bytes, bytes], limit: int, failure: RapportError | None) -> bytes:
    """The body; raises BadRequest when it is larger than ``limit``, or what is wrong with the token if something is."""
    too_large = failure or BadRequest(f"The body is larger than {limit} bytes.", 413)
    announced = headers.get(b"content-length")
    if announced is not None and announced.isdigit() and int(announced[:20]) > limit:
        raise too_large
    message = await receive()
    body: bytes = message.get("body", b"")
    if not message.get("more_body"):
        if len(body) > limit:
            raise too_large
        return body
    parts, size = [body], len(body)
    while message.get("more_body"):
        message = await receive()
        if message["type"] == "http.disconnect":
            raise BadRequest("The request ended before its body did.")
        part = message.get("body", b"")
        size += len(part)
        if size > limit:
            raise too_large
        parts.append(part)
    return b"".join(parts)


def is_for_browser(scope: Scope) -> bool:
    """Whether a GET wants the page rather than the answer to a query."""
    if scope["method"] not in ("GET", "HEAD") or b"query=" in scope["query_string"]:
        return False
    return any(name == b"accept" and b"text/html" in value for name, value in scope["headers"])


async def respond(send: Send, answer: Answer) -> None:
    headers = [(b"content-length", str(len(answer.body)).encode()), *_SECURITY, *_CORS]
    if answer.status == 204:
        headers += _CORS_PREFLIGHT
    if answer.body:
        headers.append(_JSON)
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})


def _read(body: bytes, content_type: bytes, query_string: bytes) -> Mapping[str, object]:
    kind = content_type.partition(b";")[0].strip().lower()
    if kind == b"application/graphql" or (kind == b"text/plain" and not body.lstrip().startswith((b'{"', b"["))):
        return {"query": _utf8(body)}
    if kind == b"application/x-www-form-urlencoded":
        return _form(_utf8(body))
    if kind not in (b"application/json", b"application/graphql+json", b"", b"text/plain"):
        raise BadRequest("The body must be JSON (Content-Type: application/json).", 415)
    if not body.strip() and query_string:
        return _from_query_string(query_string)
    given = read_json(body)
    if isinstance(given, list):
        raise BadRequest("Batched requests are not supported; send several root fields in one document.")
    if not isinstance(given, dict):
        raise BadRequest("The body must be a JSON object with a query.")
    return given


def read_json(body: bytes) -> object:
    """The value of a body. Long integers keep all their digits. Raises BadRequest."""
    try:
        if _LONG_NUMBER in body.translate(_DIGITS_AS_ZEROS):  # many times faster than a regular expression
            return json.loads(_utf8(body), parse_constant=_refuse_constant)
        return orjson.loads(body)
    except (ValueError, RecursionError):
        raise BadRequest("The body is not valid JSON.") from None


def _refuse_constant(name: str) -> object:
    raise ValueError(f"{name} is not JSON")


def _utf8(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError:
        raise BadRequest("The body is not valid UTF-8.") from None


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
    given: Mapping[str, object],
    scope: Scope,
    headers: Mapping[bytes, bytes],
    principal: Principal | None,
    token: str | None,
    failure: RapportError | None,
    address: str | None,
) -> Request:
    query, variables, name = given.get("query"), given.get("variables"), given.get("operationName")
    if not isinstance(query, str):
        raise BadRequest("Must provide query string.")
    if variables is None:
        variables = {}
    if not isinstance(variables, dict):
        raise BadRequest("Variables must be a JSON object.")
    if name is not None and not isinstance(name, str):
        raise BadRequest("The operationName must be a string.")
    return Request(
        query=query,
        variables=variables,
        operation_name=name,
        principal=principal,
        token=token,
        failure=failure,
        reads_only=scope["method"] != "POST",
        address=address,
        origin=_latin(headers.get(b"origin")),
        host=_latin(headers.get(b"host")),
    )


def _latin(value: bytes | None) -> str | None:
    return None if value is None else value.decode("latin-1")
