"""Values of unique fields: they are keys of an index, whose entries PostgreSQL limits to a third of a page."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from rapport.base.errors import InvalidValue
from rapport.metadata.fieldtypes.base import Json
from rapport.metadata.fieldtypes.shown import shown

if TYPE_CHECKING:
    from rapport.metadata.catalog import Field

_LONGEST_KEY = 2_000  # bytes


def check_keys(field: "Field", values: Mapping[str, Json]) -> None:
    """Raises InvalidValue when a text among the values of a unique field is too long to be indexed."""
    if not field.is_unique:
        return
    for column in field.columns:
        value = values.get(column.name)
        if column.in_unique and isinstance(value, str) and len(value.encode()) > _LONGEST_KEY:
            label = f"{field.name}.{column.sub}" if column.sub else field.name
            raise InvalidValue(
                f'Invalid string value {shown(value)} for text field "{label}": '
                f"a unique value may have {_LONGEST_KEY} bytes"
            )
