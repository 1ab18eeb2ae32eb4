"""What a system operation is given: who calls and with what. Its services are bound when its area is installed."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from rapport.access.principal import Principal


@dataclass(frozen=True, kw_only=True)
class RequestContext:
    """The caller of one request."""

    principal: Principal | None  # None: nobody signed in
    token: str | None = None  # the bearer as it was sent, valid or not


@dataclass(frozen=True, slots=True)
class Plain:
    """A result that is JSON already, with the names and kinds of the SDL, and is not looked at value by value.

    For long results: everything that the SDL requires is there, UUIDs and moments are texts.
    """

    value: object


# The arguments arrive as the SDL names them, absent ones left out, defaults filled in.
Resolver: TypeAlias = Callable[[RequestContext, Mapping[str, object]], Awaitable[object]]
