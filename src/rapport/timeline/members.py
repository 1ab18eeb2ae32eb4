"""The members who did what events tell of."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import orjson

from rapport.events.log import Event
from rapport.store.database import Connection


@dataclass(frozen=True, slots=True)
class Members:
    """By the text of an event's actor. API keys and the server itself are no members."""

    by_actor: Mapping[str | None, UUID | None]

    @classmethod
    async def of(cls, connection: Connection, hold: str, events: Sequence[Event]) -> "Members":
        """``hold`` is the statement that finds those who are still there, and holds them."""
        named = {actor: _member(actor) for actor in {event.actor for event in events}}
        ids = sorted({member for member in named.values() if member is not None})
        there = {row["id"] for row in await connection.rows(hold, ids)} if ids else set()
        return cls({actor: member if member in there else None for actor, member in named.items()})

    def who(self, event: Event) -> UUID | None:
        return self.by_actor[event.actor]


def _member(actor: str | None) -> UUID | None:
    found = orjson.loads(actor).get("workspaceMemberId") if actor is not None else None
    return UUID(found) if isinstance(found, str) else None
