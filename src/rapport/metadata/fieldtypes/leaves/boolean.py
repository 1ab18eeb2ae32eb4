"""Boolean columns."""

from rapport.base.errors import InvalidValue
from rapport.metadata.fieldtypes.base import Json, Leaf
from rapport.metadata.fieldtypes.shapes import Shape, Use
from rapport.metadata.fieldtypes.shown import shown


class BooleanLeaf(Leaf):
    """true or false, nothing that resembles them."""

    sql_type = "boolean"
    scalar = "Boolean"
    input_scalar = "Boolean"
    filter_type = "BooleanFilter"
    operators = ("eq", "is")

    def shape(self, use: Use) -> Shape:
        return {"type": "boolean"}

    def json_sql(self, column: str) -> str:
        return f"{column}::text"

    def cell_sql(self, column: str, *, is_guarded: bool = False) -> str:
        return f"{column}::text"

    def group_json_sql(self, group: str) -> str:
        return f"'\"'||{group}||'\"'"

    def coerce(self, value: Json, label: str) -> Json:
        if not isinstance(value, bool):
            raise InvalidValue(f'Invalid boolean value {shown(value)} for field "{label}"')
        return value

    def param(self, value: Json, label: str) -> object:
        return self.coerce(value, label)

    def read_text(self, text: str) -> Json:
        return text.lower() == "true"


BOOLEAN = BooleanLeaf()
