"""Acting as somebody else (system-api.md §8): who may, and whether they still may."""

from dataclasses import dataclass
from uuid import UUID

from asyncpg import Record

from rapport.access.principal import Principal
from rapport.accounts import users
from rapport.accounts.errors import shown
from rapport.accounts.impersonation_errors import (
    AlreadyImpersonating,
    CannotImpersonateOneself,
    ImpersonationEnded,
    ImpersonationNotAllowed,
    SecondFactorOfOwnNeeded,
    TargetNotAMember,
)
from rapport.accounts.tokens import LoginClaims, Token, TokenSigner
from rapport.accounts.two_factor import demand
from rapport.accounts.two_factor_errors import ProvisionRequired, VerificationRequired
from rapport.audit.log import record
from rapport.base.errors import PermissionDenied, RapportError
from rapport.store.database import Connection, Database
from rapport.store.queries import load

_SQL = load("rapport.accounts", "sql")


@dataclass(frozen=True, kw_only=True)
class Impersonator:
    """Who acts as somebody else."""

    user_id: UUID
    user_workspace_id: UUID
    workspace_id: UUID


@dataclass(frozen=True, kw_only=True)
class Begun:
    """The way in as somebody else. ``workspace`` has the columns that its addresses are made of."""

    workspace_id: UUID
    workspace: Record
    login_token: Token


async def still_entitled(
    connection: Connection | Database,
    *,
    impersonator_user_workspace_id: UUID,
    user_id: UUID,
    workspace_id: UUID,
    issued_at: float,
) -> Impersonator:
    """Checks the claims of a token, on every request that is not answered from memory; raises ImpersonationEnded.

    ``issued_at``: of the token, in seconds since the epoch. What ends the impersonator's sessions ends these, too.
    """
    right = await connection.row(_SQL["impersonation_right"], impersonator_user_workspace_id, user_id, workspace_id)
    if right is None or _refusal(right) is not None or users.has_ended(issued_at, right["sessionsEndedAt"]):
        raise shown(ImpersonationEnded())
    return Impersonator(
        user_id=right["impersonatorUserId"],
        user_workspace_id=impersonator_user_workspace_id,
        workspace_id=right["impersonatorWorkspaceId"],
    )


class Impersonation:
    """Lets those who may sign in as somebody else. Each attempt is in the audit log."""

    def __init__(self, db: Database, signer: TokenSigner) -> None:
        self._db = db
        self._signer = signer

    async def begin(
        self, principal: Principal, *, user_id: UUID, workspace_id: UUID, address: str | None = None
    ) -> Begun:
        """A login token as the user of that workspace.

        Raises PermissionDenied, AlreadyImpersonating, CannotImpersonateOneself, ImpersonationNotAllowed,
        SecondFactorOfOwnNeeded, TargetNotAMember.
        """
        try:
            right = await self._right(principal, user_id, workspace_id)
        except RapportError as refusal:
            await record(
                self._db,
                action="impersonationRefused",
                principal=principal,
                address=address,
                details={"userId": user_id, "workspaceId": workspace_id, "reason": refusal.sub_code},
            )
            raise
        level = "workspace" if right["isSameWorkspace"] else "server"
        login_token = self._signer.sign(
            LoginClaims(
                email=right["email"],
                workspace_id=workspace_id,
                auth_provider="impersonation",
                impersonator_user_workspace_id=principal.user_workspace_id,
            )
        )
        await record(
            self._db,
            action="impersonated",
            principal=principal,
            workspace_id=workspace_id,
            address=address,
            details={
                "userId": user_id,
                "userWorkspaceId": right["userWorkspaceId"],
                "level": level,
                "fromWorkspaceId": principal.workspace_id,
                "fromUserWorkspaceId": principal.user_workspace_id,
            },
        )
        return Begun(workspace_id=workspace_id, workspace=right, login_token=login_token)

    async def _right(self, principal: Principal, user_id: UUID, workspace_id: UUID) -> Record:
        if principal.user_id is None or principal.user_workspace_id is None:
            raise PermissionDenied
        if principal.impersonator_user_workspace_id is not None:
            raise shown(AlreadyImpersonating())
        right = await self._db.row(_SQL["impersonation_right"], principal.user_workspace_id, user_id, workspace_id)
        if right is None:
            raise PermissionDenied  # the same for a workspace that there is not: strangers learn nothing
        refusal = _refusal(right)
        if refusal is not None:
            raise refusal
        if right["email"] is None:
            raise shown(TargetNotAMember())
        try:
            await demand(
                self._db,
                user_workspace_id=right["userWorkspaceId"],
                impersonator_user_workspace_id=principal.user_workspace_id,
            )
        except VerificationRequired:
            pass  # asked for when the login token is traded
        except ProvisionRequired:
            raise shown(SecondFactorOfOwnNeeded()) from None
        return right


def _refusal(right: Record) -> RapportError | None:
    """Why a right is none. Who has no entitlement learns nothing about the workspace."""
    if right["isOneself"]:
        return shown(CannotImpersonateOneself())
    if not right["isEntitled"]:
        return PermissionDenied()
    if not right["isSameWorkspace"] and not right["allowImpersonation"]:
        return shown(ImpersonationNotAllowed())
    return None
