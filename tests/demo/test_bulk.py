"""Records in great number: deterministic, valid, and created as given."""

from collections import Counter

from rapport.access.principal import Principal
from rapport.demo.bulk import BATCH, bulk, bulk_id, fill_bulk
from rapport.metadata.names import qualified
from rapport.metadata.store import load_catalog
from rapport.store.database import Database
from rapport.workspaces.create import create_workspace


def test_numbers_are_as_wished_and_batches_bounded() -> None:
    batches = list(bulk(50, BATCH + 10, 70))
    assert [(name, len(data)) for name, data in batches] == [
        ("company", 50),
        ("person", BATCH),
        ("person", 10),
        ("opportunity", 70),
    ]
    assert batches[1][1][3]["id"] == str(bulk_id("person", 3))


def test_the_data_is_always_the_same() -> None:
    assert list(bulk(20, 60, 30)) == list(bulk(20, 60, 30))


def test_companies_differ_in_size_and_people_can_be_alone() -> None:
    ((_, _), (_, people)) = bulk(100, 1000, 0)
    sizes = Counter(person.get("companyId") for person in people)
    assert sizes[None] > 50
    assert max(sizes.values()) > 3 * min(sizes.values())


async def test_all_of_it_is_created(database: Database) -> None:
    async with database.transaction() as connection:
        workspace_id, schema = await create_workspace(connection, name="Bulk")
    catalog = await load_catalog(database, workspace_id)
    principal = Principal(workspace_id=workspace_id, schema=schema, name="Bench", source="IMPORT")
    await fill_bulk(database, catalog, principal, companies=30, people=200, opportunities=60)
    for table, number in (("company", 30), ("person", 200), ("opportunity", 60), ("event", 290)):
        assert await database.value(f"select count(*) from {qualified(schema, table)}") == number
