"""A workspace is begun with its founder, and then activated: once, wholly, quickly."""

import asyncio
import time
from uuid import UUID

import pytest

from rapport.base.errors import Forbidden
from rapport.base.ids import new_id
from rapport.metadata.names import qualified
from rapport.metadata.store import load_catalog
from rapport.store.database import Database
from rapport.workspaces.activate import activate_workspace
from rapport.workspaces.create import Begun, begin_workspace
from rapport.workspaces.errors import NotPendingCreation, NoWorkspaceFound, SignUpDisabled
from tests.metadata.yardstick import differences


async def new_user(database: Database, email: str = "ines@ollier.example") -> UUID:
    user_id = new_id()
    await database.execute(
        """insert into core."user" (id, email, "firstName", "lastName") values ($1, $2, 'Inès', 'Ollier')""",
        user_id,
        email,
    )
    return user_id


async def begin(database: Database, user_id: UUID, name: str | None = None, *, multiworkspace: bool = True) -> Begun:
    async with database.transaction() as connection:
        return await begin_workspace(
            connection, user_id=user_id, email="ines@ollier.example", display_name=name, multiworkspace=multiworkspace
        )


async def activate(database: Database, begun: Begun, user_id: UUID, name: str = "Acme") -> UUID:
    async with database.transaction() as connection:
        return await activate_workspace(connection, workspace_id=begun.id, user_id=user_id, display_name=name)


async def test_a_begun_workspace_is_rows_and_nothing_more(database: Database) -> None:
    user_id = await new_user(database)
    begun = await begin(database, user_id)
    assert (begun.subdomain, begun.is_first) == ("ollier", True)
    row = await database.row(
        'select "activationStatus", "displayName", "metadataVersion", length("inviteHash") > 20 as linked,'
        ' "defaultRoleId" is not null as rolled from core.workspace where id = $1',
        begun.id,
    )
    assert row is not None
    assert tuple(row) == ("PENDING_CREATION", None, 0, True, True)
    assert await database.value("select count(*) from pg_namespace where nspname = $1", begun.schema) == 0
    keys = await database.rows('select key from core."userVar" where "userId" = $1 order by key', user_id)
    assert [key for (key,) in keys] == [
        "ONBOARDING_CONNECT_ACCOUNT_PENDING",
        "ONBOARDING_CREATE_PROFILE_PENDING",
        "ONBOARDING_INVITE_TEAM_PENDING",
    ]
    catalog = await load_catalog(database, begun.id)
    assert (catalog.objects, await differences(database, catalog)) == ((), [])


async def test_an_activated_workspace_has_tables_a_member_who_is_admin_and_samples(database: Database) -> None:
    user_id = await new_user(database)
    begun = await begin(database, user_id)
    member_id = await activate(database, begun, user_id)
    catalog = await load_catalog(database, begun.id)
    assert len(catalog.objects) == 29
    assert await differences(database, catalog) == []
    row = await database.row(
        """
        select w."activationStatus", w."displayName", w."metadataVersion", m."workspaceMemberId", r.label
        from core.workspace w
        join core."userWorkspace" m on m."workspaceId" = w.id
        join core."roleTarget" t on t."userWorkspaceId" = m.id
        join core.role r on r.id = t."roleId"
        where w.id = $1
        """,
        begun.id,
    )
    assert row is not None
    assert tuple(row) == ("ACTIVE", "Acme", 1, member_id, "Admin")
    people = await database.rows(
        f'select p."nameLastName", c.name, p."createdBySource", p.position from {qualified(begun.schema, "person")} p'
        f' join {qualified(begun.schema, "company")} c on c.id = p."companyId" order by p.position'
    )
    assert [tuple(person) for person in people] == [
        ("Chesky", "Airbnb", "SYSTEM", 1),
        ("Amodei", "Anthropic", "SYSTEM", 2),
        ("Collison", "Stripe", "SYSTEM", 3),
        ("Field", "Figma", "SYSTEM", 4),
        ("Zhao", "Notion", "SYSTEM", 5),
    ]


async def test_of_two_activations_at_once_one_wins(database: Database) -> None:
    user_id = await new_user(database)
    begun = await begin(database, user_id)
    outcomes = await asyncio.gather(
        *(activate(database, begun, user_id, name) for name in ("One", "Two", "Three")), return_exceptions=True
    )
    assert sum(isinstance(outcome, UUID) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, NotPendingCreation) for outcome in outcomes) == 2
    assert await database.value(f"select count(*) from {qualified(begun.schema, 'workspaceMember')}") == 1


async def test_an_activation_that_fails_leaves_the_workspace_as_it_was(database: Database) -> None:
    user_id = await new_user(database)
    begun = await begin(database, user_id)

    async def fail_at_the_end() -> None:
        async with database.transaction() as connection:
            await activate_workspace(connection, workspace_id=begun.id, user_id=user_id, display_name="Acme")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail_at_the_end()
    assert await database.value('select "activationStatus" from core.workspace') == "PENDING_CREATION"
    await activate(database, begun, user_id)


async def test_only_a_member_activates_and_only_what_is_there(database: Database) -> None:
    begun = await begin(database, await new_user(database))
    stranger = await new_user(database, "stranger@example.com")
    with pytest.raises(Forbidden):
        await activate(database, begun, stranger)
    async with database.transaction() as connection:
        with pytest.raises(NoWorkspaceFound):
            await activate_workspace(connection, workspace_id=new_id(), user_id=stranger, display_name="Acme")


async def test_with_one_workspace_only_a_second_cannot_be_begun_even_at_once(database: Database) -> None:
    users = [await new_user(database, f"u{number}@example.com") for number in range(4)]
    outcomes = await asyncio.gather(
        *(begin(database, user_id, multiworkspace=False) for user_id in users), return_exceptions=True
    )
    assert sum(isinstance(outcome, Begun) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, SignUpDisabled) for outcome in outcomes) == 3


async def test_activation_takes_less_than_a_second(database: Database) -> None:
    user_id = await new_user(database)
    times: list[float] = []
    for _ in range(3):
        begun = await begin(database, user_id)
        started = time.perf_counter()
        await activate(database, begun, user_id)
        times.append(time.perf_counter() - started)
    assert min(times) < 1, times
