"""What can be wrong with a REST request, and how an operation says that it failed."""

from collections.abc import Mapping, Sequence

from rapport.base.errors import NotFound
from rapport.edge.misuse import BadRequest

_SHOWN = 80  # characters of what the client sent
_LONGEST_PATH = 200
# First words of paths that do not lead to records. An object with such a name goes before its routes' absence.
RESERVED = frozenset({
    "batch", "restore", "metadata", "open-api", "files", "webhooks", "api", "agent-chat", "duplicates", "groupBy",
    "merge", "imports", "events",
})  # fmt: skip


class NoSuchPath(NotFound):
    """There is nothing at this address."""


class InvalidPath(BadRequest):
    """The path has too many parts for records."""

    def __init__(self, path: str) -> None:
        shown = path if len(path) <= _LONGEST_PATH else path[:_LONGEST_PATH] + "…"
        super().__init__(
            f"Query path '{shown}' invalid. Valid examples: /rest/companies/id or /rest/companies or"
            " /rest/batch/companies"
        )


class InvalidId(BadRequest):
    """The id is not a valid UUID."""

    def __init__(self, value: str) -> None:
        super().__init__(f"'{value[:_SHOWN]}' is not a valid UUID")


class InvalidLimit(BadRequest):
    """The limit is not a whole number."""

    def __init__(self, value: str, name: str = "limit") -> None:
        super().__init__(f"{name} '{value[:_SHOWN]}' is invalid. Should be an integer")


class RepeatedParameter(BadRequest):
    """A parameter is given more than once."""

    def __init__(self, name: str) -> None:
        super().__init__(f"'{name}' is given more than once")


class OperationFailed(Exception):
    """An operation failed. ``errors``: those of its GraphQL answer, at least one."""

    def __init__(self, errors: Sequence[Mapping[str, object]]) -> None:
        super().__init__(str(errors[0].get("message")))
        self.errors = tuple(errors)
