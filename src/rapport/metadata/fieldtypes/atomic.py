"""Field types that are one column."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from rapport.base.errors import InvalidValue
from rapport.metadata.fieldtypes.base import Column, FieldType, Json, Leaf
from rapport.metadata.fieldtypes.defaults import default_sql, plain_default, spelled, unquoted
from rapport.metadata.fieldtypes.keys import check_keys
from rapport.metadata.fieldtypes.shapes import Shape, Use, or_null

if TYPE_CHECKING:
    from rapport.metadata.catalog import Field


class AtomicType(FieldType):
    """One column named as the field. A field with the setting `isSecret` is neither read nor written by callers."""

    default_functions: ClassVar[frozenset[str]] = frozenset()  # that a default may name instead of a value

    def leaf(self, field: "Field") -> Leaf:
        raise NotImplementedError

    def columns(self, field: "Field") -> tuple[Column, ...]:
        leaf = self.leaf(field)
        is_secret = field.settings.get("isSecret") is True
        return (
            Column(
                name=field.name,
                leaf=leaf,
                nullable=field.is_nullable,
                default_sql=default_sql(field.default, leaf.sql_type),
                in_input=not is_secret,
                reads=not is_secret,
            ),
        )

    def shape(self, field: "Field", use: Use) -> Shape:
        shape = field.column.leaf.shape(use)
        may_be_null = field.is_nullable or (use == "update" and field.default is not None)
        return or_null(shape) if may_be_null and use != "create" else shape

    def write(self, field: "Field", value: Json) -> Mapping[str, Json]:
        column = field.column
        if value is None:
            return {column.name: cleared(field)}
        result = {column.name: column.leaf.coerce(value, field.name)}
        check_keys(field, result)
        return result

    def spelled_default(self, field: "Field", given: Json) -> Json:
        if isinstance(given, str) and given in self.default_functions:
            return given
        (value,) = self.write(field, unquoted(given)).values()
        return spelled(value, field.column.leaf.sql_type)


def cleared(field: "Field") -> Json:
    """What null becomes: null, or the default of a field that must have a value."""
    if field.is_nullable:
        return None
    default = plain_default(field.default, field.column.leaf.sql_type)
    if default is None:
        raise InvalidValue(
            f"Field {field.name} is not nullable and has no default value.",
            user_message="A required field is missing.",
        )
    return default
