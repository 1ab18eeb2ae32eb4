"""Both clients of a server that the tests of one file share."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Protocol, TypeAlias

import httpx
import pytest

from rapport.client import AsyncClient, Client, Retries
from rapport.store.database import Database
from tests.client.apis import Api, Blocking, Waiting
from tests.databases import fresh_name, new_database
from tests.serving import Client as Served
from tests.serving import Tenant, serving

Connect: TypeAlias = Callable[..., AbstractAsyncContextManager[Api]]

QUICK = Retries(first=0.001, longest=0.005)


class Prepared(Protocol):
    @property
    def name(self) -> str: ...

    @property
    def tenant(self) -> Tenant: ...


@pytest.fixture(scope="module")
async def served(server_dsn: str, workspace_template: Prepared) -> AsyncIterator[Served]:
    """A server on a database with one empty workspace, for all tests of a file."""
    async with new_database(server_dsn, fresh_name(), template=workspace_template.name) as dsn:
        db = await Database.connect(dsn, size=5)
        try:
            async with serving(db, workspace_template.tenant) as found:
                yield found
        finally:
            await db.close()


@pytest.fixture(params=["blocking", "waiting"])
def connect(request: pytest.FixtureRequest) -> Connect:
    """Opens one of the clients: ``connect(url, key)``."""

    @asynccontextmanager
    async def blocking(url: str, key: str | None = "sk_live_0", retries: Retries = QUICK) -> AsyncIterator[Api]:
        with (
            httpx.Client(verify=False, trust_env=False) as http,  # noqa: S501  # certificates take long to read
            Client(base_url=url, api_key=key, timeout=5, retries=retries, http=http) as client,
        ):
            yield Blocking(client=client)

    @asynccontextmanager
    async def waiting(url: str, key: str | None = "sk_live_0", retries: Retries = QUICK) -> AsyncIterator[Api]:
        async with (
            httpx.AsyncClient(verify=False, trust_env=False) as http,  # noqa: S501
            AsyncClient(base_url=url, api_key=key, timeout=5, retries=retries, http=http) as client,
        ):
            yield Waiting(client=client)

    return blocking if request.param == "blocking" else waiting


@pytest.fixture
async def api(served: Served, connect: Connect) -> AsyncIterator[Api]:
    """One of the clients, with the key of the workspace."""
    async with connect(served.url, served.tenant.key) as found:
        yield found
