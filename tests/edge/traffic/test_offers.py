"""Clients that offer to go on in another protocol, which the server passes over."""

import asyncio
from urllib.parse import urlsplit

from tests.serving import Client

BODY = b'{"query": "{ people(first: 0) { totalCount } }"}'


async def test_an_offer_of_http_2_does_not_cost_the_body(client: Client) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", urlsplit(client.url).port)
    head = (
        f"POST /graphql HTTP/1.1\r\nHost: here\r\nAuthorization: Bearer {client.tenant.key}\r\n"
        "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAAAAIAAAAB\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(BODY)}\r\n\r\n"
    )
    try:
        for _ in range(2):  # the connection is good for more
            writer.write(head.encode())
            await writer.drain()
            writer.write(BODY)
            answer = await reader.readuntil(b"}}}")
            assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
            assert b'{"data":{"people":{"totalCount":' in answer
    finally:
        writer.close()
        await writer.wait_closed()
