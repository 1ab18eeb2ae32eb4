"""The demo's opportunities: possible sales, in every stage."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from random import Random

from rapport.demo.companies import COMPANIES
from rapport.demo.members import MEMBERS, WEB_FORM
from rapport.demo.places import RATE
from rapport.demo.record import Calendar, Record, demo_id, written
from rapport.metadata.fieldtypes.base import Json

# Stage → how many, probability in percent, and how many days from today it closes.
STAGES: Mapping[str, tuple[int, int, tuple[int, int]]] = {
    "PROPOSAL": (24, 60, (-10, 60)),
    "NEW": (22, 10, (20, 240)),
    "MEETING": (18, 40, (-5, 150)),
    "CUSTOMER": (20, 100, (-500, -3)),
    "NEGOTIATION": (14, 80, (-14, 45)),
    "SCREENING": (12, 20, (10, 180)),
    "PROSPECTING": (10, 5, (40, 365)),
}

_WHAT = (
    "Annual plan", "Team licences", "Pilot", "Renewal", "Expansion to {}", "Onboarding package", "Support contract",
    "Data migration", "Second site", "Framework agreement", "Training days", "Hardware refresh", "Éligibilité 2.0",
    "Proof of concept", "Warehouse roll-out", "Multi-year deal",
)  # fmt: skip


def opportunities(
    random: Random, calendar: Calendar, companies: Sequence[Record], people: Sequence[Record]
) -> Iterator[Record]:
    """All of them, the stages mixed; the first belongs to the first company and person."""
    stages = [stage for stage, (count, _, _) in STAGES.items() for _ in range(count)]
    random.shuffle(stages)
    first = stages.index("PROPOSAL")
    stages[0], stages[first] = stages[first], stages[0]
    colleagues: dict[str, list[Record]] = {}
    for person in people:
        colleagues.setdefault(str(person.data.get("companyId")), []).append(person)
    for number, stage in enumerate(stages, 1):
        index = 0 if number == 1 else int(len(companies) * random.random() ** 1.3)
        company = companies[index]
        contacts = colleagues.get(company.id, [])
        contact = people[0] if number == 1 else random.choice(contacts) if contacts else None
        yield _opportunity(random, calendar, number, stage, index, company, contact)


def _opportunity(
    random: Random,
    calendar: Calendar,
    number: int,
    stage: str,
    index: int,
    company: Record,
    contact: Record | None,
) -> Record:
    _, probability, (soonest, latest) = STAGES[stage]
    place = COMPANIES[index][1]
    close = calendar.moment(random.randrange(soonest, latest + 1))
    created = min(close - timedelta(days=random.randrange(20, 160)), calendar.moment(-random.randrange(2, 90)))
    created = max(created, company.created_at)
    if close <= created:
        close = calendar.after(created, 120)
    units = 10 ** (3.2 + random.random() * 2.3) * RATE[place.currency]
    currency, amount = place.currency, round(units / 100) * 100
    if number == 1:
        currency, amount = "USD", 48_500
    elif random.random() < 0.1:
        currency, amount = "USD", max(100, round(units / RATE[place.currency] / 100) * 100)
    member = random.choice(MEMBERS)
    data: dict[str, Json] = {
        "id": str(demo_id("opportunity", number)),
        "name": f"{company.data['name']}: {random.choice(_WHAT).format(place.city)}",
        "stage": stage,
        "position": number,
        "createdAt": written(created),
        "updatedAt": written(calendar.after(created, 90)),
        "companyId": company.id,
    }
    if number == 1 or random.random() < 0.92:
        data["amount"] = {
            "amountMicros": amount * 1_000_000 + random.choice((0, 0, 0, 500_000)),
            "currencyCode": currency,
        }
    if number == 1 or random.random() < 0.9:
        data["closeDate"] = written(close)
    if number == 1 or random.random() < 0.8:
        data["probability"] = probability
    if contact is not None and (number == 1 or random.random() < 0.88):
        data["pointOfContactId"] = contact.id
    if random.random() < 0.85:
        data["ownerId"] = str(member.id)
    author = WEB_FORM if stage == "NEW" and random.random() < 0.4 else member.author
    return Record(object="opportunity", author=author, data=data)
