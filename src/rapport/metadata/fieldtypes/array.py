"""ARRAY: texts."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from rapport.metadata.fieldtypes.atomic import AtomicType
from rapport.metadata.fieldtypes.base import Json, Leaf
from rapport.metadata.fieldtypes.leaves.array import ARRAY
from rapport.metadata.fieldtypes.settings import VALUES
from rapport.metadata.fieldtypes.union import listed, united

if TYPE_CHECKING:
    from rapport.metadata.catalog import Field


class ArrayType(AtomicType):
    """A list of texts."""

    name = "ARRAY"
    may_be_unique = False  # a list has no size that an index could count on
    settings_rules = VALUES

    def empty_default(self) -> Json:
        return []

    def leaf(self, field: "Field") -> Leaf:
        return ARRAY

    def merge(self, values: Sequence[Mapping[str, Json]], preferred: Mapping[str, Json]) -> Mapping[str, Json]:
        return {"": united(item for each in values for item in listed(each[""]))}
