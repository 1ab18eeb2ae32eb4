"""Giving a role to a member or to an API key. The caller's transaction is around it, and announces the change."""

from uuid import UUID

from rapport.access.principal import Principal
from rapport.access.roles import permits_all_of
from rapport.base.ids import new_id
from rapport.metadata.store import load_catalog
from rapport.roles.errors import CannotUnassignLastAdmin, RoleAboveOwn
from rapport.roles.rules import load_rules
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


async def lock_roles(connection: Connection, workspace_id: UUID) -> UUID | None:
    """Waits for other changes of roles and of members in the workspace, and gives its default role.

    Whoever changes something that ``require_other_admin`` looks at begins with it.
    """
    role_id = await connection.value(_SQL["lock"], workspace_id)
    assert role_id is None or isinstance(role_id, UUID)
    return role_id


async def require_other_admin(connection: Connection, workspace_id: UUID, user_workspace_id: UUID) -> None:
    """Raises CannotUnassignLastAdmin when the membership is the only one of an admin. After ``lock_roles``."""
    if await connection.value(_SQL["is_last_admin"], workspace_id, user_workspace_id):
        raise CannotUnassignLastAdmin


async def require_not_above(connection: Connection, principal: Principal, role_id: UUID) -> None:
    """Raises RoleAboveOwn when the role permits something that the caller may not do.

    For those who give roles, or use what has one, without the flag ROLES: whoever has that can change their own role.
    """
    if principal.role_id in (None, role_id) or principal.may("ROLES"):
        return
    assert principal.workspace_id is not None
    assert principal.role_id is not None
    catalog = await load_catalog(connection, principal.workspace_id)
    own = await load_rules(connection, principal.workspace_id, principal.role_id)
    wanted = await load_rules(connection, principal.workspace_id, role_id)
    if not permits_all_of(catalog, own, wanted):
        raise RoleAboveOwn


async def require_key_not_above(connection: Connection, principal: Principal, api_key_id: UUID) -> None:
    """As ``require_not_above``, for the role that a key has."""
    role_id = await connection.value(_SQL["role_of_key"], principal.workspace_id, api_key_id)
    if isinstance(role_id, UUID):
        await require_not_above(connection, principal, role_id)


async def assign_to_member(
    connection: Connection, *, workspace_id: UUID, role_id: UUID, user_workspace_id: UUID
) -> None:
    """Gives a member the role, in place of the one they have."""
    await connection.execute(_SQL["assign_to_member"], new_id(), workspace_id, role_id, user_workspace_id)


async def assign_to_key(connection: Connection, *, workspace_id: UUID, role_id: UUID, api_key_id: UUID) -> None:
    """Gives an API key the role, in place of the one it has."""
    await connection.execute(_SQL["assign_to_key"], new_id(), workspace_id, role_id, api_key_id)
