"""Search vector columns, which PostgreSQL computes."""

from rapport.base.errors import InvalidValue
from rapport.metadata.fieldtypes.base import Json, Leaf
from rapport.metadata.fieldtypes.leaves.text import TEXT
from rapport.metadata.fieldtypes.shapes import STRING, Shape, Use


class SearchLeaf(Leaf):
    """A generated full-text vector: read as text, searched, never written."""

    sql_type = "tsvector"
    scalar = "TSVector"
    input_scalar = "TSVector"
    filter_type = "TSVectorFilter"
    operators = ("search",)
    order_type = "text"
    groupable = False

    def shape(self, use: Use) -> Shape:
        return STRING

    def json_sql(self, column: str) -> str:
        return f"to_json({column}::text)::text"

    def order_sql(self, column: str) -> str:
        return f"{column}::text"

    def coerce(self, value: Json, label: str) -> Json:
        raise InvalidValue(f'Field "{label}" is computed and cannot be written')

    def param(self, value: Json, label: str) -> object:
        return TEXT.param(value, label)


SEARCH = SearchLeaf()
