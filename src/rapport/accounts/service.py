"""Signing in with a password, and renewing tokens."""

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from rapport.accounts.errors import (
    NoPassword,
    NotAMember,
    RefreshTokenReused,
    UserAlreadyExists,
    UserNotFound,
    WrongPassword,
    WrongTokenKind,
    shown,
)
from rapport.accounts.passwords import Passwords
from rapport.accounts.tokens import AccessClaims, AgnosticClaims, RefreshClaims, Token, TokenSigner
from rapport.base.errors import InvalidValue, Unauthenticated
from rapport.base.ids import new_id
from rapport.roles.assigning import assign_to_member, default_role
from rapport.store.database import Connection, Database
from rapport.store.queries import load

_SQL = load("rapport.accounts", "sql")

REFRESH_TOKEN_COOL_DOWN = timedelta(minutes=1)
SHORTEST_PASSWORD = 8
LONGEST_EMAIL = 320


@dataclass(frozen=True, kw_only=True)
class User:
    """An account, as it sees itself."""

    id: UUID
    email: str
    first_name: str
    last_name: str


@dataclass(frozen=True, kw_only=True)
class Membership:
    """A workspace that a user may enter."""

    workspace_id: UUID
    display_name: str | None
    user_workspace_id: UUID
    workspace_member_id: UUID | None


@dataclass(frozen=True, kw_only=True)
class TokenPair:
    """``access`` is for one workspace or, before one is entered, for none."""

    access: Token
    refresh: Token


@dataclass(frozen=True, kw_only=True)
class SignedIn:
    """The answer to a right password."""

    user: User
    memberships: tuple[Membership, ...]
    tokens: TokenPair


class AccountService:
    """What an account can do before it is anybody's member."""

    def __init__(self, db: Database, signer: TokenSigner, passwords: Passwords) -> None:
        self._db = db
        self._signer = signer
        self._passwords = passwords

    async def sign_in(self, email: str, password: str, *, enter_only_workspace: bool = False) -> SignedIn:
        """Checks a password. The tokens are for no workspace, or for the user's only one if that is wished.

        Raises UserNotFound, NoPassword or WrongPassword, after the same amount of work.
        """
        email = email.strip()
        row = await self._db.row(_SQL["find_user_by_email"], email) if _is_storable(email) else None
        is_right = await self._passwords.matches(password, row["passwordHash"] if row else None)
        if row is None:
            raise shown(UserNotFound())
        if row["passwordHash"] is None:
            raise shown(NoPassword())
        if not is_right:
            raise shown(WrongPassword())
        user = User(id=row["id"], email=row["email"], first_name=row["firstName"], last_name=row["lastName"])
        async with self._db.transaction() as connection:
            memberships = await self._memberships(connection, user.id)
            entered = memberships[0] if enter_only_workspace and len(memberships) == 1 else None
            tokens = await self._issue(connection, user.id, entered, "password")
        return SignedIn(user=user, memberships=memberships, tokens=tokens)

    async def renew(self, refresh_token: str) -> TokenPair:
        """Trades a refresh token for a new pair of the same kind.

        A token that was traded longer than the cool-down ago is in the hands of two: then every refresh token of the
        user ends, and RefreshTokenReused is raised.
        """
        claims, _ = self._signer.read(refresh_token)
        if not isinstance(claims, RefreshClaims):
            raise WrongTokenKind
        async with self._db.transaction() as connection:
            if await connection.value(_SQL["lock_user"], claims.user_id) is None:
                raise UserNotFound
            is_reused = await connection.value(
                _SQL["find_refresh_token"], claims.id, claims.user_id, REFRESH_TOKEN_COOL_DOWN
            )
            if is_reused is None:
                raise Unauthenticated
            if not is_reused:
                await connection.execute(_SQL["revoke_refresh_token"], claims.id)
                membership = await self._membership(connection, claims)
                return await self._issue(connection, claims.user_id, membership, claims.auth_provider)
            await connection.execute(_SQL["revoke_refresh_tokens_of_user"], claims.user_id)
        raise shown(RefreshTokenReused())

    async def create_user(
        self, connection: Connection, *, email: str, password: str | None, first_name: str, last_name: str
    ) -> UUID:
        """A new account; raises InvalidValue, UserAlreadyExists."""
        email = email.strip().lower()
        if not _is_storable(email) or "@" not in email.strip("@"):
            raise InvalidValue("The e-mail address is not valid.")
        if password is not None and len(password) < SHORTEST_PASSWORD:
            raise InvalidValue(f"The password must have at least {SHORTEST_PASSWORD} characters.")
        password_hash = None if password is None else await self._passwords.hash(password)
        user_id = new_id()
        added = await connection.value(_SQL["add_user"], user_id, email, password_hash, first_name, last_name)
        if added is None:
            raise shown(UserAlreadyExists())
        return user_id

    async def add_member(
        self, connection: Connection, *, user_id: UUID, workspace_id: UUID, workspace_member_id: UUID
    ) -> UUID:
        """Lets a user into a workspace, where the member record stands for them; gives the membership's id."""
        membership_id = new_id()
        await connection.execute(_SQL["add_member"], membership_id, user_id, workspace_id, workspace_member_id)
        role_id = await default_role(connection, workspace_id)
        if role_id is not None:
            await assign_to_member(
                connection, workspace_id=workspace_id, role_id=role_id, user_workspace_id=membership_id
            )
        return membership_id

    async def _memberships(self, connection: Connection, user_id: UUID) -> tuple[Membership, ...]:
        rows = await connection.rows(_SQL["workspaces_of_user"], user_id)
        return tuple(
            Membership(
                workspace_id=row["id"],
                display_name=row["displayName"],
                user_workspace_id=row["userWorkspaceId"],
                workspace_member_id=row["workspaceMemberId"],
            )
            for row in rows
        )

    async def _membership(self, connection: Connection, claims: RefreshClaims) -> Membership | None:
        if claims.workspace_id is None:
            return None
        for membership in await self._memberships(connection, claims.user_id):
            if membership.workspace_id == claims.workspace_id:
                return membership
        raise NotAMember

    async def _issue(
        self, connection: Connection, user_id: UUID, entered: Membership | None, provider: str
    ) -> TokenPair:
        access: AccessClaims | AgnosticClaims = AgnosticClaims(user_id=user_id, auth_provider=provider)
        if entered is not None:
            access = AccessClaims(
                user_id=user_id,
                workspace_id=entered.workspace_id,
                user_workspace_id=entered.user_workspace_id,
                workspace_member_id=entered.workspace_member_id,
                auth_provider=provider,
            )
        workspace_id = entered.workspace_id if entered is not None else None
        claims = RefreshClaims(id=new_id(), user_id=user_id, workspace_id=workspace_id, auth_provider=provider)
        refresh = self._signer.sign(claims)
        await connection.execute(_SQL["add_refresh_token"], claims.id, user_id, workspace_id, refresh.expires_at)
        return TokenPair(access=self._signer.sign(access), refresh=refresh)


def _is_storable(email: str) -> bool:
    """Whether PostgreSQL could hold such an address at all: no NUL, no lone surrogate."""
    return len(email) <= LONGEST_EMAIL and email.isprintable()
