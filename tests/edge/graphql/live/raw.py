"""WebSockets byte by byte, for clients that do what no library does."""

import json

from tests.edge.traffic.test_slow_clients import Socket
from tests.serving import Client

PING, PONG, CLOSE = 0x9, 0xA, 0x8
TEXT = 0x1


def frame(opcode: int, content: bytes = b"") -> bytes:
    """As clients send it: masked, with zeros here."""
    if len(content) < 126:
        return bytes([0x80 | opcode, 0x80 | len(content)]) + b"\0\0\0\0" + content
    return bytes([0x80 | opcode, 0x80 | 126]) + len(content).to_bytes(2, "big") + b"\0\0\0\0" + content


def upgrade(path: str = "/graphql") -> bytes:
    lines = (
        f"GET {path} HTTP/1.1",
        "Host: x",
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Protocol: graphql-transport-ws",
    )
    return "\r\n".join((*lines, "", "")).encode()


def message(**content: object) -> bytes:
    return frame(TEXT, json.dumps(content).encode())


async def opened(client: Client) -> Socket:
    """A connection of the tenant on which anything may be said."""
    socket = await Socket.open(client)
    await socket.send(upgrade())
    assert (await socket.until(b"\r\n\r\n")).startswith(b"HTTP/1.1 101 ")
    await socket.send(message(type="connection_init", payload={"token": client.tenant.key}))
    await socket.until(b'{"type":"connection_ack"}')
    return socket
