"""A delivery to try an endpoint with: sent at once, whatever state the webhook is in, and never again."""

from datetime import UTC, datetime
from uuid import UUID

import orjson

from rapport.base.ids import new_id
from rapport.outgoing.client import Outgoing
from rapport.store.database import Database
from rapport.store.queries import load
from rapport.webhooks.bodies import moment
from rapport.webhooks.delivering import endpoint_of
from rapport.webhooks.errors import WebhookNotFound
from rapport.webhooks.noting import Result, note
from rapport.webhooks.secrets import WebhookVault
from rapport.webhooks.sending import send

EVENT_NAME = "webhook.test"

_SQL = load("rapport.webhooks")


async def send_test(
    db: Database, outgoing: Outgoing, vault: WebhookVault, *, workspace_id: UUID, webhook_id: UUID
) -> UUID:
    """The id of the delivery, whose only attempt says what was answered.

    Raises WebhookNotFound, and CannotOpen for a secret that was sealed with another app secret.
    """
    row = await db.row(_SQL["webhook_to_test"], webhook_id, workspace_id)
    if row is None:
        raise WebhookNotFound
    delivery_id = new_id()
    body = orjson.dumps(
        {
            "targetUrl": row["targetUrl"],
            "eventName": EVENT_NAME,
            "objectMetadata": None,
            "workspaceId": str(workspace_id),
            "webhookId": str(webhook_id),
            "eventDate": moment(datetime.now(UTC)),
            "record": None,
        }
    )
    attempt = await send(outgoing, endpoint_of(webhook_id, row, vault), delivery_id, body)
    async with db.transaction() as connection:
        await connection.execute(_SQL["add_test"], delivery_id, workspace_id, webhook_id, EVENT_NAME, body.decode())
        state, reason = ("delivered", None) if attempt.is_delivered else ("dead", attempt.problem)
        await note(connection, [Result(delivery=delivery_id, attempt=attempt, state=state, reason=reason)])
    return delivery_id
