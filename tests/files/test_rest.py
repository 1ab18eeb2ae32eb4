"""`/rest/files`: uploading, reading in whole and in part, deleting; and all that can be wrong with an upload."""

import asyncio
import hashlib
import os
from collections.abc import AsyncIterator
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bench.processes import resident_mb
from rapport.base.ids import new_id
from rapport.keys.service import create_key
from tests.edge.rest.asking import error
from tests.files.asking import BOUNDARY, TYPE, field, form, get, hang_up_after, post, upload
from tests.roles.asking import role
from tests.serving import Client, make_tenant, serving

PDF = b"%PDF-1.7\n" + bytes(range(256)) * 40
NO_FORM = (415, "BAD_USER_INPUT", "The body must be a form (Content-Type: multipart/form-data).")
NO_BOUNDARY = (400, "BAD_USER_INPUT", "The Content-Type of the form lacks its boundary.")
ONE = (400, "BAD_USER_INPUT", 'The form must have one file, in its field "file".')


async def count(client: Client) -> object:
    return await client.database.value("select count(*) from core.file")


async def test_a_file_is_uploaded_read_and_deleted(shared: Client) -> None:
    made = await upload(shared, PDF, "Report 2026.PDF")
    file_id, url = made["id"], str(made.pop("url"))

    assert made == {"id": file_id, "filename": "Report 2026.PDF", "mimeType": "application/pdf", "size": len(PDF)}
    assert url.startswith(f"{shared.url}/files/file/")
    assert url.endswith(f"/{file_id}.pdf")
    tag = f'"{hashlib.sha256(PDF).hexdigest()}"'
    expected = {
        "Content-Type": "application/pdf",
        "Content-Length": str(len(PDF)),
        "Content-Disposition": 'inline; filename="Report 2026.PDF"',
        "X-Content-Type-Options": "nosniff",
        "ETag": tag,
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, no-cache",
    }
    for method in ("GET", "HEAD"):
        answer = await get(shared, file_id, method)
        assert (answer.status_code, answer.content) == (200, PDF if method == "GET" else b"")
        assert {name: answer.headers[name] for name in expected} == expected
    again = await get(shared, file_id, if_none_match=f'"x", W/{tag}')
    assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", tag)

    gone = await get(shared, file_id, "DELETE")
    assert (gone.status_code, gone.json()) == (200, {"id": file_id})
    for method in ("GET", "DELETE"):
        assert error(await get(shared, file_id, method)) == (404, "NOT_FOUND", "File not found")
    assert (await shared.http.get(url)).status_code == 404
    assert await shared.database.value("select count(*) from core.file where id = $1", UUID(str(file_id))) == 0


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("bytes=0-9", 0, 10),
        ("bytes=5-5", 5, 6),
        ("Bytes= 100-", 100, None),
        ("bytes=-10", -10, None),
        ("bytes=-999999999", 0, None),
        ("bytes=10-999999999999", 10, None),
    ],
)
async def test_a_part_of_a_file(shared: Client, asked: str, start: int, end: int | None) -> None:
    file_id = (await upload(shared, PDF))["id"]
    whole = await get(shared, file_id)
    expected = PDF[start:end]
    first = start if start >= 0 else len(PDF) + start

    for condition in ({}, {"if_range": whole.headers["ETag"]}, {"if_range": whole.headers["Last-Modified"]}):
        answer = await get(shared, file_id, range=asked, **condition)
        assert (answer.status_code, answer.content) == (206, expected)
        assert answer.headers["Content-Range"] == f"bytes {first}-{first + len(expected) - 1}/{len(PDF)}"
        assert answer.headers["Content-Length"] == str(len(expected))
    no_dates = ("x", f"Mon, 01 Jan {'9' * 20} 00:00:00 GMT", f"Mon, 01 Jan 2024 00:00:00 +{'9' * 30}")
    for value in ('"another"', "Mon, 01 Jan 2024 00:00:00 GMT", *no_dates):
        condition = {"if_range": value}
        assert (await get(shared, file_id, range=asked, **condition)).status_code == 200


