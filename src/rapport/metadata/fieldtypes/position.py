"""POSITION: a rank."""

from typing import TYPE_CHECKING

from rapport.base.errors import InvalidValue
from rapport.metadata.fieldtypes.atomic import AtomicType
from rapport.metadata.fieldtypes.base import Json, Leaf
from rapport.metadata.fieldtypes.leaves.number import POSITION
from rapport.metadata.fieldtypes.shown import shown

if TYPE_CHECKING:
    from rapport.metadata.catalog import Field


class PositionType(AtomicType):
    """The rank of a record in manual ordering."""

    name = "POSITION"

    def empty_default(self) -> Json:
        return 0

    def spelled_default(self, field: "Field", given: Json) -> Json:
        if isinstance(given, str):  # `first` and `last` are places among other records
            raise InvalidValue(f'Invalid position value {shown(given)} for field "{field.name}"')
        return super().spelled_default(field, given)

    def leaf(self, field: "Field") -> Leaf:
        return POSITION
