"""What can go wrong with reading events."""

from rapport.base.errors import BadUserInput, RapportError


class InvalidEventCursor(BadUserInput):
    """The event cursor is not one that this server gave."""

    sub_code = "INVALID_EVENT_CURSOR"


class EventsDropped(RapportError):
    """Events after this cursor have been dropped: they were older than events are kept. Take a new snapshot."""

    code = "EVENT_CURSOR_EXPIRED"
    status = 410
