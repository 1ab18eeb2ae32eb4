"""The tokens of users as a kind of bearer."""

from rapport.access.principal import NO_ROLE, Principal, granted_flags
from rapport.accounts.errors import NoRole, NotAMember, UserNotFound, WorkspaceNotFound, WrongTokenKind
from rapport.accounts.tokens import AccessClaims, AgnosticClaims, TokenSigner
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
        claims, expires_at = self._signer.read(token)
        if isinstance(claims, AccessClaims):
            return await self._member(claims, expires_at)
        if isinstance(claims, AgnosticClaims):
            return await self._user(claims, expires_at)
        raise WrongTokenKind

    async def _member(self, claims: AccessClaims, expires_at: float) -> Principal:
        row = await self._db.row(_SQL["find_member"], claims.user_id, claims.workspace_id, claims.user_workspace_id)
        if row is None:
            raise UserNotFound
        if row["workspaceId"] is None:
            raise WorkspaceNotFound
        if row["userWorkspaceId"] is None:
            raise NotAMember
        if row["roleId"] is None and not row["isBeingMade"]:
            raise NoRole
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
            workspace_member_id=row["workspaceMemberId"],
            name=row["name"],
            source="MANUAL",
            expires_at=expires_at,
            access_version=row["accessVersion"],
        )

    async def _user(self, claims: AgnosticClaims, expires_at: float) -> Principal:
        row = await self._db.row(_SQL["find_user"], claims.user_id)
        if row is None:
            raise UserNotFound
        return Principal(
            workspace_id=None, schema=None, user_id=claims.user_id, name=row["name"], expires_at=expires_at
        )
