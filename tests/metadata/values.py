"""Random values of every field type that the type accepts, for property tests."""

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from rapport.metadata.fieldtypes.actor import SOURCES
from rapport.metadata.fieldtypes.base import Json
from rapport.metadata.fieldtypes.rating import RATINGS
from tests.metadata.fields import COLOURS

INT32 = st.integers(-(2**31), 2**31 - 1)
INT64 = st.integers(-(2**63), 2**63 - 1)
FLOAT = st.floats(allow_nan=False, allow_infinity=False)
# All of Unicode but what PostgreSQL cannot hold; quotes, controls and separators more often than chance has it.
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0") | st.sampled_from("\"'\\\n\r\t\x01\x7f\u2028%_{}"))
JSON_LEAF: SearchStrategy[Json] = st.none() | st.booleans() | INT64 | FLOAT | TEXT
JSON: SearchStrategy[Json] = st.recursive(
    JSON_LEAF, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4), max_leaves=10
)
JSON_CONTAINER: SearchStrategy[Json] = st.lists(JSON, max_size=4) | st.dictionaries(TEXT, JSON, max_size=4)
UUIDS = st.uuids().map(str)
NUMERIC: SearchStrategy[Json] = (
    st.integers()
    | FLOAT
    | st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**300), max_value=10**300).map(str)
)
DATES = st.dates().map(lambda day: day.isoformat())
_FRACTIONS = st.sampled_from(["", ".1", ".12", ".123", ".1239", ".123456789"])
_ZONES = st.sampled_from(["Z", "+00:00", "+05:30", "-08:00", "+0200", "-11"])
DATE_TIMES = (
    st.builds(
        lambda moment, fraction, zone: moment.strftime("%Y-%m-%dT%H:%M:%S").zfill(19) + fraction + zone,
        st.datetimes(),
        _FRACTIONS,
        _ZONES,
    ).filter(lambda text: "0001-01-02" <= text < "9999-12-31")
    | DATES
)
EMAIL = st.from_regex(r"[a-z0-9._+-]{1,20}@[a-z0-9]{1,10}\.(com|org|co\.uk|dév)", fullmatch=True)
URL = st.from_regex(
    r"(https?://)?[a-zA-Z0-9-]{1,20}\.[a-z]{2,5}(:[0-9]{2,4})?(/[a-zA-Z0-9é'\"%&=?#._-]{0,30})*", fullmatch=True
)
PHONE = st.sampled_from(["+33612345678", "+1987654321", "+442079460018", "+4930123456", "+390212345678"])


def sub_fields(**subs: SearchStrategy[Json]) -> SearchStrategy[Json]:
    """An object with any of the sub-fields, each possibly null."""
    return st.fixed_dictionaries({}, optional={name: st.none() | values for name, values in subs.items()})


def one_or_more(item: SearchStrategy[str]) -> SearchStrategy[Json]:
    """A list, or a single item in its place."""
    several: SearchStrategy[Json] = st.lists(item).map(lambda items: [*items])
    return several | item


def linked(url: SearchStrategy[str]) -> SearchStrategy[Json]:
    return st.lists(st.fixed_dictionaries({"url": url, "label": st.none() | TEXT}), max_size=3)


VALUES: dict[str, SearchStrategy[Json]] = {
    "UUID": UUIDS,
    "TEXT": TEXT,
    "NUMBER": FLOAT | INT64,
    "NUMERIC": NUMERIC,
    "BOOLEAN": st.booleans(),
    "DATE_TIME": DATE_TIMES,
    "DATE": DATES,
    "SELECT": st.sampled_from(COLOURS),
    "MULTI_SELECT": one_or_more(st.sampled_from(COLOURS)),
    "RATING": st.sampled_from(RATINGS),
    "POSITION": st.floats(-(2**52), 2**52),
    "RAW_JSON": JSON_CONTAINER,
    "ARRAY": one_or_more(TEXT),
    "RICH_TEXT": TEXT,
    "RICH_TEXT_V2": sub_fields(markdown=TEXT),
    "FILES": st.lists(st.fixed_dictionaries({"fileId": UUIDS, "label": TEXT}), max_size=3),
    "ACTOR": sub_fields(source=st.sampled_from(SOURCES), context=st.dictionaries(TEXT, JSON, max_size=3)),
    "ADDRESS": sub_fields(addressStreet1=TEXT, addressCity=TEXT, addressCountry=TEXT, addressLat=NUMERIC),
    "CURRENCY": sub_fields(amountMicros=NUMERIC, currencyCode=TEXT),
    "EMAILS": sub_fields(primaryEmail=EMAIL, additionalEmails=st.lists(EMAIL, max_size=3)),
    "FULL_NAME": sub_fields(firstName=TEXT, lastName=TEXT),
    "LINKS": sub_fields(primaryLinkLabel=TEXT, primaryLinkUrl=URL, secondaryLinks=linked(URL)),
    "PHONES": sub_fields(
        primaryPhoneNumber=PHONE, additionalPhones=st.lists(PHONE.map(lambda n: {"number": n}), max_size=2)
    ),
}
NUMBERS: dict[str, SearchStrategy[Json]] = {"int": INT32, "bigint": INT64}
