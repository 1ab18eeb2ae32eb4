"""Giving a role to a member or to an API key. The caller's transaction is around it, and announces the change."""

from uuid import UUID

from rapport.base.ids import new_id
from rapport.store.database import Connection
from rapport.store.queries import load

_SQL = load("rapport.roles", "sql")


async def default_role(connection: Connection, workspace_id: UUID) -> UUID | None:
    """The role that new members of the workspace get."""
    role_id = await connection.value(_SQL["default_role"], workspace_id)
    assert role_id is None or isinstance(role_id, UUID)
    return role_id


async def admin_role(connection: Connection, workspace_id: UUID) -> UUID:
    """The role that may do everything."""
    role_id = await connection.value(_SQL["admin_role"], workspace_id)
    assert isinstance(role_id, UUID)
    return role_id


async def assign_to_member(
    connection: Connection, *, workspace_id: UUID, role_id: UUID, user_workspace_id: UUID
) -> None:
    """Gives a member the role, in place of the one they have."""
    await connection.execute(_SQL["assign_to_member"], new_id(), workspace_id, role_id, user_workspace_id)


async def assign_to_key(connection: Connection, *, workspace_id: UUID, role_id: UUID, api_key_id: UUID) -> None:
    """Gives an API key the role, in place of the one it has."""
    await connection.execute(_SQL["assign_to_key"], new_id(), workspace_id, role_id, api_key_id)
