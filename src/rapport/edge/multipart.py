"""multipart/form-data, read from the ASGI receive as it arrives: parts one after another, with constant memory.

async for part in read_parts(receive, headers, max_bytes=10_000_000):
    if part.filename is None:
        text = (await part.read(100_000)).decode()
    else:
        await files.store(part.chunks(), filename=part.filename, …)
"""

from collections import deque
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.types import Receive

from rapport.edge.body import media_type
from rapport.edge.misuse import BadRequest, BodyTooLarge, CutShort, UnsupportedBody


@dataclass(frozen=True, kw_only=True, eq=False)
class Part:
    """A field of the form. Its body is read before the next part is asked for; what is left of it is passed over."""

    name: str
    filename: str | None  # None: a field that is no file
    content_type: str | None  # as the client declared it
    _form: "_Form" = field(repr=False)

    async def chunks(self) -> AsyncGenerator[bytes, None]:
        """The body. Raises BadRequest when the request ends before it does, BodyTooLarge beyond the limit."""
        while self._form.current is self:
            event = await self._form.next()
            if isinstance(event, bytearray):
                yield bytes(event)

    async def read(self, most: int) -> bytes:
        """The whole body; raises BodyTooLarge when it has more than ``most`` bytes."""
        found = bytearray()
        async for chunk in self.chunks():
            found += chunk
            if len(found) > most:
                raise BodyTooLarge(most)
        return bytes(found)


async def read_parts(
    receive: Receive, headers: Mapping[bytes, bytes], *, max_bytes: int, max_parts: int = 30
) -> AsyncGenerator[Part, None]:
    """The parts of a form. ``max_bytes``: of the whole body.

    Raises UnsupportedBody (no multipart/form-data, compressed), BadRequest (no boundary, malformed, cut short, too many
    parts) or BodyTooLarge.
    """
    if media_type(headers) != b"multipart/form-data":
        raise UnsupportedBody("The body must be a form (Content-Type: multipart/form-data).")
    if headers.get(b"content-encoding", b"identity") not in (b"", b"identity"):
        raise UnsupportedBody("Compressed bodies are not supported.")
    announced = headers.get(b"content-length", b"0")
    if announced.isdigit() and int(announced[:20]) > max_bytes:
        raise BodyTooLarge(max_bytes)
    form = _Form(receive, headers[b"content-type"], max_bytes)
    count = 0
    while (event := await form.next()) is not None:
        if isinstance(event, Part):
            count += 1
            if count > max_parts:
                raise BadRequest(f"The form has more than {max_parts} parts.")
            yield event


class _End:
    """The end of a part."""


class _Form:
    """What the parser finds, in its order."""

    def __init__(self, receive: Receive, content_type: bytes, max_bytes: int) -> None:
        boundary = parse_options_header(content_type)[1].get(b"boundary")
        if not boundary:
            raise BadRequest("The Content-Type of the form lacks its boundary.")
        self._receive = receive
        self._left = self._max_bytes = max_bytes
        self._found: deque[Part | bytearray | _End] = deque()
        self._headers: dict[str, str] = {}
        self._header = (bytearray(), bytearray())  # the one that is being read
        self._is_over = self._has_ended = False
        self.current: Part | None = None
        try:
            self._parser = MultipartParser(
                boundary,
                {
                    "on_header_field": lambda data, start, end: self._header[0].extend(data[start:end]),
                    "on_header_value": lambda data, start, end: self._header[1].extend(data[start:end]),
                    "on_header_end": self._end_header,
                    "on_headers_finished": self._begin_part,
                    "on_part_data": self._add,
                    "on_part_end": lambda: self._found.append(_End()),
                    "on_end": self._end,
                },
            )
        except FormParserError as error:
            raise BadRequest(f"The form cannot be read: {error}.") from None

    async def next(self) -> Part | bytearray | _End | None:
        """The next part, some of its body, or its end; None at the end of the form."""
        while not self._found:
            if self._is_over:
                return None
            if self._has_ended:
                raise BadRequest("The form is cut short.")
            await self._feed()
        event = self._found.popleft()
        if not isinstance(event, bytearray):
            self.current = event if isinstance(event, Part) else None
        return event

    async def _feed(self) -> None:
        message = await self._receive()
        if message["type"] == "http.disconnect":
            raise CutShort
        body = message.get("body", b"")
        self._has_ended = not message.get("more_body", False)
        self._left -= len(body)
        if self._left < 0:
            raise BodyTooLarge(self._max_bytes)
        try:
            self._parser.write(body)
        except FormParserError as error:
            raise BadRequest(f"The form cannot be read: {error}.") from None

    def _end_header(self) -> None:
        name, value = self._header
        self._headers[name.decode("latin-1").lower()] = value.decode("utf-8", "replace")
        self._header = (bytearray(), bytearray())

    def _begin_part(self) -> None:
        headers, self._headers = self._headers, {}
        kind, options = parse_options_header(headers.get("content-disposition", "").encode("utf-8").decode("latin-1"))
        name, filename = options.get(b"name"), options.get(b"filename")
        if kind != b"form-data" or name is None:
            raise BadRequest("A part of the form lacks its name.")
        self._found.append(
            Part(
                name=name.decode("utf-8", "replace"),
                filename=None if filename is None else filename.decode("utf-8", "replace"),
                content_type=headers.get("content-type"),
                _form=self,
            )
        )

    def _add(self, data: bytes, start: int, end: int) -> None:
        if self._found and isinstance(last := self._found[-1], bytearray):
            last += data[start:end]  # what looks like a boundary comes in crumbs
        else:
            self._found.append(bytearray(data[start:end]))

    def _end(self) -> None:
        self._is_over = True
