"""RELATION and MORPH_RELATION: a link to a record of another object."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from rapport.base.errors import InvalidValue
from rapport.metadata.fieldtypes.base import Column, FieldType, Json
from rapport.metadata.fieldtypes.leaves.uuid import UUID

if TYPE_CHECKING:
    from rapport.metadata.catalog import Field


class RelationType(FieldType):
    """One side of a relation: the MANY_TO_ONE side is a uuid column (`companyId`), the other has no column.

    ``write`` takes the id given for the join column; connect and disconnect are resolved before.
    """

    name = "RELATION"
    is_relation = True
    may_be_unique = False
    may_have_default = False

    def columns(self, field: "Field") -> tuple[Column, ...]:
        if field.relation is None or not field.is_to_one:
            return ()
        return (Column(name=field.relation.join_column, leaf=UUID),)

    def write(self, field: "Field", value: Json) -> Mapping[str, Json]:
        if field.relation is None or not field.is_to_one:
            raise InvalidValue(f"One-to-many relation {field.name} field does not support write operations.")
        column = field.relation.join_column
        return {column: None if value is None else UUID.coerce(value, column)}


class MorphRelationType(RelationType):
    """A relation that is one of a group (`targetPerson`, `targetCompany` …), of which one at most is set."""

    name = "MORPH_RELATION"
