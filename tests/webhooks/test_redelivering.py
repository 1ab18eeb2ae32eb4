"""Deliveries are made again on demand, tests are sent at once, and what is old goes."""

import json
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

import pytest

from rapport.base.ids import new_id
from rapport.jobs.queue import Jobs
from rapport.outgoing.client import Outgoing
from rapport.store.queries import load
from rapport.webhooks.errors import DeliveryNotFound, WebhookNotFound
from rapport.webhooks.redelivering import redeliver, redeliver_since
from rapport.webhooks.retention import drop_old
from rapport.webhooks.secrets import WebhookVault
from rapport.webhooks.testing import send_test
from tests.serving import SECRET, Client
from tests.webhooks.asking import add_delivery, make_webhook, other_tenant
from tests.webhooks.delivering import (
    CREATE,
    HERE,
    UPDATE,
    deliveries,
    delivering,
    states,
    until_idle,
    until_states,
)
from tests.webhooks.receiving import Received, Reply, receiving
from tests.webhooks.test_signing import contracts_signature, standard_signature

SQL = load("rapport.webhooks")
YEARS_AGO = datetime(2020, 1, 1, tzinfo=UTC)


async def test_one_delivery_is_made_again_as_it_was(client: Client) -> None:
    async with receiving() as receiver, delivering(client.database):
        await make_webhook(client, targetUrl=receiver.url)
        for city in ("Oslo", "Bergen"):
            await client.data(CREATE, {"city": city})
        await until_states(client, "delivered", "delivered")
        (first, _) = await deliveries(client)
        await redeliver(client.database, Jobs(), workspace_id=client.tenant.workspace_id, delivery_id=first.id)
        await receiver.until(3)
        await until_states(client, "delivered", "delivered")
    assert sorted(receiver.whats[:2]) == ["person.created Bergen", "person.created Oslo"]
    before = receiver.received[receiver.whats.index("person.created Oslo")]
    again = receiver.received[2]
    assert (before.body, before.headers["webhook-id"]) == (again.body, again.headers["webhook-id"])
    found = await deliveries(client)
    assert [(each.attempts, each.answers) for each in found] == [(1, (200, 200)), (1, (200,))]


async def test_all_since_a_time_are_made_again_in_order(client: Client) -> None:
    person_id = str(new_id())
    async with receiving() as receiver:
        receiver.reply = lambda received: Reply(status=410 if "b" in received.what else 200)
        hook = UUID((await make_webhook(client, targetUrl=receiver.url))["id"])
        await client.data(CREATE, {"id": person_id, "city": "a"})
        for city in ("b", "c"):
            await client.data(UPDATE, {"id": person_id, "city": city})
        async with delivering(client.database):
            await until_states(client, "delivered", "dead", "dead")
            await until_idle(client)
            receiver.reply = lambda _: Reply()
            receiver.received.clear()
            await client.data(f'mutation {{ enableWebhook(id: "{hook}") {{ id }} }}')
            again = partial(
                redeliver_since, client.database, Jobs(), workspace_id=client.tenant.workspace_id, webhook_id=hook
            )
            assert await again(since=YEARS_AGO, only_dead=True) == 2
            await until_states(client, "delivered", "delivered", "delivered")
            assert await again(since=YEARS_AGO) == 3
            await receiver.until(5)
            await until_states(client, "delivered", "delivered", "delivered")
            assert await again(since=datetime.now(UTC) + timedelta(hours=1)) == 0
    assert [each.told["record"]["city"] for each in receiver.received] == ["b", "c", "a", "b", "c"]


async def test_what_comes_before_goes_before_what_waits_for_its_next_attempt(client: Client) -> None:
    person_id = str(new_id())
    async with receiving() as receiver, delivering(client.database):
        receiver.reply = lambda received: Reply(status=500 if "b" in received.what else 200)
        await make_webhook(client, targetUrl=receiver.url)
        await client.data(CREATE, {"id": person_id, "city": "a"})
        for city in ("b", "c"):
            await client.data(UPDATE, {"id": person_id, "city": city})
        await until_states(client, "delivered", "waiting", "waiting")
        await until_idle(client)
        receiver.reply = lambda _: Reply()
        (first, *_) = await deliveries(client)
        await redeliver(client.database, Jobs(), workspace_id=client.tenant.workspace_id, delivery_id=first.id)
        await until_states(client, "delivered", "delivered", "delivered")
    assert [each.told["record"]["city"] for each in receiver.received] == ["a", "b", "a", "b", "c"]


