"""Text columns."""

from rapport.base.errors import InvalidValue
from rapport.metadata.fieldtypes.base import Json, Leaf, quoted_cell
from rapport.metadata.fieldtypes.shapes import STRING, Shape, Use
from rapport.metadata.fieldtypes.shown import shown
from rapport.metadata.fieldtypes.storable import obstacle

# How texts begin that spreadsheets take for formulas, also behind blanks and in the wide forms of East Asia.
_FORMULA = r"""'^\s*[-=+@＝＋－＠]|^[\t\r\n]'"""


class TextLeaf(Leaf):
    """Any text. '' is stored as '' and NULL as NULL; filters take them for one value."""

    sql_type = "text"
    scalar = "String"
    input_scalar = "String"
    filter_type = "StringFilter"
    operators: tuple[str, ...] = (
        "eq", "neq", "in", "gt", "gte", "lt", "lte", "like", "ilike", "startsWith", "endsWith", "regex", "iregex", "is",
    )  # fmt: skip
    empty_is_null = True
    empty_sql = "''"

    def shape(self, use: Use) -> Shape:
        return STRING

    def json_sql(self, column: str) -> str:
        return f"to_json({column})::text"

    def cell_sql(self, column: str, *, is_guarded: bool = False) -> str:
        guarded = f"case when {column} ~ {_FORMULA} then ''''||{column} else {column} end"
        return quoted_cell(guarded if is_guarded else column)

    def group_sql(self, column: str) -> str:
        return f"nullif({column},'')"

    def coerce(self, value: Json, label: str) -> Json:
        if not isinstance(value, str):
            raise InvalidValue(f'Invalid string value {shown(value)} for text field "{label}"')
        if reason := obstacle(value):
            raise InvalidValue(f'Invalid string value {shown(value)} for text field "{label}"{reason}')
        return value

    def param(self, value: Json, label: str) -> object:
        return self.coerce(value, label)


class RichTextLeaf(TextLeaf):
    """One of the two texts of a rich text; it can be searched by pattern only."""

    filter_type = "RichTextV2LeafFilter"
    operators = ("ilike",)


TEXT = TextLeaf()
RICH_TEXT = RichTextLeaf()
