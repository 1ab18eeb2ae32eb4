"""The order of a list: `order_by=name.firstName[AscNullsLast],createdAt[DescNullsLast]` (core-api.md §4.3)."""

import re

import orjson

from rapport.edge.misuse import BadRequest
from rapport.edge.rest.records.grammar import Tree, nested

DIRECTIONS = ("AscNullsFirst", "AscNullsLast", "DescNullsFirst", "DescNullsLast")

_KEY = re.compile(r"\s*([^\s\[\],]+)\s*(?:\[([^\[\],]*)\])?\s*")
_SHOWN = 80  # characters of what the client sent
_EXAMPLE = "eg: ?order_by=field_1[AscNullsFirst],field_2[DescNullsLast],field_3"


def read_order(text: str, name: str) -> object:
    """The order as GraphQL has it, also from JSON; ``name`` is the parameter's. Raises BadRequest.

    >>> read_order("name.firstName[DescNullsLast],id", "order_by")
    [{'name': {'firstName': 'DescNullsLast'}}, {'id': 'AscNullsFirst'}]
    """
    if text.lstrip().startswith(("{", "[")):
        try:
            found: object = orjson.loads(text)
        except ValueError:
            raise BadRequest(f"'{name}' is not valid JSON. {_EXAMPLE}") from None
        return found
    return [_key(each, name) for each in text.split(",")]


def _key(text: str, name: str) -> Tree:
    parts = _KEY.fullmatch(text)
    if parts is None:
        raise BadRequest(f"'{name}' invalid for '{text[:_SHOWN]}'. {_EXAMPLE}")
    path, direction = parts[1], parts[2] or DIRECTIONS[0]
    if direction not in DIRECTIONS:
        allowed = ", ".join(f"'{each}'" for each in DIRECTIONS)
        raise BadRequest(f"'{name}' direction '{direction[:_SHOWN]}' invalid. Allowed values are {allowed}. {_EXAMPLE}")
    return nested(path, direction)
