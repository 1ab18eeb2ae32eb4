"""What can go wrong with reading events."""

from rapport.base.errors import BadUserInput, Busy, NotFound, RapportError


class InvalidEventCursor(BadUserInput):
    """The event cursor is not one that this server gave."""

    sub_code = "INVALID_EVENT_CURSOR"


class EventsDropped(RapportError):
    """Events after this cursor have been dropped: they were older than events are kept. Take a new snapshot."""

    code = "EVENT_CURSOR_EXPIRED"
    status = 410


class FellBehind(Busy):
    """Too much has happened that was not taken off in time. Go on from the cursor."""

    sub_code = "SUBSCRIPTION_FELL_BEHIND"

    def __init__(self, cursor: str) -> None:
        """``cursor``: of what was taken off last."""
        super().__init__(f"Too much has happened that was not taken off in time. Go on from the cursor {cursor}")
        self.extensions["cursor"] = self.cursor = cursor


class Outdated(Exception):
    """What a follower is told was made for a state of things that is no more. It is to be made anew."""

    def __init__(self, cursor: str | None) -> None:
        """``cursor``: up to which everything was told; None: that of what was taken off last."""
        super().__init__(cursor)
        self.cursor = cursor


class LogGone(NotFound):
    """The workspace is no more."""
