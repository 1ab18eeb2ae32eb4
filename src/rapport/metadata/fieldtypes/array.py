"""ARRAY: texts."""

from typing import TYPE_CHECKING

from rapport.metadata.fieldtypes.atomic import AtomicType
from rapport.metadata.fieldtypes.base import Leaf
from rapport.metadata.fieldtypes.leaves.array import ARRAY

if TYPE_CHECKING:
    from rapport.metadata.catalog import Field


class ArrayType(AtomicType):
    """A list of texts."""

    name = "ARRAY"

    def leaf(self, field: "Field") -> Leaf:
        return ARRAY
