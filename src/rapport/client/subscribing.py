"""Subscriptions of GraphQL: what they tell, one result after the other."""

from collections.abc import Mapping
from dataclasses import dataclass

from rapport.client.call import Call, Record
from rapport.client.errors import error_of_graphql
from rapport.client.exchange import Retries
from rapport.client.lasting import Lasting, Over, object_of, opening
from rapport.client.server_sent import ServerSent


@dataclass(frozen=True, kw_only=True)
class Result:
    """``cursor`` is where to go on behind it. ``errors``, as GraphQL has them: a part of it could not be shown."""

    data: Record
    cursor: str | None = None
    errors: tuple[Record, ...] = ()


def subscribing(
    document: str,
    variables: Mapping[str, object] | None,
    operation_name: str | None,
    after: str | None,
    retries: Retries,
) -> Lasting[Result]:
    body: dict[str, object] = {"query": document, "variables": dict(variables or {})}
    if operation_name is not None:
        body["operationName"] = operation_name
    call = Call(method="POST", path="/graphql", json=body, read=opening)
    return Lasting(call, _result, retries, after)


def _result(event: ServerSent) -> Result | Over | None:
    if event.name == "complete":
        return Over()
    if event.name != "next" or not event.data:
        return None
    found, reply = object_of(event)
    errors = found.get("errors") or []
    if not isinstance(found.get("data"), dict):
        return Over(error=error_of_graphql(errors, reply))
    return Result(data=found["data"], cursor=event.id, errors=tuple(errors))
