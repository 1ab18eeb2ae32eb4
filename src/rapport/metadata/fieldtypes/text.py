"""TEXT: any text."""

from typing import TYPE_CHECKING

from rapport.metadata.fieldtypes.atomic import AtomicType
from rapport.metadata.fieldtypes.base import Leaf
from rapport.metadata.fieldtypes.leaves.text import TEXT

if TYPE_CHECKING:
    from rapport.metadata.catalog import Field


class TextType(AtomicType):
    """A text of one or several lines."""

    name = "TEXT"
    search_subs = ("",)

    def leaf(self, field: "Field") -> Leaf:
        return TEXT
