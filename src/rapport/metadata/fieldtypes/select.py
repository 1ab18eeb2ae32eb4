"""SELECT: one of the field's options."""

from typing import TYPE_CHECKING

from rapport.metadata.fieldtypes.atomic import AtomicType
from rapport.metadata.fieldtypes.base import Leaf
from rapport.metadata.fieldtypes.leaves.select import SelectLeaf

if TYPE_CHECKING:
    from rapport.metadata.catalog import Field


class SelectType(AtomicType):
    """One option of a list that the field defines; rows are ordered by the place of their option."""

    name = "SELECT"

    def leaf(self, field: "Field") -> Leaf:
        return SelectLeaf([option.value for option in sorted(field.options, key=lambda option: option.position)])
