"""A small S3-compatible service for tests: one bucket in memory, path-style addresses, no look at signatures."""

import hashlib
import re
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import parse_qs, unquote
from xml.sax.saxutils import escape

from starlette.types import Receive, Scope, Send

from tests.serving import answering


@dataclass(kw_only=True)
class Bucket:
    """``objects`` and the parts of unfinished ``uploads`` by key; with ``is_down`` nothing works."""

    objects: dict[str, bytes] = field(default_factory=dict)
    uploads: dict[str, dict[int, bytes]] = field(default_factory=dict)
    changed: datetime = field(default_factory=lambda: datetime.now(UTC))
    is_down: bool = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        body, more = bytearray(), True
        while more:
            message = await receive()
            body += message.get("body", b"")
            more = message.get("more_body", False)
        key = unquote(scope["raw_path"].decode()).removeprefix("/bucket").removeprefix("/")
        query = parse_qs(scope["query_string"].decode(), keep_blank_values=True)
        status, answer = 403, b""
        headers: list[tuple[bytes, bytes]] = []
        if not self.is_down:
            status, answer, headers = self._answer(scope["method"], key, query, bytes(body), dict(scope["headers"]))
        headers.append((b"content-length", str(len(answer)).encode()))
        headers.append((b"last-modified", self.changed.strftime("%a, %d %b %Y %H:%M:%S GMT").encode()))
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else answer})

    def _answer(
        self, method: str, key: str, query: dict[str, list[str]], body: bytes, headers: dict[bytes, bytes]
    ) -> tuple[int, bytes, list[tuple[bytes, bytes]]]:
        upload = query.get("uploadId", [""])[0]
        if method == "GET" and "list-type" in query:
            return 200, self._listing(query.get("prefix", [""])[0]), []
        if method == "POST" and "uploads" in query:
            name = f"upload-{len(self.uploads)}"
            self.uploads[name] = {}
            return 200, f"<R><Bucket>bucket</Bucket><Key>{key}</Key><UploadId>{name}</UploadId></R>".encode(), []
        if method == "PUT" and upload:
            self.uploads[upload][int(query["partNumber"][0])] = body
            return 200, b"", [_tag(body)]
        if method == "POST" and upload:
            parts = self.uploads.pop(upload)
            self.objects[key] = b"".join(parts[number] for number in sorted(parts))
            return 200, b"<CompleteMultipartUploadResult><ETag>x</ETag></CompleteMultipartUploadResult>", []
        if method == "DELETE":
            self.uploads.pop(upload, None)
            if not upload:
                self.objects.pop(key, None)
            return 204, b"", []
        if method == "PUT":
            self.objects[key] = body
            return 200, b"", [_tag(body)]
        if key not in self.objects:
            return 404, b"<Error><Code>NoSuchKey</Code></Error>", []
        whole = self.objects[key]
        wanted = re.fullmatch(rb"bytes=(\d+)-(\d+)", headers.get(b"range", b""))
        if wanted is None:
            return 200, whole, [_tag(whole)]
        start, end = int(wanted[1]), min(int(wanted[2]) + 1, len(whole))
        return (
            206,
            whole[start:end],
            [_tag(whole), (b"content-range", f"bytes {start}-{end - 1}/{len(whole)}".encode())],
        )

    def _listing(self, prefix: str) -> bytes:
        moment = self.changed.strftime("%Y-%m-%dT%H:%M:%S.000Z")
        found = "".join(
            f"<Contents><Key>{escape(key)}</Key><LastModified>{moment}</LastModified><Size>{len(data)}</Size></Contents>"
            for key, data in sorted(self.objects.items())
            if key.startswith(prefix)
        )
        return f"<ListBucketResult><IsTruncated>false</IsTruncated>{found}</ListBucketResult>".encode()


@asynccontextmanager
async def bucket() -> AsyncIterator[tuple[Bucket, str]]:
    """A bucket named `bucket`, and the address of its service."""
    found = Bucket()
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        async with answering(listening, found):
            yield found, f"http://127.0.0.1:{listening.getsockname()[1]}"


def _tag(data: bytes) -> tuple[bytes, bytes]:
    return b"etag", f'"{hashlib.md5(data, usedforsecurity=False).hexdigest()}"'.encode()
