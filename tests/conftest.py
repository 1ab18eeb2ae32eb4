"""Fixtures for all tests: a PostgreSQL server for the run, and a fresh migrated database for each test that asks."""

from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack

import pytest

from rapport.store.database import Database
from tests.databases import fresh_name, migrated_template, new_database, running_server

_SERVER = pytest.StashKey[str]()
_STACK = pytest.StashKey[ExitStack]()


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
async def database_dsn(server_dsn: str, template_database: str) -> AsyncIterator[str]:
    """The address of a fresh database with all migrations."""
    async with new_database(server_dsn, fresh_name(), template=template_database) as dsn:
        yield dsn


@pytest.fixture
async def empty_database_dsn(server_dsn: str) -> AsyncIterator[str]:
    """The address of a fresh database without anything in it."""
    async with new_database(server_dsn, fresh_name()) as dsn:
        yield dsn


@pytest.fixture
async def database(database_dsn: str) -> AsyncIterator[Database]:
    """A fresh database with all migrations."""
    db = await Database.connect(database_dsn, size=5)
    yield db
    await db.close()
