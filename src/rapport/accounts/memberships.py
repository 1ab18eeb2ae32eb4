"""The workspaces that a user is in, and how they may enter them."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from rapport.accounts.errors import PasswordSignInDisabled, shown
from rapport.store.database import Connection, Database
from rapport.store.queries import load

_SQL = load("rapport.accounts", "sql")

# The columns of a workspace that switch a provider on: for everybody, and for holders of SSO_BYPASS.
_SWITCHES = {
    "password": ("isPasswordAuthEnabled", "isPasswordAuthBypassEnabled"),
    "google": ("isGoogleAuthEnabled", "isGoogleAuthBypassEnabled"),
    "microsoft": ("isMicrosoftAuthEnabled", "isMicrosoftAuthBypassEnabled"),
}


@dataclass(frozen=True, kw_only=True)
class Membership:
    """A user's right to enter a workspace. ``workspace`` has the columns of its row."""

    workspace: Mapping[str, object]
    workspace_id: UUID
    user_workspace_id: UUID
    workspace_member_id: UUID | None  # None: the workspace waits for its activation
    may_skip_sso: bool  # holds SSO_BYPASS

    @property
    def display_name(self) -> object:
        return self.workspace["displayName"]

    def allows(self, provider: str) -> bool:
        """Whether this member may sign in with a provider; nobody does so with what is none, such as impersonation."""
        if provider == "sso":
            return True
        if provider not in _SWITCHES:
            return False
        enabled, bypass = _SWITCHES[provider]
        return bool(self.workspace[enabled]) or (self.may_skip_sso and bool(self.workspace[bypass]))


async def memberships(connection: Connection | Database, user_id: UUID) -> tuple[Membership, ...]:
    """The oldest first."""
    return await _memberships(connection, user_id, None)


async def membership(connection: Connection | Database, user_id: UUID, workspace_id: UUID) -> Membership | None:
    """The user's membership in one workspace."""
    found = await _memberships(connection, user_id, workspace_id)
    return found[0] if found else None


async def workspaces(connection: Connection | Database, ids: list[UUID]) -> list[Mapping[str, object]]:
    """The rows of those workspaces that are there, in the order of the ids."""
    rows = {row["id"]: dict(row) for row in await connection.rows(_SQL["workspaces"], ids)} if ids else {}
    return [rows[each] for each in ids if each in rows]


def demand_password_sign_in(workspace: Mapping[str, object]) -> None:
    """Raises PasswordSignInDisabled where nobody at all may sign in with a password."""
    if not workspace["isPasswordAuthEnabled"] and not workspace["isPasswordAuthBypassEnabled"]:
        raise shown(PasswordSignInDisabled())


async def _memberships(
    connection: Connection | Database, user_id: UUID, workspace_id: UUID | None
) -> tuple[Membership, ...]:
    rows = await connection.rows(_SQL["memberships"], user_id, workspace_id)
    return tuple(
        Membership(
            workspace=dict(row),
            workspace_id=row["id"],
            user_workspace_id=row["userWorkspaceId"],
            workspace_member_id=row["workspaceMemberId"],
            may_skip_sso=row["maySkipSso"],
        )
        for row in rows
    )
