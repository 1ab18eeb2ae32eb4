"""What can go wrong with event streams."""

from rapport.base.errors import BadUserInput, Busy, Forbidden, InvalidValue, NotFound


class NotYourStream(Forbidden):
    """The event stream belongs to somebody else."""

    sub_code = "EVENT_STREAM_NOT_OWNED"


class TooManyStreams(Busy):
    """There are too many open event streams of this caller."""


class TooManyQueries(BadUserInput):
    """There are too many queries on the event stream."""

    sub_code = "TOO_MANY_STREAM_QUERIES"


class StreamExpired(NotFound):
    """The event stream has expired. Open it again, and add its queries."""

    sub_code = "EVENT_STREAM_EXPIRED"


class InvalidSignature(BadUserInput):
    """The operation signature is an object with the objectNameSingular and the variables of a query."""

    sub_code = "INVALID_OPERATION_SIGNATURE"


class InvalidStreamId(InvalidValue):
    """The ids of event streams and of their queries have 1 to 200 characters."""
