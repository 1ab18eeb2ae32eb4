"""The part of the standard data model that the tests of reading ask about, in words of their own."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

STAGES = ("NEW", "SCREENING", "MEETING", "PROPOSAL", "CUSTOMER", "PROSPECTING", "NEGOTIATION")
STATUSES = ("DRAFT", "ACTIVE", "DEACTIVATED")


@dataclass(frozen=True)
class Leaf:
    """A column: what kind of value it has, and the options of a choice in order."""

    kind: str
    options: tuple[str, ...] = ()


@dataclass(frozen=True)
class Link:
    """A to-one relation: the other object and the field with the id."""

    target: str
    column: str


Shape: TypeAlias = "Leaf | Link | Mapping[str, Leaf]"


@dataclass(frozen=True, kw_only=True)
class Entity:
    """An object. A mapping among its fields is a composite."""

    name: str
    plural: str
    fields: Mapping[str, Shape]
    lists: Mapping[str, tuple[str, str]] = field(default_factory=dict)  # to-many: the other object, its join column

    @property
    def type_name(self) -> str:
        return self.name.capitalize()


TEXT, NUMBER, INTEGER, NUMERIC = Leaf("text"), Leaf("number"), Leaf("integer"), Leaf("numeric")
UUID, BOOLEAN, MOMENT, JSON = Leaf("uuid"), Leaf("boolean"), Leaf("moment"), Leaf("json")
STAGE, STATUS_LIST = Leaf("choice", STAGES), Leaf("choices", STATUSES)

_BASE: Mapping[str, Shape] = {"id": UUID, "createdAt": MOMENT, "deletedAt": MOMENT, "position": NUMBER}
_MONEY = {"amountMicros": NUMERIC, "currencyCode": TEXT}

COMPANY = Entity(
    name="company",
    plural="companies",
    fields={
        **_BASE,
        "name": TEXT,
        "employees": INTEGER,
        "idealCustomerProfile": BOOLEAN,
        "annualRecurringRevenue": _MONEY,
        "address": {"addressCity": TEXT, "addressLat": NUMERIC},
    },
    lists={"people": ("person", "companyId"), "opportunities": ("opportunity", "companyId")},
)
PERSON = Entity(
    name="person",
    plural="people",
    fields={
        **_BASE,
        "name": {"firstName": TEXT, "lastName": TEXT},
        "emails": {"primaryEmail": TEXT, "additionalEmails": JSON},
        "city": TEXT,
        "companyId": UUID,
        "company": Link("company", "companyId"),
    },
)
OPPORTUNITY = Entity(
    name="opportunity",
    plural="opportunities",
    fields={
        **_BASE,
        "name": TEXT,
        "stage": STAGE,
        "closeDate": MOMENT,
        "probability": NUMBER,
        "amount": _MONEY,
        "companyId": UUID,
        "company": Link("company", "companyId"),
    },
)
WORKFLOW = Entity(
    name="workflow",
    plural="workflows",
    fields={**_BASE, "name": TEXT, "statuses": STATUS_LIST},
)

ENTITIES: Mapping[str, Entity] = {each.name: each for each in (COMPANY, PERSON, OPPORTUNITY, WORKFLOW)}
