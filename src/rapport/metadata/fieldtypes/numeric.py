"""NUMERIC: an exact number."""

from typing import TYPE_CHECKING

from rapport.metadata.fieldtypes.atomic import AtomicType
from rapport.metadata.fieldtypes.base import Json, Leaf
from rapport.metadata.fieldtypes.leaves.number import NUMERIC

if TYPE_CHECKING:
    from rapport.metadata.catalog import Field


class NumericType(AtomicType):
    """An exact decimal number of any size."""

    name = "NUMERIC"

    def empty_default(self) -> Json:
        return 0

    def leaf(self, field: "Field") -> Leaf:
        return NUMERIC
