"""Requests to the REST endpoint that are wrong whatever they ask for."""

import asyncio
import gzip
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import pytest

from tests.edge.rest.asking import error, send
from tests.serving import Client, serving

ID = "99999999-9999-4999-8999-999999999999"
OBJECTS = "/metadata/objects"
LIMIT = 10_000_000


@pytest.mark.parametrize("path", ["", "/", OBJECTS, f"{OBJECTS}/{ID}", "/people", "/nope/nope/nope/nope", "/%00"])
@pytest.mark.parametrize("method", ["GET", "POST", "PATCH", "PUT", "DELETE", "PURGE"])
async def test_strangers_learn_nothing(shared: Client, method: str, path: str) -> None:
    answer = await send(shared, method, path, token=None)
    assert error(answer) == (401, "UNAUTHENTICATED", "Missing authentication token")
    assert answer.headers["WWW-Authenticate"] == "Bearer"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Access-Control-Allow-Origin"] == "*"

    answer = await send(shared, method, path, token="nonsense")
    assert error(answer) == (401, "UNAUTHENTICATED", "Token invalid.")


async def test_the_token_may_be_in_the_address(shared: Client) -> None:
    good = await send(shared, "GET", f"/people?token={shared.tenant.key}", token=None)
    bad = await send(shared, "GET", "/people?token=x", token=None)

    assert (good.status_code, bad.status_code) == (200, 401)


@pytest.mark.parametrize(
    "path",
    [
        "", "/", "//", "/metadata", "/metadata/", "/metadata//objects", "///metadata/objects", "/metadata/objects//",
        "/metadata/Objects", "/metadata/objects%2F", "/metadata/objects;x", "/metadata/objects%00",
        "/metadata/obj%c3%a9ts", "/metadata/objects/%2e%2e/fields", f"/metadata/objects/{ID}/fields", "/people//",
        "/people//x", "///people", "/batch", "/restore", "/merge", "/batch/people/x/y",
    ],
    ids=lambda path: path[:30],
)  # fmt: skip
async def test_other_paths_lead_nowhere(shared: Client, path: str) -> None:
    assert error(await send(shared, "GET", path)) == (404, "NOT_FOUND", "There is nothing at this address.")


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/people/x/y", "/rest/people/x/y"), ("/x/../metadata/objects", "/rest/x/../metadata/objects"),
        ("/./metadata/objects", "/rest/./metadata/objects"), ("/a%2Fb/c/d/", "/rest/a/b/c/d"),
        ("/people/%00/%ff", "/rest/people/\0/\ufffd"), ("/" + "a/" * 10_000, "/rest/" + "a/" * 97 + "…"),
    ],
    ids=lambda path: path[:30],
)  # fmt: skip
async def test_paths_of_records_have_two_parts(shared: Client, path: str, shown: str) -> None:
    message = (
        f"Query path '{shown}' invalid. Valid examples: /rest/companies/id or /rest/companies or /rest/batch/companies"
    )
    assert error(await send(shared, "GET", path)) == (400, "BAD_USER_INPUT", message)


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/nope", "object 'nope' not found. eg: companies"),
        ("/person", "object 'person' not found. Did you mean 'people'?"),
        (f"/person/{ID}", "object 'person' not found. Did you mean 'people'?"),
        ("/People", "object 'People' not found. eg: companies"),
        ("/people%20", "object 'people ' not found. eg: companies"),
        ("/metadata%2Fobjects", "object 'metadata/objects' not found. eg: companies"),
        ("/%", "object '%' not found. eg: companies"),
        ("/%zz", "object '%zz' not found. eg: companies"),
        ("/%ff%fe", "object '\ufffd\ufffd' not found. eg: companies"),
        ("/%00", "object '\0' not found. eg: companies"),
        ("/" + "x" * 5_000, f"object '{'x' * 80}' not found. eg: companies"),
        ("/_rocket", "object '_rocket' not found. eg: companies"),
        ("/apiKeys", "object 'apiKeys' not found. eg: companies"),
    ],
    ids=lambda path: path[:30],
)
async def test_objects_that_there_are_not(shared: Client, path: str, message: str) -> None:
    for method, body in (("GET", None), ("PATCH", {}), ("DELETE", None)):
        found = f"{path}?filter=id[is]:NOT_NULL"
        assert error(await send(shared, method, found, body)) == (400, "BAD_USER_INPUT", message)


async def test_only_what_is_below_rest_is_rest(shared: Client) -> None:
    for path in ("st", "xyz/metadata/objects", "%2Fmetadata%2Fobjects"):
        assert (await send(shared, "GET", path)).status_code == 404


@pytest.mark.parametrize(
    ("path", "methods", "allow"),
    [
        (OBJECTS, ["PUT", "PATCH", "DELETE", "PURGE", "TRACE"], "GET, POST, HEAD, OPTIONS"),
        (f"{OBJECTS}/{ID}", ["POST", "SEARCH"], "GET, PATCH, PUT, DELETE, HEAD, OPTIONS"),
    ],
)
async def test_other_methods_are_refused(shared: Client, path: str, methods: list[str], allow: str) -> None:
    for method in methods:
        answer = await send(shared, method, path)
        assert error(answer) == (405, "METHOD_NOT_ALLOWED", "The method is not allowed here.")
        assert answer.headers["Allow"] == allow


async def test_every_page_may_ask(shared: Client) -> None:
    answer = await send(shared, "OPTIONS", OBJECTS, token=None)

    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert "PATCH" in answer.headers["Access-Control-Allow-Methods"]
    assert "authorization" in answer.headers["Access-Control-Allow-Headers"]


