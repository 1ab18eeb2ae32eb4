"""Requests that are wrong before anybody reads a document: bodies, content types, methods, tokens, raw bytes."""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import httpx
import pytest

from tests.edge.graphql.hostile import codes, send
from tests.serving import Client

INPUT = "BAD_USER_INPUT"
GOOD = '{"query":"{ __typename }"}'
LIMIT = 10_000_000


@pytest.mark.parametrize(
    "body",
    [
        "", " ", "null", "[]", f"[{GOOD},{GOOD}]", '"x"', "5", "true", "{}", '{"query":null}', '{"query":5}',
        '{"query":["{ __typename }"]}', '{"query":', "{'query':'{ __typename }'}", GOOD + "x", GOOD + GOOD,
        '{"query":"{ __typename }","variables":[]}', '{"query":"{ __typename }","variables":"{}"}',
        '{"query":"{ __typename }","variables":0}', '{"query":"{ __typename }","operationName":5}',
        '{"query":"{ __typename }","variables":{"a":NaN}}', '{"query":"{ __typename }","variables":{"a":1e400}}',
        '{"query":"{ __typename }","variables":{"a":Infinity,"b":12345678901234567890}}',
        '{"query":"{ __typename }","variables":{"a":1' + "0" * 5_000 + "}}",
        '{"query":"{ __typename }","extensions":' + "[" * 100_000 + "]" * 100_000 + "}",
        '{"query":"{ __typename }","a":12345678901234567890,"extensions":' + "[" * 100_000 + "]" * 100_000 + "}",
        "\ufeff" + GOOD, '{"query":"{ __typename } \\ud800"}',
    ],
    ids=lambda body: body[:30] if isinstance(body, str) else "",
)  # fmt: skip
async def test_a_body_that_is_no_request_is_refused(shared: Client, body: str) -> None:
    response = await send(shared, body)

    assert response.status_code == 400
    assert codes(response) == [INPUT]


@pytest.mark.parametrize(
    "body", [GOOD.encode("utf-16"), bytes(range(256)), b"\x00" * 100, '{"query":"é"}'.encode("latin-1"),
             b'{"query":"{ __typename } \xed\xa0\x80"}', b'{"a":12345678901234567890,"query":"\xff"}'],
)  # fmt: skip
async def test_bytes_that_are_no_text_are_refused(shared: Client, body: bytes) -> None:
    response = await send(shared, body)

    assert response.status_code == 400
    assert codes(response) == [INPUT]


async def test_a_body_has_a_greatest_size(shared: Client) -> None:
    begin, end = '{"query":"{ __typename }","x":"', '"}'

    for size, status in ((LIMIT - 1, 200), (LIMIT, 200), (LIMIT + 1, 413), (LIMIT * 3, 413)):
        body = begin + "a" * (size - len(begin) - len(end)) + end
        assert (await send(shared, body)).status_code == status, size


async def test_a_body_in_pieces_has_the_same_greatest_size(shared: Client) -> None:
    async def pieces(size: int) -> AsyncIterator[bytes]:
        begin, end = b'{"query":"{ __typename }","x":"', b'"}'
        yield begin
        left = size - len(begin) - len(end)
        while left > 0:
            yield b"a" * min(left, 100_000)
            left -= 100_000
        yield end

    headers = {"Authorization": f"Bearer {shared.tenant.key}", "Content-Type": "application/json"}
    for size, status in ((100, 200), (LIMIT, 200), (LIMIT + 1, 413)):
        response = await shared.http.post(f"{shared.url}/graphql", content=pieces(size), headers=headers)
        assert response.status_code == status, size


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd", "gzip, gzip", "x"])
async def test_a_compressed_body_is_refused(shared: Client, encoding: str) -> None:
    for body in (gzip.compress(GOOD.encode()), gzip.compress(b"a" * 20_000_000), GOOD.encode()):
        response = await send(shared, body, {"Content-Encoding": encoding})
        assert (response.status_code, codes(response)) == (415, [INPUT])


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        ("application/json", 200), ("Application/JSON;charset=utf-8", 200), ("application/json; charset=latin-1", 200),
        ("text/plain", 200), (";", 200), ("application/xml", 415), ("text/html", 415), ("junk", 415),
        ("a/b;;;c=d", 415), ("multipart/form-data", 400), ("multipart/form-data; boundary=x", 400),
        ("application/json, text/plain", 415), ("x" * 5_000, 415), ("application/x-www-form-urlencoded", 400),
    ],
    ids=lambda value: str(value)[:40],
)  # fmt: skip
async def test_a_content_type_says_how_to_read_the_body(shared: Client, content_type: str, status: int) -> None:
    response = await send(shared, GOOD, {"Content-Type": content_type})

    assert response.status_code == status
    codes(response)


