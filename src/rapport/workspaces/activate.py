"""The second step of making a workspace: its data model, its tables, its founder's record, and some sample records."""

import asyncio
from uuid import UUID

from rapport.base.errors import Forbidden
from rapport.base.ids import new_id
from rapport.metadata.catalog import WorkspaceId
from rapport.metadata.changes import announce_model
from rapport.metadata.standard.model import standard_catalog
from rapport.roles.assigning import admin_role, assign_to_member
from rapport.store.database import Connection
from rapport.store.queries import load
from rapport.workspaces.create import build
from rapport.workspaces.errors import NotPendingCreation, NoWorkspaceFound
from rapport.workspaces.members import add_member_record
from rapport.workspaces.prefill import prefill

_SQL = load("rapport.workspaces")


async def activate_workspace(connection: Connection, *, workspace_id: UUID, user_id: UUID, display_name: str) -> UUID:
    """Makes a begun workspace usable, with the user as its Admin; gives the id of their member record.

    The caller's transaction is around it: it happens wholly or not at all, and of two at once the second meets
    NotPendingCreation.
    """
    row = await connection.row(_SQL["lock_pending"], workspace_id)
    if row is None:
        raise NoWorkspaceFound
    if row["activationStatus"] != "PENDING_CREATION":
        raise NotPendingCreation
    founder = await connection.row(_SQL["founder"], workspace_id, user_id)
    if founder is None:
        raise Forbidden
    # A tenth of a second of pure computing, during which the server answers others.
    catalog = await asyncio.to_thread(standard_catalog, WorkspaceId(workspace_id), row["schema"])
    await build(connection, catalog)
    member_id = new_id()
    await add_member_record(
        connection,
        schema=catalog.schema,
        member_id=member_id,
        user_id=user_id,
        email=founder["email"],
        first_name=founder["firstName"],
        last_name=founder["lastName"],
        locale=founder["locale"],
        avatar_url=founder["defaultAvatarUrl"],
    )
    await connection.execute(_SQL["enter"], founder["id"], member_id)
    await assign_to_member(
        connection,
        workspace_id=workspace_id,
        role_id=await admin_role(connection, workspace_id),
        user_workspace_id=founder["id"],
    )
    await prefill(connection, catalog)
    await connection.execute(_SQL["set_active"], workspace_id, display_name, catalog.version)
    await announce_model(connection, workspace_id, catalog.version)
    return member_id
