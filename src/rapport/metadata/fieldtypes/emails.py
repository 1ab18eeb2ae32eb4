"""EMAILS: a primary e-mail address and more of them."""

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar

from rapport.base.errors import InvalidValue
from rapport.metadata.fieldtypes.base import Json
from rapport.metadata.fieldtypes.composite import CompositeType, Sub
from rapport.metadata.fieldtypes.leaves.json import JSON, parsed_json
from rapport.metadata.fieldtypes.leaves.text import TEXT
from rapport.metadata.fieldtypes.settings import VALUES
from rapport.metadata.fieldtypes.shapes import formatted, list_of
from rapport.metadata.fieldtypes.shown import shown
from rapport.metadata.fieldtypes.union import listed, united

if TYPE_CHECKING:
    from rapport.metadata.catalog import Field

# Not all that RFC 5322 allows, but all that mail providers hand out, with domains of any script.
_ADDRESS = re.compile(r"[^\s@\"(),:;<>\[\]\\]{1,64}@(?:[\w](?:[\w-]{0,61}[\w])?\.)+[\w-]{2,63}")


class EmailsType(CompositeType):
    """E-mail addresses, trimmed and in lower case. Its shorthand is the primary one."""

    name = "EMAILS"
    graphql_output = "Emails"
    has_shorthand = True
    settings_rules = VALUES
    search_subs = ("primaryEmail", "additionalEmails")
    shorthand_sub = "primaryEmail"
    example: ClassVar[Json] = {"primaryEmail": "somebody@example.com", "additionalEmails": []}
    subs = (
        Sub(name="primaryEmail", leaf=TEXT, in_unique=True),
        Sub(name="additionalEmails", leaf=JSON, shape=list_of(formatted("email"))),
    )

    def normalised(self, field: "Field", value: Mapping[str, Json]) -> Mapping[str, Json]:
        result: dict[str, Json] = {}
        if "primaryEmail" in value:
            result["primaryEmail"] = email_address(value["primaryEmail"], f"{field.name}.primaryEmail")
        if "additionalEmails" in value:
            result["additionalEmails"] = _addresses(value["additionalEmails"], f"{field.name}.additionalEmails")
        return result

    def merge(self, values: Sequence[Mapping[str, Json]], preferred: Mapping[str, Json]) -> Mapping[str, Json]:
        """The preferred primary address; all others are additional ones."""
        primary = next((each["primaryEmail"] for each in (preferred, *values) if each["primaryEmail"]), None)
        found = [item for each in values for item in (each["primaryEmail"], *listed(each["additionalEmails"])) if item]
        return {"primaryEmail": primary, "additionalEmails": united(found, without=primary) or None}  # type: ignore[arg-type]

    def shorthand_sql(self, column: Mapping[str, str]) -> str:
        return f"to_json(nullif({column['primaryEmail']},''))::text"

    def shorthand_write(self, field: "Field", value: Json) -> Json:
        return {"primaryEmail": value}

    def shorthand_filter(self, field: "Field", value: Json) -> Json:
        return value.lower() if isinstance(value, str) else value


def email_address(value: Json, label: str) -> Json:
    if value is None:
        return None
    text = TEXT.coerce(value, label)
    assert isinstance(text, str)
    address = text.strip().lower()
    if not address:
        return None
    if len(address) > 320 or not _ADDRESS.fullmatch(address):
        raise InvalidValue(f'Invalid string value {shown(value)} for email field "{label}"')
    return address


def _addresses(value: Json, label: str) -> Json:
    """The list of valid addresses, without empty ones; null when none is left."""
    items = parsed_json(value)
    if items is None or items == "":
        return None
    if not isinstance(items, list):
        raise InvalidValue(f'Invalid object value {shown(value)} for field "{label}"')
    return [address for item in items if (address := email_address(item, label)) is not None] or None
