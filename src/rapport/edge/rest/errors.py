"""What can be wrong with a REST request, and how an operation says that it failed."""

from collections.abc import Mapping, Sequence

from rapport.base.errors import NotFound
from rapport.edge.misuse import BadRequest

_SHOWN = 80  # characters of what the client sent


class NoSuchPath(NotFound):
    """There is nothing at this address."""


class InvalidId(BadRequest):
    """The id is not a valid UUID."""

    def __init__(self, value: str) -> None:
        super().__init__(f"'{value[:_SHOWN]}' is not a valid UUID")


class InvalidLimit(BadRequest):
    """The limit is not a whole number."""

    def __init__(self, value: str) -> None:
        super().__init__(f"limit '{value[:_SHOWN]}' is invalid. Should be an integer")


class RepeatedParameter(BadRequest):
    """A parameter is given more than once."""

    def __init__(self, name: str) -> None:
        super().__init__(f"'{name}' is given more than once")


class OperationFailed(Exception):
    """An operation failed. ``errors``: those of its GraphQL answer, at least one."""

    def __init__(self, errors: Sequence[Mapping[str, object]]) -> None:
        super().__init__(str(errors[0].get("message")))
        self.errors = tuple(errors)
