"""Accounts and their passwords: making one, and proving that it is one's own."""

from dataclasses import dataclass
from uuid import UUID

from rapport.accounts import users
from rapport.accounts.errors import (
    EmailNotVerified,
    NoPassword,
    PasswordSignInDisabled,
    UserNotFound,
    WrongPassword,
    shown,
)
from rapport.accounts.guard import Guard
from rapport.accounts.memberships import Membership, memberships
from rapport.accounts.passwords import Passwords
from rapport.accounts.policy import Policy
from rapport.accounts.sessions import Sessions, TokenPair
from rapport.accounts.tokens import TokenSigner
from rapport.accounts.two_factor import demand
from rapport.accounts.users import User
from rapport.audit.log import record
from rapport.base.errors import RapportError
from rapport.store.database import Connection, Database
from rapport.system.access_news import AccessNews
from rapport.system.attempts import Attempts


@dataclass(frozen=True, kw_only=True)
class SignedIn:
    """The answer to a right password. ``entered`` is the workspace that the tokens are for, if they are for one."""

    user: User
    entered: Membership | None
    tokens: TokenPair


class AccountService:
    """What an account can do before it is anybody's member."""

    def __init__(
        self,
        db: Database,
        signer: TokenSigner,
        passwords: Passwords,
        *,
        policy: Policy | None = None,
        news: AccessNews | None = None,
    ) -> None:
        self.db = db
        self.signer = signer
        self.passwords = passwords
        self.policy = policy or Policy()
        self.news = news or AccessNews(db)
        self.guard = Guard(Attempts(db), self.policy)
        self.sessions = Sessions(db, signer, policy=self.policy, news=self.news)

    async def check_password(self, email: str, password: str, *, address: str | None = None) -> User:
        """The account that an address and a password open.

        Raises UserNotFound, NoPassword or WrongPassword after the same amount of work, AccountDisabled,
        TooManyAttempts. Failures are in the audit log.
        """
        await self.guard.signs_in(email, address)
        user = await users.find_by_email(self.db, email)
        is_right = await self.passwords.matches(password, user.password_hash if user else None)
        try:
            if user is None:
                raise shown(UserNotFound())
            if user.password_hash is None:
                raise shown(NoPassword())
            if not is_right:
                raise shown(WrongPassword())
            users.demand_enabled(user)
        except RapportError as error:
            await record(
                self.db,
                action="signInFailed",
                user_id=user.id if user else None,
                details={"email": email, "reason": error.message, "provider": "password"},
                address=address,
            )
            raise
        await self.guard.signed_in(email, address)
        return user

    def demand_verified(self, user: User) -> None:
        """Raises EmailNotVerified where addresses must be verified before anything else."""
        if self.policy.email_verification_required and not user.is_email_verified:
            raise shown(EmailNotVerified())

    async def sign_in(
        self, email: str, password: str, *, enter_only_workspace: bool = False, address: str | None = None
    ) -> SignedIn:
        """Checks a password. The tokens are for no workspace, or for the user's only one if that is wished."""
        user = await self.check_password(email, password, address=address)
        self.demand_verified(user)
        async with self.db.transaction() as connection:
            entered = None
            if enter_only_workspace:
                entered = await self._only_workspace(connection, user)
            tokens = await self.sessions.begin(connection, user.id, entered)
            await record(
                connection,
                action="signedIn",
                user_id=user.id,
                workspace_id=entered.workspace_id if entered else None,
                details={"provider": "password"},
                address=address,
            )
        return SignedIn(user=user, entered=entered, tokens=tokens)

    async def create_user(
        self, connection: Connection, *, email: str, password: str | None, first_name: str, last_name: str
    ) -> UUID:
        """A new account; raises InvalidValue, UserAlreadyExists."""
        password_hash = None
        if password is not None:
            password_hash = await self.passwords.hash(users.demand_long_enough(password))
        user = await users.add(
            connection, email=email, password_hash=password_hash, first_name=first_name, last_name=last_name
        )
        return user.id

    async def _only_workspace(self, connection: Connection, user: User) -> Membership | None:
        found = await memberships(connection, user.id)
        if len(found) != 1:
            return None
        if not found[0].allows("password"):
            raise shown(PasswordSignInDisabled())
        await demand(connection, user_workspace_id=found[0].user_workspace_id)
        return found[0]
