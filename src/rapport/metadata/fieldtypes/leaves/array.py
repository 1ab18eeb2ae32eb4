"""Columns that hold a list of texts."""

from rapport.base.errors import InvalidValue
from rapport.metadata.fieldtypes.base import Json, Leaf
from rapport.metadata.fieldtypes.shapes import STRING, Shape, Use, list_of
from rapport.metadata.fieldtypes.shown import shown
from rapport.metadata.fieldtypes.storable import obstacle


class ArrayLeaf(Leaf):
    """A list of texts; a single text is taken for a list of one."""

    sql_type = "text[]"
    scalar = "[String]"
    input_scalar = "[String]"
    filter_type = "ArrayFilter"
    operators = ("containsIlike", "is", "isEmptyArray")
    empty_sql = "'{}'"

    def shape(self, use: Use) -> Shape:
        return list_of(STRING)

    def json_sql(self, column: str) -> str:
        return f"to_json({column})::text"

    def group_sql(self, column: str) -> str:
        return f"nullif({column},'{{}}')"

    def coerce(self, value: Json, label: str) -> Json:
        items = value if isinstance(value, list) else [value]
        return [self._text(item, label) for item in items]

    def param(self, value: Json, label: str) -> object:
        return self._text(value, label)

    def order_param(self, value: Json, label: str) -> object:
        return self.coerce(value, label)

    def _text(self, item: Json, label: str) -> str:
        if not isinstance(item, str):
            raise InvalidValue(f'Invalid value {shown(item)} for field "{label} - Array values need to be string"')
        if reason := obstacle(item):
            raise InvalidValue(f'Invalid value {shown(item)} for field "{label}"{reason}')
        return item


ARRAY = ArrayLeaf()
