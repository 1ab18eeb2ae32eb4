"""Files that are made to keep the server busy, to fill its memory or to trip it up."""

from collections.abc import AsyncIterator

import httpx
import pytest

from tests.counting import calls_of
from tests.edge.rest.asking import error, send
from tests.imports.asking import CSV, NDJSON, post
from tests.serving import Client

MEGABYTE = 1_000_000


async def pieces(part: bytes, size: int) -> AsyncIterator[bytes]:
    for _ in range(size // len(part)):
        yield part


async def sent(client: Client, path: str, part: bytes, size: int, kind: str) -> httpx.Response:
    headers = {"Authorization": f"Bearer {client.tenant.key}", "Content-Type": kind}
    return await client.http.post(f"{client.url}/rest{path}", content=pieces(part, size), headers=headers)


@pytest.mark.parametrize(
    ("part", "size", "kind", "words"),
    [
        (b"x" * 2_000, 11 * MEGABYTE, CSV, "The file has no row with the names of its columns."),
        (b'"' + b"x" * 1_997 + b'\n"', 11 * MEGABYTE, CSV, "The file has no row with the names of its columns."),
        (b"\n" * 2_000, 11 * MEGABYTE, NDJSON, "The file begins with more than 1000000 bytes of empty lines."),
        (b"x,y," * 500, 4 * MEGABYTE, CSV, "The file has more than 5000 columns."),
    ],
    ids=["one line", "one cell", "nothing", "columns"],
)
async def test_a_beginning_without_end_keeps_nobody_waiting(
    client: Client, part: bytes, size: int, kind: str, words: str
) -> None:
    path = "/people/import?ignore_unknown=true"
    with calls_of("demand_text") as looks:
        answer = await sent(client, path, part, size, kind)
    assert error(answer)[::2] == (400, words)
    assert 0 < looks["demand_text"] < 20  # at what has come so far, though it comes in thousands of pieces


async def test_a_record_with_very_many_names_is_refused(client: Client) -> None:
    record = b"{" + b",".join(b'"x%d":1' % number for number in range(5_001)) + b"}\n"
    answer = await post(client, "/people/import?ignore_unknown=true", record, NDJSON)
    assert error(answer)[::2] == (400, "The file has more than 5000 columns.")


async def test_zero_characters_are_nothing_that_a_file_is_known_by(client: Client) -> None:
    for path, body in (
        ("/people/import?ignore_unknown=true", "city,x\0y\nOslo,1\n"),
        ("/people/import?ignore_unknown=true", "city,x\nOslo,1\n".encode("utf-16-le")),
        ("/people/import?null=%00", "city\nOslo\n"),
        ("/people/import?match=%00&mode=update", "city\nOslo\n"),
        ("/people/import?null=%ff%00", "city\nOslo\n"),
    ):
        assert error(await post(client, path, body))[0] == 400, path
    assert (await send(client, "GET", "/imports")).json()["totalCount"] == 0
