"""What can be wrong with an HTTP request before anybody looks at what it asks for."""

from collections.abc import Iterable

from rapport.base.errors import BadUserInput, Busy, RapportError, Unauthenticated
from rapport.edge.traffic.errors import RateLimitExceeded


class BadRequest(BadUserInput):
    """The HTTP request cannot be understood."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message, user_message=message)


class CutShort(BadRequest):
    """The request ended before its body did."""

    sub_code = "REQUEST_CUT_SHORT"  # whoever sends it again sends another one


class BodyTooLarge(BadRequest):
    """The body is too large."""

    status = 413

    def __init__(self, limit: int) -> None:
        super().__init__(f"The body is larger than {limit} bytes.")


class UnsupportedBody(BadRequest):
    """The body is of a kind that is not supported."""

    status = 415


class MethodNotAllowed(RapportError):
    """The method is not allowed here."""

    code = "METHOD_NOT_ALLOWED"
    status = 405

    def __init__(self, allowed: Iterable[str], message: str | None = None) -> None:
        """``allowed``: the methods that are."""
        super().__init__(message, user_message=message)
        self.allowed = tuple(allowed)


def refusal_headers(error: Exception) -> tuple[tuple[bytes, bytes], ...]:
    """The headers that HTTP demands of the answer to a request that failed so."""
    if isinstance(error, MethodNotAllowed):
        return ((b"allow", ", ".join(error.allowed).encode()),)
    if isinstance(error, Unauthenticated):
        return ((b"www-authenticate", b"Bearer"),)
    if isinstance(error, RateLimitExceeded):
        return (*error.marks, (b"retry-after", str(error.retry_after).encode()))
    if isinstance(error, Busy):
        return ((b"retry-after", str(error.retry_after).encode()),)
    return ()
