"""ADDRESS: a postal address."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from rapport.metadata.fieldtypes.base import Json
from rapport.metadata.fieldtypes.composite import CompositeType, Sub
from rapport.metadata.fieldtypes.leaves.number import NUMERIC
from rapport.metadata.fieldtypes.leaves.text import TEXT

if TYPE_CHECKING:
    from rapport.metadata.catalog import Field

_LINES = (
    "addressStreet1", "addressStreet2", "addressCity", "addressPostcode", "addressState", "addressCountry",
)  # fmt: skip


class AddressType(CompositeType):
    """A postal address and its place on the map. The shorthand is the address in one line; given, it is the street."""

    name = "ADDRESS"
    graphql_output = "Address"
    has_shorthand = True
    shorthand_sub = "addressStreet1"
    search_subs = _LINES
    example: ClassVar[Json] = {"addressStreet1": "1 Main Street", "addressCity": "Springfield", "addressCountry": "US"}
    subs = (
        *(Sub(name=line, leaf=TEXT, in_unique=True) for line in _LINES),
        Sub(name="addressLat", leaf=NUMERIC),
        Sub(name="addressLng", leaf=NUMERIC),
    )

    def shorthand_sql(self, column: Mapping[str, str]) -> str:
        parts = ",".join(f"nullif({column[line]},'')" for line in _LINES)
        return f"to_json(nullif(concat_ws(', ',{parts}),''))::text"

    def shorthand_write(self, field: "Field", value: Json) -> Json:
        return {"addressStreet1": value}
