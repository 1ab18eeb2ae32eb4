"""Delivers once more what was delivered or given up. The endpoint sees the same id and the same body."""

from datetime import datetime
from uuid import UUID

from rapport.jobs.queue import Jobs
from rapport.store.database import Database
from rapport.store.queries import load
from rapport.webhooks.errors import DeliveryNotFound, WebhookNotFound
from rapport.webhooks.waking import wake

_AT_ONCE = 5_000

_SQL = load("rapport.webhooks")


async def redeliver(db: Database, jobs: Jobs, *, workspace_id: UUID, delivery_id: UUID) -> None:
    """Puts a delivery back into the queue, at its old place among those of its record. One that waits need not wait.

    Raises DeliveryNotFound: there is none of this workspace, it was a test, or its webhook is deleted.
    """
    async with db.transaction() as connection:
        webhook_id = await connection.value(_SQL["lock_webhook_of"], delivery_id, workspace_id)
        if not isinstance(webhook_id, UUID):
            raise DeliveryNotFound
        await connection.execute(_SQL["redeliver"], [delivery_id])
        await wake(connection, jobs, webhook_id)


async def redeliver_since(
    db: Database, jobs: Jobs, *, workspace_id: UUID, webhook_id: UUID, since: datetime, only_dead: bool = False
) -> int:
    """Likewise for all deliveries of a webhook that were enqueued at a time or later; how many.

    Some thousands in each transaction. Raises WebhookNotFound.
    """
    count, last = 0, -1
    while True:
        async with db.transaction() as connection:
            if await connection.row(_SQL["lock_live_webhook"], webhook_id, workspace_id) is None:
                raise WebhookNotFound
            rows = await connection.rows(_SQL["ended_since"], webhook_id, since, only_dead, last, _AT_ONCE)
            if rows:
                await connection.execute(_SQL["redeliver"], [row["id"] for row in rows])
                await wake(connection, jobs, webhook_id)
        count += len(rows)
        if len(rows) < _AT_ONCE:
            return count
        last = rows[-1]["number"]
