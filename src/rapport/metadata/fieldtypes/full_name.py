"""FULL_NAME: first and last name."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, ClassVar

from rapport.metadata.fieldtypes.base import Json
from rapport.metadata.fieldtypes.composite import CompositeType, Sub
from rapport.metadata.fieldtypes.leaves.text import TEXT

if TYPE_CHECKING:
    from rapport.metadata.catalog import Field


class FullNameType(CompositeType):
    """A person's name. Its shorthand is both parts in one text."""

    name = "FULL_NAME"
    graphql_output = "FullName"
    has_shorthand = True
    search_subs = ("firstName", "lastName")
    shorthand_sub = "firstName"
    example: ClassVar[Json] = {"firstName": "Ada", "lastName": "King"}
    subs = (
        Sub(name="firstName", leaf=TEXT, in_unique=True),
        Sub(name="lastName", leaf=TEXT, in_unique=True),
    )

    def shorthand_sql(self, column: Mapping[str, str]) -> str:
        first, last = column["firstName"], column["lastName"]
        return f"to_json(nullif(concat_ws(' ',nullif({first},''),nullif({last},'')),''))::text"

    def shorthand_write(self, field: "Field", value: Json) -> Json:
        if not isinstance(value, str):
            return value
        first, _, last = value.strip().partition(" ")
        return {"firstName": first, "lastName": last.strip()}
