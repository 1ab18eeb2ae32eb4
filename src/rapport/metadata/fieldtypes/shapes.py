"""JSON Schemas of values, as the descriptions of the REST API (OpenAPI) have them."""

from collections.abc import Mapping
from typing import Literal, TypeAlias

from rapport.metadata.fieldtypes.base import Json

Shape: TypeAlias = Mapping[str, Json]

# Where a value stands: in the body of a request that creates or updates a record, or in an answer.
Use = Literal["create", "update", "answer"]

STRING: Shape = {"type": "string"}
NUMBER: Shape = {"type": "number"}
OPEN: Shape = {"anyOf": [{"type": "object"}, {"type": "array", "items": {}}]}  # any JSON but a scalar


def formatted(name: str) -> Shape:
    """A text of a kind that JSON Schema has a word for: `uuid`, `date-time`."""
    return {"type": "string", "format": name}


def list_of(items: Shape) -> Shape:
    return {"type": "array", "items": dict(items)}


def object_of(properties: Mapping[str, Shape]) -> Shape:
    return {"type": "object", "properties": {name: dict(each) for name, each in properties.items()}}


def or_null(shape: Shape) -> Shape:
    """The same, or null.

    >>> or_null({"type": "string", "enum": ["A"]}), or_null({"anyOf": [{"type": "object"}]})
    ({'type': ['string', 'null'], 'enum': ['A', None]}, {'anyOf': [{'type': 'object'}, {'type': 'null'}]})
    """
    kind, choices, options = shape.get("type"), shape.get("anyOf"), shape.get("enum")
    if isinstance(choices, list):
        return {**shape, "anyOf": [*choices, {"type": "null"}]}
    assert isinstance(kind, str)
    result: dict[str, Json] = {**shape, "type": [kind, "null"]}
    if isinstance(options, list):
        result["enum"] = [*options, None]
    return result
