"""Values as GraphQL literals."""

import json
from decimal import Decimal

from tests.engine.twin import Json


def literal(value: Json) -> str:
    """The text of a value in a document; directions and the values of `is` stand bare, as enum values do."""
    match value:
        case dict():
            return "{" + ", ".join(f"{key}: {_entry(key, each)}" for key, each in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(literal, value)) + "]"
        case str() if value.startswith(("AscNulls", "DescNulls")):
            return value
        case Decimal():
            return str(value)
    return json.dumps(value, ensure_ascii=False)


def _entry(key: str, value: Json) -> str:
    return value if key == "is" and isinstance(value, str) else literal(value)
