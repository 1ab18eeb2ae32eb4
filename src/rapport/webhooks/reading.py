"""The reader that turns events into deliveries, and has them delivered."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from rapport.base.ids import new_id
from rapport.events.log import Event
from rapport.events.readers import Log
from rapport.jobs.queue import Jobs
from rapport.store.database import Connection
from rapport.store.queries import load
from rapport.webhooks.bodies import Bodies, Body
from rapport.webhooks.operations import UPSERTED, operations_for
from rapport.webhooks.waking import wake

_ROWS_AT_ONCE, _BYTES_AT_ONCE = 1_000, 8_000_000  # of a statement, unless one row is larger

_SQL = load("rapport.webhooks")


@dataclass(frozen=True, kw_only=True)
class _Webhook:
    """One that is told of events."""

    id: UUID
    target: str
    operations: frozenset[str]
    created_at: datetime
    pause: timedelta | None  # how long it lasts from now


class WebhookReader:
    """Deliveries are enqueued in the order of the events, and in the transaction in which the cursor moves on."""

    name = "webhooks"
    pause_seconds = 0.1

    def __init__(self, bodies: Bodies) -> None:
        self._bodies = bodies
        self._jobs = Jobs()

    async def passes_over(self, connection: Connection, log: Log) -> bool:
        """Most workspaces have no webhooks."""
        return not await connection.value(_SQL["has_listening"], log.workspace_id)

    async def read(self, connection: Connection, log: Log, events: Sequence[Event]) -> None:
        rows = await connection.rows(_SQL["listening_webhooks"], log.workspace_id)
        webhooks = [
            _Webhook(
                id=row["id"],
                target=row["targetUrl"],
                operations=frozenset(row["operations"]),
                created_at=row["createdAt"],
                pause=row["pause"],
            )
            for row in rows
        ]
        wanted = {event.seq: found for event in events if (found := tuple(_who_wants(event, webhooks)))}
        told = [event for event in events if event.seq in wanted]
        woken: dict[UUID, timedelta | None] = {}
        async for bodies in self._bodies.of(connection, log, told):
            await self._enqueue(connection, log.workspace_id, bodies, wanted)
            for body in bodies:
                woken.update((webhook.id, webhook.pause) for webhook, _ in wanted[body.event.seq])
        for webhook_id, pause in sorted(woken.items()):
            await wake(connection, self._jobs, webhook_id, run_after=pause)

    async def _enqueue(
        self, connection: Connection, workspace_id: UUID, bodies: Sequence[Body], wanted: "Wanted"
    ) -> None:
        for some in _statements(bodies, wanted):
            await connection.execute(
                _SQL["enqueue_deliveries"],
                workspace_id,
                [new_id() for _ in some],
                [row.webhook.id for row in some],
                [row.body.event.id for row in some],
                [row.body.event.record_id for row in some],
                [row.name for row in some],
                [row.text for row in some],
                [row.body.problem for row in some],
            )


Wanted = dict[int, tuple[tuple[_Webhook, str], ...]]  # by the number of the event: who, and what it is called for them


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    webhook: _Webhook
    name: str
    body: Body
    text: str


def _statements(bodies: Sequence[Body], wanted: Wanted) -> Iterator[list[_Row]]:
    """The rows of one statement after the other: no more are in memory."""
    rows: list[_Row] = []
    size = 0
    for body in bodies:
        for webhook, name in wanted[body.event.seq]:
            if rows and (len(rows) == _ROWS_AT_ONCE or size + body.size > _BYTES_AT_ONCE):
                yield rows
                rows, size = [], 0
            text = body.for_webhook(webhook.id, webhook.target, name)
            rows.append(_Row(webhook=webhook, name=name, body=body, text=text))
            size += body.size
    if rows:
        yield rows


def _who_wants(event: Event, webhooks: Sequence[_Webhook]) -> Iterator[tuple[_Webhook, str]]:
    """What an upsert did is told once: as what it did, or as `upserted` to who asks for that only."""
    actions = (event.action, UPSERTED) if event.is_upsert else (event.action,)
    ways = [(f"{event.object}.{action}", operations_for(event.object, action)) for action in actions]
    for webhook in webhooks:
        if webhook.created_at > event.happened_at:
            continue
        names = (name for name, operations in ways if not webhook.operations.isdisjoint(operations))
        if name := next(names, None):
            yield webhook, name
