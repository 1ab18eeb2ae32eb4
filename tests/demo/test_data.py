"""The demo's data: realistic, valid, and always the same."""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from rapport.base.ids import new_id
from rapport.demo.companies import COMPANIES
from rapport.demo.data import demo_records
from rapport.demo.members import MEMBERS
from rapport.demo.record import Record
from rapport.metadata.catalog import Catalog, WorkspaceId
from rapport.metadata.fieldtypes.base import Json
from rapport.metadata.standard.model import standard_catalog
from rapport.records.rows import RowBuilder

TODAY = date(2026, 7, 27)
DAYS = (TODAY, date(2026, 2, 28), date(2028, 2, 29), date(2031, 12, 31))
OBJECT_IDS = {"note": UUID(int=1), "task": UUID(int=2)}
ADDRESS = re.compile(r"@([^@]+)")
EXAMPLE = re.compile(r"(?:[a-z0-9-]+\.)?example\.(?:com|org|net)")


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return standard_catalog(WorkspaceId(new_id()))


@pytest.fixture(scope="module")
def records() -> list[Record]:
    return demo_records(TODAY, OBJECT_IDS)


def of(records: list[Record], name: str) -> list[Record]:
    return [record for record in records if record.object == name]


def texts(value: Json) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from texts(item)
    elif isinstance(value, list):
        for item in value:
            yield from texts(item)


def part(record: Record, field: str, sub: str) -> Json:
    value = record.data.get(field)
    return value.get(sub) if isinstance(value, dict) else None


def test_there_is_enough_of_everything(records: list[Record]) -> None:
    counts = Counter(record.object for record in records)
    assert len(MEMBERS) == 5
    assert (counts["company"], counts["person"], counts["opportunity"]) == (60, 240, 120)
    assert (counts["note"], counts["task"], counts["workflow"], counts["workflowVersion"]) == (90, 100, 2, 2)
    assert counts["noteTarget"] > 100
    assert counts["taskTarget"] > 100
    assert counts["timelineActivity"] > 500
    assert counts["favorite"] > 5


def test_the_same_day_gives_the_same_data() -> None:
    assert demo_records(TODAY, OBJECT_IDS) == demo_records(TODAY, OBJECT_IDS)


def test_another_day_changes_dates_but_neither_ids_nor_names(records: list[Record]) -> None:
    later = demo_records(date(2027, 1, 1), OBJECT_IDS)
    for name in ("company", "person", "opportunity"):
        assert [each.id for each in of(later, name)] == [each.id for each in of(records, name)]
        assert [each.data["name"] for each in of(later, name)] == [each.data["name"] for each in of(records, name)]


@pytest.mark.parametrize("today", DAYS)
def test_every_record_is_valid_input_of_the_api(catalog: Catalog, today: date) -> None:
    records = demo_records(today, OBJECT_IDS)
    for name in {record.object for record in records}:
        data: list[object] = [dict(record.data) for record in of(records, name)]
        assert len(RowBuilder(catalog, catalog.by_name[name]).creation(data).values) == len(data)


def test_ids_are_unique_and_those_of_the_documentation_stand(records: list[Record]) -> None:
    ids = [record.id for record in records]
    assert len(set(ids)) == len(ids)
    assert of(records, "company")[0].id == "30303030-1234-5678-9abc-def012345678"
    assert of(records, "company")[1].id == "c0000000-0000-4000-8000-000000000002"
    assert of(records, "person")[0].id == "20202020-0c28-43d9-b8f7-2b12e84b4d5e"
    assert of(records, "person")[0].data["companyId"] == of(records, "company")[0].id


def test_what_a_record_refers_to_comes_before_it(records: list[Record]) -> None:
    known = {str(member.id) for member in MEMBERS}
    for record in records:
        for key, value in record.data.items():
            if key.endswith("Id") and key not in ("linkedObjectMetadataId", "lastPublishedVersionId") and value:
                assert value in known, f"{record.object}.{key}"
        known.add(record.id)


