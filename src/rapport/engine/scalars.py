"""Checks of a value's kind in GraphQL's standard words, before its field type looks at its content."""

import math
from itertools import islice

from rapport.engine.inputs import EnumLiteral
from rapport.metadata.fieldtypes.leaves.uuid import UUID

_INT32 = 2**31
_LONGEST_PRINTED = 1_000  # characters of a text, items of a list or an object: the rest tells nobody more


def printed(value: object) -> str:
    """A value as GraphQL's messages print it; not all of a large one."""
    if isinstance(value, str) and len(value) > _LONGEST_PRINTED:
        value = value[:_LONGEST_PRINTED] + "…"
    if isinstance(value, EnumLiteral):
        return str(value)
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "null"
    if isinstance(value, dict):
        items = islice(value.items(), _LONGEST_PRINTED)
        return "{" + ", ".join(f"{key}: {printed(item)}" for key, item in items) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(printed, value[:_LONGEST_PRINTED])) + "]"
    return str(value)


def is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def misfit(scalar: str, value: object) -> str | None:
    """Why a value (not null) cannot be a scalar of that type; None when its kind fits."""
    bare = isinstance(value, EnumLiteral)
    match scalar:
        case "String":
            if not isinstance(value, str) or bare:
                return f"String cannot represent a non string value: {printed(value)}"
        case "Boolean":
            if not isinstance(value, bool):
                return f"Boolean cannot represent a non boolean value: {printed(value)}"
        case "Int":
            if not is_number(value) or (isinstance(value, float) and not value.is_integer()):
                return f"Int cannot represent non-integer value: {printed(value)}"
            if not -_INT32 <= int(value) < _INT32:  # type: ignore[call-overload]
                return f"Int cannot represent non 32-bit signed integer value: {printed(value)}"
        case "Float":
            if not is_number(value) or (isinstance(value, float) and not math.isfinite(value)):
                return f"Float cannot represent non numeric value: {printed(value)}"
        case "UUID" | "ID":
            if not isinstance(value, str) or bare:
                return "UUID must be a string"
        case "DateTime" | "Date":
            if not isinstance(value, str) or bare:
                return f"{scalar} cannot represent a non string value: {printed(value)}"
        case _:
            return None
    return None


def unreadable(scalar: str, value: object) -> str | None:
    """As misfit, and for what a scalar of ours refuses among values of the right kind."""
    message = misfit(scalar, value)
    if message is None and scalar == "UUID" and not UUID.accepts(value):
        return "Invalid UUID"
    return message
