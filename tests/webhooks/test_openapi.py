"""What the document says of webhooks is what the server does."""

import schemathesis

from tests.conftest import Inhabited
from tests.edge.rest.asking import send
from tests.serving import Client, serving
from tests.webhooks.asking import add_delivery
from tests.webhooks.receiving import receiving
from tests.webhooks.test_rest import HERE

AT, ONE, DELIVERY = "/metadata/webhooks", "/metadata/webhooks/{id}", "/metadata/webhook-deliveries/{id}"


async def test_every_operation_succeeds_as_described(inhabited: Inhabited) -> None:
    async with (
        receiving() as receiver,
        serving(inhabited.database, inhabited.tenant, outgoing_private_networks=HERE) as client,
    ):
        await follow(client, receiver.url)


async def follow(client: Client, target: str) -> None:
    document = (await send(client, "GET", "/open-api/metadata")).json()
    schema, visited = schemathesis.openapi.from_dict(document), set()

    async def go(method: str, path: str, row: str = "", body: object = None, rest: str = "") -> object:
        answer = await send(client, method, path.replace("{id}", row) + rest, body)
        assert answer.status_code in (200, 201), f"{method} {path}: {answer.text[:1000]}"
        assert str(answer.status_code) in document["paths"][path][method.lower()]["responses"]
        schema[path][method].validate_response(answer)
        visited.add((method.lower(), path))
        return answer.json()

    made = await go("POST", AT, body={"targetUrl": target, "description": "Ours"})
    assert isinstance(made, dict)
    webhook: str = made["id"]
    delivery = await add_delivery(client, webhook, state="dead")
    await go("GET", AT)
    await go("GET", ONE, webhook)
    await go("PATCH", ONE, webhook, {"operations": ["person.*"], "secret": "s3"})
    await go("PUT", ONE, webhook, {"description": None})
    await go("POST", f"{ONE}/rotate-secret", webhook, {"validFor": 60})
    await go("POST", f"{ONE}/rotate-secret", webhook)
    await go("POST", f"{ONE}/test", webhook)
    await go("POST", f"{ONE}/enable", webhook)
    await go("GET", f"{ONE}/deliveries", webhook, rest="?limit=1&state=dead")
    await go("GET", DELIVERY, delivery)
    await go("POST", f"{DELIVERY}/redeliver", delivery)
    await go("POST", f"{ONE}/redeliver", webhook, {"since": "2020-01-01T00:00:00Z", "onlyDead": True})
    await go("GET", f"{ONE}/status", webhook)
    await go("DELETE", ONE, webhook)
    await go("DELETE", ONE, webhook)
    paths = {(method, path) for path, found in document["paths"].items() for method in found}
    assert visited == {each for each in paths if "webhook" in each[1]}