@pytest.mark.parametrize(
    ("query_string", "status"),
    [
        ("query={__typename}&variables={", 400), ("query={__typename}&variables=[]", 400), ("query=%ff%fe", 200),
        ("query=%00", 200), ("query=%ed%a0%80", 200), ("query=" + "a" * 20_000, 200), ("query=", 400),
        ("&".join(f"a{index}=1" for index in range(100)) + "&query={__typename}", 400), ("q={__typename}", 400),
        ("query={__typename}&query={nope}", 200), ("query={__typename}&operationName=x", 400),
        ("query={__typename}&extensions={", 200), ("%", 400), ("query=%zz", 200),
    ],
    ids=lambda value: str(value)[:40],
)  # fmt: skip
async def test_an_address_is_read_with_the_same_care(shared: Client, query_string: str, status: int) -> None:
    headers = {"Authorization": f"Bearer {shared.tenant.key}"}
    response = await shared.http.get(f"{shared.url}/graphql?{query_string}", headers=headers)
    codes(response)

    assert response.status_code == status or (query_string == "query=" and response.status_code == 200)


async def test_a_get_changes_nothing(shared: Client) -> None:
    headers = {"Authorization": f"Bearer {shared.tenant.key}"}
    query = "mutation { createPerson(data: {}) { id } }"
    before = await shared.data("{ people { totalCount } }")
    for method in ("GET", "HEAD"):
        response = await shared.http.request(method, f"{shared.url}/graphql", params={"query": query}, headers=headers)
        assert response.status_code == 405
        assert response.headers["allow"] == "POST"
    both = "query A { __typename } mutation B { createPerson(data: {}) { id } }"
    for name, status in (("A", 200), ("B", 405)):
        params = {"query": both, "operationName": name}
        response = await shared.http.get(f"{shared.url}/graphql", params=params, headers=headers)
        assert response.status_code == status

    assert await shared.data("{ people { totalCount } }") == before


@pytest.mark.parametrize(
    "authorization",
    ["", "Bearer", "Basic abc", "Bearer sk_live_", "Bearer sk_live_" + "a" * 43, "Bearer " + "a" * 20_000,
     "Bearer a.b.c", "Bearer ..", "Bearer eyJhbGciOiJub25lIn0.e30.", "Bearer eyJhbGciOiJIUzI1NiJ9.e30.AAAA",
     "Bearer a b", "Bearer " + "." * 10_000, "Bearer sk_live_' or 1=1 --"],
    ids=lambda value: value[:30] if isinstance(value, str) else "",
)  # fmt: skip
async def test_a_token_that_is_none_opens_nothing(shared: Client, authorization: str) -> None:
    response = await send(shared, '{"query":"{ people { totalCount } }"}', {"Authorization": authorization})

    assert (response.status_code, codes(response)) == (401, ["UNAUTHENTICATED"])


# -- below HTTP libraries ----------------------------------------------------------------------------------------------


