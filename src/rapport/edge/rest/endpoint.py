"""REST over HTTP: finds the route, lets its handler answer, and turns errors into responses. Plain ASGI."""

from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import unquote

from starlette.types import Receive, Scope, Send

from rapport.base.errors import MissingToken, RapportError
from rapport.edge.answer import PREFLIGHT, Answer, respond
from rapport.edge.headers import read_headers
from rapport.edge.limits import TooComplex
from rapport.edge.metrics.tally import Tally
from rapport.edge.misuse import MethodNotAllowed
from rapport.edge.rest.errors import RESERVED, InvalidPath, NoSuchPath
from rapport.edge.rest.idempotency.keeping import HEADER as IDEMPOTENCY_KEY
from rapport.edge.rest.idempotency.keeping import Idempotency
from rapport.edge.rest.request import RestRequest
from rapport.edge.rest.router import Route, Router
from rapport.edge.rest.shapes import ErrorShape
from rapport.edge.traffic.door import Door
from rapport.edge.traffic.errors import Headers
from rapport.edge.traffic.visit import Visit

_BODILESS = frozenset({"GET", "HEAD"})


class RestEndpoint:
    """The ASGI callable of everything below `/rest`."""

    def __init__(
        self,
        routes: Iterable[Route],
        door: Door,
        tally: Tally,
        *,
        max_body_bytes: int,
        error_shape: ErrorShape,
        idempotency: Idempotency,
    ) -> None:
        self._router = Router(routes)
        self._door = door
        self._tally = tally
        self._max_body_bytes = max_body_bytes
        self._error_shape = error_shape
        self._idempotency = idempotency

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
        except RecursionError:
            answer = self._error_shape.answer(TooComplex("Query complexity is too high. Values are nested too deeply."))
        except Exception as error:  # noqa: BLE001  # the edge: what nobody foresaw is logged and told without details
            answer = self._error_shape.answer(error)
        self._tally.note(answer.status)
        await respond(send, answer, marks=marks, receive=receive, is_head=scope["method"] == "HEAD")

    async def _handle(self, scope: Scope, headers: Mapping[bytes, bytes], receive: Receive, visit: Visit) -> Answer:
        method: str = scope["method"]
        caller = visit.caller
        segments = _segments(scope["raw_path"])
        place, values = self._router.find(segments) or (None, {})
        route = place.route(method) if place else None
        if caller.principal is None and not (route and route.is_public):
            raise caller.failure or MissingToken  # strangers do not learn what there is
        if place is None:
            raise _nowhere(segments)
        if route is None:
            raise MethodNotAllowed(place.allowed)
        request = RestRequest(
            caller=caller,
            path=values,
            query=scope["query_string"],
            headers=headers,
            receive=visit.between_turns(receive) if method not in _BODILESS else receive,
            max_body_bytes=self._max_body_bytes,
            turn=visit,
        )
        await visit.begin()
        try:
            if method == "POST" and IDEMPOTENCY_KEY in headers:
                return await self._idempotency.answer(route, request)
            return await route.handler(request)
        finally:
            visit.end()


def _nowhere(segments: Sequence[str]) -> RapportError:
    """What is wrong with a path that leads nowhere."""
    if all(segments) and segments and segments[0] not in RESERVED:
        return InvalidPath("/".join(("/rest", *segments)))
    return NoSuchPath()


def _segments(raw_path: bytes) -> list[str]:
    """`/rest/people/a%2Fb/` → `["people", "a/b"]`. Decoded after it is split: a slash that is encoded is no border.

    `/rest//people` is the same as `/rest/people`: the address of the server in our own documents ends with a slash, to
    which clients add a path.
    """
    segments = raw_path.partition(b"?")[0].decode("utf-8", "replace").split("/")[2:]
    if len(segments) > 1 and not segments[0]:
        del segments[0]
    if segments and not segments[-1]:
        segments.pop()
    return [unquote(segment) for segment in segments]
