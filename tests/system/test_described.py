"""What the areas describe is what the database has."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import UUID

import pytest

import rapport
from rapport.access.principal import Principal
from rapport.access.request import Fields
from rapport.app import compose
from rapport.base.ids import new_id
from rapport.base.settings import Settings
from rapport.keys.service import create_key
from rapport.store.database import Database
from rapport.system.reading import Tables
from rapport.workspaces.create import create_workspace
from rapport.workspaces.members import add_member
from tests.serving import SECRET


@pytest.fixture
async def tables(database: Database) -> AsyncIterator[Tables]:
    parts = await compose(Settings(), database, SECRET, url="http://127.0.0.1:3000")
    yield parts.tables
    await parts.close()


async def test_every_field_of_every_type_can_be_read(database: Database, tables: Tables) -> None:
    async with database.transaction() as connection:
        workspace_id, schema = await create_workspace(connection, name="Tests")
    caller = Principal(workspace_id=workspace_id, schema=schema, user_id=UUID(int=1))
    for name in tables.registry:
        described = tables.registry[name]
        names = [*described.object.field, *described.made]
        fields = {each: _inside(tables, name, each) for each in names}
        for principal in (caller, Principal(workspace_id=None, schema=None), None):
            rows = await tables.read(name, fields, principal)
            assert all(row.keys() == fields.keys() for row in rows), name


async def test_no_row_of_one_workspace_is_there_for_another(database: Database, tables: Tables) -> None:
    callers = [await _inhabited(database, name) for name in ("one", "two")]
    seen: set[str] = set()
    for name in tables.registry:
        mine, theirs = [{str(row["id"]) for row in await tables.read(name, {"id": {}}, caller)} for caller in callers]
        assert not mine & theirs, name
        if mine:
            seen.add(name)
            for wanted in theirs:
                assert await tables.read_one(name, {"id": {}}, callers[0], where={"id": wanted}) is None, name
    assert {"ApiKey", "Role", "User", "UserWorkspace", "Workspace", "WorkspaceMember"} <= seen


async def test_a_description_says_whether_rows_are_deleted_softly(database: Database, tables: Tables) -> None:
    """Else deleted rows would be shown, or the types would not know of restoring them."""
    rows = await database.rows(
        "select table_name::text as name from information_schema.columns"
        " where table_schema = 'core' and column_name = 'deletedAt'"
    )
    softly = {row["name"] for row in rows}
    wrong = [
        name
        for name in tables.registry
        if tables.registry[name].table.schema == "core"
        and tables.registry[name].table.is_soft_deleted != (tables.registry[name].table.name in softly)
    ]
    assert wrong == []


async def test_no_description_shows_a_secret(tables: Tables) -> None:
    for name in tables.registry:
        view = str(tables.registry[name].object.view)
        for secret in ('this."passwordHash" as', 'this."tokenHash" as', 'this."secret" as', 'this."value" as "token'):
            assert secret not in view, name


async def _inhabited(database: Database, name: str) -> Principal:
    """Somebody in a workspace of their own, with an API key."""
    user_id = new_id()
    async with database.transaction() as connection:
        workspace_id, schema = await create_workspace(connection, name=name)
        await connection.execute('insert into core."user" (id, email) values ($1, $2)', user_id, f"{name}@example.com")
        await add_member(
            connection, workspace_id=workspace_id, schema=schema, user_id=user_id, email=f"{name}@example.com"
        )
        await create_key(connection, workspace_id=workspace_id, name=name)
    return Principal(workspace_id=workspace_id, schema=schema, user_id=user_id)


def _inside(tables: Tables, type_name: str, field: str) -> Fields:
    known = tables.registry[type_name].object.field.get(field)
    if known is None:
        return {}
    if known.relation is not None:
        declared = tables.registry[type_name].lists.get(field)
        return {"edges": {"node": {"id": {}}}} if declared and declared.is_paged else {"id": {}}
    return {sub: {} for sub in known.column_of} if known.type.graphql_output is not None else {}


async def test_every_field_of_the_sdl_is_described(tables: Tables) -> None:
    folder = Path(rapport.__file__).parent
    texts = [each.read_text("utf-8") for each in sorted(folder.glob("*/*.graphql"))]
    tables.registry.check_sdl(texts)
    with pytest.raises(ValueError, match="ApiKey is described without colour"):
        tables.registry.check_sdl([*texts, "extend type ApiKey { colour: String }"])
