"""How endpoints know who speaks: headers of the contract and of Standard Webhooks, verified as their receivers do."""

import base64
import hashlib
import hmac
import re
from time import time
from uuid import UUID

from tests.serving import Client
from tests.webhooks.asking import make_webhook
from tests.webhooks.delivering import CREATE, deliveries, delivering, until_states
from tests.webhooks.receiving import Received, receiving

ROTATE = "mutation ($id: UUID!, $validFor: Int) { rotateWebhookSecret(id: $id, validFor: $validFor) { secret } }"


def contracts_signature(received: Received, secret: str) -> str:
    """As the documentation of the contract computes it."""
    signed = received.headers["x-twenty-webhook-timestamp"] + ":" + received.body.decode()
    return hmac.new(secret.encode(), signed.encode(), hashlib.sha256).hexdigest()


def standard_signature(received: Received, secret: str) -> str:
    """As the libraries of Standard Webhooks compute it."""
    key = base64.b64decode(secret[len("whsec_") :]) if secret.startswith("whsec_") else secret.encode()
    signed = f"{received.headers['webhook-id']}.{received.headers['webhook-timestamp']}.{received.body.decode()}"
    return "v1," + base64.b64encode(hmac.new(key, signed.encode(), hashlib.sha256).digest()).decode()


async def told(client: Client, receiver_url: str, **values: object) -> str:
    """The secret of a new webhook, to which something is delivered."""
    hook = await make_webhook(client, targetUrl=receiver_url, **values)
    await client.data(CREATE, {"city": "Łódź"})
    async with delivering(client.database):
        await until_states(client, "delivered")
    return str(hook["secret"])


async def test_a_delivery_is_signed_in_both_ways(client: Client) -> None:
    async with receiving() as receiver:
        secret = await told(client, receiver.url)
    (received,) = receiver.received
    (delivery,) = await deliveries(client)
    headers = received.headers
    assert secret.startswith("whsec_")
    assert headers["content-type"] == "application/json"
    assert headers["user-agent"] == "Rapport/test"
    assert headers["x-twenty-webhook-signature"] == contracts_signature(received, secret)
    assert re.fullmatch("[0-9a-f]{32}", headers["x-twenty-webhook-nonce"])
    assert abs(int(headers["x-twenty-webhook-timestamp"]) - time() * 1000) < 60_000
    assert headers["webhook-id"] == str(delivery.id)
    assert headers["webhook-signature"] == standard_signature(received, secret)
    assert abs(int(headers["webhook-timestamp"]) - time()) < 60


async def test_a_secret_of_ones_own_signs_as_it_is(client: Client) -> None:
    async with receiving() as receiver:
        await told(client, receiver.url, secret="geheim ü")
    (received,) = receiver.received
    assert received.headers["x-twenty-webhook-signature"] == contracts_signature(received, "geheim ü")
    assert received.headers["webhook-signature"] == standard_signature(received, "geheim ü")


async def test_without_a_secret_nothing_is_signed(client: Client) -> None:
    async with receiving() as receiver:
        await told(client, receiver.url, secret="")
    (received,) = receiver.received
    assert {name for name in received.headers if "webhook" in name} == {"webhook-id", "webhook-timestamp"}


async def test_the_secret_before_goes_on_signing_while_it_is_valid(client: Client) -> None:
    async with receiving() as receiver, delivering(client.database):
        hook = await make_webhook(client, targetUrl=receiver.url)
        before = str(hook["secret"])
        rotated = await client.data(ROTATE, {"id": hook["id"], "validFor": 3600})
        now = str(rotated["rotateWebhookSecret"]["secret"])
        await client.data(CREATE, {})
        await receiver.until(1)
        await client.database.execute(
            """update core.webhook set "previousSecretExpiresAt" = now() where id = $1""", UUID(hook["id"])
        )
        await until_states(client, "delivered")
        await client.data(CREATE, {})
        await receiver.until(2)
    first, second = receiver.received
    assert before != now
    assert first.headers["webhook-signature"].split(" ") == [
        standard_signature(first, now),
        standard_signature(first, before),
    ]
    assert first.headers["x-twenty-webhook-signature"] == contracts_signature(first, now)
    assert second.headers["webhook-signature"] == standard_signature(second, now)
