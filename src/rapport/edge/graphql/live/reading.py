"""Reads what events have kept, and tells apart those that cannot be read any more."""

from collections.abc import Mapping, Sequence

import asyncpg

from rapport.base.errors import RapportError
from rapport.edge.graphql.subscribing import SEQS
from rapport.engine.statement import Statement
from rapport.events.log import Event
from rapport.store.database import Database


class UnreadableEvent(RapportError):
    """What happened cannot be shown any more: the data model is another since then."""

    code = "UNREADABLE_EVENT"
    status = 410


async def records_of(
    database: Database, statement: Statement, values: Mapping[str, object], events: Sequence[Event]
) -> Mapping[int, bytes | None]:
    """The JSON of records by the numbers of their events: one statement. None for those that cannot be read; there is
    nothing for those that there are not for the caller."""
    bound = statement.bind({**values, SEQS: [event.seq for event in events]})
    try:
        rows = await database.rows(statement.sql, *bound)
    except asyncpg.DataError:
        if len(events) == 1:
            return {events[0].seq: None}
        middle = len(events) // 2
        return {
            **await records_of(database, statement, values, events[:middle]),
            **await records_of(database, statement, values, events[middle:]),
        }
    return {row["seq"]: row["record"] for row in rows}
