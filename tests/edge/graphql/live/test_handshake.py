"""WebSockets are opened and closed as RFC 6455 and graphql-transport-ws say."""

import json
import logging

import pytest
from websockets.exceptions import InvalidStatus

from tests.edge.graphql.live.raw import upgrade
from tests.edge.graphql.live.talking import connected, talking
from tests.edge.traffic.test_slow_clients import Socket
from tests.serving import Client

COUNT = "{ people { totalCount } }"
COUNTED = [
    {"id": "1", "type": "next", "payload": {"data": {"people": {"totalCount": 0}}}},
    {"id": "1", "type": "complete"},
]


@pytest.mark.parametrize("path", ["/graphql", "/metadata", "/graphql/"])
async def test_who_says_who_they_are_may_ask(shared: Client, path: str) -> None:
    async with talking(shared, path=path) as talk:
        assert talk.connection.subprotocol == "graphql-transport-ws"
        assert await talk.asked("1", COUNT) == COUNTED


@pytest.mark.parametrize(
    "payload",
    [
        {"Authorization": "Bearer {}"},
        {"authorization": "bearer {}"},
        {"authorization": "{}"},
        {"token": "{}"},
        {"authToken": "Bearer {}"},
        {"headers": {"Authorization": "Bearer {}"}},
        {"headers": {"authorization": "Bearer {}"}, "lang": "en", "token": ""},
    ],
)
async def test_tokens_are_found_under_the_names_by_which_clients_send_them(
    shared: Client, payload: dict[str, object]
) -> None:
    filled = json.loads(json.dumps(payload).replace("{}", shared.tenant.key))
    async with connected(shared) as talk:
        await talk.say(type="connection_init", payload=filled)
        assert await talk.hear() == {"type": "connection_ack"}
        assert await talk.asked("1", COUNT) == COUNTED


async def test_tokens_may_come_with_the_request_for_the_connection(shared: Client) -> None:
    payloads: list[dict[str, object]] = [{}, {"payload": {}}, {"payload": None}]
    for path, headers in (
        ("/graphql", {"Authorization": f"Bearer {shared.tenant.key}"}),
        (f"/graphql?token={shared.tenant.key}", None),
    ):
        for payload in payloads:
            async with connected(shared, path=path, headers=headers) as talk:
                await talk.say(type="connection_init", **payload)
                assert await talk.hear() == {"type": "connection_ack"}
                assert await talk.asked("1", COUNT) == COUNTED


async def test_the_token_that_is_said_counts_more_than_that_of_the_request(shared: Client) -> None:
    async with connected(shared, headers={"Authorization": f"Bearer {shared.tenant.key}"}) as talk:
        await talk.say(type="connection_init", payload={"token": "another"})
        assert await talk.closed() == (4403, "Token invalid.")


async def test_without_a_good_token_the_connection_is_closed(shared: Client) -> None:
    for payload, reason in (
        (None, "Missing authentication token"),
        ({"token": "sk_live_nobody"}, "Token invalid."),
        ({"token": f"{shared.tenant.key}x"}, "Token invalid."),
        ({"Authorization": "Bearer a.b.c"}, "Token invalid."),
    ):
        async with connected(shared) as talk:
            await talk.say(type="connection_init", payload=payload)
            assert await talk.closed() == (4403, reason)


async def test_nothing_is_executed_before_the_connection_is_acknowledged(shared: Client) -> None:
    async with connected(shared) as talk:
        await talk.subscribe("1", COUNT)
        assert await talk.closed() == (4401, "Unauthorized")

    async with connected(shared) as talk:
        await talk.say(type="connection_init", payload={"token": shared.tenant.key})
        await talk.subscribe("1", COUNT)  # in the same moment
        assert await talk.closed() == (4401, "Unauthorized")


async def test_a_connection_is_initialised_once(shared: Client) -> None:
    async with talking(shared) as talk:
        await talk.say(type="connection_init")
        assert await talk.closed() == (4429, "Too many initialisation requests")


async def test_pings_are_answered_and_pongs_are_welcome(shared: Client) -> None:
    async with connected(shared) as talk:  # also before anybody has said who they are
        await talk.say(type="ping")
        assert await talk.hear() == {"type": "pong"}
        await talk.say(type="ping", payload={"sent": [1, "now"]})
        assert await talk.hear() == {"type": "pong", "payload": {"sent": [1, "now"]}}
        await talk.say(type="pong")
        await talk.say(type="pong", payload={})
        await talk.pong()
        await (await talk.connection.ping(b"of the WebSocket"))


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ("no json", "The message is not valid JSON"),
        ("[]", "A message is an object"),
        ("{}", "The message is of an unknown type"),
        ('{"type": 1}', "The message is of an unknown type"),
        ('{"type": "next", "id": "1", "payload": {}}', "The message is of an unknown type"),
        ('{"type": "start", "id": "1", "payload": {"query": "{ __typename }"}}', "The message is of an unknown type"),
        ('{"type": "connection_init", "payload": []}', "The payload is an object"),
        ('{"type": "ping", "payload": 1}', "The payload is an object"),
        ('{"type": "complete"}', "The message needs an id"),
        ('{"type": "complete", "id": 1}', "The message needs an id"),
        ('{"type": "subscribe", "id": "", "payload": {"query": "{ __typename }"}}', "The message needs an id"),
        ('{"type": "subscribe", "id": "1"}', "The payload needs a query"),
        ('{"type": "subscribe", "id": "1", "payload": {"query": 1}}', "The payload needs a query"),
        (
            '{"type": "subscribe", "id": "1", "payload": {"query": "", "variables": []}}',
            "The variables are an object",
        ),
        (
            '{"type": "subscribe", "id": "1", "payload": {"query": "", "operationName": 1}}',
            "The operationName is a string",
        ),
        (
            '{"type": "subscribe", "id": "1", "payload": {"query": "", "extensions": ""}}',
            "The extensions are an object",
        ),
        (
            '{"type": "subscribe", "id": "1", "payload": {"query": "", "extensions": {"after": 1}}}',
            "The extension 'after' is a string",
        ),
        (b'{"type": "ping"}', "Messages are texts"),
    ],
)
async def test_what_is_no_message_of_the_protocol_closes_the_connection(
    shared: Client, message: str | bytes, reason: str
) -> None:
    async with talking(shared) as talk:
        await talk.connection.send(message)
        assert await talk.closed() == (4400, reason)


