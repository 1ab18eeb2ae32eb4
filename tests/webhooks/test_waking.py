"""What is done to a webhook counts at once for what waits for it."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from rapport.jobs.queue import Jobs
from rapport.webhooks.waking import wake
from tests.serving import Client
from tests.waiting import until
from tests.webhooks.asking import add_delivery, make_webhook
from tests.webhooks.delivering import deliveries, until_idle, until_states, working
from tests.webhooks.receiving import Reply, receiving


async def paused(client: Client, target: str) -> str:
    """The id of a webhook whose endpoint was down: a delivery and its job wait for an hour."""
    webhook_id: str = (await make_webhook(client, targetUrl=target))["id"]
    await add_delivery(client, webhook_id, state="waiting")
    await client.database.execute(
        """update core.webhook set "failingSince" = now(), "pausedUntil" = now() + interval '1 hour' where id = $1""",
        UUID(webhook_id),
    )
    await client.database.execute(
        """insert into core.job (priority, entrypoint, payload, execute_after, dedupe_key, status)
        values (0, 'webhooks.deliver', convert_to(json_build_object('webhook', $1::text)::text, 'utf8'),
            now() + interval '1 hour', 'webhook:' || $1, 'queued')""",
        webhook_id,
    )
    return webhook_id


async def put_back(client: Client, webhook_id: str, target: str | None) -> None:
    """Enables a webhook, or gives it another target."""
    if target is None:
        await client.data("mutation ($id: UUID!) { enableWebhook(id: $id) { id } }", {"id": webhook_id})
    else:
        move = "mutation ($id: UUID!, $to: String) { updateWebhook(input: { id: $id, targetUrl: $to }) { id } }"
        await client.data(move, {"id": webhook_id, "to": target})


async def state(client: Client) -> tuple[str, str | None]:
    (delivery,) = await deliveries(client)
    return delivery.state, delivery.error


@pytest.mark.parametrize("is_moved", [False, True])
async def test_a_webhook_that_is_put_back_to_work_delivers_at_once(client: Client, is_moved: bool) -> None:
    async with receiving() as receiver, working(client.database):
        webhook_id = await paused(client, "http://127.0.0.1:9/" if is_moved else receiver.url)
        assert await state(client) == ("waiting", None)
        await put_back(client, webhook_id, receiver.url if is_moved else None)
        await receiver.until(1)

        async def is_delivered() -> bool:
            return await state(client) == ("delivered", None)

        await until(is_delivered)


@pytest.mark.parametrize("is_moved", [False, True])
async def test_what_waits_for_its_next_attempt_waits_no_longer_when_a_webhook_is_put_back_to_work(
    client: Client, is_moved: bool
) -> None:
    async with receiving() as receiver, working(client.database):
        receiver.reply = lambda _: Reply(status=500)
        webhook_id = (await make_webhook(client, targetUrl=receiver.url))["id"]
        others = (await make_webhook(client, targetUrl=receiver.url))["id"]
        for each in (webhook_id, others):
            await add_delivery(client, each, at="2100-01-01T00:00:00Z", state="waiting")
        async with client.database.transaction() as connection:
            await wake(connection, Jobs(), UUID(webhook_id))
        await until_idle(client)
        assert receiver.received == []
        receiver.reply = lambda _: Reply()
        await put_back(client, webhook_id, f"{receiver.url}moved" if is_moved else None)
        await until_states(client, "delivered", "waiting")
    assert [each.path for each in receiver.received] == ["/moved" if is_moved else "/"]


async def test_what_is_being_noted_just_now_does_not_keep_a_webhook_from_being_put_back_to_work(client: Client) -> None:
    webhook_id = (await make_webhook(client))["id"]
    locked, other = [
        await add_delivery(client, webhook_id, at="2100-01-01T00:00:00Z", state="waiting") for _ in range(2)
    ]
    async with client.database.transaction() as connection:
        await connection.execute('select from core."webhookDelivery" where id = $1 for update', UUID(locked))
        await put_back(client, webhook_id, None)
    assert {str(each.id): each.wait > timedelta(0) for each in await deliveries(client)} == {locked: True, other: False}


async def test_what_waits_for_a_webhook_that_is_deleted_is_given_up(client: Client) -> None:
    async with receiving() as receiver, working(client.database):
        webhook_id = await paused(client, receiver.url)
        answer: dict[str, Any] = await client.data(
            "mutation ($id: UUID!) { deleteWebhook(id: $id) }", {"id": webhook_id}
        )
        assert answer == {"deleteWebhook": True}

        async def is_over() -> bool:
            return await state(client) == ("dead", "The webhook was deleted.")

        await until(is_over)
    assert receiver.received == []
