"""NUMBER: a number whose kind the setting `dataType` tells: `int`, `bigint`, or `float` when there is none."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from rapport.metadata.fieldtypes.atomic import AtomicType
from rapport.metadata.fieldtypes.base import Json, Leaf
from rapport.metadata.fieldtypes.leaves.number import BIGINT, FLOAT, INT
from rapport.metadata.fieldtypes.settings import Rules, Whole, Word

if TYPE_CHECKING:
    from rapport.metadata.catalog import Field

_LEAVES: dict[object, Leaf] = {"int": INT, "bigint": BIGINT}
_KINDS = ("int", "bigint", "float")  # each holds what those before it hold; doubles hold large numbers nearly


class NumberType(AtomicType):
    """A number."""

    name = "NUMBER"
    measures = ("min", "max", "avg", "sum")
    settings_rules: ClassVar[Rules] = {
        "dataType": Word(_KINDS),
        "decimals": Whole(0, 100),
        "type": Word(("number", "percentage", "shortNumber")),
    }

    def leaf(self, field: "Field") -> Leaf:
        return _LEAVES.get(field.settings.get("dataType"), FLOAT)

    def empty_default(self) -> Json:
        return 0

    def change_of_settings(self, before: Mapping[str, Json], after: Mapping[str, Json]) -> str | None:
        old, new = (str(each.get("dataType") or "float") for each in (before, after))
        if old in _KINDS and new in _KINDS and _KINDS.index(new) < _KINDS.index(old):
            return f"Setting dataType cannot change from {old} to {new}: values would be lost"
        return None
