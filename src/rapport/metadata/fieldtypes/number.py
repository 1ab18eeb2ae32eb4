"""NUMBER: a number whose kind the setting `dataType` tells: `int`, `bigint`, or `float` when there is none."""

from typing import TYPE_CHECKING

from rapport.metadata.fieldtypes.atomic import AtomicType
from rapport.metadata.fieldtypes.base import Leaf
from rapport.metadata.fieldtypes.leaves.number import BIGINT, FLOAT, INT

if TYPE_CHECKING:
    from rapport.metadata.catalog import Field

_LEAVES: dict[object, Leaf] = {"int": INT, "bigint": BIGINT}


class NumberType(AtomicType):
    """A number."""

    name = "NUMBER"
    measures = ("min", "max", "avg", "sum")

    def leaf(self, field: "Field") -> Leaf:
        return _LEAVES.get(field.settings.get("dataType"), FLOAT)
