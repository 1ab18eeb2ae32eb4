"""A whole response, and how it is sent: the headers that all answers of the APIs have."""

from collections.abc import AsyncGenerator
from contextlib import aclosing, suppress
from dataclasses import dataclass

from starlette.types import Receive, Send

from rapport.edge.hanging_up import ClientGone, unless_gone

JSON = b"application/json; charset=utf-8"

ALLOW_ORIGIN = (b"access-control-allow-origin", b"*")  # traffic.cors makes it narrower
EXPOSED = (
    b"access-control-expose-headers",
    b", ".join((
        b"content-disposition", b"content-range", b"etag", b"idempotency-replayed", b"location", b"retry-after",
        b"x-ratelimit-limit", b"x-ratelimit-remaining", b"x-ratelimit-reset",
    )),
)  # fmt: skip
_COMMON = ((b"x-content-type-options", b"nosniff"), (b"cache-control", b"no-store"), ALLOW_ORIGIN)
_CORS_PREFLIGHT = (
    (b"access-control-allow-methods", b"GET,HEAD,PUT,PATCH,POST,DELETE"),
    (
        b"access-control-allow-headers",
        b", ".join((
            b"authorization", b"content-type", b"idempotency-key", b"if-match", b"if-modified-since", b"if-none-match",
            b"if-range", b"if-unmodified-since", b"last-event-id", b"range", b"x-locale", b"x-rapport-cost",
            b"x-schema-version",
        )),
    ),
    (b"access-control-max-age", b"86400"),
)  # fmt: skip


@dataclass(slots=True, kw_only=True)  # as Caller: nobody changes one
class Answer:
    """``body`` is JSON unless ``media_type`` says otherwise. ``headers`` are those of this answer alone.

    With a ``stream``, its parts are sent in place of the body, as one asks for the next; ``length`` is their size in
    bytes where it is known. What the stream holds is let go when it is closed, also when the client hangs up.
    """

    body: bytes = b""
    status: int = 200
    headers: tuple[tuple[bytes, bytes], ...] = ()
    media_type: bytes = JSON
    stream: AsyncGenerator[bytes, None] | None = None
    length: int | None = None


PREFLIGHT = Answer(status=204, headers=_CORS_PREFLIGHT)  # to OPTIONS: every page may ask, with its token


async def respond(
    send: Send,
    answer: Answer,
    *,
    marks: tuple[tuple[bytes, bytes], ...] = (),
    receive: Receive | None = None,
    is_head: bool = False,
) -> None:
    """Sends the answer. To HEAD no part of a stream; of a body, the server in front drops it.

    ``marks`` are headers that belong to the request. ``receive`` tells when somebody hangs up to whom a stream is sent.
    What goes wrong in a stream is raised, so that the server in front breaks the connection: nobody takes a part for
    the whole.
    """
    headers = [*_COMMON, *marks]
    if answer.headers:
        own = {name for name, _ in answer.headers}
        headers = [each for each in headers if each[0] not in own] + list(answer.headers)
    length = len(answer.body) if answer.stream is None else answer.length
    if length is not None and answer.status != 304:  # there it would be the length of the answer that is not sent
        headers.append((b"content-length", str(length).encode()))
    if answer.body or answer.stream is not None:
        headers.append((b"content-type", answer.media_type))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    if answer.stream is None:
        await send({"type": "http.response.body", "body": answer.body})
        return
    sending = _send_parts(send, answer.stream, is_head=is_head)
    if receive is None:
        await sending
        return
    with suppress(ClientGone):
        await unless_gone(receive, sending)


async def _send_parts(send: Send, stream: AsyncGenerator[bytes, None], *, is_head: bool) -> None:
    async with aclosing(stream) as parts:
        if not is_head:
            async for part in parts:
                await send({"type": "http.response.body", "body": part, "more_body": True})
    await send({"type": "http.response.body", "body": b""})
