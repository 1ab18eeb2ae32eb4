"""A real server for tests: our ASGI application behind uvicorn on a free port of 127.0.0.1, spoken to over HTTP."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

import httpx
import uvicorn

from rapport.app import compose
from rapport.base.settings import Settings
from rapport.keys.service import create_key
from rapport.store.database import Database
from rapport.workspaces.create import create_workspace

SECRET = "a secret of the tests only"


@dataclass(frozen=True, kw_only=True)
class Tenant:
    """A workspace and an API key that opens it."""

    workspace_id: UUID
    schema: str
    key: str


@dataclass(kw_only=True)
class Client:
    """Speaks GraphQL to a server as one tenant."""

    http: httpx.AsyncClient
    url: str
    database: Database
    tenant: Tenant
    headers: Mapping[str, str] = field(default_factory=dict)

    def as_tenant(self, tenant: Tenant) -> "Client":
        return Client(http=self.http, url=self.url, database=self.database, tenant=tenant)

    async def post(self, query: str, variables: Mapping[str, object] | None = None, **more: object) -> httpx.Response:
        """The raw HTTP response."""
        headers = {"Authorization": f"Bearer {self.tenant.key}", **self.headers}
        body = {"query": query, "variables": dict(variables or {}), **more}
        return await self.http.post(f"{self.url}/graphql", json=body, headers=headers)

    async def ask(self, query: str, variables: Mapping[str, object] | None = None) -> dict[str, object]:
        """The whole JSON of the answer."""
        found: dict[str, object] = (await self.post(query, variables)).json()
        return found

    async def data(self, query: str, variables: Mapping[str, object] | None = None) -> dict:  # type: ignore[type-arg]
        """The data of an answer that must be without errors."""
        answer = await self.ask(query, variables)
        assert "errors" not in answer, answer["errors"]
        found = answer["data"]
        assert isinstance(found, dict)
        return found


async def make_tenant(database: Database, name: str) -> Tenant:
    async with database.transaction() as connection:
        workspace_id, schema = await create_workspace(connection, name=name)
        key = await create_key(connection, workspace_id=workspace_id, name="tests")
    return Tenant(workspace_id=workspace_id, schema=schema, key=key.token)


class _Server(uvicorn.Server):
    """uvicorn with events instead of clocks: a tenth of a second is long for thousands of tests."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.has_started, self.shall_end = asyncio.Event(), asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.has_started.set()

    async def main_loop(self) -> None:
        await self.shall_end.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for server in self.servers:
            server.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        while self.server_state.connections or self.server_state.tasks:  # noqa: ASYNC110  # uvicorn has no event for it
            await asyncio.sleep(0.001)
        for server in self.servers:
            await server.wait_closed()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


@asynccontextmanager
async def serving(
    database: Database, tenant: Tenant, *, deaf: bool = False, **settings: object
) -> AsyncIterator[Client]:
    """Serves the database; gives a client of the tenant. ``deaf``: hears nothing of what other processes change."""
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    parts = await compose(Settings(**settings), database, SECRET, url=url)  # type: ignore[arg-type]
    if deaf:
        await asyncio.sleep(0)  # the task that is to be cancelled begins
        await parts.notifications.close()
    config = uvicorn.Config(
        parts.app,
        loop="none",
        http="httptools",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,  # as in production: who may speak for others is a setting of ours
    )
    server = _Server(config)
    task = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        await server.has_started.wait()
        seconds = timedelta(seconds=60).total_seconds()
        # Nothing is encrypted here: reading all certificates would take longer than most tests.
        async with httpx.AsyncClient(timeout=seconds, verify=False, trust_env=False) as http:  # noqa: S501
            yield Client(http=http, url=url, database=database, tenant=tenant)
    finally:
        server.shall_end.set()
        await task
        await parts.close()
        listening.close()
