"""A record as a row of a table: the columns of files that records are exported to and imported from, and their names.

They are the values of a record as REST shows it with `depth=0`, a dot in the names of what is inside of a composite:
`id`, `name.firstName`, `emails.primaryEmail`, `companyId`.
"""

from dataclasses import dataclass

from rapport.metadata.catalog import Field, Object
from rapport.metadata.fieldtypes.base import Column


@dataclass(frozen=True, slots=True, kw_only=True)
class FlatColumn:
    """A column of a file. ``name`` is its heading, ``column`` the one of the object's table."""

    name: str
    field: Field
    column: Column

    @property
    def is_writable(self) -> bool:
        """Whether callers may give it a value. Search vectors, ids of actors and what a role forbids they may not."""
        return self.column.in_input and self.field.may_update


def flat_columns(item: Object) -> tuple[FlatColumn, ...]:
    """All columns that there are for whom the catalog was made, in the order in which REST shows them."""
    return tuple(
        FlatColumn(name=_name(field, column), field=field, column=column)
        for field in item.field.values()
        if not field.is_to_many and field.is_readable and field.type.name != "TS_VECTOR"
        for column in field.columns
        if column.reads
    )


def _name(field: Field, column: Column) -> str:
    if field.is_to_one:
        return column.name
    return f"{field.name}.{column.sub}" if column.sub else field.name
