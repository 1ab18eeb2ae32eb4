"""Pairs of tokens: given out, renewed, and ended."""

from dataclasses import dataclass
from uuid import UUID

from rapport.access.changes import AccessChange
from rapport.accounts import users
from rapport.accounts.errors import NotAMember, RefreshTokenReused, UserNotFound, WrongTokenKind, shown
from rapport.accounts.impersonation import still_entitled
from rapport.accounts.memberships import Membership, membership
from rapport.accounts.policy import Policy
from rapport.accounts.tokens import AccessClaims, AgnosticClaims, RefreshClaims, Token, TokenSigner
from rapport.accounts.two_factor import demand_at_renewal
from rapport.audit.log import record
from rapport.base.errors import Unauthenticated
from rapport.base.ids import new_id
from rapport.store.database import Connection, Database
from rapport.store.queries import load
from rapport.system.access_news import AccessNews

_SQL = load("rapport.accounts", "sql")


@dataclass(frozen=True, kw_only=True)
class TokenPair:
    """``access`` is for one workspace or, before one is entered, for none."""

    access: Token
    refresh: Token


class Sessions:
    """What follows a sign-in."""

    def __init__(self, db: Database, signer: TokenSigner, *, policy: Policy, news: AccessNews) -> None:
        self._db = db
        self._signer = signer
        self._policy = policy
        self._news = news

    async def begin(
        self,
        connection: Connection,
        user_id: UUID,
        entered: Membership | None,
        *,
        provider: str = "password",
        impersonator_user_workspace_id: UUID | None = None,
    ) -> TokenPair:
        """A pair for a workspace, or for none. Whoever calls has checked everything."""
        access: AccessClaims | AgnosticClaims = AgnosticClaims(user_id=user_id, auth_provider=provider)
        refresh = RefreshClaims(id=new_id(), user_id=user_id, auth_provider=provider)
        if entered is not None:
            access = AccessClaims(
                user_id=user_id,
                workspace_id=entered.workspace_id,
                user_workspace_id=entered.user_workspace_id,
                workspace_member_id=entered.workspace_member_id,
                auth_provider=provider,
                impersonator_user_workspace_id=impersonator_user_workspace_id,
            )
            refresh = RefreshClaims(
                id=refresh.id,
                user_id=user_id,
                workspace_id=entered.workspace_id,
                auth_provider=provider,
                impersonator_user_workspace_id=impersonator_user_workspace_id,
                impersonated_user_workspace_id=entered.user_workspace_id if impersonator_user_workspace_id else None,
            )
        signed = self._signer.sign(refresh)
        await connection.execute(
            _SQL["add_refresh_token"], refresh.id, user_id, refresh.workspace_id, signed.expires_at
        )
        return TokenPair(access=self._signer.sign(access), refresh=signed)

    async def renew(self, refresh_token: str, *, address: str | None = None) -> TokenPair:
        """Trades a refresh token for a new pair of the same kind.

        A token that was traded longer than the cool-down ago is in the hands of two: then every session of the user
        ends, and RefreshTokenReused is raised.
        """
        read = self._signer.read(refresh_token)
        claims = read.claims
        if not isinstance(claims, RefreshClaims):
            raise WrongTokenKind
        async with self._db.transaction() as connection:
            # Renewals of one user follow one another: none can slip in a new token while all are being revoked.
            user = await users.lock(connection, claims.user_id)
            if user is None:
                raise UserNotFound
            users.demand_enabled(user)
            is_reused = await connection.value(
                _SQL["find_refresh_token"], claims.id, claims.user_id, self._policy.refresh_token_cool_down
            )
            if is_reused is None:
                raise Unauthenticated
            if not is_reused:
                await connection.execute(_SQL["revoke_refresh_token"], claims.id)
                return await self._continue(connection, claims, read.issued_at)
            change = await self.end(connection, claims.user_id)
            await record(
                connection,
                action="refreshTokenReused",
                user_id=claims.user_id,
                workspace_id=claims.workspace_id,
                address=address,
            )
        self._news.forget(change)
        raise shown(RefreshTokenReused())

    async def end(self, connection: Connection, user_id: UUID) -> AccessChange:
        """Ends every session of a user. The caller passes the change to ``forget`` of the news after the commit."""
        await connection.execute(_SQL["end_sessions"], user_id, self._signer.now())
        await connection.execute(_SQL["revoke_refresh_tokens_of_user"], user_id)
        change = AccessChange(user_id=user_id)
        await self._news.announce(connection, change)
        return change

    async def _continue(self, connection: Connection, claims: RefreshClaims, issued_at: float) -> TokenPair:
        entered = None
        if claims.workspace_id is not None:
            entered = await membership(connection, claims.user_id, claims.workspace_id)
            if entered is None:
                raise NotAMember
            await demand_at_renewal(
                connection,
                user_workspace_id=entered.user_workspace_id,
                impersonator_user_workspace_id=claims.impersonator_user_workspace_id,
            )
            if claims.impersonator_user_workspace_id is not None:
                await still_entitled(
                    connection,
                    impersonator_user_workspace_id=claims.impersonator_user_workspace_id,
                    user_id=claims.user_id,
                    workspace_id=claims.workspace_id,
                    issued_at=issued_at,
                )
        return await self.begin(
            connection,
            claims.user_id,
            entered,
            provider=claims.auth_provider,
            impersonator_user_workspace_id=claims.impersonator_user_workspace_id,
        )