async def test_parts_that_are_not_there_or_make_no_sense(shared: Client) -> None:
    file_id, empty = (await upload(shared, PDF))["id"], (await upload(shared, b""))["id"]

    for found, asked in (
        (file_id, f"bytes={len(PDF)}-"),
        (file_id, "bytes=-0"),
        (empty, "bytes=0-"),
        (empty, "bytes=-5"),
    ):
        answer = await get(shared, found, range=asked)
        size = len(PDF) if found == file_id else 0
        assert (answer.status_code, answer.headers["Content-Range"]) == (416, f"bytes */{size}")
    for asked in (
        "bytes=",
        "bytes=-",
        "bytes=9-1",
        "bytes=a-b",
        "items=0-1",
        "bytes=0-1,4-5",
        "bytes=" + "9" * 99 + "-",
    ):
        answer = await get(shared, file_id, range=asked)
        assert (answer.status_code, answer.content) == (200, PDF), asked
    answer = await get(shared, empty)
    assert (answer.status_code, answer.content, answer.headers["Content-Length"]) == (200, b"", "0")


@pytest.mark.parametrize(
    ("data", "mime_type", "shown_as", "disposition"),
    [
        (b"<!doctype html><script>alert(1)</script>", "text/html", "application/octet-stream", "attachment"),
        (b"<svg onload='alert(1)'/>", "image/svg+xml", "image/svg+xml", "attachment"),
        (b"hello", "text/plain", "text/plain; charset=utf-8", "inline"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 20, "image/png", "image/png", "inline"),
        (b"PK\x03\x04" + b"\0" * 50, "application/zip", "application/zip", "attachment"),
    ],
)
async def test_nothing_that_browsers_would_run_is_shown(
    shared: Client, data: bytes, mime_type: str, shown_as: str, disposition: str
) -> None:
    made = await upload(shared, data, "a.txt" if data == b"hello" else "a.bin")

    assert made["mimeType"] == mime_type
    for answer in (await get(shared, made["id"]), await shared.http.get(str(made["url"]))):
        assert answer.content == data
        assert answer.headers["Content-Type"] == shown_as
        assert answer.headers["Content-Disposition"].partition(";")[0] == disposition
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'")


@pytest.mark.parametrize(
    ("given_name", "name", "path_end"),
    [
        ("../../../etc/passwd", "passwd", ""),
        ("C:\\temp\\a.TXT", "a.TXT", ".txt"),
        (b"a\0b.pdf", "ab.pdf", ".pdf"),
        ("x" * 300 + ".pdf", "x" * 251 + ".pdf", ".pdf"),
        ("Prüfung 東京 😀.txt", "Prüfung 東京 😀.txt", ".txt"),
        (b"\xff\xfe.txt", "��.txt", ".txt"),
        ("a\u202efdp.exe", "afdp.exe", ".exe"),
        ("..", "file", ""),
        ("", "file", ""),
        ('a%22; filename=\\"evil.html', 'a%22; filename="evil.html', ".html"),
        ("a%0d%0aSet-Cookie: x=1", "a%0d%0aSet-Cookie: x=1", ""),
    ],
)
async def test_hostile_names_do_no_harm(shared: Client, given_name: str | bytes, name: str, path_end: str) -> None:
    made = await upload(shared, filename=given_name)

    assert made["filename"] == name
    path = await shared.database.value("select path from core.file where id = $1", UUID(str(made["id"])))
    assert path == f"file/{made['id']}{path_end}"
    answer = await get(shared, made["id"])
    assert (answer.status_code, answer.content) == (200, b"hello")
    assert "Set-Cookie" not in answer.headers


@pytest.mark.parametrize(
    ("kind", "body", "expected"),
    [
        (None, form(field(b"x")), NO_FORM),
        ("application/json", b"{}", NO_FORM),
        ("multipart/form-data", form(field(b"x")), NO_BOUNDARY),
        (TYPE, b"", (400, "BAD_USER_INPUT", "The form is cut short.")),
        (TYPE, form(field(b"x"))[:-8], (400, "BAD_USER_INPUT", "The form is cut short.")),
        (TYPE, field(b"x" * 9_000)[:-500], (400, "BAD_USER_INPUT", "The form is cut short.")),
        (TYPE, form(), ONE),
        (TYPE, form(field(b"x", filename=None)), ONE),
        (TYPE, form(field(b"x", name="other")), ONE),
        (TYPE, form(field(b"x"), field(b"y")), ONE),
        (TYPE, form(field(b"x", filename=None, name="note"), field(b"y"), field(b"z", name="other")), ONE),
    ],
)  # fmt: skip
async def test_forms_that_are_wrong_leave_nothing(
    shared: Client, kind: str | None, body: bytes, expected: tuple[int, str, str]
) -> None:
    before = await count(shared)

    assert error(await post(shared, body, kind=kind)) == expected
    assert await count(shared) == before


