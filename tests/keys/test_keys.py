"""API keys."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from rapport.access.changes import ACCESS_CHANGED, AccessChange
from rapport.access.flags import FLAGS
from rapport.access.principal import Principal
from rapport.accounts.authenticator import Authenticator
from rapport.base.errors import InvalidValue, TokenExpired, Unauthenticated
from rapport.base.ids import new_id
from rapport.keys.credential import KeyCredential
from rapport.keys.errors import KeyNotFound, KeyRevoked
from rapport.keys.secret import is_well_formed, new_secret, secret_hash
from rapport.keys.service import NewKey, create_key, revoke_key
from rapport.keys.usage import KeyUsage
from rapport.roles.errors import NotAssignableToKeys, RoleNotFound
from rapport.roles.standard import seed_roles
from rapport.store.database import Database
from rapport.store.migrate import migrate, migrations
from rapport.store.notifications import Notifications
from rapport.store.queries import load
from rapport.system.access_news import AccessNews


@pytest.fixture
async def workspace_id(database: Database) -> UUID:
    return await make_workspace(database, "workspace_a")


@pytest.fixture
def authenticator(database: Database) -> Authenticator:
    return Authenticator([KeyCredential(database)])


async def make_workspace(database: Database, schema: str) -> UUID:
    workspace_id = new_id()
    async with database.transaction() as connection:
        await connection.execute(
            'insert into core.workspace (id, "schema", "accessVersion") values ($1, $2, 3)', workspace_id, schema
        )
        await seed_roles(connection, workspace_id)
    return workspace_id


async def revoke(database: Database, key_id: UUID, workspace_id: UUID, forget: Callable[[AccessChange], None]) -> None:
    async with AccessNews(database, forget).changing(AccessChange(api_key_id=key_id)) as connection:
        await revoke_key(connection, key_id, workspace_id=workspace_id)


async def make_key(database: Database, workspace_id: UUID, *, expires_at: datetime | None = None) -> NewKey:
    async with database.transaction() as connection:
        return await create_key(connection, workspace_id=workspace_id, name="nightly sync", expires_at=expires_at)


def test_secrets_are_of_one_length_and_never_the_same() -> None:
    secrets = {new_secret() for _ in range(1000)}

    assert len(secrets) == 1000
    assert all(len(secret) == 51 and is_well_formed(secret) for secret in secrets)


async def test_a_key_acts_under_its_name(database: Database, workspace_id: UUID, authenticator: Authenticator) -> None:
    key = await make_key(database, workspace_id)

    assert await authenticator.authenticate(key.token) == Principal(
        workspace_id=workspace_id,
        schema="workspace_a",
        api_key_id=key.id,
        name="nightly sync",
        source="API",
        access_version=3,
        role_id=await database.value("select id from core.role where label = 'Admin'"),  # type: ignore[arg-type]
        flags=FLAGS,
    )


async def test_the_secret_is_stored_nowhere(database: Database, workspace_id: UUID) -> None:
    key = await make_key(database, workspace_id)

    stored = await database.value(
        'select concat(row_to_json(k), row_to_json(s)) from core."apiKey" k, core."apiKeyToken" s'
    )
    assert key.token.removeprefix("sk_live_") not in str(stored)
    assert key.token not in repr(key)


async def test_a_revoked_key_is_refused_at_once(
    database: Database, workspace_id: UUID, authenticator: Authenticator
) -> None:
    key, other = await make_key(database, workspace_id), await make_key(database, workspace_id)
    await authenticator.authenticate(key.token)
    await authenticator.authenticate(other.token)
    await revoke(database, key.id, workspace_id, authenticator.forget)

    assert authenticator.cached(key.token) is None
    with pytest.raises(KeyRevoked, match=r"^This API Key is revoked$"):
        await authenticator.authenticate(key.token)
    assert authenticator.cached(other.token) is not None


async def test_other_processes_hear_of_a_revocation(
    database: Database, workspace_id: UUID, authenticator: Authenticator
) -> None:
    key = await make_key(database, workspace_id)
    notifications, heard = Notifications(database.dialing), asyncio.Event()
    notifications.subscribe(ACCESS_CHANGED, authenticator.hear)
    notifications.subscribe(ACCESS_CHANGED, lambda _: heard.set())
    await notifications.start()
    await authenticator.authenticate(key.token)
    elsewhere: list[AccessChange] = []
    await revoke(database, key.id, workspace_id, elsewhere.append)
    await asyncio.wait_for(heard.wait(), 5)
    await notifications.close()

    assert elsewhere == [AccessChange(api_key_id=key.id)]
    assert authenticator.cached(key.token) is None


async def test_a_workspace_cannot_revoke_the_key_of_another(
    database: Database, workspace_id: UUID, authenticator: Authenticator
) -> None:
    key = await make_key(database, workspace_id)

    with pytest.raises(KeyNotFound):
        await revoke(database, key.id, await make_workspace(database, "workspace_b"), authenticator.forget)
    await authenticator.authenticate(key.token)


async def test_an_expired_key_is_said_to_have_expired(
    database: Database, workspace_id: UUID, authenticator: Authenticator
) -> None:
    soon = datetime.now(UTC) + timedelta(hours=1)
    key = await make_key(database, workspace_id, expires_at=soon)
    principal = await authenticator.authenticate(key.token)
    assert principal.expires_at == pytest.approx(soon.timestamp(), abs=0.002)

    expired = await make_key(database, workspace_id, expires_at=datetime.now(UTC) - timedelta(seconds=1))
    with pytest.raises(TokenExpired):
        await authenticator.authenticate(expired.token)


async def test_a_key_of_a_deleted_workspace_is_invalid(
    database: Database, workspace_id: UUID, authenticator: Authenticator
) -> None:
    key = await make_key(database, workspace_id)
    await database.execute('update core.workspace set "deletedAt" = now()')

    with pytest.raises(Unauthenticated, match=r"^Token invalid\.$"):
        await authenticator.authenticate(key.token)


@pytest.mark.parametrize(
    "token",
    [
        "sk_live_" + "a" * 43,
        "sk_live_",
        "sk_live_abc123",
        "sk_live_" + "a" * 44,
        "sk_live_" + "é" * 43,
        "sk_test_" + "a" * 43,
    ],
    ids=["unknown", "empty", "short", "long", "not ASCII", "of another kind"],
)
async def test_other_secrets_are_invalid(authenticator: Authenticator, token: str) -> None:
    with pytest.raises(Unauthenticated, match=r"^Token invalid\.$"):
        await authenticator.authenticate(token)


@pytest.mark.parametrize("name", ["", "  ", "nul\x00", "\ud800", "a" * 201])
async def test_a_key_needs_a_name(database: Database, workspace_id: UUID, name: str) -> None:
    async with database.transaction() as connection:
        with pytest.raises(InvalidValue):
            await create_key(connection, workspace_id=workspace_id, name=name)


async def test_a_key_gets_a_role_of_its_workspace_that_keys_may_have(database: Database, workspace_id: UUID) -> None:
    other = await make_workspace(database, "workspace_b")
    foreign = await database.value("select id from core.role where \"workspaceId\" = $1 and label = 'Admin'", other)
    shut = 'update core.role set "canBeAssignedToApiKeys" = false where "workspaceId" = $1 and label = $2 returning id'
    own = await database.value(shut, workspace_id, "Member")
    for role_id, refusal in ((foreign, RoleNotFound), (own, NotAssignableToKeys)):
        assert isinstance(role_id, UUID)
        with pytest.raises(refusal):
            async with database.transaction() as connection:
                await create_key(connection, workspace_id=workspace_id, name="x", role_id=role_id)
    assert await database.value('select count(*) from core."apiKey"') == 0


async def test_a_key_of_the_last_release_goes_on_working(empty_database_dsn: str) -> None:
    db = await Database.connect(empty_database_dsn, size=1)
    await db.script(load("rapport.store", "migrate.sql")["found"])
    await db.script(migrations()[0].sql)
    await db.execute("insert into core.migration (name) values ($1)", migrations()[0].name)
    token, workspace_id = new_secret(), new_id()
    await db.execute("insert into core.workspace (id, \"schema\") values ($1, 'workspace_a')", workspace_id)
    await db.execute(
        'insert into core."apiKey" (id, "workspaceId", name, "keyHash") values ($1, $2, \'old\', $3)',
        new_id(), workspace_id, secret_hash(token),
    )  # fmt: skip
    await migrate(db)
    principal = await KeyCredential(db).principal(token)
    await db.close()

    assert (principal.name, principal.flags) == ("old", FLAGS)


async def test_uses_are_noted_once_a_minute(database: Database, workspace_id: UUID) -> None:
    key, usage = await make_key(database, workspace_id), KeyUsage(database)
    credential = KeyCredential(database, note_use=usage.note)
    read = 'select "lastUsedAt" from core."apiKey"'
    assert await database.value(read) is None
    await credential.principal(key.token)
    await usage.close()
    first = await database.value(read)
    await credential.principal(key.token)
    await usage.close()
    assert isinstance(first, datetime)
    assert await database.value(read) == first
    await database.execute('update core."apiKey" set "lastUsedAt" = now() - interval \'61 seconds\'')
    await credential.principal(key.token)
    await usage.close()
    assert datetime.now(UTC) - await database.value(read) < timedelta(seconds=30)  # type: ignore[operator]


async def test_a_use_that_cannot_be_noted_is_no_error(database: Database, workspace_id: UUID) -> None:
    key, usage = await make_key(database, workspace_id), KeyUsage(database)
    await database.execute('alter table core."apiKey" drop column "lastUsedAt"')
    usage.note(key.id)
    await usage.close()
