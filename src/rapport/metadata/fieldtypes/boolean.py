"""BOOLEAN: yes or no."""

from typing import TYPE_CHECKING

from rapport.metadata.fieldtypes.atomic import AtomicType
from rapport.metadata.fieldtypes.base import Json, Leaf
from rapport.metadata.fieldtypes.leaves.boolean import BOOLEAN

if TYPE_CHECKING:
    from rapport.metadata.catalog import Field


class BooleanType(AtomicType):
    """True or false."""

    name = "BOOLEAN"
    measures = ("countTrue", "countFalse")

    def empty_default(self) -> Json:
        return False

    def leaf(self, field: "Field") -> Leaf:
        return BOOLEAN
