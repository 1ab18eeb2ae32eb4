"""Documents of GraphQL."""

import re
from collections.abc import Mapping

from rapport.client import reading
from rapport.client.call import Call, Record, Repeating

_CHANGES = re.compile(r"\bmutation\b")


def asking(query: str, variables: Mapping[str, object] | None, operation_name: str | None) -> Call[Record]:
    """Reads the data of the answer. A document with a mutation in it is not sent again when its fate is not known."""
    json: dict[str, object] = {"query": query, "variables": dict(variables or {})}
    if operation_name is not None:
        json["operationName"] = operation_name
    repeating = Repeating.NEVER if _CHANGES.search(query) else Repeating.FREELY
    return Call(method="POST", path="/graphql", json=json, read=reading.data, repeating=repeating)
