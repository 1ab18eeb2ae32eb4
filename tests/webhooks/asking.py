"""Makes webhooks, and deliveries that were made at known times."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from rapport.base.ids import new_id
from tests.serving import Client, make_tenant

UNKNOWN = "018f0000-0000-7000-8000-0000000000ff"
HOOK = "https://example.com/hook"
CREATE = """mutation ($input: CreateWebhookInput!) {
    createWebhook(input: $input) { id targetUrl operations description secret createdAt updatedAt deletedAt }
}"""


async def make_webhook(client: Client, **values: object) -> dict[str, Any]:
    given = {"targetUrl": HOOK, "operations": ["*.*"], **values}
    found: dict[str, Any] = (await client.data(CREATE, {"input": given}))["createWebhook"]
    return found


async def other_tenant(client: Client) -> Client:
    return client.as_tenant(await make_tenant(client.database, "Other"))


async def problem(client: Client, query: str, variables: Mapping[str, object]) -> dict[str, object]:
    """Code, subCode and message of the only error."""
    answer: dict[str, Any] = await client.ask(query, variables)
    (error,) = answer["errors"]
    named = {"code": error["extensions"]["code"], "message": error["message"]}
    if "subCode" in error["extensions"]:
        named["subCode"] = error["extensions"]["subCode"]
    return named


async def add_delivery(
    client: Client, webhook_id: str, *, at: str = "2026-01-01T00:00:00Z", state: str = "delivered"
) -> str:
    """The id of a delivery as the database has it, with one attempt."""
    delivery_id = new_id()
    await client.database.execute(
        """with delivery as (
            insert into core."webhookDelivery"
                (id, "workspaceId", "webhookId", "eventId", "recordId", "eventName", body, state, attempts, "dueAt",
                 "createdAt", "deliveredAt")
            select $1, "workspaceId", id, $3, $3, 'person.created', '{"a":1}', $4, 1, $5::text::timestamptz,
                $5::text::timestamptz, case when $4 = 'delivered' then $5::text::timestamptz end
            from core.webhook where id = $2
        )
        insert into core."webhookAttempt" (id, "deliveryId", "attemptedAt", status, "durationMs", response)
        values ($1, $1, $5::text::timestamptz, 200, 12, 'thanks')""",
        delivery_id, UUID(webhook_id), UUID(UNKNOWN), state, at,
    )  # fmt: skip
    return str(delivery_id)
