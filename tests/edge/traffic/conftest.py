"""A database that the tests of one file share: they differ in the settings of the server before it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest

from rapport.store.database import Database
from tests.databases import fresh_name, new_database
from tests.edge.conftest import Prepared
from tests.serving import Tenant


@dataclass(frozen=True, kw_only=True)
class Home:
    database: Database
    tenant: Tenant


@pytest.fixture(scope="module")
async def home(server_dsn: str, workspace_template: Prepared) -> AsyncIterator[Home]:
    async with new_database(server_dsn, fresh_name(), template=workspace_template.name) as dsn:
        db = await Database.connect(dsn, size=5)
        try:
            yield Home(database=db, tenant=workspace_template.tenant)
        finally:
            await db.close()
