"""What a caller is told who asks too much."""

from rapport.base.errors import Busy

Headers = tuple[tuple[bytes, bytes], ...]


class RateLimitExceeded(Busy):
    """Rate limit exceeded. Please try again later."""

    def __init__(self, *, retry_after: int, marks: Headers) -> None:
        """``retry_after`` in seconds; ``marks`` are the headers that say what the limit is."""
        super().__init__(user_message="Rate limit exceeded. Please try again later.", retry_after=retry_after)
        self.marks = marks
