"""The data model in the database."""

import pytest

from rapport.base.ids import new_id
from rapport.metadata.catalog import WorkspaceId
from rapport.metadata.serial import NO_ROWS, rows_of
from rapport.metadata.standard.model import standard_catalog
from rapport.metadata.store import WorkspaceNotFound, load_catalog, model_version, write_model
from rapport.store.database import Database


async def test_a_model_is_loaded_as_it_was_written(database: Database) -> None:
    catalog = standard_catalog(WorkspaceId(new_id()))
    insert = 'insert into core.workspace (id, "schema", "metadataVersion") values ($1, $2, 1)'
    await database.execute(insert, catalog.workspace_id, catalog.schema)
    async with database.transaction() as connection:
        await write_model(connection, NO_ROWS, rows_of(catalog))
    assert await load_catalog(database, catalog.workspace_id) == catalog


async def test_a_workspace_that_does_not_exist_has_no_model(database: Database) -> None:
    with pytest.raises(WorkspaceNotFound):
        await load_catalog(database, new_id())
    with pytest.raises(WorkspaceNotFound):
        await model_version(database, new_id())
