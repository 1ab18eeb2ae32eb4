"""Workspaces are made whole, fast, and apart from one another."""

import time
from uuid import UUID

import pytest

from rapport.base.ids import new_id
from rapport.metadata.names import qualified, schema_name
from rapport.metadata.store import load_catalog, model_version
from rapport.store.database import Database
from rapport.workspaces.create import create_workspace
from rapport.workspaces.errors import SubdomainTaken
from rapport.workspaces.members import add_member
from tests.metadata.yardstick import differences


async def new_workspace(database: Database, name: str = "Acme", subdomain: str | None = None) -> tuple[UUID, str]:
    async with database.transaction() as connection:
        return await create_workspace(connection, name=name, subdomain=subdomain)


async def test_a_workspace_has_a_row_a_model_and_tables_that_agree(database: Database) -> None:
    workspace_id, schema = await new_workspace(database, subdomain="acme")
    assert schema == schema_name(workspace_id)
    row = await database.row(
        'select "displayName", subdomain, "schema", "activationStatus" from core.workspace where id = $1', workspace_id
    )
    assert row is not None
    assert dict(row) == {
        "displayName": "Acme",
        "subdomain": "acme",
        "schema": schema,
        "activationStatus": "ACTIVE",
    }
    catalog = await load_catalog(database, workspace_id)
    assert len(catalog.objects) == 29
    assert await differences(database, catalog) == []
    assert await model_version(database, workspace_id) == 1


async def test_a_workspace_takes_less_than_a_second(database: Database) -> None:
    await new_workspace(database)
    started = time.perf_counter()
    await new_workspace(database)
    assert time.perf_counter() - started < 1


async def test_a_workspace_that_fails_leaves_nothing(database: Database) -> None:
    made: list[tuple[UUID, str]] = []

    async def fail_at_the_end() -> None:
        async with database.transaction() as connection:
            made.append(await create_workspace(connection, name="Acme"))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail_at_the_end()
    ((workspace_id, schema),) = made
    assert await database.value("select count(*) from core.workspace where id = $1", workspace_id) == 0
    assert await database.value('select count(*) from core."fieldMetadata"') == 0
    assert await database.value("select count(*) from pg_catalog.pg_namespace where nspname = $1", schema) == 0


async def test_a_subdomain_belongs_to_one_workspace(database: Database) -> None:
    await new_workspace(database, subdomain="acme")
    with pytest.raises(SubdomainTaken, match="Subdomain already taken"):
        await new_workspace(database, subdomain="acme")
    await new_workspace(database)
    await new_workspace(database)


async def test_a_member_is_a_record_and_a_membership(database: Database) -> None:
    workspace_id, schema = await new_workspace(database)
    user_id = new_id()
    await database.execute("""insert into core."user" (id, email) values ($1, 'ann@example.com')""", user_id)
    async with database.transaction() as connection:
        member_id = await add_member(
            connection,
            workspace_id=workspace_id,
            schema=schema,
            user_id=user_id,
            email="Ann@Example.com",
            first_name="Ann",
            last_name="O'Neil",
        )
    statement = (
        'select "nameFirstName", "nameLastName", "userEmail", "userId", "timeZone", "dateFormat", position '
        f"from {qualified(schema, 'workspaceMember')} where id = $1"
    )
    record = await database.row(statement, member_id)
    assert record is not None
    assert dict(record) == {
        "nameFirstName": "Ann",
        "nameLastName": "O'Neil",
        "userEmail": "ann@example.com",
        "userId": user_id,
        "timeZone": "system",
        "dateFormat": "SYSTEM",
        "position": 1.0,
    }
    membership = await database.row('select "userId", "workspaceId", "workspaceMemberId" from core."userWorkspace"')
    assert membership is not None
    assert tuple(membership) == (user_id, workspace_id, member_id)
