"""BOOLEAN: yes or no."""

from typing import TYPE_CHECKING

from rapport.metadata.fieldtypes.atomic import AtomicType
from rapport.metadata.fieldtypes.base import Leaf
from rapport.metadata.fieldtypes.leaves.boolean import BOOLEAN

if TYPE_CHECKING:
    from rapport.metadata.catalog import Field


class BooleanType(AtomicType):
    """True or false."""

    name = "BOOLEAN"
    measures = ("countTrue", "countFalse")

    def leaf(self, field: "Field") -> Leaf:
        return BOOLEAN
