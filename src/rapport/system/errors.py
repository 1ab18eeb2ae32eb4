"""What can go wrong with a system operation, whichever area it belongs to."""

import math
from datetime import timedelta

from rapport.base.errors import Forbidden


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
