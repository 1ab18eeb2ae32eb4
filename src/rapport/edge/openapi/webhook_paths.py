"""Webhooks in the document about the data model: `/rest/metadata/webhooks` (docs/webhooks.md)."""

from collections.abc import Iterator, Mapping

from rapport.edge.openapi.failures import ALWAYS, WITH_BODY, WITH_KEY
from rapport.edge.openapi.parts import (
    BOOLEAN,
    INTEGER,
    MAYBE_STRING,
    STRING,
    UUID,
    Part,
    answer,
    array,
    body,
    json,
    operation,
    schema,
    whole,
)
from rapport.webhooks.operations import ACTIONS, MOST_OPERATIONS
from rapport.webhooks.resolvers import LARGEST_PAGE, PAGE
from rapport.webhooks.secrets import LONGEST_SECRET
from rapport.webhooks.service import LONGEST_DESCRIPTION, LONGEST_OVERLAP, OVERLAP
from rapport.webhooks.targets import LONGEST_TARGET

TAG = "webhooks"
_MOMENT: Part = {"type": "string", "format": "date-time"}
_MAYBE_MOMENT: Part = {"type": ["string", "null"], "format": "date-time"}
_MAYBE_UUID: Part = {"type": ["string", "null"], "format": "uuid"}
_MAYBE_INTEGER: Part = {"type": ["integer", "null"]}
_STATES = ("waiting", "delivered", "dead")

_OPERATIONS: Part = {
    **array({**STRING, "pattern": rf"^(\*|[a-z][a-zA-Z0-9]{{0,62}})\.(\*|{'|'.join(ACTIONS)})$"}),
    "minItems": 1,
    "maxItems": MOST_OPERATIONS,
    "description": "Of which events: `person.created`, `person.*`, `*.created`; `*.*` unless given",
}
_GIVEN: Mapping[str, Part] = {
    "targetUrl": {**STRING, "format": "uri", "maxLength": LONGEST_TARGET, "description": "Of http or https"},
    "operations": _OPERATIONS,
    "description": {**MAYBE_STRING, "maxLength": LONGEST_DESCRIPTION},
    "secret": {
        **STRING,
        "maxLength": LONGEST_SECRET,
        "description": "What deliveries are signed with; the server makes one unless one is given; empty: none",
    },
}

SCHEMAS: Mapping[str, Part] = {
    "Webhook": {
        "type": "object",
        "required": ["targetUrl"],
        "properties": {"id": UUID, **_GIVEN},
        "example": {"targetUrl": "https://example.com/hook", "operations": ["person.created", "company.*"]},
    },
    "WebhookForUpdate": {"type": "object", "properties": _GIVEN},
    "WebhookForResponse": whole(
        id=UUID,
        targetUrl=STRING,
        operations=array(STRING),
        description=MAYBE_STRING,
        secret=STRING,
        workspaceId=UUID,
        createdAt=_MOMENT,
        updatedAt=_MOMENT,
        deletedAt=_MAYBE_MOMENT,
    ),
    "WebhookStatusForResponse": whole(
        id=UUID,
        disabledAt=_MAYBE_MOMENT,
        disabledReason=MAYBE_STRING,
        failingSince=_MAYBE_MOMENT,
        pausedUntil=_MAYBE_MOMENT,
        previousSecretExpiresAt=_MAYBE_MOMENT,
        waitingCount=INTEGER,
    ),
    "WebhookDeliveryForResponse": {
        **whole(
            id={**UUID, "description": "The header `webhook-id`"},
            webhookId=UUID,
            eventId=_MAYBE_UUID,
            recordId=_MAYBE_UUID,
            eventName=STRING,
            state={**STRING, "enum": [each.upper() for each in _STATES]},
            createdAt=_MOMENT,
            dueAt=_MOMENT,
            deliveredAt=_MAYBE_MOMENT,
            error={**MAYBE_STRING, "description": "Why it is dead"},
            attemptsCount=INTEGER,
            attempts=array(
                whole(
                    id=UUID,
                    attemptedAt=_MOMENT,
                    status=_MAYBE_INTEGER,
                    durationMs=INTEGER,
                    response=MAYBE_STRING,
                    error=MAYBE_STRING,
                )
            ),
        ),
        "description": "One delivery by itself has its `body` too: the JSON that is sent",
    },
}

PARAMETERS: Mapping[str, Part] = {
    "deliveryState": {
        "name": "state",
        "in": "query",
        "description": "Only deliveries in this state",
        "required": False,
        "schema": {**STRING, "enum": list(_STATES)},
    },
    "deliveryLimit": {
        "name": "limit",
        "in": "query",
        "description": "The size of the page; more than the maximum is taken for it",
        "required": False,
        "schema": {**INTEGER, "minimum": 0, "maximum": LARGEST_PAGE, "default": PAGE},
    },
}