def test_all_addresses_are_under_example_domains(records: list[Record]) -> None:
    found = [text for record in records for text in texts(dict(record.data))]
    mails = [domain for text in found if "@" in text for domain in ADDRESS.findall(text)]
    links = [text.split("/")[2] for text in found if text.startswith("http")]
    assert len(mails) > 200
    assert len(links) > 100
    assert [domain for domain in mails + links if not EXAMPLE.fullmatch(domain.removeprefix("www."))] == []
    assert [member.email for member in MEMBERS if not member.email.endswith("@example.com")] == []


def test_mailboxes_and_web_sites_are_unique(records: list[Record]) -> None:
    mails = [part(person, "emails", "primaryEmail") for person in of(records, "person")]
    given = [mail for mail in mails if mail]
    assert len(set(map(str, given))) == len(given)
    assert len({str(part(company, "domainName", "primaryLinkUrl")) for company in of(records, "company")}) == 60


def test_the_documentation_may_create_its_examples(records: list[Record]) -> None:
    mails = {part(person, "emails", "primaryEmail") for person in of(records, "person")}
    assert not mails & {"jane.smith@example.com", "john.doe@example.com", "john@example.com"}


def test_all_stages_and_states_occur(catalog: Catalog, records: list[Record]) -> None:
    for name, field in (("opportunity", "stage"), ("task", "status")):
        options = {option.value for option in catalog.by_name[name].field[field].options}
        assert options <= {str(record.data[field]) for record in of(records, name)}


def test_values_differ_and_some_are_missing(records: list[Record]) -> None:
    people, deals = of(records, "person"), of(records, "opportunity")
    for name in ("emails", "phones", "city", "jobTitle", "companyId", "linkedinLink"):
        assert 0 < sum(name not in person.data for person in people) < len(people), name
    for name in ("amount", "closeDate", "probability", "pointOfContactId", "ownerId"):
        assert 0 < sum(name not in deal.data for deal in deals) < len(deals), name
    assert len({part(deal, "amount", "currencyCode") for deal in deals}) > 8
    names = "".join(str(person.data["name"]) for person in people)
    assert all(letter in names for letter in "éöøłğñãč水Εб\u05d4\u0644김")
    sizes = Counter(person.data.get("companyId") for person in people)
    assert len(sizes) < len(COMPANIES) + 1  # some companies have nobody


@pytest.mark.parametrize("today", DAYS)
def test_nothing_was_made_in_the_future_but_some_of_it_lies_ahead(today: date) -> None:
    records = demo_records(today, OBJECT_IDS)
    now = datetime(today.year, today.month, today.day, tzinfo=UTC)
    assert max(record.created_at for record in records) < now
    assert (now - min(company.created_at for company in of(records, "company"))).days == 724
    assert all(datetime.fromisoformat(str(record.data["updatedAt"])) < now for record in records)
    assert all(record.created_at <= datetime.fromisoformat(str(record.data["updatedAt"])) for record in records)
    for name, field in (("opportunity", "closeDate"), ("task", "dueAt")):
        ahead = [str(each.data[field]) > now.isoformat() for each in of(records, name) if field in each.data]
        assert 20 < sum(ahead) < len(ahead)


@pytest.mark.parametrize("today", DAYS)
def test_the_queries_of_the_documentation_find_something(today: date) -> None:
    records = demo_records(today, OBJECT_IDS)
    people, deals = of(records, "person"), of(records, "opportunity")
    newest = max(people, key=lambda person: person.created_at)
    assert newest is people[0]
    assert str(part(newest, "emails", "primaryEmail")).endswith("@example.com")
    assert any(deal.data.get("pointOfContactId") == newest.id for deal in deals)
    assert sum("tech" in str(company.data["name"]).lower() for company in of(records, "company")) > 5
    recent = [person for person in people if str(person.data["createdAt"]) > "2026-01-01"]
    assert any(person.data.get("city") == "San Francisco" for person in recent)
    big = [deal for deal in deals if int(str(part(deal, "amount", "amountMicros") or 0)) >= 10_000_000_000]
    assert {"PROPOSAL", "NEGOTIATION"} <= {str(deal.data["stage"]) for deal in big}
    due = [str(task.data.get("dueAt", "")) for task in of(records, "task") if task.data["status"] == "TODO"]
    assert any("" < each <= "2026-02-10" for each in due)
    assert any(each > "2026-02-10" for each in due)
