"""The tokens of users as a kind of bearer."""

from rapport.access.principal import NO_ROLE, Principal, granted_flags
from rapport.accounts import users
from rapport.accounts.errors import (
    AccountDisabled,
    NoRole,
    NotAMember,
    SessionEnded,
    UserNotFound,
    WorkspaceNotFound,
    WrongTokenKind,
    shown,
)
from rapport.accounts.impersonation import still_entitled
from rapport.accounts.tokens import AccessClaims, AgnosticClaims, ReadToken, TokenSigner
from rapport.store.database import Database
from rapport.store.queries import load

_SQL = load("rapport.accounts", "sql")


class UserCredential:
    """ACCESS and WORKSPACE_AGNOSTIC tokens. The rows that they name must still be there."""

    def __init__(self, db: Database, signer: TokenSigner) -> None:
        self._db = db
        self._signer = signer

    def recognises(self, token: str) -> bool:
        """Whether the token has the three parts of a JWT."""
        return token.count(".") == 2

    async def principal(self, token: str) -> Principal:
        """The user of the token, in the workspace of the token if it names one."""
        read = self._signer.read(token)
        if isinstance(read.claims, AccessClaims):
            return await self._member(read.claims, read)
        if isinstance(read.claims, AgnosticClaims):
            return await self._user(read.claims, read)
        raise WrongTokenKind

    async def _member(self, claims: AccessClaims, read: ReadToken) -> Principal:
        row = await self._db.row(_SQL["find_member"], claims.user_id, claims.workspace_id, claims.user_workspace_id)
        if row is None:
            raise UserNotFound
        if row["disabled"]:
            raise shown(AccountDisabled())
        if users.has_ended(read.issued_at, row["sessionsEndedAt"]):
            raise SessionEnded
        if row["workspaceId"] is None:
            raise WorkspaceNotFound
        if row["userWorkspaceId"] is None:
            raise NotAMember
        if row["roleId"] is None and not row["isBeingMade"]:
            raise NoRole
        impersonator = None
        if claims.impersonator_user_workspace_id is not None:
            impersonator = await still_entitled(
                self._db,
                impersonator_user_workspace_id=claims.impersonator_user_workspace_id,
                user_id=claims.user_id,
                workspace_id=claims.workspace_id,
                issued_at=read.issued_at,
            )
        return Principal(
            workspace_id=row["workspaceId"],
            schema=row["schema"],
            role_id=row["roleId"] or NO_ROLE,
            flags=granted_flags(
                all_settings=row["isBeingMade"] or row["canUpdateAllSettings"],
                all_tools=bool(row["canAccessAllTools"]),
                single=frozenset(row["flags"]),
            ),
            user_id=claims.user_id,
            user_workspace_id=row["userWorkspaceId"],
            auth_provider=claims.auth_provider,
            impersonator_user_workspace_id=claims.impersonator_user_workspace_id,
            impersonator_workspace_id=impersonator.workspace_id if impersonator else None,
            impersonator_user_id=impersonator.user_id if impersonator else None,
            workspace_member_id=row["workspaceMemberId"],
            name=row["name"],
            source="MANUAL",
            expires_at=read.expires_at,
            access_version=row["accessVersion"],
        )

    async def _user(self, claims: AgnosticClaims, read: ReadToken) -> Principal:
        user = await users.find(self._db, claims.user_id)
        if user is None:
            raise UserNotFound
        users.demand_enabled(user)
        if users.has_ended(read.issued_at, user.sessions_ended_at):
            raise SessionEnded
        return Principal(
            workspace_id=None,
            schema=None,
            user_id=user.id,
            name=user.name,
            auth_provider=claims.auth_provider,
            role_id=NO_ROLE,
            expires_at=read.expires_at,
        )
