"""A real server for tests: our ASGI application behind uvicorn on a free port of 127.0.0.1, spoken to over HTTP."""

import asyncio
import socket
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import httpx
import uvicorn
from starlette.types import ASGIApp

from rapport.app import Parts, compose
from rapport.base.settings import Settings
from rapport.edge.traffic.connections import Patience, limited
from rapport.keys.service import create_key
from rapport.store.database import Database
from rapport.workspaces.create import create_workspace

SECRET = "a secret of the tests only"
DEFAULTS = Settings()
NO_RATES = {"rate_limit_user": 0, "rate_limit_api_key": 0, "rate_limit_ip": 0}


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
    """Serves the database; gives a client of the tenant. ``deaf``: hears nothing of what other processes change.

    There are no limits of requests in a minute unless they are given.
    """
    listening = socket.socket()
    listening.bind(("127.0.0.1", 0))
    url = f"http://127.0.0.1:{listening.getsockname()[1]}"
    folder = tempfile.TemporaryDirectory(prefix="rapport-files-")
    known = {"data_dir": Path(folder.name), **NO_RATES, **settings}
    declared = Settings(**known)  # type: ignore[arg-type]
    parts = await compose(declared, database, SECRET, url=url)
    if deaf:
        await asyncio.sleep(0)  # the task that is to be cancelled begins
        await parts.notifications.close()
    try:
        async with answering(listening, parts.app, declared, live=parts):
            seconds = timedelta(seconds=60).total_seconds()
            # Nothing is encrypted here: reading all certificates would take longer than most tests.
            async with httpx.AsyncClient(timeout=seconds, verify=False, trust_env=False) as http:  # noqa: S501
                yield Client(http=http, url=url, database=database, tenant=tenant)
    finally:
        await parts.close()
        listening.close()
        folder.cleanup()


@asynccontextmanager
async def answering(
    listening: socket.socket, app: ASGIApp, settings: Settings = DEFAULTS, *, live: Parts | None = None
) -> AsyncIterator[None]:
    """An application answers at a socket, for as long as the block lasts; with ``live``, at WebSockets, too."""
    config = uvicorn.Config(
        app,
        loop="none",
        http=limited(Patience.of(settings), count_apart=live.live.audience.__len__ if live else lambda: 0),
        ws=live.websockets if live else "none",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,  # as in production: who may speak for others is a setting of ours
    )
    server = _Server(config)
    task = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        await server.has_started.wait()
        yield
    finally:
        if live:
            live.live.audience.stop()
        server.shall_end.set()
        await task
