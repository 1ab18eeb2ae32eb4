"""LINKS: a primary web address and more of them."""

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, ClassVar, NoReturn

from rapport.base.errors import InvalidValue
from rapport.metadata.fieldtypes.base import Json
from rapport.metadata.fieldtypes.composite import CompositeType, Sub
from rapport.metadata.fieldtypes.leaves.json import JSON, parsed_json
from rapport.metadata.fieldtypes.leaves.text import TEXT
from rapport.metadata.fieldtypes.settings import VALUES
from rapport.metadata.fieldtypes.shapes import STRING, list_of, object_of, or_null
from rapport.metadata.fieldtypes.shown import shown
from rapport.metadata.fieldtypes.union import listed, united

if TYPE_CHECKING:
    from rapport.metadata.catalog import Field

_LINK = re.compile(
    r"(?P<origin>(?:https?://)?"
    r"(?:[^\s/?#@\[\]]*@)?"
    r"(?:\[[0-9a-f:.]+\]|[^\s/?#@:\[\]<>^|%\\\"`{}]+)"
    r"(?::\d{1,5})?)"
    r"(?P<rest>[/?#]\S*)?",
    re.IGNORECASE,
)

_LINK_SHAPE = object_of({"label": or_null(STRING), "url": STRING})


class LinksType(CompositeType):
    """Web addresses with labels. Its shorthand is the primary address.

    A given primary address replaces label and further links too when they are not given: they belonged to the old one.
    """

    name = "LINKS"
    graphql_output = "Links"
    has_shorthand = True
    settings_rules = VALUES
    search_subs = ("primaryLinkLabel", "primaryLinkUrl")
    shorthand_sub = "primaryLinkUrl"
    value_subs = ("primaryLinkUrl", "secondaryLinks")
    example: ClassVar[Json] = {"primaryLinkLabel": "", "primaryLinkUrl": "https://example.com", "secondaryLinks": []}
    subs = (
        Sub(name="primaryLinkLabel", leaf=TEXT),
        Sub(name="primaryLinkUrl", leaf=TEXT, in_unique=True),
        Sub(name="secondaryLinks", leaf=JSON, shape=list_of(_LINK_SHAPE)),
    )

    def normalised(self, field: "Field", value: Mapping[str, Json]) -> Mapping[str, Json]:
        result: dict[str, Json] = {}
        if "primaryLinkLabel" in value:
            result["primaryLinkLabel"] = self.coerced(field, "primaryLinkLabel", value["primaryLinkLabel"])
        if "secondaryLinks" in value:
            result["secondaryLinks"] = _links(value["secondaryLinks"], f"{field.name}.secondaryLinks")
        if "primaryLinkUrl" in value:
            result["primaryLinkUrl"] = link(value["primaryLinkUrl"], f"{field.name}.primaryLinkUrl")
            result.setdefault("primaryLinkLabel", None)
            result.setdefault("secondaryLinks", None)
            if result["primaryLinkUrl"] is None:
                _promote(result)
        return result

    def merge(self, values: Sequence[Mapping[str, Json]], preferred: Mapping[str, Json]) -> Mapping[str, Json]:
        """The preferred primary link with its label; all others are secondary ones."""
        primary = next((each for each in (preferred, *values) if each["primaryLinkUrl"]), preferred)
        found: list[Json] = []
        for each in values:
            found.append({"label": each["primaryLinkLabel"], "url": each["primaryLinkUrl"]})
            found += listed(each["secondaryLinks"])
        rest = united((item for item in found if _url(item)), _url, without=primary["primaryLinkUrl"])  # type: ignore[arg-type]
        return {**primary, "secondaryLinks": rest or None}

    def shorthand_sql(self, column: Mapping[str, str]) -> str:
        return f"to_json(nullif({column['primaryLinkUrl']},''))::text"

    def shorthand_write(self, field: "Field", value: Json) -> Json:
        return {"primaryLinkUrl": value}


def link(value: Json, label: str) -> Json:
    """A web address with its scheme and host in lower case and without a final slash; null for an empty one.

    >>> link("https://Acme.COM/", "x"), link("acme.com", "x"), link("https://acme.com/Team/", "x"), link(" ", "x")
    ('https://acme.com', 'acme.com', 'https://acme.com/Team', None)
    """
    if value is None:
        return None
    text = TEXT.coerce(value, label)
    assert isinstance(text, str)
    if not text.strip():
        return None
    match = _LINK.fullmatch(text.strip())
    if match is None:
        raise InvalidValue("The URL of the link is not valid", sub_code="INVALID_URL")
    return (match["origin"].lower() + (match["rest"] or "")).removesuffix("/")


def _links(value: Json, label: str) -> Json:
    """Further links as [{label, url}], without empty ones; null when none is left."""
    items = parsed_json(value)
    if items is None or items == "":
        return None
    if not isinstance(items, list):
        _reject(value, label)
    result: list[Json] = []
    for item in items:
        if not isinstance(item, dict):
            _reject(value, label)
        url, text = link(item.get("url"), label), item.get("label")
        if url is not None:
            result.append({"label": None if text is None else TEXT.coerce(text, label), "url": url})
    return result or None


def _promote(result: dict[str, Json]) -> None:
    """Makes the first further link the primary one, which is empty; without one, its label goes too."""
    rest = result["secondaryLinks"]
    result["primaryLinkLabel"] = None
    if isinstance(rest, list) and isinstance(rest[0], dict):
        result["primaryLinkLabel"], result["primaryLinkUrl"] = rest[0]["label"], rest[0]["url"]
        result["secondaryLinks"] = rest[1:] or None


def _reject(value: Json, label: str) -> NoReturn:
    raise InvalidValue(f'Invalid object value {shown(value)} for field "{label}"')


def _url(item: Json) -> str:
    url = item.get("url") if isinstance(item, dict) else None
    return url if isinstance(url, str) else ""
