"""Random values of every kind of field, in the form in which they are kept, as hypothesis strategies."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from hypothesis import strategies as st

from tests.engine.shape import STAGES, STATUSES
from tests.engine.twin import Json

Values = st.SearchStrategy[Json]

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=60)
HOSTS = st.from_regex(r"[a-z][a-z0-9-]{0,20}[a-z]\.example\.(com|org)", fullmatch=True)
PHONES = (
    {"number": "612345678", "countryCode": "FR", "callingCode": "+33"},
    {"number": "4155552671", "countryCode": "US", "callingCode": "+1"},
    {"number": "2079460958", "countryCode": "GB", "callingCode": "+44"},
    {"number": "9012345678", "countryCode": "JP", "callingCode": "+81"},
)


@dataclass(frozen=True, kw_only=True)
class Kind:
    """An object whose fields are written and read: its names, and per field the selection and the values."""

    name: str
    plural: str
    fields: Mapping[str, tuple[str, Values]]

    @property
    def type_name(self) -> str:
        return self.name[0].upper() + self.name[1:]

    @property
    def selection(self) -> str:
        return " ".join(f"{name} {inner}" for name, (inner, _) in self.fields.items())

    def records(self) -> Values:
        return st.fixed_dictionaries({}, optional={name: values for name, (_, values) in self.fields.items()})


def _text() -> Values:
    return st.none() | st.just("") | TEXT | TEXT.map(lambda text: text * 40)


def _composite(**subs: Values) -> Values:
    return st.fixed_dictionaries(dict(subs))


def _exact() -> Values:
    """Numbers far beyond what a double holds."""
    digits = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**30), max_value=10**30, places=9)
    whole = st.integers(-(10**40), 10**40) | st.integers(2**53 - 3, 2**53 + 3) | st.integers(2**63 - 3, 2**63 + 3)
    return st.none() | whole.map(Decimal) | digits


def _floats() -> Values:
    return st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**53), 2**53).map(float)


def _moments() -> Values:
    """To the millisecond, from the first year to the last."""
    times = st.datetimes(min_value=datetime(1, 1, 1), max_value=datetime(9999, 12, 31, 23, 59, 59, 999999))  # noqa: DTZ001
    return times.map(lambda time: time.isoformat(timespec="milliseconds") + "Z")


def _json() -> Values:
    leaf = st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | _floats() | TEXT
    inner = st.recursive(leaf, lambda it: st.lists(it, max_size=4) | st.dictionaries(TEXT, it, max_size=4))
    return st.none() | st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4)


def _addresses() -> Values:
    return st.builds(lambda name, host: f"{name}@{host}", st.from_regex(r"[a-z0-9.+]{8,20}", fullmatch=True), HOSTS)


def _urls() -> Values:
    path = st.from_regex(r"(/[A-Za-z0-9%._~-]{1,20}){0,3}(\?[a-z]=[A-Z0-9]{1,9})?", fullmatch=True)
    return st.builds(lambda scheme, host, rest: scheme + host + rest, st.sampled_from(["", "https://"]), HOSTS, path)


def _links() -> Values:
    label = st.none() | TEXT
    more = st.lists(_composite(label=label, url=_urls()), min_size=1, max_size=3)
    full = _composite(primaryLinkLabel=label, primaryLinkUrl=_urls(), secondaryLinks=st.none() | more)
    return full | st.just({"primaryLinkLabel": None, "primaryLinkUrl": None, "secondaryLinks": None})


def _phones() -> Values:
    def put_together(primary: Json, more: Json) -> Json:
        names = {"number": "Number", "countryCode": "CountryCode", "callingCode": "CallingCode"}
        return {f"primaryPhone{names[key]}": value for key, value in primary.items()} | {"additionalPhones": more}

    phone = st.sampled_from(PHONES)
    return st.builds(put_together, phone, st.none() | st.lists(phone, min_size=1, max_size=3))


def _rich_texts() -> Values:
    markdown = TEXT.filter(bool)
    blocks = st.lists(st.fixed_dictionaries({"type": st.just("paragraph"), "content": TEXT}), min_size=1, max_size=2)
    written = blocks.map(lambda it: json.dumps(it, ensure_ascii=False))
    return _composite(blocknote=written, markdown=markdown) | st.just({"blocknote": None, "markdown": None})


_MONEY = ("{ amountMicros currencyCode }", _composite(amountMicros=_exact(), currencyCode=_text()))
_LINES = [f"address{line}" for line in ("Street1", "Street2", "City", "Postcode", "State", "Country")]
_LINKS = ("{ primaryLinkLabel primaryLinkUrl secondaryLinks }", _links())

COMPANY = Kind(
    name="company",
    plural="companies",
    fields={
        "name": ("", _text()),
        "domainName": _LINKS,
        "linkedinLink": _LINKS,
        "employees": ("", st.none() | st.integers(-(2**31), 2**31 - 1)),
        "annualRecurringRevenue": _MONEY,
        "idealCustomerProfile": ("", st.booleans()),
        "position": ("", st.floats(-(2**52), 2**52)),
        "createdAt": ("", _moments()),
        "address": (
            f"{{ {' '.join(_LINES)} addressLat addressLng }}",
            _composite(**dict.fromkeys(_LINES, _text()), addressLat=_exact(), addressLng=_exact()),
        ),
    },
)
PERSON = Kind(
    name="person",
    plural="people",
    fields={
        "id": ("", st.uuids(version=4).map(str)),
        "name": ("{ firstName lastName }", _composite(firstName=_text(), lastName=_text())),
        "emails": (
            "{ primaryEmail additionalEmails }",
            _composite(
                primaryEmail=st.none() | _addresses(),
                additionalEmails=st.none() | st.lists(_addresses(), min_size=1, max_size=3),
            ),
        ),
        "phones": (
            "{ primaryPhoneNumber primaryPhoneCountryCode primaryPhoneCallingCode additionalPhones }",
            _phones(),
        ),
        "city": ("", _text()),
        "jobTitle": ("", _text()),
    },
)
OPPORTUNITY = Kind(
    name="opportunity",
    plural="opportunities",
    fields={
        "name": ("", _text()),
        "amount": _MONEY,
        "closeDate": ("", st.none() | _moments()),
        "stage": ("", st.sampled_from(STAGES)),
        "probability": ("", st.none() | _floats()),
    },
)
WORKFLOW = Kind(
    name="workflow",
    plural="workflows",
    fields={
        "name": ("", _text()),
        "statuses": ("", st.none() | st.lists(st.sampled_from(STATUSES), unique=True)),
    },
)
ACTIVITY = Kind(
    name="timelineActivity",
    plural="timelineActivities",
    fields={"name": ("", _text()), "happensAt": ("", _moments()), "properties": ("", _json())},
)
ACCOUNT = Kind(
    name="connectedAccount",
    plural="connectedAccounts",
    fields={"handle": ("", _text()), "scopes": ("", st.none() | st.lists(TEXT, max_size=5))},
)
NOTE = Kind(
    name="note",
    plural="notes",
    fields={"title": ("", _text()), "bodyV2": ("{ blocknote markdown }", _rich_texts())},
)

KINDS = (COMPANY, PERSON, OPPORTUNITY, WORKFLOW, ACTIVITY, ACCOUNT, NOTE)
