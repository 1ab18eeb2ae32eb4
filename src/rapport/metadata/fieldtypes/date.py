"""DATE: a day."""

from typing import TYPE_CHECKING

from rapport.metadata.fieldtypes.atomic import AtomicType
from rapport.metadata.fieldtypes.base import Leaf
from rapport.metadata.fieldtypes.leaves.time import DATE

if TYPE_CHECKING:
    from rapport.metadata.catalog import Field


class DateType(AtomicType):
    """A day, without a time zone."""

    name = "DATE"
    measures = ("min", "max")

    def leaf(self, field: "Field") -> Leaf:
        return DATE