_SHOWN, _STATUS = schema("WebhookForResponse"), schema("WebhookStatusForResponse")
_DELIVERY = schema("WebhookDeliveryForResponse")
_PAGE_INFO = whole(hasNextPage=BOOLEAN, startCursor=MAYBE_STRING, endCursor=MAYBE_STRING)
_ROTATED: Part = {"allOf": [_SHOWN, whole(previousSecretExpiresAt=_MAYBE_MOMENT)]}
_FOUND, _ACTED = (*ALWAYS, "404"), (*ALWAYS, "404", *WITH_KEY)
_ONLY_DEAD: Part = {**BOOLEAN, "default": False, "description": "Only what was given up"}
_OVERLAP_SECONDS: Part = {
    **INTEGER,
    "minimum": 0,
    "maximum": int(LONGEST_OVERLAP.total_seconds()),
    "default": int(OVERLAP.total_seconds()),
    "description": "For how many seconds the secret that there is signs besides",
}


def webhook_paths() -> Iterator[tuple[str, Part]]:
    at, one = "/metadata/webhooks", "/metadata/webhooks/{id}"
    yield (
        at,
        {
            "get": operation(
                "findManyWebhooks",
                "Find webhooks",
                tag=TAG,
                answers={"200": answer(array(_SHOWN), "All webhooks")},
                failures=ALWAYS,
            ),
            "post": operation(
                "createOneWebhook",
                "Create one webhook",
                tag=TAG,
                parameters=("idempotencyKey",),
                body=body(schema("Webhook")),
                answers={"201": answer(_SHOWN, "The webhook")},
                failures=(*ALWAYS, *WITH_KEY, *WITH_BODY),
            ),
        },
    )
    updates = {
        method: operation(
            id_,
            summary,
            tag=TAG,
            parameters=("idPath",),
            body=body(schema("WebhookForUpdate")),
            answers={"200": answer(_SHOWN, "The updated webhook")},
            failures=(*_FOUND, *WITH_BODY),
        )
        for method, id_, summary in (
            ("patch", "UpdateOneWebhook", "Update one webhook"),
            ("put", "putOneWebhook", "Update one webhook, as PATCH does"),
        )
    }
    yield (
        one,
        {
            "get": _read("findOneWebhook", "Find one webhook", answer(_SHOWN, "The webhook")),
            "delete": operation(
                "deleteOneWebhook",
                "Delete one webhook",
                tag=TAG,
                parameters=("idPath",),
                answers={"200": answer(BOOLEAN, "Whether there was one")},
                failures=ALWAYS,
            ),
            **updates,
        },
    )
    status = answer(_STATUS, "How the webhook does")
    yield f"{one}/status", {"get": _read("getWebhookStatus", "See whether a webhook works", status)}
    rotated = answer(_ROTATED, "The webhook with its new secret")
    yield (
        f"{one}/rotate-secret",
        {
            "post": _act(
                "rotateWebhookSecret",
                "Give a webhook a new secret, while the one that it has goes on for a while",
                rotated,
                given={"required": False, "content": json(_closed(validFor=_OVERLAP_SECONDS))},
            )
        },
    )
    enabled = answer(_SHOWN, "The webhook")
    yield f"{one}/enable", {"post": _act("enableWebhook", "Put a webhook back to work", enabled)}
    tested = answer(_DELIVERY, "What the endpoint answered")
    yield f"{one}/test", {"post": _act("testWebhook", "Send a test", tested)}
    page = whole(data=whole(deliveries=array(_DELIVERY)), pageInfo=_PAGE_INFO)
    yield (
        f"{one}/deliveries",
        {
            "get": _read(
                "findWebhookDeliveries",
                "Find deliveries, the latest first",
                answer(page, "The deliveries"),
                "deliveryLimit",
                "startingAfter",
                "deliveryState",
            )
        },
    )
    yield (
        f"{one}/redeliver",
        {
            "post": _act(
                "redeliverWebhookDeliveries",
                "Deliver again what was created since a time",
                answer(whole(count=INTEGER), "How many deliveries that are"),
                given=body({**_closed(since=_MOMENT, onlyDead=_ONLY_DEAD), "required": ["since"]}),
            )
        },
    )
    delivery = "/metadata/webhook-deliveries/{id}"
    with_body: Part = {"allOf": [_DELIVERY, whole(body=STRING)]}
    yield delivery, {"get": _read("findOneWebhookDelivery", "Find one delivery", answer(with_body, "The delivery"))}
    again = answer(_DELIVERY, "The delivery, which waits again")
    yield f"{delivery}/redeliver", {"post": _act("redeliverWebhookDelivery", "Deliver again", again)}


def _read(id_: str, summary: str, found: Part, *parameters: str) -> Part:
    return operation(id_, summary, tag=TAG, parameters=("idPath", *parameters), answers={"200": found}, failures=_FOUND)


def _act(id_: str, summary: str, found: Part, *, given: Part | None = None) -> Part:
    failures = _ACTED if given is None else (*_ACTED, *WITH_BODY)
    parameters = ("idPath", "idempotencyKey")
    return operation(
        id_, summary, tag=TAG, parameters=parameters, body=given, answers={"200": found}, failures=failures
    )


def _closed(**properties: Part) -> Part:
    return {"type": "object", "properties": properties, "additionalProperties": False}
