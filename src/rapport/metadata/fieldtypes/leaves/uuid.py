"""UUID columns: ids and join columns."""

import re

from rapport.base.errors import InvalidValue
from rapport.metadata.fieldtypes.base import Json, Leaf
from rapport.metadata.fieldtypes.shapes import Shape, Use, formatted
from rapport.metadata.fieldtypes.shown import shown

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


class UuidLeaf(Leaf):
    """A UUID of any version, kept in lower case."""

    sql_type = "uuid"
    scalar = "UUID"
    input_scalar = "UUID"
    filter_type = "UUIDFilter"
    operators = ("eq", "neq", "in", "is", "gt", "gte", "lt", "lte")
    raw_quoted = True

    def shape(self, use: Use) -> Shape:
        return formatted("uuid")

    def json_sql(self, column: str) -> str:
        return f"'\"'||{column}||'\"'"

    def cell_sql(self, column: str, *, is_guarded: bool = False) -> str:
        return f"{column}::text"

    def accepts(self, value: object) -> bool:
        return isinstance(value, str) and len(value) == 36 and _UUID.fullmatch(value.lower()) is not None

    def coerce(self, value: Json, label: str) -> Json:
        if isinstance(value, str) and len(value) == 36:
            lowered = value.lower()
            if _UUID.fullmatch(lowered):
                return lowered
        raise InvalidValue(f'Invalid UUID value {shown(value)} for field "{label}"')

    def param(self, value: Json, label: str) -> object:
        return self.coerce(value, label)


UUID = UuidLeaf()
