"""The errors a caller can meet. Raised inside, turned into responses at the edge in one place."""

from collections.abc import Mapping
from typing import ClassVar


class RapportError(Exception):
    """An error occurred.

    ``code`` is the public class of the error, ``sub_code`` its stable internal name and ``status`` the HTTP status
    that REST answers with (core-api.md §5). A subclass's docstring is its message unless one is given; ``friendly`` is
    what people are shown.
    """

    code: ClassVar[str] = "INTERNAL_SERVER_ERROR"
    sub_code: str | None = None
    status: ClassVar[int] = 500
    friendly: ClassVar[str] = "An error occurred."

    def __init__(
        self,
        message: str | None = None,
        *,
        sub_code: str | None = None,
        user_message: str | None = None,
        extensions: Mapping[str, object] | None = None,
    ) -> None:
        self.message = message or (type(self).__doc__ or "").strip().splitlines()[0]
        if sub_code is not None:
            self.sub_code = sub_code
        self.user_message = user_message or self.friendly
        self.extensions = dict(extensions or {})
        super().__init__(self.message)


class BadUserInput(RapportError):
    """The input is not valid."""

    code = "BAD_USER_INPUT"
    status = 400


class InvalidValue(BadUserInput):
    """A value does not fit its field."""

    sub_code = "INVALID_ARGS_DATA"


class DuplicateEntry(BadUserInput):
    """A duplicate entry was detected"""

    sub_code = "DUPLICATE_ENTRY_DETECTED"
    status = 409


class Unauthenticated(RapportError):
    """Token invalid."""

    code = "UNAUTHENTICATED"
    sub_code = "UNAUTHENTICATED"
    status = 401


class MissingToken(Unauthenticated):
    """Missing authentication token"""


class TokenExpired(Unauthenticated):
    """Token has expired."""


class Forbidden(RapportError):
    """You do not have permission to do this."""

    code = "FORBIDDEN"
    sub_code = "FORBIDDEN_EXCEPTION"
    status = 403


class PermissionDenied(Forbidden):
    """Entity performing the request does not have permission"""

    sub_code = "PERMISSION_DENIED"
    friendly = "User does not have permission."


class NotFound(RapportError):
    """Not found"""

    code = "NOT_FOUND"
    status = 404


class RecordNotFound(NotFound):
    """Record not found"""

    sub_code = "RECORD_NOT_FOUND"


class Timeout(RapportError):
    """The request took too long and was stopped."""

    code = "TIMEOUT"
    sub_code = "QUERY_READ_TIMEOUT"
    status = 504


class Busy(RapportError):
    """Too much of this is under way already. Please try again in a moment."""

    code = "RATE_LIMIT_EXCEEDED"
    sub_code = "LIMIT_REACHED"
    status = 429

    def __init__(self, message: str | None = None, *, user_message: str | None = None, retry_after: int = 10) -> None:
        """``retry_after`` in seconds."""
        super().__init__(message, user_message=user_message, extensions={"retryAfter": retry_after})
        self.retry_after = retry_after


class Unavailable(RapportError):
    """The database cannot be reached."""

    status = 503


class ConfigurationError(RapportError):
    """The server cannot start with these settings."""