async def test_messages_may_come_in_parts(shared: Client) -> None:
    async with talking(shared) as talk:
        message = json.dumps({"id": "1", "type": "subscribe", "payload": {"query": COUNT}})

        async def parts() -> object:
            for at in range(0, len(message), 7):
                yield message[at : at + 7]

        await talk.connection.send(parts())  # type: ignore[arg-type]
        assert [await talk.hear(), await talk.hear()] == COUNTED


async def test_a_subprotocol_of_others_is_not_acceptable(shared: Client) -> None:
    for offered in ((), ("mqtt",), ("graphql-transport-ws2", "wamp")):
        async with connected(shared, subprotocols=offered) as talk:
            assert await talk.closed() == (4406, "Subprotocol not acceptable")
    async with talking(shared, subprotocols=("mqtt", "graphql-transport-ws")) as talk:
        assert talk.connection.subprotocol == "graphql-transport-ws"


async def test_there_are_websockets_where_graphql_is_served(shared: Client) -> None:
    for path in ("/", "/rest/people", "/graphql/x", "/healthz"):
        with pytest.raises(InvalidStatus) as refused:
            async with connected(shared, path=path):
                pass
        assert refused.value.response.status_code == 404


async def test_a_token_must_not_come_twice(shared: Client) -> None:
    with pytest.raises(InvalidStatus) as refused:
        async with connected(shared, headers=[("Authorization", "Bearer a"), ("Authorization", "Bearer b")]):  # type: ignore[arg-type]
            pass
    assert refused.value.response.status_code == 400
    assert refused.value.response.body == b"The header 'Authorization' was sent more than once.\n"


async def test_requests_for_other_protocols_are_served_as_ever(shared: Client) -> None:
    headers = {"Connection": "Upgrade", "Upgrade": "h2c", "Authorization": f"Bearer {shared.tenant.key}"}
    answer = await shared.http.get(f"{shared.url}/graphql", params={"query": COUNT}, headers=headers)
    assert answer.json() == {"data": {"people": {"totalCount": 0}}}


@pytest.mark.parametrize(
    ("replaced", "by", "status"),
    [
        (b"GET /graphql HTTP/1.1", b"POST /graphql HTTP/1.1", 405),
        (b"GET /graphql HTTP/1.1", b"GET /graphql?" + b"x" * 9_000 + b" HTTP/1.1", 400),
        (b"Host: x", b"Host: x\r\n" + b"\r\n".join(b"X-%d: y" % number for number in range(200)), 400),
        (b"Sec-WebSocket-Version: 13", b"Sec-WebSocket-Version: 8", 400),
        (b"Sec-WebSocket-Version: 13\r\n", b"", 400),
        (b"Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==", b"Sec-WebSocket-Key: AAAA", 400),
        (b"Sec-WebSocket-Protocol: graphql-transport-ws", b"Sec-WebSocket-Protocol: ,;=", 400),
        (b"Host: x", b"Host: x\r\nAuthorization: Bearer \xc3\xa4\xff", 101),
    ],
)
async def test_requests_that_are_none_for_a_websocket(shared: Client, replaced: bytes, by: bytes, status: int) -> None:
    request = upgrade()
    assert replaced in request
    socket = await Socket.open(shared)
    try:
        await socket.send(request.replace(replaced, by))
        assert (await socket.until(b"\r\n")).startswith(b"HTTP/1.1 %d " % status)
    finally:
        await Socket.close_all()


class Log(logging.Handler):
    """Everything that is logged in this process while it is there."""

    def __init__(self) -> None:
        super().__init__()
        self.names: list[str] = []

    def __enter__(self) -> "Log":
        self._level_before = logging.root.level
        logging.root.setLevel(logging.DEBUG)
        logging.root.addHandler(self)
        return self

    def __exit__(self, *error: object) -> None:
        logging.root.removeHandler(self)
        logging.root.setLevel(self._level_before)

    def emit(self, record: logging.LogRecord) -> None:
        self.names.append(record.name)


async def test_nothing_of_what_is_said_is_logged(shared: Client) -> None:
    with Log() as log:
        async with talking(shared) as talk:
            assert await talk.asked("1", COUNT) == COUNTED
            await talk.connection.send("no json")
            await talk.closed()
    # The client does log everything, in this very process.
    assert {name for name in log.names if name.startswith("websockets")} == {"websockets.client"}
