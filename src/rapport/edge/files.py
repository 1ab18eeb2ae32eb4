"""Files over HTTP: the answer with the bytes of one, and the address of signed links, `/files/…`."""

import re
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from urllib.parse import unquote

from starlette.types import Receive, Scope, Send

from rapport.edge.answer import PREFLIGHT, Answer, respond
from rapport.edge.misuse import MethodNotAllowed
from rapport.edge.rest.shapes import ErrorShape
from rapport.files.links import FileLinks
from rapport.files.names import disposition
from rapport.files.service import File, FileService, Opened
from rapport.files.types import is_shown, served_as

# A file is shown on a page of its own, which may load, run and send nothing. Browsers draw films and pictures as
# elements of such a page, and their viewers of PDF refuse to work in a sandbox; a PDF cannot become a page of ours.
_POLICY = b"sandbox; default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'"
_PDF_POLICY = b"default-src 'none'; object-src 'self'; style-src 'unsafe-inline'"
_RANGE = re.compile(rb"bytes=[ \t]*(\d{0,19})-(\d{0,19})[ \t]*")
_KEPT = b"private, max-age=86400, immutable"  # what is at a path never changes


class FilesEndpoint:
    """The ASGI callable of `/files/{folder…}/{token}/{name}`: a link opens one file, without a bearer."""

    def __init__(self, files: FileService, links: FileLinks, *, error_shape: ErrorShape) -> None:
        self._files = files
        self._links = links
        self._error_shape = error_shape

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            answer = await self._handle(scope)
        except Exception as error:  # noqa: BLE001  # the edge, as for REST
            answer = self._error_shape.answer(error)
        await respond(send, answer, receive=receive, is_head=scope["method"] == "HEAD")

    async def _handle(self, scope: Scope) -> Answer:
        if scope["method"] == "OPTIONS":
            return PREFLIGHT
        if scope["method"] not in ("GET", "HEAD"):
            raise MethodNotAllowed(("GET", "HEAD", "OPTIONS"))
        path = scope["raw_path"].partition(b"?")[0].decode("latin-1").removeprefix("/files/")
        linked = self._links.read(unquote(path))
        opened = await self._files.open_path(linked.workspace_id, linked.path)
        return await file_answer(opened, dict(scope["headers"]), caching=_KEPT)


async def file_answer(
    opened: Opened, headers: Mapping[bytes, bytes], *, caching: bytes = b"private, no-cache"
) -> Answer:
    """The file, or the part of it that a request with these headers wants, or that it has it already.

    Raises FileNotFound when the bytes are not there.
    """
    file = opened.file
    tag, changed = f'"{file.checksum}"'.encode(), file.created_at.astimezone(UTC).replace(microsecond=0)
    common: tuple[tuple[bytes, bytes], ...] = (
        (b"etag", tag),
        (b"last-modified", format_datetime(changed, usegmt=True).encode()),
        (b"cache-control", caching),
        (b"accept-ranges", b"bytes"),
    )
    if _has_it(headers, tag):
        return Answer(status=304, headers=common)
    start, end, status = 0, file.size, 200
    if b"range" in headers and _is_current(headers.get(b"if-range"), tag, changed):
        wanted = _range(headers[b"range"], file.size)
        if wanted is not None:
            (start, end), status = wanted, 206
            if start >= end:
                return Answer(status=416, headers=(*common, (b"content-range", f"bytes */{file.size}".encode())))
            common += ((b"content-range", f"bytes {start}-{end - 1}/{file.size}".encode()),)
    return Answer(
        status=status,
        headers=(*common, *_safety(file)),
        media_type=served_as(file.mime_type).encode(),
        stream=await _begun(opened.parts(start, end)),
        length=end - start,
    )


def _safety(file: File) -> tuple[tuple[bytes, bytes], ...]:
    kind = "inline" if is_shown(file.mime_type) else "attachment"
    return (
        (b"content-disposition", disposition(kind, file.name)),
        (b"content-security-policy", _PDF_POLICY if file.mime_type == "application/pdf" else _POLICY),
        (
            b"cross-origin-resource-policy",
            b"cross-origin",
        ),  # the pages of other sites may show pictures, as they may ask
    )


async def _begun(parts: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
    """The parts, with the first one fetched already: what is wrong with it can still be told."""
    first = await anext(parts, b"")
    return _continued(first, parts)


async def _continued(first: bytes, parts: AsyncGenerator[bytes, None]) -> AsyncGenerator[bytes, None]:
    async with aclosing(parts):
        yield first
        async for part in parts:
            yield part


def _has_it(headers: Mapping[bytes, bytes], tag: bytes) -> bool:
    known = headers.get(b"if-none-match")
    if known is None:
        return False
    return known.strip() == b"*" or tag in (each.strip().removeprefix(b"W/") for each in known.split(b","))


def _is_current(condition: bytes | None, tag: bytes, changed: datetime) -> bool:
    """Whether the part that a client has, of which If-Range tells, is one of this file."""
    if condition is None or condition.strip() == tag:
        return True
    try:
        return parsedate_to_datetime(condition.decode("latin-1")) == changed
    except (ValueError, TypeError, OverflowError):  # the last for years and hours of twenty digits
        return False


def _range(value: bytes, size: int) -> tuple[int, int] | None:
    """From where to before where; empty when that is outside of the file, None for what is to be ignored.

    >>> _range(b"bytes=0-9", 100), _range(b"bytes=-10", 100), _range(b"bytes=200-", 100), _range(b"bytes=0-1,4-5", 100)
    ((0, 10), (90, 100), (0, 0), None)
    """
    found = _RANGE.fullmatch(value.strip().lower())
    if found is None or not (found[1] or found[2]):
        return None  # several ranges, too: the whole file is a right answer
    if not found[1]:
        return max(size - int(found[2]), 0), size if int(found[2]) else 0
    start, end = int(found[1]), int(found[2]) + 1 if found[2] else size
    if end <= start and found[2]:
        return None
    return (start, min(end, size)) if start < size else (0, 0)
