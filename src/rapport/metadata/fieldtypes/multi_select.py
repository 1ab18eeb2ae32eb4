"""MULTI_SELECT: any of the field's options."""

from typing import TYPE_CHECKING

from rapport.metadata.fieldtypes.atomic import AtomicType
from rapport.metadata.fieldtypes.base import Leaf
from rapport.metadata.fieldtypes.leaves.select import MultiSelectLeaf

if TYPE_CHECKING:
    from rapport.metadata.catalog import Field


class MultiSelectType(AtomicType):
    """Several options of a list that the field defines."""

    name = "MULTI_SELECT"

    def leaf(self, field: "Field") -> Leaf:
        return MultiSelectLeaf([option.value for option in sorted(field.options, key=lambda option: option.position)])
