"""DATE_TIME: a moment."""

from typing import TYPE_CHECKING

from rapport.metadata.fieldtypes.atomic import AtomicType
from rapport.metadata.fieldtypes.base import Leaf
from rapport.metadata.fieldtypes.leaves.time import DATE_TIME

if TYPE_CHECKING:
    from rapport.metadata.catalog import Field


class DateTimeType(AtomicType):
    """A moment, to the millisecond."""

    name = "DATE_TIME"
    measures = ("min", "max")

    def leaf(self, field: "Field") -> Leaf:
        return DATE_TIME
