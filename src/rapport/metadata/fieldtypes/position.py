"""POSITION: a rank."""

from typing import TYPE_CHECKING

from rapport.metadata.fieldtypes.atomic import AtomicType
from rapport.metadata.fieldtypes.base import Leaf
from rapport.metadata.fieldtypes.leaves.number import POSITION

if TYPE_CHECKING:
    from rapport.metadata.catalog import Field


class PositionType(AtomicType):
    """The rank of a record in manual ordering."""

    name = "POSITION"

    def leaf(self, field: "Field") -> Leaf:
        return POSITION
