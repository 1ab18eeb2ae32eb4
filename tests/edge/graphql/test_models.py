"""The models that a process remembers: which news make it forget one."""

from dataclasses import replace
from uuid import UUID

import pytest

from rapport.access.principal import Principal
from rapport.edge.graphql.model import Model
from rapport.edge.graphql.models import CachedModels
from rapport.metadata.store import load_catalog
from rapport.store.database import Database
from rapport.workspaces.create import create_workspace


@pytest.fixture
async def workspace_id(database: Database) -> UUID:
    async with database.transaction() as connection:
        workspace_id, _ = await create_workspace(connection, name="Models")
    return workspace_id


class Remembered:
    """A process's models of one workspace."""

    def __init__(self, database: Database, workspace_id: UUID) -> None:
        self.database, self.id = database, workspace_id
        self.dropped: list[Model] = []
        self.models = CachedModels(database, on_dropped=self.dropped.append)

    async def load(self) -> Model:
        return await self.models.load(Principal(workspace_id=self.id, schema=None))

    def hear(self, version: int) -> None:
        self.models.hear({"workspaceId": str(self.id), "version": version})


async def test_news_of_what_is_known_already_change_nothing(database: Database, workspace_id: UUID) -> None:
    remembered = Remembered(database, workspace_id)
    model = await remembered.load()
    remembered.hear(model.catalog.version)
    assert await remembered.load() is model
    remembered.hear(model.catalog.version + 1)
    assert remembered.dropped == [model]
    assert await remembered.load() is not model


async def test_whoever_has_changed_a_model_knows_the_new_one(database: Database, workspace_id: UUID) -> None:
    remembered = Remembered(database, workspace_id)
    old = await remembered.load()
    new = replace(await load_catalog(database, workspace_id), version=old.catalog.version + 1)
    remembered.models.learn(new)
    assert remembered.dropped == [old]
    assert remembered.models.catalog(workspace_id) is new
    assert (await remembered.load()).catalog is new

    remembered.models.learn(old.catalog)  # a change before the last one, told later
    assert (await remembered.load()).catalog is new


async def test_a_model_that_is_as_late_as_the_stale_one_is_read_again(database: Database, workspace_id: UUID) -> None:
    remembered = Remembered(database, workspace_id)
    stale = await remembered.load()
    principal = Principal(workspace_id=workspace_id, schema=None)
    fresh = await remembered.models.reload(principal, stale)
    assert fresh is not stale
    later = replace(fresh.catalog, version=fresh.catalog.version + 1)
    remembered.models.learn(later)
    assert (await remembered.models.reload(principal, stale)).catalog is later
