"""Entering a workspace, in two steps: a login token for who one is, and the tokens of a session for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from rapport.accounts import users
from rapport.accounts.errors import (
    NotAMember,
    PasswordSignInDisabled,
    SessionEnded,
    UserNotFound,
    WorkspaceNotFound,
    WrongOrigin,
    WrongTokenKind,
    shown,
)
from rapport.accounts.impersonation import still_entitled
from rapport.accounts.joining import join_if_expected
from rapport.accounts.memberships import Membership, demand_password_sign_in, membership, memberships
from rapport.accounts.service import AccountService
from rapport.accounts.sessions import TokenPair
from rapport.accounts.tokens import LoginClaims, Token
from rapport.accounts.two_factor import demand
from rapport.accounts.users import User
from rapport.audit.log import record
from rapport.store.database import Connection
from rapport.workspaces.domains import Domains


@dataclass(frozen=True, kw_only=True)
class Entrance:
    """Somebody at the door of a workspace, all checked but the second factor."""

    user: User
    membership: Membership
    provider: str
    impersonator_user_workspace_id: UUID | None


class Entering:
    """The flow of system-api.md §3 for one workspace."""

    def __init__(self, accounts: AccountService, domains: Domains) -> None:
        self._accounts = accounts
        self._domains = domains

    async def login_token_from_credentials(
        self, email: str, password: str, origin: str, *, address: str | None = None
    ) -> Token:
        """A login token for the workspace of a web address, which an expected newcomer joins by this.

        Raises WorkspaceNotFound, PasswordSignInDisabled, the errors of a wrong password, NotAMember, EmailNotVerified.
        Who is a member is told only to those who know the password.
        """
        workspace: Mapping[str, object] | None = await self._domains.workspace_of_origin(self._accounts.db, origin)
        if workspace is not None:
            demand_password_sign_in(workspace)
        user = await self._accounts.check_password(email, password, address=address)
        async with self._accounts.db.transaction() as connection:
            if workspace is None:
                workspace = await self._only_workspace(connection, user, origin)
            self._accounts.demand_verified(user)
            entered = await join_if_expected(connection, user, workspace, address=address)
            if not entered.allows("password"):
                raise shown(PasswordSignInDisabled())
        return self.login_token(user, entered.workspace_id)

    def login_token(self, user: User, workspace_id: UUID, *, provider: str = "password") -> Token:
        """For somebody who has proven who they are."""
        claims = LoginClaims(email=user.email, workspace_id=workspace_id, auth_provider=provider)
        return self._accounts.signer.sign(claims)

    async def tokens_from_login_token(self, login_token: str, origin: str, *, address: str | None = None) -> TokenPair:
        """Trades a login token for the tokens of a session, if no second factor stands before it.

        Raises the errors of ``entrance``, VerificationRequired, ProvisionRequired.
        """
        async with self._accounts.db.transaction() as connection:
            entrance = await self.entrance(connection, login_token, origin)
            await demand(
                connection,
                user_workspace_id=entrance.membership.user_workspace_id,
                impersonator_user_workspace_id=entrance.impersonator_user_workspace_id,
            )
            return await self.enter(connection, entrance, address=address)

    async def entrance(self, connection: Connection, login_token: str, origin: str) -> Entrance:
        """Whom a login token lets into the workspace of a web address.

        Raises Unauthenticated, TokenExpired, WrongTokenKind, WrongOrigin, UserNotFound, AccountDisabled,
        EmailNotVerified, NotAMember, ImpersonationEnded.
        """
        read = self._accounts.signer.read(login_token)
        claims = read.claims
        if not isinstance(claims, LoginClaims):
            raise WrongTokenKind
        if not await self._domains.admits(connection, origin, claims.workspace_id):
            raise shown(WrongOrigin())
        user = await users.find_by_email(connection, claims.email)
        if user is None:
            raise shown(UserNotFound())
        users.demand_enabled(user)
        if users.has_ended(read.issued_at, user.sessions_ended_at):
            raise SessionEnded
        found = await membership(connection, user.id, claims.workspace_id)
        if found is None:
            raise shown(NotAMember())
        if claims.impersonator_user_workspace_id is not None:
            await still_entitled(
                connection,
                impersonator_user_workspace_id=claims.impersonator_user_workspace_id,
                user_id=user.id,
                workspace_id=claims.workspace_id,
                issued_at=read.issued_at,
            )
        else:
            self._accounts.demand_verified(user)
            if not found.allows(claims.auth_provider):
                raise shown(PasswordSignInDisabled())
        return Entrance(
            user=user,
            membership=found,
            provider=claims.auth_provider,
            impersonator_user_workspace_id=claims.impersonator_user_workspace_id,
        )

    async def enter(self, connection: Connection, entrance: Entrance, *, address: str | None = None) -> TokenPair:
        """The tokens of a session. The second factor, if there is one, was right."""
        impersonator = entrance.impersonator_user_workspace_id
        await record(
            connection,
            action="signedIn",
            user_id=entrance.user.id,
            workspace_id=entrance.membership.workspace_id,
            impersonator_user_workspace_id=impersonator,
            details={"provider": entrance.provider},
            address=address,
        )
        return await self._accounts.sessions.begin(
            connection,
            entrance.user.id,
            entrance.membership,
            provider=entrance.provider,
            impersonator_user_workspace_id=impersonator,
        )

    async def _only_workspace(self, connection: Connection, user: User, origin: str) -> Mapping[str, object]:
        """Where an address names no workspace: the one that the user is in, if it is one."""
        found = await memberships(connection, user.id)
        if len(found) != 1 or not await self._domains.admits(connection, origin, found[0].workspace_id):
            raise shown(WorkspaceNotFound())
        return found[0].workspace
