"""What a system operation is given: who calls, from where and with what. Its services are bound when it is made."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from rapport.access.principal import Principal

# Names of the fields that are asked for, each with those asked for in it: {"role": {"label": {}}}. Aliases and
# arguments are not in it.
Fields: TypeAlias = Mapping[str, "Fields"]


@dataclass(frozen=True, kw_only=True)
class RequestContext:
    """The caller of one request."""

    principal: Principal | None  # None: nobody signed in
    token: str | None = None  # the bearer as it was sent, valid or not
    address: str | None = None  # the caller's network address
    origin: str | None = None  # the web page that asks (`https://acme.crm.example.com`), as the browser says
    host: str | None = None  # the host that was asked, with its port
    fields: Fields = field(default_factory=dict)  # of the operation's result


@dataclass(frozen=True, slots=True)
class Plain:
    """A result that is JSON already, with the names and kinds of the SDL, and is not looked at value by value.

    For long results: everything that the SDL requires is there, UUIDs and moments are texts.
    """

    value: object


# The arguments arrive as the SDL names them, absent ones left out, defaults filled in.
Resolver: TypeAlias = Callable[[RequestContext, Mapping[str, object]], Awaitable[object]]
