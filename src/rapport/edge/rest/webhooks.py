"""`/rest/metadata/webhooks`, also at `/rest/webhooks`: webhooks; and what was delivered to them (docs/webhooks.md).

Webhooks come without an envelope (system-api.md §10). `POST /rest/webhooks/{id}` is not one of their routes, because it
runs a workflow (§35.15).
"""

from collections.abc import Iterable, Mapping

import orjson

from rapport.edge.answer import Answer
from rapport.edge.body import read_body, read_json
from rapport.edge.misuse import BadRequest
from rapport.edge.rest.operations import Operations
from rapport.edge.rest.request import RestRequest
from rapport.edge.rest.router import Route
from rapport.webhooks.errors import DeliveryNotFound, WebhookNotFound
from rapport.webhooks.operations import EVERYTHING
from rapport.webhooks.resolvers import LARGEST_PAGE, PAGE

_SHOWN = "id targetUrl operations description secret workspaceId createdAt updatedAt deletedAt"
_STATUS = "id disabledAt disabledReason failingSince pausedUntil previousSecretExpiresAt waitingCount"
_ATTEMPT = "id attemptedAt status durationMs response error"
_DELIVERY = f"""
  id webhookId eventId recordId eventName state createdAt dueAt deliveredAt error attemptsCount
  attempts {{ {_ATTEMPT} }}
"""

_ALL = f"query {{ webhooks {{ {_SHOWN} }} }}"
_ONE = f"query ($id: UUID!) {{ webhook(id: $id) {{ {_SHOWN} }} }}"
_OF_ONE = f"query ($id: UUID!) {{ webhook(id: $id) {{ {_STATUS} }} }}"
_CREATE = f"mutation ($input: CreateWebhookInput!) {{ createWebhook(input: $input) {{ {_SHOWN} }} }}"
_UPDATE = f"mutation ($input: UpdateWebhookInput!) {{ updateWebhook(input: $input) {{ {_SHOWN} }} }}"
_DELETE = "mutation ($id: UUID!) { deleteWebhook(id: $id) }"
_ROTATE = f"""mutation ($id: UUID!, $validFor: Int) {{
  rotateWebhookSecret(id: $id, validFor: $validFor) {{ {_SHOWN} previousSecretExpiresAt }}
}}"""
_ENABLE = f"mutation ($id: UUID!) {{ enableWebhook(id: $id) {{ {_SHOWN} }} }}"
_TEST = f"mutation ($id: UUID!) {{ testWebhook(id: $id) {{ {_DELIVERY} }} }}"
_DELIVERIES = f"""query ($id: UUID!, $first: Int, $after: ConnectionCursor, $state: WebhookDeliveryState) {{
  webhookDeliveries(webhookId: $id, first: $first, after: $after, state: $state) {{
    edges {{ node {{ {_DELIVERY} }} }}
    pageInfo {{ hasNextPage startCursor endCursor }}
  }}
}}"""
_ONE_DELIVERY = f"query ($id: UUID!) {{ webhookDelivery(id: $id) {{ {_DELIVERY} body }} }}"
_REDELIVER = f"mutation ($id: UUID!) {{ redeliverWebhookDelivery(id: $id) {{ {_DELIVERY} }} }}"
_REDELIVER_ALL = """mutation ($id: UUID!, $since: DateTime!, $onlyDead: Boolean) {
  redeliverWebhookDeliveries(webhookId: $id, since: $since, onlyDead: $onlyDead)
}"""


def webhook_routes(operations: Operations) -> Iterable[Route]:
    at = _Webhooks(operations)
    for path in ("metadata/webhooks", "webhooks"):
        yield Route(methods=("GET",), path=path, handler=at.all)
        yield Route(methods=("POST",), path=path, handler=at.create)
        yield Route(methods=("GET",), path=f"{path}/{{id}}", handler=at.one)
        yield Route(methods=("PATCH", "PUT"), path=f"{path}/{{id}}", handler=at.update)
        yield Route(methods=("DELETE",), path=f"{path}/{{id}}", handler=at.delete)
    one, delivery = "metadata/webhooks/{id}", "metadata/webhook-deliveries/{id}"
    yield Route(methods=("GET",), path=f"{one}/status", handler=at.status)
    yield Route(methods=("POST",), path=f"{one}/rotate-secret", handler=at.rotate)
    yield Route(methods=("POST",), path=f"{one}/enable", handler=at.enable)
    yield Route(methods=("POST",), path=f"{one}/test", handler=at.test)
    yield Route(methods=("GET",), path=f"{one}/deliveries", handler=at.deliveries)
    yield Route(methods=("POST",), path=f"{one}/redeliver", handler=at.redeliver_all)
    yield Route(methods=("GET",), path=delivery, handler=at.delivery)
    yield Route(methods=("POST",), path=f"{delivery}/redeliver", handler=at.redeliver)


