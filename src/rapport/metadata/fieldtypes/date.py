"""DATE: a day."""

from typing import TYPE_CHECKING

from rapport.metadata.fieldtypes.atomic import AtomicType
from rapport.metadata.fieldtypes.base import Json, Leaf
from rapport.metadata.fieldtypes.leaves.time import DATE
from rapport.metadata.fieldtypes.settings import MOMENTS

if TYPE_CHECKING:
    from rapport.metadata.catalog import Field


class DateType(AtomicType):
    """A day, without a time zone."""

    name = "DATE"
    measures = ("min", "max")
    default_functions = frozenset({"now"})
    settings_rules = MOMENTS

    def empty_default(self) -> Json:
        return "now"

    def leaf(self, field: "Field") -> Leaf:
        return DATE
