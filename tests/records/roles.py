"""Roles for tests: the admin's, and roles that are made for one."""

from uuid import UUID

from rapport.base.ids import new_id
from rapport.roles.assigning import admin_role
from tests.serving import Client


async def admin(client: Client) -> UUID:
    """The role that may do everything."""
    async with client.database.transaction() as connection:
        return await admin_role(connection, client.tenant.workspace_id)


async def role_with(client: Client, *flags: str) -> UUID:
    """A role that may read and write all records, with these permission flags."""
    role_id = new_id()
    await client.database.execute(
        'insert into core.role (id, "workspaceId", label, "canReadAllObjectRecords", "canUpdateAllObjectRecords",'
        ' "canSoftDeleteAllObjectRecords", "canDestroyAllObjectRecords") values ($1, $2, $3, true, true, true, true)',
        role_id,
        client.tenant.workspace_id,
        f"With {' and '.join(flags) or 'nothing'}",
    )
    for flag in flags:
        await client.database.execute(
            'insert into core."permissionFlag" (id, "workspaceId", "roleId", flag) values ($1, $2, $3, $4)',
            new_id(),
            client.tenant.workspace_id,
            role_id,
            flag,
        )
    return role_id
