"""Who makes a change: the parameters that a write's statement has for it, and their values for a principal."""

import orjson

from rapport.access.principal import Principal
from rapport.engine import plan
from rapport.engine.sql import Value

ACTOR = plan.Actor(
    source=Value(sql_type="text", path=("@source",)),
    name=Value(sql_type="text", path=("@name",)),
    member_id=Value(sql_type="uuid", path=("@member",)),
    context=Value(sql_type="jsonb", path=("@context",)),
    event=Value(sql_type="jsonb", path=("@event",)),
)


def actor_values(principal: Principal) -> dict[str, object]:
    """The `@…` values that ``ACTOR`` asks for."""
    event = {
        "source": principal.source,
        "name": principal.name,
        "userId": principal.user_id,
        "workspaceMemberId": principal.workspace_member_id,
        "apiKeyId": principal.api_key_id,
    }
    return {
        "@source": principal.source,
        "@name": principal.name,
        "@member": principal.workspace_member_id,
        "@context": "{}",
        "@event": orjson.dumps(event, default=str).decode(),  # str: the driver's UUIDs are a class of its own
    }
