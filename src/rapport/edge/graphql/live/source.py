"""Where the transports of subscriptions get from what they tell: the port to the hub."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from rapport.edge.caller import Caller
from rapport.edge.graphql.request import Request
from rapport.events.cursor import Cursor

# Who the caller is at this moment, with their rights of now. The same object as before when nothing has changed. Raises
# what is wrong with the token, or that it cannot be found out: whoever asks lets that through, and tells nothing more.
Recheck: TypeAlias = Callable[[], Awaitable[Caller]]


@dataclass(frozen=True, slots=True)
class Told:
    """One result of a subscription: its whole JSON, `{"data": {...}}`, and where it goes on after it.

    Without a body nothing is told, only how far everything is: to go on from there is less to read.
    """

    body: bytes
    cursor: str | None = None


class Subscriptions(Protocol):
    async def open(self, request: Request, *, after: Cursor | None, recheck: Recheck) -> AsyncGenerator[Told, None]:
        """What a subscription has to tell, from now on or from ``after`` on.

        Raises Refused or a RapportError for a document that cannot be served, before there is a generator; what is
        committed once there is one is told. One that is not asked for the next for long must not keep everything:
        beyond a bound it raises FellBehind (events/errors), which names the cursor. It is closed (``aclose``) when
        nobody listens any more; its work then ends.

        ``recheck`` is called before something is told.
        """
