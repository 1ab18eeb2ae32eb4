"""Creating records for those who want no answer."""

import orjson
import pytest

from rapport.access.principal import Principal
from rapport.base.errors import DuplicateEntry, InvalidValue
from rapport.base.ids import new_id
from rapport.metadata.catalog import Catalog
from rapport.metadata.names import qualified
from rapport.metadata.store import load_catalog
from rapport.records.create import create_records
from rapport.records.failures import UnknownRelationTarget
from rapport.store.database import Database
from rapport.workspaces.create import create_workspace


async def new_catalog(database: Database) -> Catalog:
    async with database.transaction() as connection:
        workspace_id, _ = await create_workspace(connection, name="Acme")
    return await load_catalog(database, workspace_id)


def somebody(catalog: Catalog) -> Principal:
    return Principal(workspace_id=catalog.workspace_id, schema=catalog.schema, name="Ann", source="IMPORT")


async def test_records_and_their_events_are_written_with_their_author(database: Database) -> None:
    catalog = await new_catalog(database)
    member = new_id()
    principal = Principal(
        workspace_id=catalog.workspace_id, schema=catalog.schema, name="Ann", workspace_member_id=member
    )
    await create_records(
        database,
        catalog,
        "person",
        [{"name": {"firstName": "Ł"}, "city": "Łódź"}, {"name": {"lastName": "B"}}],
        principal,
    )
    rows = await database.rows(
        'select id, "nameFirstName", city, "createdByName", "createdBySource", "createdByWorkspaceMemberId" as member '
        f"from {qualified(catalog.schema, 'person')} order by position desc"
    )
    assert [tuple(row)[1:] for row in rows] == [
        ("Ł", "Łódź", "Ann", "MANUAL", member),
        (None, None, "Ann", "MANUAL", member),
    ]
    events = await database.rows(
        f'select action, object, "recordId", after, actor from {qualified(catalog.schema, "event")} order by seq'
    )
    assert [(row["action"], row["object"], row["recordId"]) for row in events] == [
        ("created", "person", row["id"]) for row in rows
    ]
    assert orjson.loads(events[0]["after"])["city"] == "Łódź"
    assert orjson.loads(events[0]["actor"])["workspaceMemberId"] == str(member)


async def test_nothing_to_create_is_no_statement(database: Database) -> None:
    catalog = await new_catalog(database)
    await create_records(database, catalog, "person", [], somebody(catalog))
    assert await database.value(f"select count(*) from {qualified(catalog.schema, 'event')}") == 0


async def test_refusals_are_those_of_the_api(database: Database) -> None:
    catalog = await new_catalog(database)
    twice: list[object] = [{"emails": {"primaryEmail": "ann@example.com"}}] * 2
    with pytest.raises(DuplicateEntry, match="A duplicate entry was detected"):
        await create_records(database, catalog, "person", twice, somebody(catalog))
    with pytest.raises(UnknownRelationTarget):
        await create_records(database, catalog, "person", [{"companyId": str(new_id())}], somebody(catalog))
    with pytest.raises(InvalidValue):
        await create_records(database, catalog, "person", [{"emails": {"primaryEmail": "nobody"}}], somebody(catalog))
    assert await database.value(f"select count(*) from {qualified(catalog.schema, 'person')}") == 0


@pytest.mark.parametrize("company", [{"connect": {"where": {"id": str(new_id())}}}, {"create": {}}])
async def test_what_takes_more_than_a_statement_is_refused(database: Database, company: object) -> None:
    catalog = await new_catalog(database)
    with pytest.raises(InvalidValue, match="linked by ids only"):
        await create_records(database, catalog, "person", [{"company": company}], somebody(catalog))