async def test_head_is_get_without_the_body(shared: Client) -> None:
    get = await send(shared, "GET", f"{OBJECTS}/nope")
    head = await send(shared, "HEAD", f"{OBJECTS}/nope")

    assert (head.status_code, head.content) == (get.status_code, b"")
    assert head.headers["Content-Length"] == str(len(get.content))


@pytest.mark.parametrize("method", ["GET", "PATCH", "PUT", "DELETE"])
@pytest.mark.parametrize(
    "given",
    ["nope", "5", "%20", "..%2Ffields", "%27%3Bdrop", "{99999999-9999-4999-8999-999999999999}", ID + "0", ID[:-1],
     ID.replace("-", ""), f"urn:uuid:{ID}", "%00", "%C3%A9", "9" * 40_000],
    ids=lambda given: given[:20],
)  # fmt: skip
async def test_an_id_is_a_uuid(shared: Client, method: str, given: str) -> None:
    for kind in ("objects", "fields"):
        status, code, message = error(await send(shared, method, f"/metadata/{kind}/{given}", {}))
        assert (status, code) == (400, "BAD_USER_INPUT")
        assert message.endswith("is not a valid UUID")
        assert len(message) < 120


async def test_an_address_may_be_long_but_not_endless(shared: Client) -> None:
    for length, is_read in ((60_000, True), (70_000, False)):
        for path in (f"/batch?after={'x' * length}", "/batch/people/" + "x" * length + "/y"):
            answer = await send(shared, "GET", path)
            assert (answer.status_code, answer.headers["Content-Type"].startswith("application/json")) == (
                404 if is_read else 400,
                is_read,
            )


@pytest.mark.parametrize(
    "body",
    [b"", b" ", b"null", b"[]", b'"x"', b"5", b"true", b"{", b"{'a':1}", b"{}x", b'{"a":NaN}', b'{"a":1e400}',
     b"\xff\xfe", b"\xef\xbb\xbf{}", b"[" * 100_000, b'{"a":' * 50_000,
     b'{"a":12345678901234567890,"b":' + b"[" * 50_000],
    ids=lambda body: body[:20].decode("latin-1"),
)  # fmt: skip
async def test_a_body_is_an_object(shared: Client, body: bytes) -> None:
    for method, path in (("POST", OBJECTS), ("PATCH", f"{OBJECTS}/{ID}"), ("PUT", f"/metadata/fields/{ID}")):
        status, code, message = error(await send(shared, method, path, body))
        assert (status, code) == (400, "BAD_USER_INPUT")
        assert message in (
            "The body must be a JSON object.",
            "The body is not valid JSON.",
            "The body is not valid UTF-8.",
        )


@pytest.mark.parametrize(
    ("kind", "status"),
    [("application/json;charset=utf-8", 400), ("APPLICATION/JSON", 400), ("application/merge-patch+json", 400),
     ("text/plain", 400), ("application/x-www-form-urlencoded", 415), ("multipart/form-data; boundary=x", 415),
     ("text/html", 415), ("application/xml", 415), ("+json", 415), ("x" * 5_000, 415)],
    ids=lambda value: str(value)[:30],
)  # fmt: skip
async def test_a_body_is_json(shared: Client, kind: str, status: int) -> None:
    answer = await send(shared, "POST", OBJECTS, b"[]", headers={"Content-Type": kind})

    assert error(answer)[:2] == (status, "BAD_USER_INPUT")


async def test_a_compressed_body_is_refused(shared: Client) -> None:
    answer = await send(shared, "POST", OBJECTS, gzip.compress(b"{}"), headers={"Content-Encoding": "gzip"})

    assert error(answer) == (415, "BAD_USER_INPUT", "Compressed bodies are not supported.")


async def test_a_body_has_a_greatest_size(shared: Client) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(LIMIT // 100_000 + 1):
            yield b" " * 100_000

    too_large = (413, "BAD_USER_INPUT", f"The body is larger than {LIMIT} bytes.")
    assert error(await send(shared, "POST", OBJECTS, b" " * (LIMIT + 1))) == too_large
    assert error(await send(shared, "POST", OBJECTS, b" " * LIMIT))[0] == 400
    headers = {"Authorization": f"Bearer {shared.tenant.key}", "Content-Type": "application/json"}
    assert error(await shared.http.post(f"{shared.url}/rest{OBJECTS}", content=pieces(), headers=headers)) == too_large


async def test_a_body_without_a_token_is_not_read(shared: Client) -> None:
    assert error(await send(shared, "POST", OBJECTS, b" " * LIMIT, token=None))[0] == 401


@pytest.mark.parametrize(
    "raw",
    [
        b"GET /rest HTTP/1.0\r\n\r\n",
        b"GET http://elsewhere/rest/metadata/objects HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /rest/metadata/objects#x HTTP/1.1\r\nHost: x\r\n\r\n",
        b"GET /rest/\xff\xfe HTTP/1.1\r\nHost: x\r\n\r\n",
        b"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n",
        b"POST /rest/metadata/objects HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n{",
    ],
)
async def test_odd_bytes_get_an_answer_of_http(shared: Client, raw: bytes) -> None:
    address = urlsplit(shared.url)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    writer.write(raw)
    writer.write_eof()
    line = await asyncio.wait_for(reader.readline(), 10)
    writer.close()
    await writer.wait_closed()

    status = line.split(b" ")[1]
    assert status in (b"400", b"401", b"404"), line


async def test_the_flat_form_of_errors_is_a_setting(client: Client) -> None:
    async with serving(client.database, client.tenant, rest_error_shape="flat") as flat:
        answer = await send(flat, "GET", "/batch")

    assert answer.json() == {
        "statusCode": 404,
        "error": "NotFoundException",
        "messages": ["There is nothing at this address."],
        "code": "NOT_FOUND",
    }