async def test_only_ones_own_deliveries_are_made_again(client: Client) -> None:
    hook = (await make_webhook(client))["id"]
    delivery_id = UUID(await add_delivery(client, hook))
    other = (await other_tenant(client)).tenant.workspace_id
    mine = client.tenant.workspace_id
    for workspace_id, wanted in ((other, delivery_id), (mine, new_id())):
        with pytest.raises(DeliveryNotFound):
            await redeliver(client.database, Jobs(), workspace_id=workspace_id, delivery_id=wanted)
    for workspace_id, wanted in ((other, UUID(hook)), (mine, new_id())):
        with pytest.raises(WebhookNotFound):
            await redeliver_since(
                client.database, Jobs(), workspace_id=workspace_id, webhook_id=wanted, since=YEARS_AGO
            )
    assert await states(client) == ["delivered"]


def _given(reply: Reply, _: Received) -> Reply:
    return reply


async def test_a_test_is_sent_at_once_and_once(client: Client) -> None:
    outgoing, vault = Outgoing(HERE), WebhookVault(SECRET)
    async with receiving() as receiver:
        hook = await make_webhook(client, targetUrl=receiver.url)
        workspace_id, webhook_id = client.tenant.workspace_id, UUID(hook["id"])
        sent = []
        for status in (202, 500):
            reply = Reply(status=status, text="thanks")
            receiver.reply = partial(_given, reply)
            sent.append(
                await send_test(client.database, outgoing, vault, workspace_id=workspace_id, webhook_id=webhook_id)
            )
        with pytest.raises(WebhookNotFound):
            await send_test(client.database, outgoing, vault, workspace_id=new_id(), webhook_id=webhook_id)
    await outgoing.close()
    found = await deliveries(client)
    assert [each.id for each in found] == sent
    assert [(each.name, each.state, each.answers, each.error) for each in found] == [
        ("webhook.test", "delivered", (202,), None),
        ("webhook.test", "dead", (500,), "The endpoint answered 500."),
    ]
    first, _ = receiver.received
    assert list(first.told) == [
        "targetUrl",
        "eventName",
        "objectMetadata",
        "workspaceId",
        "webhookId",
        "eventDate",
        "record",
    ]
    assert (first.told["eventName"], first.told["webhookId"]) == ("webhook.test", hook["id"])
    assert first.headers["webhook-signature"] == standard_signature(first, hook["secret"])
    assert first.headers["x-twenty-webhook-signature"] == contracts_signature(first, hook["secret"])
    bodies = await client.database.rows("""select body from core."webhookDelivery" order by number""")
    assert [row["body"].encode() for row in bodies] == [each.body for each in receiver.received]
    with pytest.raises(DeliveryNotFound):
        await redeliver(client.database, Jobs(), workspace_id=workspace_id, delivery_id=sent[0])


async def test_old_deliveries_go_with_their_answers_unless_they_wait(client: Client) -> None:
    hook = (await make_webhook(client))["id"]
    now = datetime.now(UTC)
    for days, state in ((31, "delivered"), (31, "dead"), (31, "waiting"), (29, "delivered")):
        at = (now - timedelta(days=days)).isoformat()
        await add_delivery(client, hook, at=at, state=state)
    assert await drop_old(client.database, timedelta(days=30)) == 2
    assert await states(client) == ["waiting", "delivered"]
    assert await client.database.value("""select count(*) from core."webhookAttempt" """) == 2


async def test_looking_for_what_is_due_reads_few_rows_even_before_anything_is_known_of_them(client: Client) -> None:
    """PostgreSQL has no statistics of what has just come in, and would go through millions of rows."""
    hook, count = UUID((await make_webhook(client))["id"]), 1_000
    await client.database.execute(
        """insert into core."webhookDelivery" (id, "workspaceId", "webhookId", "eventId", "recordId", "eventName", body)
           select gen_random_uuid(), $1, $2, gen_random_uuid(), gen_random_uuid(), 'person.created', '{}'
           from generate_series(1, $3)""",
        client.tenant.workspace_id,
        hook,
        count,
    )
    for name, args, most in (
        ("due_deliveries", ([], 200, 1_000_000), 400),
        ("probe", (), 400),
        ("wait_for_next", (), 4),
    ):
        rows = await client.database.rows(f"explain (analyze, format json) {SQL[name]}", hook, *args)
        (plan,) = json.loads(rows[0][0])
        assert read_rows(plan["Plan"]) <= most, name


def read_rows(plan: dict[str, Any]) -> float:
    """How many rows of deliveries a plan has looked at."""
    own = 0.0
    if plan.get("Relation Name") == "webhookDelivery":
        own = (plan["Actual Rows"] + plan.get("Rows Removed by Filter", 0)) * plan["Actual Loops"]
    return float(own) + sum(read_rows(each) for each in plan.get("Plans", ()))
