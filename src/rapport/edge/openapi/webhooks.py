"""What webhooks are sent when records change (core-api.md §8)."""

from collections.abc import Iterator, Mapping

from rapport.edge.openapi.parts import STRING, UUID, Part, array, json, parameter, schema, whole
from rapport.metadata.catalog import Object

_EVENTS = ("created", "updated", "deleted", "restored", "destroyed")
_MOMENT: Part = {"type": "string", "format": "date-time"}


def _header(name: str, description: str) -> Part:
    return {"name": name, "in": "header", "description": description, "required": False, "schema": STRING}


HEADERS: Mapping[str, Part] = {
    "webhookSignature": _header(
        "X-Twenty-Webhook-Signature", "HMAC-SHA256 of `<timestamp>:<body>` with the webhook's secret, in hexadecimal"
    ),
    "webhookTimestamp": _header("X-Twenty-Webhook-Timestamp", "When it was sent, in milliseconds since 1970"),
    "webhookNonce": _header("X-Twenty-Webhook-Nonce", "Another one each time"),
    "standardWebhookId": _header("webhook-id", "The id of the delivery, the same when it is sent again"),
    "standardWebhookTimestamp": _header("webhook-timestamp", "When it was sent, in seconds since 1970"),
    "standardWebhookSignature": _header("webhook-signature", "The signature as Standard Webhooks has it"),
}


def record_webhooks(item: Object, record: str) -> Iterator[tuple[str, Part]]:
    """By the names of the events; ``record`` is the name of the schema."""
    for event in _EVENTS:
        name = f"{item.name}.{event}"
        sent = {
            "targetUrl": STRING,
            "eventName": {**STRING, "example": name},
            "objectMetadata": whole(id=UUID, nameSingular={**STRING, "enum": [item.name]}),
            "workspaceId": UUID,
            "webhookId": UUID,
            "eventDate": _MOMENT,
            "userId": UUID,
            "workspaceMemberId": UUID,
            "record": schema(record),
        }
        if event == "updated":
            sent["updatedFields"] = array(STRING)
        yield (
            name,
            {
                "post": {
                    "tags": [item.plural],
                    "security": [],
                    "parameters": [parameter(each) for each in HEADERS],
                    "requestBody": {"content": json({"type": "object", "properties": sent})},
                    "responses": {"200": {"description": "The event has arrived"}},
                }
            },
        )
