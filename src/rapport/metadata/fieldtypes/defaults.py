"""Default values of fields, in the spelling of the metadata: `"uuid"`, `"now"`, `"'text'"`, 0, `["'A'"]`, objects."""

import json
from collections.abc import Mapping
from typing import cast

from rapport.metadata.fieldtypes.base import Json
from rapport.metadata.names import literal

_FUNCTIONS = {"uuid": "gen_random_uuid()", "now": "now()"}


def plain_default(default: object) -> Json:
    """The default as a plain value, without the inner quotes; None when there is none or when it is a function.

    >>> plain_default("'NEW'"), plain_default(["'A'"]), plain_default("now"), plain_default(0)
    ('NEW', ['A'], None, 0)
    """
    match default:
        case str() if default in _FUNCTIONS:
            return None
        case str() if len(default) >= 2 and default[0] == default[-1] == "'":
            return default[1:-1]
        case list():
            return [plain_default(item) for item in default]
        case Mapping():
            return {str(key): plain_default(item) for key, item in default.items()}
    return cast(Json, default)


def default_sql(default: object, sql_type: str) -> str | None:
    """The default as an SQL expression of the column's type."""
    if isinstance(default, str) and default in _FUNCTIONS:
        return _FUNCTIONS[default] if sql_type != "date" else "current_date"
    match plain_default(default):
        case None:
            return None
        case bool() as flag:
            return "true" if flag else "false"
        case int() | float() as number:
            return str(number)
        case str() as text:
            return f"{literal(text)}::{sql_type}"
        case list() as items if sql_type.endswith("[]"):
            return f"array[{','.join(literal(str(item)) for item in items)}]::{sql_type}"
        case value:
            return f"{literal(json.dumps(value))}::{sql_type}"
