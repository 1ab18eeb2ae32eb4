"""The messages of GraphQL over WebSocket: `graphql-transport-ws`, and the older `graphql-ws`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

import orjson

from rapport.edge.body import read_json
from rapport.edge.graphql.live.source import Told
from rapport.edge.graphql.live.websocket import GRAPHQL_TRANSPORT_WS, GRAPHQL_WS
from rapport.edge.misuse import BadRequest

Kind: TypeAlias = Literal["init", "subscribe", "complete", "ping", "pong", "terminate"]
Json: TypeAlias = Mapping[str, object]

LONGEST_ID: Final = 200  # characters; each message of an operation has it

ACK: Final = b'{"type":"connection_ack"}'


class BadMessage(Exception):
    """The message is none of the protocol."""


@dataclass(frozen=True, kw_only=True)
class Operation:
    """What a `subscribe` asks for; ``after`` is where a subscription is to go on."""

    query: str
    variables: Json
    name: str | None
    after: str | None


@dataclass(frozen=True, kw_only=True)
class Dialect:
    """A subprotocol. ``kinds`` are the types of what clients send, ``next`` that of a result."""

    kinds: Mapping[str, Kind]
    next: bytes
    is_old: bool = False  # of several errors it tells one; says why it refuses before it closes


DIALECTS: Final[Mapping[str, Dialect]] = {
    GRAPHQL_TRANSPORT_WS: Dialect(
        kinds={
            "connection_init": "init",
            "subscribe": "subscribe",
            "complete": "complete",
            "ping": "ping",
            "pong": "pong",
        },
        next=b"next",
    ),
    GRAPHQL_WS: Dialect(
        kinds={
            "connection_init": "init",
            "start": "subscribe",
            "stop": "complete",
            "connection_terminate": "terminate",
        },
        next=b"data",
        is_old=True,
    ),
}


def read_message(message: bytes | None, dialect: Dialect) -> tuple[Kind, Json]:
    """The kind of a message, and all of it. Raises BadMessage."""
    if message is None:
        raise BadMessage("Messages are texts")
    try:
        found = read_json(message)
    except BadRequest:
        raise BadMessage("The message is not valid JSON") from None
    if not isinstance(found, dict):
        raise BadMessage("A message is an object")
    kind = dialect.kinds.get(found["type"]) if isinstance(found.get("type"), str) else None
    if kind is None:
        raise BadMessage("The message is of an unknown type")
    if kind in ("subscribe", "complete") and not (isinstance(found.get("id"), str) and found["id"]):
        raise BadMessage("The message needs an id")
    if kind in ("subscribe", "complete") and len(str(found["id"])) > LONGEST_ID:
        raise BadMessage(f"The id has more than {LONGEST_ID} characters")
    if kind in ("init", "ping", "pong") and not isinstance(found.get("payload"), dict | None):
        raise BadMessage("The payload is an object")
    return kind, found


def read_operation(payload: object) -> Operation:
    """Raises BadMessage."""
    if not isinstance(payload, dict) or not isinstance(payload.get("query"), str):
        raise BadMessage("The payload needs a query")
    name, variables, extensions = payload.get("operationName"), payload.get("variables"), payload.get("extensions")
    if not isinstance(name, str | None):
        raise BadMessage("The operationName is a string")
    if not isinstance(variables, dict | None):
        raise BadMessage("The variables are an object")
    if not isinstance(extensions, dict | None):
        raise BadMessage("The extensions are an object")
    after = (extensions or {}).get("after")
    if not isinstance(after, str | None):
        raise BadMessage("The extension 'after' is a string")
    return Operation(query=payload["query"], variables=variables or {}, name=name, after=after)


def pong(payload: object) -> bytes:
    return orjson.dumps({"type": "pong"} if payload is None else {"type": "pong", "payload": payload})


def result(dialect: Dialect, id_: bytes, body: bytes) -> bytes:
    """``id_`` and ``body`` are JSON."""
    return b'{"id":%b,"type":"%b","payload":%b}' % (id_, dialect.next, body)


def errors(dialect: Dialect, id_: bytes, found: Sequence[Json]) -> bytes:
    payload = found[0] if dialect.is_old else found
    return b'{"id":%b,"type":"error","payload":%b}' % (id_, orjson.dumps(payload))


def complete(id_: bytes) -> bytes:
    return b'{"id":%b,"type":"complete"}' % id_


def refusal(message: str) -> bytes:
    """In the older dialect, before the connection is closed."""
    return orjson.dumps({"type": "connection_error", "payload": {"message": message}})


def with_cursor(told: Told) -> bytes:
    """The result of a subscription, with the place where it goes on: `{"data": …, "extensions": {"cursor": "…"}}`."""
    if told.cursor is None:
        return told.body
    return b'%b,"extensions":{"cursor":%b}}' % (told.body[:-1], orjson.dumps(told.cursor))
