"""Records in great number, for measurements: the demo's vocabulary, without its stories."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import islice
from math import ceil
from random import Random
from uuid import UUID

from rapport.access.principal import Principal
from rapport.demo.companies import COMPANIES, company_slug
from rapport.demo.names import pick_name
from rapport.demo.opportunities import STAGES
from rapport.demo.people import JOB_TITLES
from rapport.demo.places import PLACES, RATE, Place
from rapport.demo.record import filled, written
from rapport.metadata.catalog import Catalog
from rapport.metadata.fieldtypes.base import Json
from rapport.records.create import create_records
from rapport.store.database import Database

BATCH = 2_000

_SEED = 50_000
_UNTIL = datetime(2026, 6, 30, tzinfo=UTC)
_PREFIXES = {"company": "c1000000", "person": "a1000000", "opportunity": "d1000000"}

Batch = tuple[str, list[dict[str, Json]]]


async def fill_bulk(
    database: Database, catalog: Catalog, principal: Principal, *, companies: int, people: int, opportunities: int
) -> None:
    """Creates the records of ``bulk``, one transaction for each batch."""
    for object_name, data in bulk(companies, people, opportunities):
        await create_records(database, catalog, object_name, data, principal)


def bulk(companies: int, people: int, opportunities: int) -> Iterator[Batch]:
    """Create inputs in batches of one object, in an order in which they can be created. Always the same data."""
    random = Random(_SEED)  # noqa: S311  # no secrets are made of it
    yield from _batches("company", (_company(random, number) for number in range(companies)))
    yield from _batches("person", (_person(random, number, companies) for number in range(people)))
    deals = (_opportunity(random, number, companies, people) for number in range(opportunities))
    yield from _batches("opportunity", deals)


def bulk_id(object_name: str, index: int) -> UUID:
    """The id of the record with that index, counted from 0."""
    return UUID(f"{_PREFIXES[object_name]}-0000-4000-8000-{index + 1:012d}")


def _batches(object_name: str, data: Iterator[dict[str, Json]]) -> Iterator[Batch]:
    while batch := list(islice(data, BATCH)):
        yield object_name, batch


def _place(index: int) -> Place:
    return PLACES[index * 7 % len(PLACES)]


def _base(random: Random, object_name: str, index: int) -> dict[str, Json]:
    created = _UNTIL - timedelta(seconds=random.randrange(730 * 86_400), milliseconds=random.randrange(1000))
    return {
        "id": str(bulk_id(object_name, index)),
        "createdAt": written(created),
        "updatedAt": written(created + timedelta(days=random.randrange(60))),
        "position": index + 1,
    }


def _company(random: Random, index: int) -> dict[str, Json]:
    place = _place(index)
    data = _base(random, "company", index)
    name = f"{COMPANIES[index % len(COMPANIES)][0]} {index + 1}"
    data["name"] = name
    data["domainName"] = {"primaryLinkUrl": f"https://{company_slug(name)}.example.com"}
    data["idealCustomerProfile"] = random.random() < 0.3
    if random.random() < 0.85:
        data["employees"] = round(3 * 10 ** (random.random() * 3.2))
    if random.random() < 0.7:
        data["annualRecurringRevenue"] = _money(random, place, 4.7, 3)
    if random.random() < 0.85:
        address: Mapping[str, Json] = {
            "addressStreet1": random.choice(place.streets).format(random.randrange(1, 180)),
            "addressCity": place.city,
            "addressPostcode": filled(random, place.postcode),
            "addressCountry": place.country,
        }
        data["address"] = dict(address)
    return data


def _person(random: Random, index: int, companies: int) -> dict[str, Json]:
    # Few companies have many people, many have a few; one person in ten has none.
    company = int(companies * random.random() ** 2) if companies and random.random() < 0.9 else None
    place = _place(company if company is not None else index)
    name = pick_name(random, place.culture)
    data = _base(random, "person", index)
    data["name"] = {"firstName": name.first, "lastName": name.last}
    domain = "example.com" if company is None else f"c{company + 1}.example.com"
    if random.random() < 0.95:
        data["emails"] = {"primaryEmail": f"{name.mailbox}.{index + 1}@{domain}"}
    if place.phone and random.random() < 0.75:
        data["phones"] = {
            "primaryPhoneNumber": filled(random, place.phone).replace(" ", ""),
            "primaryPhoneCountryCode": place.region,
        }
    if random.random() < 0.9:
        data["city"] = place.city
    if random.random() < 0.9:
        data["jobTitle"] = random.choice(JOB_TITLES)
    if company is not None:
        data["companyId"] = str(bulk_id("company", company))
    return data


def _opportunity(random: Random, index: int, companies: int, people: int) -> dict[str, Json]:
    company = int(companies * random.random() ** 2)
    place = _place(company)
    stage = random.choices(list(STAGES), [count for count, _, _ in STAGES.values()])[0]
    _, probability, (soonest, latest) = STAGES[stage]
    data = _base(random, "opportunity", index)
    data["name"] = f"Deal {index + 1}"
    data["stage"] = stage
    data["probability"] = probability
    data["amount"] = _money(random, place, 3.2, 2.3)
    if random.random() < 0.9:
        data["closeDate"] = written(_UNTIL + timedelta(days=random.randrange(soonest, latest)))
    if companies:
        data["companyId"] = str(bulk_id("company", company))
    if people and random.random() < 0.9:
        data["pointOfContactId"] = str(bulk_id("person", random.randrange(people)))
    return data


def _money(random: Random, place: Place, least: float, span: float) -> Json:
    """An amount between 10**least and 10**(least + span) US dollars, in the currency of the place."""
    units = 10 ** (least + random.random() * span) * RATE[place.currency]
    return {"amountMicros": ceil(units / 100) * 100 * 1_000_000, "currencyCode": place.currency}
