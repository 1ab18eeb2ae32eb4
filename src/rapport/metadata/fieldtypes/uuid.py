"""UUID: an id."""

from typing import TYPE_CHECKING

from rapport.metadata.fieldtypes.atomic import AtomicType
from rapport.metadata.fieldtypes.base import Json, Leaf
from rapport.metadata.fieldtypes.leaves.uuid import UUID

if TYPE_CHECKING:
    from rapport.metadata.catalog import Field


class UuidType(AtomicType):
    """An id of a record, or of something outside."""

    name = "UUID"
    default_functions = frozenset({"uuid"})

    def empty_default(self) -> Json:
        return "uuid"

    def leaf(self, field: "Field") -> Leaf:
        return UUID
