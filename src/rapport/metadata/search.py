"""What full-text search covers: the SQL that makes a record's search vector from its fields."""

from collections.abc import Iterable

from rapport.metadata.catalog import Field
from rapport.metadata.fieldtypes.base import Column
from rapport.metadata.names import quote


def search_expression(fields: Iterable[Field]) -> str:
    """The expression of a search vector; `{schema}` stands for the quoted schema of the workspace.

    It calls the function `search_vector` of that schema, see ``ddl``.
    """
    columns = [field.column_of[sub] for field in fields for sub in field.type.search_subs]
    text = " || ' ' || ".join(_text(column) for column in columns) or "''"
    return f"{{schema}}.search_vector({text})"


def _text(column: Column) -> str:
    cast = "" if column.leaf.sql_type == "text" else "::text"
    return f"coalesce({quote(column.name)}{cast},'')"
