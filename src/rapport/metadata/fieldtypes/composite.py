"""Field types that are several columns, one per sub-field."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from rapport.base.errors import InvalidValue
from rapport.metadata.fieldtypes.base import Column, FieldType, Json, Leaf
from rapport.metadata.fieldtypes.defaults import default_sql, plain_default, spelled, unquoted
from rapport.metadata.fieldtypes.keys import check_keys
from rapport.metadata.fieldtypes.leaves.text import TEXT
from rapport.metadata.fieldtypes.shapes import Shape, Use, object_of, or_null
from rapport.metadata.fieldtypes.shown import printable, shown

if TYPE_CHECKING:
    from rapport.metadata.catalog import Field


@dataclass(frozen=True, kw_only=True)
class Sub:
    """A sub-field of a composite type."""

    name: str
    leaf: Leaf
    in_unique: bool = False
    in_input: bool = True
    shape: Shape | None = None  # unless it is that of all values of the leaf


class CompositeType(FieldType):
    """Columns `<field><Sub>`. A subclass lists ``subs`` and may check and complete values in ``normalised``."""

    subs: ClassVar[tuple[Sub, ...]]

    def columns(self, field: "Field") -> tuple[Column, ...]:
        defaults = field.default if isinstance(field.default, Mapping) else {}
        return tuple(
            Column(
                name=column_name(field.name, sub.name),
                leaf=sub.leaf,
                sub=sub.name,
                default_sql=default_sql(defaults.get(sub.name), sub.leaf.sql_type),
                in_unique=sub.in_unique,
                in_input=sub.in_input,
            )
            for sub in self.subs
        )

    def shape(self, field: "Field", use: Use) -> Shape:
        """An object; in answers it is there also when all its parts are null."""
        subs = [sub for sub in self.subs if use == "answer" or sub.in_input]
        shapes = {sub.name: sub.shape or sub.leaf.shape(use) for sub in subs}
        if use == "create":
            return object_of(shapes)
        whole = object_of({name: or_null(shape) for name, shape in shapes.items()})
        return or_null(whole) if use == "update" else whole

    def write(self, field: "Field", value: Json) -> Mapping[str, Json]:
        if value is None:
            return self._cleared(field)
        if not isinstance(value, dict):
            raise InvalidValue(f'Invalid object value {shown(value)} for field "{field.name}"')
        for key in value:
            column = field.column_of.get(key)
            if column is None or not column.in_input:
                raise InvalidValue(f'Unknown subfield {printable(key)} for {self.name} field "{field.name}"')
        result = {field.column_of[sub].name: item for sub, item in self.normalised(field, value).items()}
        check_keys(field, result)
        return result

    def _cleared(self, field: "Field") -> Mapping[str, Json]:
        """Null in all columns; a field that must have a value returns to its defaults."""
        defaults = field.default if not field.is_nullable and isinstance(field.default, Mapping) else {}
        return {
            column.name: plain_default(defaults.get(column.sub), column.leaf.sql_type)
            for column in field.columns
            if column.in_input
        }

    def empty_default(self) -> Json:
        return {sub.name: "''" if sub.leaf is TEXT else None for sub in self.subs}

    def spelled_default(self, field: "Field", given: Json) -> Json:
        """Of all sub-fields, also of those that are not given. Texts may be empty here, where writes make them null."""
        if not isinstance(given, dict):
            raise InvalidValue(f'Invalid object value {shown(given)} for field "{field.name}"')
        for key in given:
            if key not in field.column_of:
                raise InvalidValue(f'Unknown subfield {printable(key)} for {self.name} field "{field.name}"')
        plain = {sub: unquoted(item) for sub, item in given.items()}
        values = self.normalised(field, {sub: item for sub, item in plain.items() if item not in (None, "")})
        result: dict[str, Json] = {}
        for sub, column in field.column_of.items():
            is_empty = plain.get(sub) == "" and column.leaf is TEXT
            result[sub] = "''" if is_empty else spelled(values.get(sub), column.leaf.sql_type)
        return result

    def normalised(self, field: "Field", value: Mapping[str, Json]) -> Mapping[str, Json]:
        """Canonical values by sub-field, of the given ones and of those that follow from them."""
        return {sub: self.coerced(field, sub, item) for sub, item in value.items()}

    def coerced(self, field: "Field", sub: str, item: Json) -> Json:
        """One sub-value by the rules of its column alone."""
        if item is None:
            return None
        return field.column_of[sub].leaf.coerce(item, f"{field.name}.{sub}")


def column_name(field: str, sub: str) -> str:
    """`nameFirstName` for `name`, `firstName`."""
    return f"{field}{sub[:1].upper()}{sub[1:]}"
