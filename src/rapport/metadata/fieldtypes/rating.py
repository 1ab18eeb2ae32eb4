"""RATING: one to five stars."""

from typing import TYPE_CHECKING

from rapport.metadata.fieldtypes.atomic import AtomicType
from rapport.metadata.fieldtypes.base import Leaf
from rapport.metadata.fieldtypes.leaves.select import SelectLeaf

if TYPE_CHECKING:
    from rapport.metadata.catalog import Field

RATINGS = ("RATING_1", "RATING_2", "RATING_3", "RATING_4", "RATING_5")

_LEAF = SelectLeaf(RATINGS)


class RatingType(AtomicType):
    """A select whose five options are always the same."""

    name = "RATING"

    def leaf(self, field: "Field") -> Leaf:
        return _LEAF
