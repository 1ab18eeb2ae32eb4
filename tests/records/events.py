"""The event log of a workspace, as tests read it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from tests.serving import Client


@dataclass(frozen=True, kw_only=True)
class Event:
    """One row of the log; ``before`` and ``after`` are the record's columns."""

    action: str
    kind: str  # the object: `person`
    record_id: str
    updated_fields: tuple[str, ...] | None
    before: Mapping[str, object] | None
    after: Mapping[str, object] | None
    actor: Mapping[str, object]


async def events(client: Client, *, object_name: str | None = None) -> list[Event]:
    """All events of the client's workspace, oldest first; of one object if it is named."""
    rows = await client.database.rows(
        f'select action, object, "recordId", "updatedFields", before, after, actor from "{client.tenant.schema}".event '
        "where $1::text is null or object = $1 order by seq",
        object_name,
    )
    return [
        Event(
            action=row["action"],
            kind=row["object"],
            record_id=str(row["recordId"]),
            updated_fields=None if row["updatedFields"] is None else tuple(row["updatedFields"]),
            before=_json(row["before"]),
            after=_json(row["after"]),
            actor=_json(row["actor"]) or {},
        )
        for row in rows
    ]


async def forget_events(client: Client) -> None:
    """Empties the log, so that a test sees only what it does itself."""
    await client.database.execute(f'delete from "{client.tenant.schema}".event')


def _json(text: str | None) -> Mapping[str, object] | None:
    found: Mapping[str, object] | None = None if text is None else json.loads(text)
    return found
