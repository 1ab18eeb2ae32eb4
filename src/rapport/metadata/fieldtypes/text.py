"""TEXT: any text."""

from typing import TYPE_CHECKING, ClassVar

from rapport.metadata.fieldtypes.atomic import AtomicType
from rapport.metadata.fieldtypes.base import Json, Leaf
from rapport.metadata.fieldtypes.leaves.path import FILE_PATH
from rapport.metadata.fieldtypes.leaves.text import TEXT
from rapport.metadata.fieldtypes.settings import Rules, Whole

if TYPE_CHECKING:
    from rapport.metadata.catalog import Field

_PATHS = frozenset({"avatarUrl", "fullPath"})  # the standard fields that hold an address on the web or a file's path


class TextType(AtomicType):
    """A text of one or several lines."""

    name = "TEXT"
    search_subs = ("",)
    settings_rules: ClassVar[Rules] = {"displayedMaxRows": Whole(0, 1000)}

    def empty_default(self) -> Json:
        return "''"

    def leaf(self, field: "Field") -> Leaf:
        return FILE_PATH if field.name in _PATHS and not field.is_custom else TEXT
