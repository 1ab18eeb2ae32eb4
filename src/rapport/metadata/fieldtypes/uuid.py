"""UUID: an id."""

from typing import TYPE_CHECKING

from rapport.metadata.fieldtypes.atomic import AtomicType
from rapport.metadata.fieldtypes.base import Leaf
from rapport.metadata.fieldtypes.leaves.uuid import UUID

if TYPE_CHECKING:
    from rapport.metadata.catalog import Field


class UuidType(AtomicType):
    """An id of a record, or of something outside."""

    name = "UUID"

    def leaf(self, field: "Field") -> Leaf:
        return UUID
