"""Who makes a change: the parameters that a write's statement has for it, and their values for a principal."""

from collections.abc import Mapping

import orjson

from rapport.access.principal import Principal
from rapport.engine import plan
from rapport.engine.sql import Value

PRINCIPAL = "@principal"

ACTOR = plan.Actor(
    source=Value(sql_type="text", path=("@source",)),
    name=Value(sql_type="text", path=("@name",)),
    member_id=Value(sql_type="uuid", path=("@member",)),
    context=Value(sql_type="jsonb", path=("@context",)),
    event=Value(sql_type="jsonb", path=("@event",)),
)


def principal_of(values: Mapping[str, object]) -> Principal:
    """Whose ``actor_values`` are among the values."""
    principal = values[PRINCIPAL]
    assert isinstance(principal, Principal)
    return principal


def actor_values(principal: Principal, address: str | None = None) -> dict[str, object]:
    """The `@…` values that ``ACTOR`` asks for. ``address``: from which they ask; the event keeps it."""
    event = {
        "source": principal.source,
        "name": principal.name,
        "userId": principal.user_id,
        "workspaceMemberId": principal.workspace_member_id,
        "apiKeyId": principal.api_key_id,
    }
    if address is not None:
        event["address"] = address
    if principal.impersonator_user_workspace_id is not None:
        event["impersonatedBy"] = principal.impersonator_user_workspace_id
    return {
        "@source": principal.source,
        "@name": principal.name,
        "@member": principal.workspace_member_id,
        "@context": "{}",
        PRINCIPAL: principal,
        "@event": orjson.dumps(event, default=str).decode(),  # str: the driver's UUIDs are a class of its own
    }
