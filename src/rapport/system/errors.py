"""What can go wrong with a system operation, whichever area it belongs to."""

import math
from datetime import timedelta

from rapport.base.errors import BadUserInput, Forbidden


class TooDeep(BadUserInput):
    """Query complexity is too high. The selection goes through too many relations."""

    sub_code = "TOO_COMPLEX_QUERY"


class InvalidComparison(BadUserInput):
    """An id is null or not null, it is not true or false."""

    sub_code = "INVALID_FILTER"


class InvalidPaging(BadUserInput):
    """The page that is asked for makes no sense."""

    sub_code = "INVALID_PAGING"


class InvalidSorting(BadUserInput):
    """Nothing can be sorted like this."""

    sub_code = "INVALID_SORTING"


class TooManyAttempts(Forbidden):
    """Too many attempts."""

    sub_code = "TOO_MANY_ATTEMPTS"

    def __init__(self, wait: timedelta) -> None:
        self.wait = wait
        seconds = max(1, math.ceil(wait.total_seconds()))
        message = f"Too many attempts. Please try again in {_shown(seconds)}."
        super().__init__(message, user_message=message, extensions={"retryAfter": seconds})


def _shown(seconds: int) -> str:
    """`90` → `2 minutes`"""
    if seconds < 60:
        return f"{seconds} second{'s' if seconds > 1 else ''}"
    minutes = math.ceil(seconds / 60)
    return f"{minutes} minute{'s' if minutes > 1 else ''}"
