"""Making and revoking API keys."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from rapport.access.changes import ACCESS_CHANGED, AccessChange
from rapport.base.errors import InvalidValue
from rapport.base.ids import new_id
from rapport.keys.errors import KeyNotFound
from rapport.keys.secret import new_secret, secret_hash
from rapport.roles.assigning import admin_role, assign_to_key
from rapport.store.database import Connection, Database
from rapport.store.notifications import notify
from rapport.store.queries import load

_SQL = load("rapport.keys", "sql")


@dataclass(frozen=True, kw_only=True)
class NewKey:
    """A key at the only moment that its secret is known."""

    id: UUID
    token: str = field(repr=False)


async def create_key(
    connection: Connection,
    *,
    workspace_id: UUID,
    name: str,
    expires_at: datetime | None = None,
    role_id: UUID | None = None,
) -> NewKey:
    """A new key of a workspace. ``expires_at`` has a time zone; None: until revoked. Without a role it is an admin."""
    if not name.strip() or not name.isprintable():
        raise InvalidValue("An API key needs a name.")
    key = NewKey(id=new_id(), token=new_secret())
    await connection.execute(_SQL["add_key"], key.id, workspace_id, name, secret_hash(key.token), expires_at)
    role_id = role_id or await admin_role(connection, workspace_id)
    await assign_to_key(connection, workspace_id=workspace_id, role_id=role_id, api_key_id=key.id)
    return key


async def revoke_key(
    db: Database, key_id: UUID, *, workspace_id: UUID, on_change: Callable[[AccessChange], None]
) -> None:
    """Ends a key for good: in this process before it returns (through ``on_change``), in the others by notification.

    Raises KeyNotFound when the workspace has no such key.
    """
    change = AccessChange(api_key_id=key_id)
    async with db.transaction() as connection:
        if await connection.value(_SQL["revoke_key"], key_id, workspace_id) is None:
            raise KeyNotFound
        await notify(connection, ACCESS_CHANGED, change.payload())
    on_change(change)