async def test_forms_that_no_parser_understands(shared: Client) -> None:
    before = await count(shared)
    bodies = [
        b"rubbish",
        form(field(b"x")).replace(b"\r\n", b"\n"),
        form(field(b"x", more="X-Long: " + "x" * 100_000 + "\r\n")),
        form(field(b"x", more="".join(f"X-{number}: x\r\n" for number in range(50)))),
        form(field(b"x", more="no colon\r\n")),
        form(b"".join(field(b"", name=f"n{number}", filename=None) for number in range(40))),
        f"--{BOUNDARY}\r\n\r\nx\r\n--{BOUNDARY}--".encode(),
        f"--{BOUNDARY}\r\nContent-Disposition: attachment; filename=a\r\n\r\nx\r\n--{BOUNDARY}--".encode(),
    ]
    for body in bodies:
        status, code, message = error(await post(shared, body))
        assert (status, code) == (400, "BAD_USER_INPUT"), message
    odd = f"multipart/form-data; boundary={'b' * 5_000}"
    assert error(await post(shared, form(field(b"x")), kind=odd))[0] == 400
    assert error(await post(shared, form(field(b"x")), **{"Content-Encoding": "gzip"}))[0] == 415
    assert await count(shared) == before


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.binary(max_size=300), cut=st.integers(0, 200))
async def test_no_bytes_are_an_internal_error(shared: Client, body: bytes, cut: int) -> None:
    whole = form(field(body))
    for sent in (body, whole[:cut] + body + whole[cut:]):
        assert (await post(shared, sent)).status_code in (201, 400)


async def test_fields_beside_the_file_are_passed_over(shared: Client) -> None:
    body = form(field(b"x" * 5_000, name="note", filename=None), field(b"hello"), field(b"y", name="z", filename=None))

    answer = await post(shared, b"\r\n" + body + b"epilogue")
    assert (answer.status_code, answer.json()["size"]) == (201, 5), answer.text


async def test_a_file_that_is_too_large_is_refused_however_it_comes(client: Client) -> None:
    async with serving(client.database, client.tenant, max_file_bytes=200_000) as server:

        async def sent(body: bytes) -> AsyncIterator[bytes]:
            for start in range(0, len(body), 50_000):
                yield body[start : start + 50_000]

        for size in (200_001, 600_000):
            body = form(field(b"x" * size))
            for way in (body, sent(body)):
                status, code, message = error(await post(server, way))
                assert (status, code) == (413, "BAD_USER_INPUT")
                assert "larger than" in message
        body = form(field(b"x" * 200_000))
        assert (await post(server, body)).status_code == (await post(server, sent(body))).status_code == 201
        assert await count(server) == 2


