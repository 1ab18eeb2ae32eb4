"""API keys."""

import asyncio
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from rapport.access.changes import ACCESS_CHANGED, AccessChange
from rapport.access.principal import Principal
from rapport.accounts.authenticator import Authenticator
from rapport.base.errors import InvalidValue, TokenExpired, Unauthenticated
from rapport.base.ids import new_id
from rapport.keys.credential import KeyCredential
from rapport.keys.errors import KeyNotFound, KeyRevoked
from rapport.keys.secret import is_well_formed, new_secret
from rapport.keys.service import NewKey, create_key, revoke_key
from rapport.store.database import Database
from rapport.store.notifications import Notifications


@pytest.fixture
async def workspace_id(database: Database) -> UUID:
    workspace_id = new_id()
    await database.execute(
        """insert into core.workspace (id, "schema", "accessVersion") values ($1, 'workspace_a', 3)""", workspace_id
    )
    return workspace_id


@pytest.fixture
def authenticator(database: Database) -> Authenticator:
    return Authenticator([KeyCredential(database)])


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
    )


async def test_the_secret_is_stored_nowhere(database: Database, workspace_id: UUID) -> None:
    key = await make_key(database, workspace_id)

    stored = await database.value('select row_to_json(k)::text from core."apiKey" k')
    assert key.token.removeprefix("sk_live_") not in str(stored)
    assert key.token not in repr(key)


async def test_a_revoked_key_is_refused_at_once(
    database: Database, workspace_id: UUID, authenticator: Authenticator
) -> None:
    key, other = await make_key(database, workspace_id), await make_key(database, workspace_id)
    await authenticator.authenticate(key.token)
    await authenticator.authenticate(other.token)
    await revoke_key(database, key.id, workspace_id=workspace_id, on_change=authenticator.forget)

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
    await revoke_key(database, key.id, workspace_id=workspace_id, on_change=elsewhere.append)
    await asyncio.wait_for(heard.wait(), 5)
    await notifications.close()

    assert elsewhere == [AccessChange(api_key_id=key.id)]
    assert authenticator.cached(key.token) is None


async def test_a_workspace_cannot_revoke_the_key_of_another(
    database: Database, workspace_id: UUID, authenticator: Authenticator
) -> None:
    key = await make_key(database, workspace_id)

    with pytest.raises(KeyNotFound):
        await revoke_key(database, key.id, workspace_id=new_id(), on_change=authenticator.forget)
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


@pytest.mark.parametrize("name", ["", "  ", "nul\x00", "\ud800"])
async def test_a_key_needs_a_name(database: Database, workspace_id: UUID, name: str) -> None:
    async with database.transaction() as connection:
        with pytest.raises(InvalidValue):
            await create_key(connection, workspace_id=workspace_id, name=name)
