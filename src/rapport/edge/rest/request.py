"""A REST request as handlers see it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

from starlette.types import Receive

from rapport.edge.body import media_type, read_body, read_json
from rapport.edge.caller import Caller
from rapport.edge.misuse import BadRequest, UnsupportedBody
from rapport.edge.rest.errors import InvalidId
from rapport.edge.rest.idempotency.once import Once
from rapport.edge.rest.parameters import Parameters

_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_JSON_KINDS = (b"", b"application/json", b"text/plain")  # no kind, or what browsers say when nobody tells them


class Turn(Protocol):
    """The request's turn among those of its caller (see edge/traffic)."""

    async def begin(self) -> None: ...

    def end(self) -> None: ...


@dataclass(frozen=True, kw_only=True)
class RestRequest:
    """``path`` has the values of what the route's path has in braces; ``query`` is the query string.

    ``once`` runs the changes of a request that must not be carried out twice. Handlers are called within the ``turn``;
    who waits for something ends it meanwhile.
    """

    caller: Caller
    path: Mapping[str, str]
    query: bytes
    headers: Mapping[bytes, bytes]
    receive: Receive
    max_body_bytes: int
    turn: Turn
    once: Once | None = None

    @cached_property
    def parameters(self) -> Parameters:
        """Raises BadRequest."""
        return Parameters(self.query)

    @property
    def id(self) -> str:
        """The id in the path. Raises InvalidId."""
        value = self.path["id"]
        if _UUID.fullmatch(value) is None:
            raise InvalidId(value)
        return value

    async def json(self) -> object:
        """The value in the body. Raises BadRequest."""
        kind = media_type(self.headers)
        if kind not in _JSON_KINDS and not (kind.startswith(b"application/") and kind.endswith(b"+json")):
            raise UnsupportedBody("The body must be JSON (Content-Type: application/json).")
        return read_json(await read_body(self.receive, self.headers, self.caller, self.max_body_bytes))

    async def json_object(self) -> dict[str, object]:
        """The object in the body. Raises BadRequest."""
        value = await self.json()
        if not isinstance(value, dict):
            raise BadRequest("The body must be a JSON object.")
        return value

    async def json_list(self) -> list[object]:
        """The array in the body. Raises BadRequest."""
        value = await self.json()
        if not isinstance(value, list):
            raise BadRequest("The body must be a JSON array.")
        return value
