"""Default values of fields, in the spelling of the metadata: `"uuid"`, `"now"`, `"'text'"`, 0, `["'A'"]`, objects."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import cast

from rapport.metadata.fieldtypes.base import Json
from rapport.metadata.names import literal

_EXACT = 2**53  # up to here doubles count whole numbers one by one
_FUNCTIONS = {"uuid": "gen_random_uuid()", "now": "now()"}


def plain_default(default: object, sql_type: str = "") -> Json:
    """The default as a plain value, without the inner quotes; None when there is none or when it is a function.

    JSON is plain already: nothing in it is quoted, and nothing is a function.

    >>> plain_default("'NEW'"), plain_default(["'A'"]), plain_default("now"), plain_default(0)
    ('NEW', ['A'], None, 0)
    >>> plain_default({"at": "now"}, "jsonb")
    {'at': 'now'}
    """
    match default:
        case list() | Mapping() if sql_type == "jsonb":
            return cast(Json, default)
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
    match plain_default(default, sql_type):
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


def unquoted(given: Json) -> Json:
    """What a caller gives as a default, as a plain value: quotes may be there or not.

    >>> unquoted("'NEW'"), unquoted("NEW"), unquoted(["'A'", "B"]), unquoted("'"), unquoted(5)
    ('NEW', 'NEW', ['A', 'B'], "'", 5)
    """
    if isinstance(given, list):
        return [unquoted(item) for item in given]
    if isinstance(given, str) and len(given) >= 2 and given[0] == given[-1] == "'":
        return given[1:-1]
    return given


def spelled(value: Json, sql_type: str) -> Json:
    """A canonical value of a column as the metadata spell it.

    >>> spelled("now", "text"), spelled(["a"], "text[]"), spelled(2.0, "double precision"), spelled("2.5", "numeric")
    ("'now'", ["'a'"], 2, 2.5)
    """
    match value:
        case list() if sql_type != "jsonb":
            return [spelled(item, sql_type) for item in value]
        case str() if sql_type == "numeric" and Decimal(repr(float(value))) == Decimal(value):
            return float(value)
        case str():
            return f"'{value}'"
        case float() if value.is_integer() and abs(value) < _EXACT:
            return int(value)
    return value
