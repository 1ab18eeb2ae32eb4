"""What full-text search covers: the SQL that makes a record's search vector from its fields."""

from collections.abc import Iterable, Iterator

from rapport.metadata.catalog import Field
from rapport.metadata.fieldtypes.base import Column
from rapport.metadata.names import quote

_KEYS = '"[A-Za-z]+": '  # of a JSON object; quotes inside its values are escaped, so nothing else looks like this


def search_expression(fields: Iterable[Field]) -> str:
    """The expression of a search vector; `{schema}` stands for the quoted schema of the workspace.

    It calls the function `search_vector` of that schema, see ``ddl``.
    """
    text = " || ' ' || ".join(text for field in fields for text in _texts(field)) or "''"
    return f"{{schema}}.search_vector({text})"


def _texts(field: Field) -> Iterator[str]:
    for sub in field.type.search_subs:
        yield _text(field.column_of[sub])
    if field.type.search_joined:
        yield " || ".join(_text(field.column_of[sub]) for sub in field.type.search_joined)


def _text(column: Column) -> str:
    name = quote(column.name)
    if column.leaf.sql_type == "jsonb":
        return f"coalesce(regexp_replace({name}::text,'{_KEYS}','','g'),'')"
    cast = "" if column.leaf.sql_type == "text" else "::text"
    return f"coalesce({name}{cast},'')"
