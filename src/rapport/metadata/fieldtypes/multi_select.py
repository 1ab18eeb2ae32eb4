"""MULTI_SELECT: any of the field's options."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from rapport.metadata.fieldtypes.atomic import AtomicType
from rapport.metadata.fieldtypes.base import Json, Leaf
from rapport.metadata.fieldtypes.leaves.select import MultiSelectLeaf
from rapport.metadata.fieldtypes.select import option_value
from rapport.metadata.fieldtypes.union import listed, united

if TYPE_CHECKING:
    from rapport.metadata.catalog import Field


class MultiSelectType(AtomicType):
    """Several options of a list that the field defines."""

    name = "MULTI_SELECT"
    has_options = True
    may_be_unique = False

    def empty_default(self) -> Json:
        return []

    def spelled_default(self, field: "Field", given: Json) -> Json:
        wanted = given if isinstance(given, list) else [given]
        return super().spelled_default(field, [option_value(field, item) for item in wanted])

    def leaf(self, field: "Field") -> Leaf:
        return MultiSelectLeaf([option.value for option in sorted(field.options, key=lambda option: option.position)])

    def merge(self, values: Sequence[Mapping[str, Json]], preferred: Mapping[str, Json]) -> Mapping[str, Json]:
        return {"": united(item for each in values for item in listed(each[""]))}
