"""The records that a new workspace begins with, so that nobody starts before an empty page (core-api.md §3.1)."""

from rapport.access.principal import Principal
from rapport.base.ids import new_id
from rapport.metadata.catalog import Catalog
from rapport.records.create import create_records
from rapport.store.database import Connection

# id, name, host, city, country, employees
_COMPANIES = (
    ("c776ee49-f608-4a77-8cc8-6fe96ae1e43f", "Airbnb", "airbnb.com", "San Francisco", "United States", 5000),
    ("f45ee421-8a3e-4aa5-a1cf-7207cc6754e1", "Anthropic", "anthropic.com", "San Francisco", "United States", 1100),
    ("1f70157c-4ea5-4d81-bc49-e1401abfbb94", "Stripe", "stripe.com", "Dublin", "Ireland", 8000),
    ("9d5bcf43-7d38-4e88-82cb-d6d4ce638bf0", "Figma", "figma.com", "San Francisco", "United States", 800),
    ("06290608-8bf0-4806-99ae-a715a6a93fad", "Notion", "notion.com", "San Francisco", "United States", 400),
)
# One at each company, in the same order.
_PEOPLE = (
    ("Brian", "Chesky", "chesky@airbnb.com"),
    ("Dario", "Amodei", "amodei@anthropic.com"),
    ("Patrick", "Collison", "collison@stripe.com"),
    ("Dylan", "Field", "field@figma.com"),
    ("Ivan", "Zhao", "zhao@notion.com"),
)


async def prefill(connection: Connection, catalog: Catalog) -> None:
    """Five companies with a person each, written by the system."""
    system = Principal(workspace_id=catalog.workspace_id, schema=catalog.schema, name="System", source="SYSTEM")
    companies = [
        {
            "id": key,
            "name": name,
            "domainName": {"primaryLinkUrl": f"https://{host}"},
            "address": {"addressCity": city, "addressCountry": country},
            "employees": employees,
            "position": position,
        }
        for position, (key, name, host, city, country, employees) in enumerate(_COMPANIES, start=1)
    ]
    people = [
        {
            "id": str(new_id()),
            "name": {"firstName": first_name, "lastName": last_name},
            "emails": {"primaryEmail": email},
            "city": company[3],
            "companyId": company[0],
            "position": position,
        }
        for position, ((first_name, last_name, email), company) in enumerate(
            zip(_PEOPLE, _COMPANIES, strict=True), start=1
        )
    ]
    await create_records(connection, catalog, "company", companies, system)
    await create_records(connection, catalog, "person", people, system)