class _Webhooks:
    def __init__(self, operations: Operations) -> None:
        self._operations = operations

    async def all(self, request: RestRequest) -> Answer:
        return _bare(await self._run(_ALL, request))

    async def create(self, request: RestRequest) -> Answer:
        given = await request.json_object()
        if given.get("operations") is None:
            given["operations"] = [EVERYTHING]
        return _bare(await self._run(_CREATE, request, input=given), status=201)

    async def one(self, request: RestRequest) -> Answer:
        return _found(await self._run(_ONE, request, id=request.id))

    async def update(self, request: RestRequest) -> Answer:
        changes = {"id": request.id, "update": await request.json_object()}
        return _bare(await self._run(_UPDATE, request, input=changes))

    async def delete(self, request: RestRequest) -> Answer:
        return _bare(await self._run(_DELETE, request, id=request.id))

    async def status(self, request: RestRequest) -> Answer:
        return _found(await self._run(_OF_ONE, request, id=request.id))

    async def rotate(self, request: RestRequest) -> Answer:
        options = await _options(request, "validFor")
        return _bare(await self._run(_ROTATE, request, id=request.id, **options))

    async def enable(self, request: RestRequest) -> Answer:
        return _bare(await self._run(_ENABLE, request, id=request.id))

    async def test(self, request: RestRequest) -> Answer:
        return _bare(await self._run(_TEST, request, id=request.id))

    async def deliveries(self, request: RestRequest) -> Answer:
        parameters = request.parameters
        if (state := parameters.text("state")) is not None:
            state = state.upper()
        after = parameters.text("starting_after", "startingAfter", "after")
        limit = parameters.limit(default=PAGE, most=LARGEST_PAGE)
        found = await self._run(_DELIVERIES, request, id=request.id, first=limit, after=after, state=state)
        assert isinstance(found, Mapping)
        nodes = [edge["node"] for edge in found["edges"]]
        return Answer(body=orjson.dumps({"data": {"deliveries": nodes}, "pageInfo": found["pageInfo"]}))

    async def delivery(self, request: RestRequest) -> Answer:
        found = await self._run(_ONE_DELIVERY, request, id=request.id)
        if found is None:
            raise DeliveryNotFound
        return _bare(found)

    async def redeliver(self, request: RestRequest) -> Answer:
        return _bare(await self._run(_REDELIVER, request, id=request.id))

    async def redeliver_all(self, request: RestRequest) -> Answer:
        options = await _options(request, "since", "onlyDead")
        return _bare({"count": await self._run(_REDELIVER_ALL, request, id=request.id, **options)})

    async def _run(self, document: str, request: RestRequest, **variables: object) -> object:
        """What the only operation of a document gives."""
        body = await self._operations.run(document, variables, request.caller)
        (found,) = orjson.loads(body)["data"].values()
        return found


async def _options(request: RestRequest, *names: str) -> dict[str, object]:
    """The object in the body, which may be left out. Raises BadRequest."""
    body = await read_body(request.receive, request.headers, request.caller, request.max_body_bytes)
    value = read_json(body) if body.strip() else {}
    if not isinstance(value, dict) or not value.keys() <= set(names):
        raise BadRequest(f"The body must be a JSON object with no more than: {', '.join(names)}")
    return {name: each for name, each in value.items() if each is not None}


def _found(value: object) -> Answer:
    if value is None:
        raise WebhookNotFound
    return _bare(value)


def _bare(value: object, status: int = 200) -> Answer:
    return Answer(body=orjson.dumps(value), status=status)
