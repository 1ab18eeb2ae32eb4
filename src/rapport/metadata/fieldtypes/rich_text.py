"""RICH_TEXT: the older formatted text."""

from typing import TYPE_CHECKING

from rapport.metadata.fieldtypes.atomic import AtomicType
from rapport.metadata.fieldtypes.base import Json, Leaf
from rapport.metadata.fieldtypes.leaves.text import TEXT

if TYPE_CHECKING:
    from rapport.metadata.catalog import Field


class RichTextType(AtomicType):
    """A formatted text of the older kind, kept as it is given."""

    name = "RICH_TEXT"
    search_subs = ("",)

    def empty_default(self) -> Json:
        return "''"

    def leaf(self, field: "Field") -> Leaf:
        return TEXT
