"""Arguments that clients spell in more than one way: `renewToken(appToken)` and `renewToken(input: {refreshToken})`."""

from collections.abc import Mapping
from typing import TypeVar

from rapport.base.errors import BadUserInput

T = TypeVar("T")


def one_spelling(values: Mapping[str, T | None]) -> T:
    """The value under whichever name it was given; BadUserInput when there is none, or two that differ.

    >>> one_spelling({"id": None, "input.id": 7})
    7
    """
    given = [value for value in values.values() if value is not None]
    names = " or ".join(f'"{name}"' for name in values)
    if not given:
        raise BadUserInput(f"{names} is required", sub_code="INVALID_ARGS_DATA")
    if any(value != given[0] for value in given):
        raise BadUserInput(f"Only one of {names} may be given", sub_code="ARGS_CONFLICT")
    return given[0]


def part(arguments: Mapping[str, object], group: str) -> Mapping[str, object]:
    """The input object under a name, empty when it is absent."""
    value = arguments.get(group)
    return value if isinstance(value, Mapping) else {}


def text(arguments: Mapping[str, object], name: str) -> str | None:
    """A String argument, None when it is absent or null."""
    value = arguments.get(name)
    return value if isinstance(value, str) else None
