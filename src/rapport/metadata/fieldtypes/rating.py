"""RATING: one to five stars."""

from typing import TYPE_CHECKING

from rapport.metadata.fieldtypes.atomic import AtomicType
from rapport.metadata.fieldtypes.base import Json, Leaf
from rapport.metadata.fieldtypes.leaves.select import SelectLeaf
from rapport.metadata.fieldtypes.select import option_value

if TYPE_CHECKING:
    from rapport.metadata.catalog import Field

RATINGS = ("RATING_1", "RATING_2", "RATING_3", "RATING_4", "RATING_5")

_LEAF = SelectLeaf(RATINGS)


class RatingType(AtomicType):
    """A select whose five options are always the same."""

    name = "RATING"
    has_options = True
    fixed_options = tuple((value, value.removeprefix("RATING_")) for value in RATINGS)

    def leaf(self, field: "Field") -> Leaf:
        return _LEAF

    def spelled_default(self, field: "Field", given: Json) -> Json:
        return super().spelled_default(field, option_value(field, given))
