"""The path of the change feed (docs/events.md)."""

from collections.abc import Mapping
from typing import Final

from rapport.edge.openapi.failures import ALWAYS
from rapport.edge.openapi.parts import BOOLEAN, INTEGER, STRING, UUID, Part, array, json, operation, schema, whole
from rapport.edge.rest.events.asked import ACTIONS, LONGEST_WAIT, MOST, PAGE_SIZE

TAG: Final = "Events"
_ACTIONS = ", ".join(ACTIONS)


def _parameter(name: str, shape: Part, description: str, *, place: str = "query") -> Part:
    return {"name": name, "in": place, "description": description, "required": False, "schema": shape}


PARAMETERS: Mapping[str, Part] = {
    "eventsAfter": _parameter(
        "after", STRING, "A cursor of the feed, or `now`: what comes behind it. Unless given, from the oldest event on"
    ),
    "eventObjects": _parameter(
        "objects", STRING, "Names of objects with commas between them; unless given, all that the caller may read"
    ),
    "eventActions": _parameter("actions", STRING, f"Actions with commas between them: {_ACTIONS}. All unless given"),
    "eventLimit": _parameter(
        "limit",
        {**INTEGER, "minimum": 1, "maximum": MOST, "default": PAGE_SIZE},
        "How many events the answer has at most; more than the maximum is taken for it",
    ),
    "eventWait": _parameter(
        "wait",
        {**INTEGER, "minimum": 0, "maximum": LONGEST_WAIT, "default": 0},
        "Seconds to wait for the first event when there is none",
    ),
    "eventBefore": _parameter(
        "before", {**BOOLEAN, "default": False}, "Whether the records before the events are told, too"
    ),
    "lastEventId": _parameter(
        "Last-Event-ID", STRING, "The last event that a stream has told: goes before `after`", place="header"
    ),
}
_RECORD: Part = {"type": ["object", "null"]}
_MAYBE_UUID: Part = {"type": ["string", "null"], "format": "uuid"}
_ACTOR: Part = {
    **whole(source=STRING, name=STRING, userId=_MAYBE_UUID, workspaceMemberId=_MAYBE_UUID, apiKeyId=_MAYBE_UUID),
    "type": ["object", "null"],
}
_ALWAYS: Mapping[str, Part] = {
    "cursor": {**STRING, "description": "Behind it the rest comes"},
    "id": UUID,
    "action": {**STRING, "enum": list(ACTIONS)},
    "object": {**STRING, "description": "The singular name of the object"},
    "recordId": UUID,
    "happenedAt": {**STRING, "format": "date-time"},
    "actor": {**_ACTOR, "description": "Who did it; null for those who may not know"},
    "record": {**_RECORD, "description": "The record after the event; null when there is none any more"},
}
EVENT: Part = {
    "type": "object",
    "required": list(_ALWAYS),
    "properties": {
        **_ALWAYS,
        "updatedFields": {**array(STRING), "description": "Of updates"},
        "before": {**_RECORD, "description": "The record before the event, for those who ask"},
    },
}


def feed_path(event: str, id_: str) -> tuple[str, Part]:
    """``event`` is the name of the schema, ``id_`` that of the operation."""
    page = whole(data=whole(events=array(schema(event))), pageInfo=whole(hasNextPage=BOOLEAN, endCursor=STRING))
    told: Part = {
        "description": "The events, or with `Accept: text/event-stream` a stream of them",
        "content": {**json(page), "text/event-stream": {"schema": STRING}},
    }
    return "/events", {
        "get": operation(
            id_,
            "What has happened to records",
            tag=TAG,
            parameters=tuple(PARAMETERS),
            answers={"200": told},
            failures=(*ALWAYS, "410"),
        )
    }