async def test_a_client_that_hangs_up_leaves_nothing(shared: Client) -> None:
    before = await count(shared)
    body = form(field(b"x" * 2_000_000))
    head = (
        f"POST /rest/files HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {shared.tenant.key}\r\n"
        f"Content-Type: {TYPE}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    for sent in (100, 300_000, 1_500_000):
        await hang_up_after(shared, head.encode(), body[:sent])
    for _ in range(200):
        if await count(shared) == before:
            break
        await asyncio.sleep(0.02)
    assert await count(shared) == before


async def test_many_uploads_at_once_do_not_mix(shared: Client) -> None:
    datas = [bytes([number]) * (number * 7_000 + 1) for number in range(25)]

    made = await asyncio.gather(*(upload(shared, data, f"{number}.bin") for number, data in enumerate(datas)))

    found = await asyncio.gather(*(get(shared, each["id"]) for each in made))
    assert [answer.content for answer in found] == datas
    assert len({each["id"] for each in made}) == len(datas)


async def test_the_role_must_allow_it(client: Client) -> None:
    file_id = (await upload(client))["id"]
    async with client.database.transaction() as connection:
        labels = {}
        for label, flags in (("None", ()), ("Up", ("UPLOAD_FILE",)), ("Down", ("DOWNLOAD_FILE",))):
            role_id = UUID(await role(client, label, canBeAssignedToApiKeys=True))
            for flag in flags:
                await connection.execute(
                    'insert into core."permissionFlag" (id, "workspaceId", "roleId", flag) values ($1, $2, $3, $4)',
                    new_id(), client.tenant.workspace_id, role_id, flag,
                )  # fmt: skip
            key = await create_key(connection, workspace_id=client.tenant.workspace_id, name=label, role_id=role_id)
            labels[label] = key.token

    async def statuses(label: str) -> tuple[int, int, int]:
        uploaded = await post(client, form(field(b"x")), token=labels[label])
        sent = {"Authorization": f"Bearer {labels[label]}"}
        url = f"{client.url}/rest/files/{uploaded.json().get('id') or file_id}"
        read = await client.http.get(url, headers=sent)
        return uploaded.status_code, read.status_code, (await client.http.delete(url, headers=sent)).status_code

    assert await statuses("None") == (403, 403, 403)
    assert await statuses("Up") == (201, 403, 200)
    assert await statuses("Down") == (403, 200, 403)
    assert (await post(client, form(field(b"x")), token=None)).status_code == 401
    assert (await post(client, form(field(b"x")), token="sk_live_none")).status_code == 401
    assert (await client.http.get(f"{client.url}/rest/files/{file_id}")).status_code == 401


async def test_tenants_do_not_reach_each_others_files(shared: Client) -> None:
    made = await upload(shared)
    stranger = shared.as_tenant(await make_tenant(shared.database, "Strangers"))

    for method in ("GET", "DELETE"):
        assert error(await get(stranger, made["id"], method)) == (404, "NOT_FOUND", "File not found")
    assert (await get(shared, made["id"])).status_code == 200
    assert error(await get(shared, "none"))[0] == 400
    assert error(await get(shared, new_id()))[0] == 404


async def test_links_open_without_a_token_and_nothing_else_does(shared: Client) -> None:
    url = str((await upload(shared, PDF, "a.pdf"))["url"])
    start, token, name = url.rsplit("/", 2)
    other = str((await upload(shared))["url"]).rsplit("/", 2)

    found = await shared.http.get(url, headers={"Range": "bytes=0-3"})
    assert (found.status_code, found.content) == (206, b"%PDF")
    assert found.headers["Cache-Control"] == "private, max-age=86400, immutable"
    head = await shared.http.head(f"{url}?x=1")
    assert (head.status_code, head.headers["Content-Length"], head.content) == (200, str(len(PDF)), b"")
    assert (await shared.http.options(url)).status_code == 204
    refused = await shared.http.post(url)
    assert (refused.status_code, refused.headers["Allow"]) == (405, "GET, HEAD, OPTIONS")
    for wrong in (
        f"{start}/{name}", f"{start}/{token[:-2]}/{name}", f"{start}/{token}/{other[2]}", f"{start}/{other[1]}/{name}",
        f"{shared.url}/files/{token}/{name}", f"{shared.url}/files/", f"{start}/%00/{name}", f"{start}/{token}/",
        f"{shared.url}/files/x", f"{start}/{token}/..%2f{name}",
    ):  # fmt: skip
        assert error(await shared.http.get(wrong))[:2] == (403, "FORBIDDEN"), wrong
    for folder in ("attachment", "none", "%2e%2e/file", "%00"):
        unknown = await shared.http.get(f"{shared.url}/files/{folder}/{token}/{name}")
        assert error(unknown) == (404, "NOT_FOUND", "File not found"), folder


async def test_a_large_file_needs_little_memory(client: Client) -> None:
    """Thirty megabytes up and down; Python's memory grows by the parts that are on their way alone."""
    part, times = b"x" * 100_000, 300

    async def body() -> AsyncIterator[bytes]:
        begin, end = form(field(b"|")).split(b"|")
        yield begin
        for _ in range(times):
            yield part
        yield end

    async with serving(client.database, client.tenant, max_file_bytes=100_000_000) as server:
        await upload(server)
        before = resident_mb(os.getpid())
        made = (await post(server, body())).json()
        assert made["size"] == len(part) * times
        size = 0
        async with server.http.stream("GET", made["url"]) as answer:
            async for each in answer.aiter_bytes():
                size += len(each)
        assert size == len(part) * times
        assert resident_mb(os.getpid()) - before < 25
