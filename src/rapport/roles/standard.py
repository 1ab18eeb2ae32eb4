"""The roles that every workspace begins with (system-api.md §14)."""

from dataclasses import dataclass
from uuid import UUID

from rapport.base.ids import new_id
from rapport.store.database import Connection
from rapport.store.queries import load

_SQL = load("rapport.roles", "sql")


@dataclass(frozen=True, kw_only=True)
class StandardRoles:
    """Their ids in one workspace."""

    admin: UUID
    member: UUID


async def seed_roles(connection: Connection, workspace_id: UUID) -> StandardRoles:
    """Makes Admin, which may do everything and cannot be changed, and Member, the default of the workspace."""
    roles = StandardRoles(admin=new_id(), member=new_id())
    admin = (True, True, True, True, True, True)
    member = (False, True, True, True, True, True)
    await connection.execute(
        _SQL["add_standard_role"],
        roles.admin, workspace_id, _standard_id(1), "Admin", "Admin role", "IconUserCog", False, *admin,
        True, False, True,
    )  # fmt: skip
    await connection.execute(
        _SQL["add_standard_role"],
        roles.member, workspace_id, _standard_id(2), "Member", "Member role", "IconUser", True, *member,
        True, True, True,
    )  # fmt: skip
    await connection.execute(_SQL["set_default_role"], workspace_id, roles.member)
    return roles


def _standard_id(number: int) -> UUID:
    return UUID(f"20202020-0001-0001-0001-{number:012}")
