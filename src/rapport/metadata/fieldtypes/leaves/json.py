"""JSON columns."""

import json

from rapport.base.errors import InvalidValue
from rapport.metadata.fieldtypes.base import Json, Leaf
from rapport.metadata.fieldtypes.shapes import OPEN, Shape, Use
from rapport.metadata.fieldtypes.shown import shown
from rapport.metadata.fieldtypes.storable import obstacle, storable_json


class JsonLeaf(Leaf):
    """An object or an array, or a string that holds one. Filters and orders compare the text of it."""

    sql_type = "jsonb"
    scalar = "JSON"
    input_scalar = "JSON"
    filter_type = "RawJsonFilter"
    operators = ("like", "is")
    empty_sql = "'{}','[]'"
    order_type = "text"

    def shape(self, use: Use) -> Shape:
        return OPEN

    def json_sql(self, column: str) -> str:
        return f"{column}::text"

    def order_sql(self, column: str) -> str:
        return f"{column}::text"

    def order_json_sql(self, column: str) -> str:
        return f"to_json({column}::text)::text"

    def group_sql(self, column: str) -> str:
        return f"nullif(nullif({column}::text,'{{}}'),'[]')"

    def group_json_sql(self, group: str) -> str:
        return group

    def coerce(self, value: Json, label: str) -> Json:
        parsed = parsed_json(value)
        if not isinstance(parsed, (dict, list)):
            raise InvalidValue(f'Invalid object value {shown(value)} for field "{label}"')
        return storable_json(parsed, label)

    def param(self, value: Json, label: str) -> object:
        if not isinstance(value, str) or obstacle(value):
            raise InvalidValue(f'Invalid object value {shown(value)} for field "{label}"')
        return value


def parsed_json(value: Json) -> Json:
    """What a string holds if it is JSON, else the value itself."""
    if not isinstance(value, str):
        return value
    try:
        parsed: Json = json.loads(value)
    except (ValueError, RecursionError):
        return value
    return parsed


JSON = JsonLeaf()
