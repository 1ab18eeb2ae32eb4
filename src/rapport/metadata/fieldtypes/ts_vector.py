"""TS_VECTOR: the full-text vector of a record, computed by PostgreSQL from other columns."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from rapport.base.errors import InvalidValue
from rapport.metadata.fieldtypes.base import Column, FieldType, Json
from rapport.metadata.fieldtypes.leaves.search import SEARCH

if TYPE_CHECKING:
    from rapport.metadata.catalog import Field


class TsVectorType(FieldType):
    """A generated column. Its setting `asExpression` is SQL in which `{schema}` stands for the quoted schema."""

    name = "TS_VECTOR"
    is_creatable = False  # its expression is SQL
    may_be_unique = False
    may_have_default = False

    def columns(self, field: "Field") -> tuple[Column, ...]:
        expression = field.settings.get("asExpression")
        return (
            Column(
                name=field.name,
                leaf=SEARCH,
                generated_sql=expression if isinstance(expression, str) else "''::tsvector",
                in_unique=False,
                in_input=False,
            ),
        )

    def write(self, field: "Field", value: Json) -> Mapping[str, Json]:
        raise InvalidValue(f'Field "{field.name}" is computed and cannot be written')
