"""Requests for WebSockets: which of them are let in."""

import asyncio
from http import HTTPStatus

from websockets.http11 import Request

from rapport.base.errors import RapportError
from rapport.edge.graphql.live.conversation import Conversation
from rapport.edge.graphql.live.messages import DIALECTS
from rapport.edge.graphql.live.service import Live
from rapport.edge.graphql.live.websocket import GRAPHQL_TRANSPORT_WS, Host, Refusal, WebSocket
from rapport.edge.headers import read_headers
from rapport.edge.traffic.audience import AudienceFull


def host(live: Live, paths: frozenset[str]) -> Host:
    """``paths``: where GraphQL is served."""

    def begin(socket: WebSocket, request: Request, address: str | None) -> Conversation:
        path, _, query = request.path.partition("?")
        if path not in paths:
            raise Refusal(HTTPStatus.NOT_FOUND, "There are no WebSockets here.")
        headers = [
            (name.lower().encode(), value.encode("latin-1", "replace")) for name, value in request.headers.raw_items()
        ]
        scope = {
            "headers": headers,
            "query_string": query.encode("latin-1"),
            "client": (address, 0) if address else None,
        }
        try:
            caller = live.callers.unchecked(scope, read_headers(scope))
        except RapportError as error:
            raise Refusal(HTTPStatus(error.status), error.message) from None
        if not live.cors.may_connect(caller.origin, caller.host):
            raise Refusal(HTTPStatus.FORBIDDEN, "Pages of this origin may not connect.")
        dialect = DIALECTS[socket.subprotocol or GRAPHQL_TRANSPORT_WS]
        conversation = Conversation(socket, caller, dialect, live, now=asyncio.get_running_loop().time())
        try:
            live.audience.enter(conversation)
        except AudienceFull as error:
            raise Refusal(HTTPStatus.SERVICE_UNAVAILABLE, error.message, retry_after=error.retry_after) from None
        return conversation

    return begin
