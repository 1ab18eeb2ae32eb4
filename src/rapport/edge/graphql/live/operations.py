"""Operations over connections that stay: each is a request of its own, with its count and its turn."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

import orjson

from rapport.base.errors import Busy, MissingToken, RapportError, Timeout, Unavailable
from rapport.edge.answer import Answer
from rapport.edge.graphql.document import InvalidDocument, read_document
from rapport.edge.graphql.live.source import Recheck, Subscriptions, Told
from rapport.edge.graphql.request import Request
from rapport.edge.graphql.service import GraphQLService
from rapport.edge.traffic.visit import Visit
from rapport.events.cursor import Cursor

# What may be better in a moment. When it ends a subscription the connection is closed without an error: clients take an
# error for the end, but connect again when a connection is lost, and go on where they were.
PASSING: Final = (Unavailable, Timeout, Busy)

_LONGEST_REMEMBERED = 4_000  # characters of a document
LONGEST_DOCUMENT: Final = 200_000  # characters


class DocumentTooLong(RapportError):
    """The document has more than 200000 characters. Please pass values as variables."""

    code = "BAD_USER_INPUT"
    status = 400


@dataclass(frozen=True, kw_only=True)
class LiveOperations:
    service: GraphQLService
    subscriptions: Subscriptions

    async def answer(self, request: Request, visit: Visit) -> Answer:
        """To a query or a mutation."""
        await visit.begin()
        try:
            return await self.service.answer(request)
        finally:
            visit.end()

    async def open(
        self, request: Request, visit: Visit, *, after: str | None, recheck: Recheck
    ) -> AsyncGenerator[Told, None]:
        """A subscription. Raises Refused or a RapportError."""
        if request.principal is None:
            raise request.caller.failure or MissingToken
        cursor = None if after is None else Cursor.read(after)
        await visit.begin()
        try:
            return await self.subscriptions.open(request, after=cursor, recheck=recheck)
        finally:
            visit.end()


def is_subscription(request: Request) -> bool:
    """Whether it asks for one. Of a document that is not right, others say what is wrong.

    It may have to be parsed: after the request is counted. Raises DocumentTooLong.
    """
    if len(request.query) > LONGEST_DOCUMENT:
        raise DocumentTooLong
    if "subscription" not in request.query:
        return False
    look = _is_subscription if len(request.query) <= _LONGEST_REMEMBERED else _is_subscription.__wrapped__
    return look(request.query, request.operation_name)


@lru_cache(maxsize=1_000)
def _is_subscription(query: str, name: str | None) -> bool:
    try:
        return read_document(query, name).is_subscription
    except InvalidDocument:
        return False


def refused_errors(answer: Answer) -> list[dict[str, object]] | None:
    """The errors of an answer to what was not executed at all."""
    if not answer.body.startswith(b'{"errors"'):
        return None
    found = orjson.loads(answer.body)
    return None if "data" in found else found["errors"]
