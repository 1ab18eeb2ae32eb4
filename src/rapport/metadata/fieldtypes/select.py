"""SELECT: one of the field's options."""

from typing import TYPE_CHECKING

from rapport.metadata.fieldtypes.atomic import AtomicType
from rapport.metadata.fieldtypes.base import Json, Leaf
from rapport.metadata.fieldtypes.defaults import unquoted
from rapport.metadata.fieldtypes.leaves.select import SelectLeaf

if TYPE_CHECKING:
    from rapport.metadata.catalog import Field


class SelectType(AtomicType):
    """One option of a list that the field defines; rows are ordered by the place of their option."""

    name = "SELECT"
    has_options = True

    def leaf(self, field: "Field") -> Leaf:
        return SelectLeaf([option.value for option in sorted(field.options, key=lambda option: option.position)])

    def spelled_default(self, field: "Field", given: Json) -> Json:
        return super().spelled_default(field, option_value(field, given))


def option_value(field: "Field", given: Json) -> Json:
    """The value of the option that a caller means, by its value or by its label; what means none stays as it is."""
    wanted = unquoted(given)
    if any(option.value == wanted for option in field.options):
        return wanted
    return next((option.value for option in field.options if option.label == wanted), wanted)