async def raw(client: Client, sent: bytes, *, end: bool = False) -> bytes:
    """What comes back for raw bytes until the server closes, or is silent for a while."""
    address = urlsplit(client.url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    found = b""
    try:
        writer.write(sent)
        await writer.drain()
        if end:
            writer.write_eof()
        while chunk := await asyncio.wait_for(reader.read(65_536), 1):
            found += chunk
    except (TimeoutError, ConnectionResetError):
        pass
    finally:
        writer.close()
    return found


def request(client: Client, body: str, *, more: bytes = b"", length: int | None = None) -> bytes:
    head = (
        f"POST /graphql HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {client.tenant.key}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body) if length is None else length}\r\n"
    )
    return head.encode() + more + b"\r\n" + body.encode()


async def is_alive(client: Client) -> bool:
    return (await client.data("{ __typename }")) == {"__typename": "Query"}


async def test_requests_sent_ahead_are_answered_in_order(shared: Client) -> None:
    count = 20
    bodies = [json.dumps({"query": f"{{ a{index}: __typename people {{ totalCount }} }}"}) for index in range(count)]
    bodies[7] = '{"query":"{ nope }"}'
    bodies[11] = "junk"
    found = await raw(shared, b"".join(request(shared, body) for body in bodies))
    places = [found.find(f'"a{index}"'.encode()) for index in range(count) if index not in (7, 11)]

    assert found.count(b"HTTP/1.1 ") == count
    assert -1 not in places
    assert places == sorted(places)
    assert found.count(b"HTTP/1.1 400") == 1


@pytest.mark.parametrize(
    "sent",
    [
        b"\r\n\r\n", b"GET\r\n\r\n", b"\x00" * 1_000, b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 50,
        b"GET /graphql HTTP/9.9\r\n\r\n", b"GET /graphql HTTP/1.1\r\nbad header\r\n\r\n",
        b"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
        b"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999999\r\n\r\nx",
        b"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Length: x\r\n\r\n{}",
        b"POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /graphql HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n\r\n",
        b"POST /graphql HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nffffffffffffffffff\r\nx",
        b"GET /" + b"a" * 200_000 + b" HTTP/1.1\r\n\r\n",
        b"GET /graphql HTTP/1.1\r\n" + b"X-A: b\r\n" * 5_000 + b"\r\n",
        b"GET /graphql HTTP/1.1\r\nX-A: " + b"b" * 1_000_000 + b"\r\n\r\n",
        b"GET /graphql?query=\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n", b"GET \x00 HTTP/1.1\r\n\r\n",
        b"FOO /graphql HTTP/1.1\r\nHost: x\r\n\r\n",
    ],
    ids=lambda value: repr(value[:40]) if isinstance(value, bytes) else "",
)  # fmt: skip
async def test_raw_junk_does_no_harm(shared: Client, sent: bytes) -> None:
    found = await raw(shared, sent, end=True)

    assert b" 500 " not in found.split(b"\r\n")[0]
    assert await is_alive(shared)


async def test_a_client_that_leaves_early_does_no_harm(shared: Client) -> None:
    body = '{"query":"{ people { totalCount } }"}'
    whole = request(shared, body)
    for cut in (10, len(whole) // 2, len(whole) - 5):
        await raw(shared, whole[:cut], end=True)
    address = urlsplit(shared.url)
    for _ in range(10):
        _, writer = await asyncio.open_connection(address.hostname, address.port)
        writer.write(whole)
        await writer.drain()
        writer.transport.abort()

    assert await is_alive(shared)


async def test_headers_may_repeat_and_hold_any_byte(shared: Client) -> None:
    body = '{"query":"{ people { totalCount } }"}'
    for more in (
        b"X-A: \xff\xfe\r\n",
        b"x-schema-version: \x01\r\n",
        b"Cookie: a=b; a=c\r\nCookie: ;;;\r\n",
        b"Accept: */*;q=x\r\n",
    ):
        found = await raw(shared, request(shared, body, more=more + b"Connection: close\r\n"))
        assert found.startswith((b"HTTP/1.1 200", b"HTTP/1.1 400")), more
    twice = await raw(shared, request(shared, body, more=b"Authorization: Bearer junk\r\nConnection: close\r\n"))
    assert twice.startswith((b"HTTP/1.1 401", b"HTTP/1.1 400"))


async def test_many_at_once_are_all_answered(shared: Client) -> None:
    async with httpx.AsyncClient(timeout=60) as http:
        client = Client(http=http, url=shared.url, database=shared.database, tenant=shared.tenant)
        found = await asyncio.gather(
            *(client.data("{ people(first: 1) { edges { node { id } } } }") for _ in range(100))
        )

    assert len(found) == 100
