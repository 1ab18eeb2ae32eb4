"""Uploads over HTTP, as well-formed or malformed as one likes."""

import asyncio
from collections.abc import AsyncIterator
from urllib.parse import urlsplit

import httpx

from tests.serving import Client

BOUNDARY = "----limit"
TYPE = f"multipart/form-data; boundary={BOUNDARY}"


def field(data: bytes, *, name: str = "file", filename: str | bytes | None = "a.txt", more: str = "") -> bytes:
    """One part of a form."""
    written = filename.encode() if isinstance(filename, str) else filename
    said = b"" if written is None else b'; filename="' + written + b'"'
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"'.encode()
    return head + said + f"\r\n{more}\r\n".encode() + data + b"\r\n"


def form(*fields: bytes) -> bytes:
    return b"".join(fields) + f"--{BOUNDARY}--\r\n".encode()


async def post(
    client: Client, body: bytes | AsyncIterator[bytes], *, kind: str | None = TYPE, token: str | None = "", **more: str
) -> httpx.Response:
    headers = {**more}
    if kind is not None:
        headers["Content-Type"] = kind
    if token is not None:
        headers["Authorization"] = f"Bearer {token or client.tenant.key}"
    return await client.http.post(f"{client.url}/rest/files", content=body, headers=headers)


async def upload(client: Client, data: bytes = b"hello", filename: str | bytes = "a.txt") -> dict[str, object]:
    """What is answered to an upload that must succeed."""
    answer = await post(client, form(field(data, filename=filename)))
    assert answer.status_code == 201, answer.text
    found: dict[str, object] = answer.json()
    return found


async def get(client: Client, file_id: object, method: str = "GET", **headers: str) -> httpx.Response:
    sent = {"Authorization": f"Bearer {client.tenant.key}", **{n.replace("_", "-"): v for n, v in headers.items()}}
    return await client.http.request(method, f"{client.url}/rest/files/{file_id}", headers=sent)


async def hang_up_after(client: Client, head: bytes, body: bytes) -> None:
    """Sends the beginning of a request, and is gone."""
    address = urlsplit(client.url)
    _, writer = await asyncio.open_connection(address.hostname, address.port)
    writer.write(head + body)
    await writer.drain()
    await asyncio.sleep(0.05)
    writer.transport.abort()
