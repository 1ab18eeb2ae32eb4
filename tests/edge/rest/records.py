"""Asks for records over REST, as tests of them do."""

from typing import Any, TypeAlias

from tests.edge.rest.asking import send
from tests.serving import Client

Found: TypeAlias = Any  # JSON

ADA, BEN, CID = (f"a0000000-0000-4000-8000-00000000000{number}" for number in (1, 2, 3))
ACME, BOLT = (f"c0000000-0000-4000-8000-00000000000{number}" for number in (1, 2))
UNKNOWN = "99999999-9999-4999-8999-999999999999"

COMPANIES = [
    {
        "id": ACME, "name": "Acme", "employees": 10,
        "annualRecurringRevenue": {"amountMicros": 5000000, "currencyCode": "EUR"},
    },
    {"id": BOLT, "name": "Bolt", "employees": 99, "domainName": {"primaryLinkUrl": "https://bolt.example"}},
]  # fmt: skip
PEOPLE = [
    {
        "id": ADA, "name": {"firstName": "Ada", "lastName": "King"}, "emails": {"primaryEmail": "ada@acme.example"},
        "city": "Oslo", "companyId": ACME, "position": 1,
    },
    {"id": BEN, "name": {"firstName": "Ben", "lastName": "Ray"}, "city": "Bern", "companyId": ACME, "position": 2},
    {"id": CID, "name": {"firstName": "Cid"}, "jobTitle": "Cook, chief", "position": 3},
]  # fmt: skip

PERSON = [
    "id", "createdAt", "updatedAt", "deletedAt", "name", "emails", "linkedinLink", "xLink", "jobTitle", "phones",
    "city", "avatarUrl", "avatarFile", "position", "createdBy", "updatedBy", "companyId",
]  # fmt: skip


async def ask(client: Client, method: str, path: str, body: object = None, status: int = 200) -> Found:
    """The JSON of an answer that must have the status."""
    answer = await send(client, method, path, body)
    assert answer.status_code == status, answer.text[:1000]
    assert answer.headers["Content-Type"] == "application/json; charset=utf-8"
    return answer.json()


async def fill(client: Client) -> None:
    """Two companies and three people."""
    await ask(client, "POST", "/batch/companies", COMPANIES, 201)
    await ask(client, "POST", "/batch/people", PEOPLE, 201)


async def names(client: Client, query: str = "", status: int = 200) -> list[str]:
    """The first names of the people whom a list has."""
    found = await ask(client, "GET", f"/people?depth=0&{query}", status=status)
    return [each["name"]["firstName"] for each in found["data"]["people"]]
