"""What can go wrong with a request, one class for each case that a caller may want to catch."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from rapport.client.call import Reply


class RapportError(Exception):
    """The server refused a request.

    ``status`` is that of HTTP, also for errors inside an answer of GraphQL, and 0 where there was no answer. ``code``
    is the stable name of what happened, ``details`` what the server adds to it, and ``messages`` all that is wrong.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int = 0,
        code: str = "",
        details: Mapping[str, object] | None = None,
        messages: Sequence[str] = (),
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.code = code
        self.details = dict(details or {})
        self.messages = tuple(messages) or (message,)


class InvalidInput(RapportError):
    """A value, a parameter or the request itself is not as it must be."""


class Unauthenticated(RapportError):
    """There is no key, or it is no good."""


class Forbidden(RapportError):
    """The role of the key does not allow it."""


class NotFound(RapportError):
    """There is no such record, object or address."""


class Gone(RapportError):
    """It is there no more: of a cursor, what happened behind it has been dropped since."""


class Conflict(RapportError):
    """A value that must be unique is in use, or what was to be changed has changed."""


class RateLimited(RapportError):
    """Too many requests. ``retry_after`` are the seconds to wait, where the server says."""

    retry_after: float | None = None


class ServerError(RapportError):
    """The server could not answer, which is no fault of the request."""


class ConnectionFailed(RapportError):
    """There was no answer, or only a part of it."""


_BY_STATUS: dict[int, type[RapportError]] = {
    400: InvalidInput,
    401: Unauthenticated,
    403: Forbidden,
    404: NotFound,
    409: Conflict,
    410: Gone,
    412: Conflict,
    413: InvalidInput,
    415: InvalidInput,
    422: InvalidInput,
    429: RateLimited,
}
_BY_CODE = {
    "BAD_USER_INPUT": 400,
    "GRAPHQL_PARSE_FAILED": 400,
    "GRAPHQL_VALIDATION_FAILED": 400,
    "UNAUTHENTICATED": 401,
    "FORBIDDEN": 403,
    "NOT_FOUND": 404,
    "CONFLICT": 409,
    "EVENT_CURSOR_EXPIRED": 410,
    "RATE_LIMIT_EXCEEDED": 429,
}
_SHOWN = 200  # characters of an answer that is nothing we know


def error_of(reply: Reply) -> RapportError:
    """The error that an answer with a status of 400 or more stands for, in whichever shape the server has it."""
    body = _object(reply.body)
    if isinstance(errors := body.get("errors"), list) and errors:
        return error_of_graphql(errors, reply)
    inner = body.get("error")
    nested = inner if isinstance(inner, dict) else {}
    messages = [each for each in _items(body.get("messages")) if isinstance(each, str)]
    message = nested.get("message") or (messages[0] if messages else None) or body.get("message")
    details = nested.get("details")
    return _error(
        reply,
        status=reply.status,
        message=message if isinstance(message, str) else _shown(reply),
        code=nested.get("code") or body.get("code"),
        details=details if isinstance(details, dict) else {},
        messages=messages,
    )


def error_of_graphql(errors: Sequence[object], reply: Reply) -> RapportError:
    """The first of the errors of a document; the messages of the others are in ``messages``."""
    shaped = [each for each in errors if isinstance(each, dict)] or [{}]
    extensions = shaped[0].get("extensions")
    details = dict(extensions) if isinstance(extensions, dict) else {}
    code, status = details.pop("code", None), details.pop("statusCode", None)
    if not isinstance(status, int):
        status = _BY_CODE.get(code, reply.status) if isinstance(code, str) else reply.status
    messages = [str(each.get("message")) for each in shaped]
    if path := shaped[0].get("path"):
        details["path"] = path
    return _error(reply, status=status, message=messages[0], code=code, details=details, messages=messages)


def retry_after(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """The seconds that the server asks to wait, which it gives as a number or as a time.

    >>> retry_after({"retry-after": "7"})
    7.0
    >>> retry_after({"retry-after": "Wed, 21 Oct 2026 07:28:30 GMT"}, datetime(2026, 10, 21, 7, 28, tzinfo=UTC))
    30.0
    """
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return float(value[:9])
    try:
        at = parsedate_to_datetime(value)
    except (ValueError, IndexError):
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return max((at - (now or datetime.now(UTC))).total_seconds(), 0.0)


def unreadable(reply: Reply) -> ServerError:
    """An answer that says that all is well and is not what was asked for: something else stands at this address."""
    return ServerError(f"The answer is not one of Rapport: {_shown(reply)}", status=reply.status)


def _error(
    reply: Reply, *, status: int, message: str, code: object, details: Mapping[str, object], messages: Sequence[str]
) -> RapportError:
    kind = _BY_STATUS.get(status, ServerError if status >= 500 else RapportError)
    error = kind(message, status=status, code=str(code or ""), details=details, messages=messages)
    if isinstance(error, RateLimited):
        error.retry_after = retry_after(reply.headers)
    return error


def _object(body: bytes) -> dict[str, object]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _items(value: object) -> Sequence[object]:
    return value if isinstance(value, list) else [value]


def _shown(reply: Reply) -> str:
    text = reply.body.decode("utf-8", "replace").strip()
    return f"status {reply.status}: {text[:_SHOWN]}" if text else f"status {reply.status}"
