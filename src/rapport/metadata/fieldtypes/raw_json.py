"""RAW_JSON: an object or an array."""

from typing import TYPE_CHECKING

from rapport.metadata.fieldtypes.atomic import AtomicType
from rapport.metadata.fieldtypes.base import Leaf
from rapport.metadata.fieldtypes.leaves.json import JSON

if TYPE_CHECKING:
    from rapport.metadata.catalog import Field


class RawJsonType(AtomicType):
    """Any JSON object or array."""

    name = "RAW_JSON"

    def leaf(self, field: "Field") -> Leaf:
        return JSON
