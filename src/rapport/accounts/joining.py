"""Becoming a member of a workspace: by personal invitation, public link, or approved domain."""

from collections.abc import Mapping
from uuid import UUID

from rapport.accounts import users
from rapport.accounts.errors import EmailNotVerified, NotAMember, UserNotFound, WorkspaceNotReady, shown
from rapport.accounts.memberships import Membership, membership
from rapport.accounts.users import User
from rapport.audit.log import record
from rapport.base.ids import new_id
from rapport.invitations.service import (
    Invitation,
    approved_workspaces,
    consume,
    withdraw,
    workspaces_inviting,
)
from rapport.store.database import Connection
from rapport.store.queries import load
from rapport.workspaces.members import add_member

_SQL = load("rapport.accounts", "sql")


async def join(
    connection: Connection,
    user: User,
    workspace: Mapping[str, object],
    *,
    by: str,
    invitation: Invitation | None = None,
    address: str | None = None,
) -> Membership:
    """Makes a user a member, with the default role. Whoever calls has checked that they may.

    Raises WorkspaceNotReady while the workspace has no data yet, or is closed.
    """
    workspace_id = workspace["id"]
    assert isinstance(workspace_id, UUID)
    if await users.lock(connection, user.id) is None:  # who comes twice at once joins once
        raise shown(UserNotFound())
    if invitation is not None:
        await consume(connection, invitation)
    else:
        await withdraw(connection, workspace_id=workspace_id, email=user.email)
    found = await membership(connection, user.id, workspace_id)
    if found is not None:
        return found
    if workspace["activationStatus"] != "ACTIVE":
        raise shown(WorkspaceNotReady())
    await add_member(
        connection,
        workspace_id=workspace_id,
        schema=str(workspace["schema"]),
        user_id=user.id,
        email=user.email,
        first_name=user.first_name,
        last_name=user.last_name,
        locale=user.locale,
    )
    await connection.execute(_SQL["begin_onboarding"], [new_id(), new_id()], user.id, workspace_id)
    await record(
        connection,
        action="memberJoined",
        workspace_id=workspace_id,
        user_id=user.id,
        address=address,
        details={"by": by},
    )
    found = await membership(connection, user.id, workspace_id)
    assert found is not None
    return found


async def join_if_expected(
    connection: Connection, user: User, workspace: Mapping[str, object], *, address: str | None = None
) -> Membership:
    """The membership of somebody who has signed in, which is made if an invitation or an approved domain allows it.

    Raises NotAMember, or EmailNotVerified: only who has proven the address is the one who is expected.
    """
    workspace_id = workspace["id"]
    assert isinstance(workspace_id, UUID)
    found = await membership(connection, user.id, workspace_id)
    if found is not None:
        return found
    invitation = next(
        (each for each in await workspaces_inviting(connection, user.email) if each.workspace_id == workspace_id), None
    )
    if invitation is None and workspace_id not in await approved_workspaces(connection, user.email):
        raise shown(NotAMember())
    if not user.is_email_verified:
        raise shown(EmailNotVerified())
    by = "domain" if invitation is None else "invitation"
    return await join(connection, user, workspace, by=by, invitation=invitation, address=address)
