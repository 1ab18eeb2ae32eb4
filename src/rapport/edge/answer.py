"""A whole response, and how it is sent: the headers that all answers of the APIs have."""

from dataclasses import dataclass

from starlette.types import Send

_JSON = (b"content-type", b"application/json; charset=utf-8")
_SECURITY = ((b"x-content-type-options", b"nosniff"), (b"cache-control", b"no-store"))
_CORS = ((b"access-control-allow-origin", b"*"),)
_CORS_PREFLIGHT = (
    (b"access-control-allow-methods", b"GET,HEAD,PUT,PATCH,POST,DELETE"),
    (b"access-control-allow-headers", b"authorization, content-type, x-locale, x-rapport-cost, x-schema-version"),
    (b"access-control-max-age", b"86400"),
)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """``body`` is JSON, or empty. ``headers`` are those of this answer alone."""

    body: bytes
    status: int = 200
    headers: tuple[tuple[bytes, bytes], ...] = ()


PREFLIGHT = Answer(body=b"", status=204, headers=_CORS_PREFLIGHT)  # to OPTIONS: every page may ask, with its token


async def respond(send: Send, answer: Answer) -> None:
    headers = [(b"content-length", str(len(answer.body)).encode()), *_SECURITY, *_CORS, *answer.headers]
    if answer.body:
        headers.append(_JSON)
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})
