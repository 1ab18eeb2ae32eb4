"""Fixtures for all tests: a PostgreSQL server for the run, and a fresh migrated database for each test that asks."""

import gc
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from importlib.util import find_spec

import pytest
from structlog.dev import ConsoleRenderer, plain_traceback

from rapport.store.database import Database
from tests.databases import fresh_name, migrated_template, new_database, outside_a_loop, running_server
from tests.serving import Client, Tenant, make_tenant, serving

_SERVER = pytest.StashKey[str]()
_STACK = pytest.StashKey[ExitStack]()
# httpcore imports it for each lock that it makes, and a search for what is not installed takes a fifth of a request.
if find_spec("sniffio") is None:
    sys.modules["sniffio"] = None  # type: ignore[assignment]  # importlib's word for: it is not there
# As `rapport` does: to print an exception with all local variables, as is the default, takes seconds.
ConsoleRenderer.get_active().exception_formatter = plain_traceback


def _server(config: pytest.Config) -> str:
    """The address of the run's server, which is started when the first asks for it."""
    if hasattr(config, "workerinput"):
        return str(config.workerinput["server_dsn"])
    if _SERVER not in config.stash:
        stack = config.stash[_STACK] = ExitStack()
        config.stash[_SERVER] = stack.enter_context(running_server())
    return config.stash[_SERVER]


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: object) -> None:
    """With pytest-xdist: one server for all workers, of the process that controls them."""
    node.workerinput["server_dsn"] = _server(node.config)  # type: ignore[attr-defined]


def pytest_collection_finish() -> None:
    """What the collection made stays to the end: looking through it again and again would take a tenth of the time."""
    gc.collect()
    gc.freeze()


def pytest_unconfigure(config: pytest.Config) -> None:
    if _STACK in config.stash:
        config.stash[_STACK].close()


@pytest.fixture(scope="session")
def anyio_backend() -> tuple[str, dict[str, object]]:
    return "asyncio", {"use_uvloop": True}


@pytest.fixture(scope="session")
def server_dsn(request: pytest.FixtureRequest) -> str:
    """The address of a PostgreSQL server on which tests may create databases."""
    return _server(request.config)


@pytest.fixture(scope="session")
def template_database(server_dsn: str) -> Iterator[str]:
    """The name of a database with all migrations, to make copies of."""
    with migrated_template(server_dsn) as name:
        yield name


@pytest.fixture
def database_dsn(server_dsn: str, template_database: str) -> Iterator[str]:
    """The address of a fresh database with all migrations."""
    with outside_a_loop(new_database(server_dsn, fresh_name(), template=template_database)) as dsn:
        yield dsn


@pytest.fixture
def empty_database_dsn(server_dsn: str) -> Iterator[str]:
    """The address of a fresh database without anything in it."""
    with outside_a_loop(new_database(server_dsn, fresh_name())) as dsn:
        yield dsn


@pytest.fixture
async def database(database_dsn: str) -> AsyncIterator[Database]:
    """A fresh database with all migrations."""
    db = await Database.connect(database_dsn, size=5)
    yield db
    await db.close()


@dataclass(frozen=True, kw_only=True)
class _Prepared:
    """A database with one workspace in it, to make copies of."""

    name: str
    tenant: Tenant


@pytest.fixture(scope="session")
async def workspace_template(server_dsn: str, template_database: str) -> AsyncIterator[_Prepared]:
    name = fresh_name()
    async with new_database(server_dsn, name, template=template_database) as dsn:
        db = await Database.connect(dsn, size=1)
        tenant = await make_tenant(db, "Tests")
        await db.close()
        yield _Prepared(name=name, tenant=tenant)


@dataclass(frozen=True, kw_only=True)
class Inhabited:
    """A fresh database with one empty workspace."""

    database: Database
    tenant: Tenant


@pytest.fixture
async def inhabited(server_dsn: str, workspace_template: _Prepared) -> AsyncIterator[Inhabited]:
    async with new_database(server_dsn, fresh_name(), template=workspace_template.name) as dsn:
        db = await Database.connect(dsn, size=5)
        try:
            yield Inhabited(database=db, tenant=workspace_template.tenant)
        finally:
            await db.close()


@pytest.fixture
async def client(inhabited: Inhabited) -> AsyncIterator[Client]:
    """A server on a fresh database with one empty workspace, and an HTTP client with its API key."""
    async with serving(inhabited.database, inhabited.tenant) as found:
        yield found
