"""A server that the tests of one file share, for those that ask much and change little."""

from collections.abc import AsyncIterator
from typing import Protocol

import pytest

from rapport.store.database import Database
from tests.databases import fresh_name, new_database
from tests.serving import Client, Tenant, serving


class Prepared(Protocol):
    """A database with one workspace in it, to make copies of."""

    @property
    def name(self) -> str: ...

    @property
    def tenant(self) -> Tenant: ...


@pytest.fixture(scope="module")
async def shared(server_dsn: str, workspace_template: Prepared) -> AsyncIterator[Client]:
    """Like ``client``, but for all tests of a file."""
    async with new_database(server_dsn, fresh_name(), template=workspace_template.name) as dsn:
        db = await Database.connect(dsn, size=5)
        try:
            async with serving(db, workspace_template.tenant) as found:
                yield found
        finally:
            await db.close()
