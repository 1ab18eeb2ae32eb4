"""RAW_JSON: an object or an array."""

import copy
from typing import TYPE_CHECKING

from rapport.metadata.fieldtypes.atomic import AtomicType
from rapport.metadata.fieldtypes.base import Json, Leaf
from rapport.metadata.fieldtypes.defaults import unquoted
from rapport.metadata.fieldtypes.leaves.json import JSON

if TYPE_CHECKING:
    from rapport.metadata.catalog import Field


class RawJsonType(AtomicType):
    """Any JSON object or array."""

    name = "RAW_JSON"
    may_be_unique = False

    def empty_default(self) -> Json:
        return {}

    def spelled_default(self, field: "Field", given: Json) -> Json:
        return JSON.coerce(unquoted(given) if isinstance(given, str) else copy.deepcopy(given), field.name)

    def leaf(self, field: "Field") -> Leaf:
        return JSON
