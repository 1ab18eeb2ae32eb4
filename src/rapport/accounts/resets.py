"""A new password by a mailed link."""

from uuid import UUID

from rapport.accounts import mailed_tokens, users
from rapport.accounts.errors import InvalidLink, shown
from rapport.accounts.letters import Letters
from rapport.accounts.mailed_tokens import MailedKind
from rapport.accounts.memberships import memberships
from rapport.accounts.service import AccountService
from rapport.accounts.users import User
from rapport.audit.log import record
from rapport.store.database import Connection
from rapport.store.queries import load
from rapport.workspaces.domains import Domains

_SQL = load("rapport.accounts", "sql")

KIND: MailedKind = "PASSWORD_RESET_TOKEN"


class PasswordResets:
    """Mails links, and sets the passwords of those who come by them."""

    def __init__(self, accounts: AccountService, domains: Domains, letters: Letters) -> None:
        self._accounts = accounts
        self._domains = domains
        self._letters = letters

    async def mail_link(
        self, email: str, *, workspace_id: UUID | None, origin: str | None, address: str | None = None
    ) -> None:
        """Mails a link, unless a live one was mailed already; for an address without account it only seems so.

        The link leads to a workspace of the user's: the one named, else that of the web address, else the first.
        Raises MailedAlready, TooManyAttempts.
        """
        expires_in = self._accounts.policy.password_reset_expires_in
        await self._accounts.guard.mails("reset", email, address, at_most_every=expires_in)
        async with self._accounts.db.transaction() as connection:
            user = await users.find_by_email(connection, email)
            if user is None or user.is_disabled:
                return
            inside = {each.workspace_id: each.workspace for each in await memberships(connection, user.id)}
            at_origin = await self._domains.workspace_of_origin(connection, origin)
            wishes = (workspace_id, at_origin["id"] if at_origin else None, next(iter(inside), None))
            chosen = next((each for each in wishes if each in inside), None)
            token = await mailed_tokens.make(
                connection, KIND, user_id=user.id, expires_in=expires_in, workspace_id=chosen
            )
            await self._letters.password_reset(
                connection,
                user,
                token,
                workspace=inside[chosen] if chosen else None,
                minutes=max(1, round(expires_in.total_seconds() / 60)),
            )
            await record(
                connection, action="passwordResetRequested", user_id=user.id, workspace_id=chosen, address=address
            )

    async def find(self, token: str) -> User:
        """Whose password the link sets; raises InvalidLink."""
        async with self._accounts.db.transaction() as connection:
            return await self._user(connection, token)

    async def set_password(self, token: str, password: str, *, address: str | None = None) -> None:
        """Uses a link up. Every session of the user ends: whoever knew the old password is out.

        Raises InvalidLink, PasswordTooShort; then the link can still be used.
        """
        await self.find(token)  # hashing is dear: not for everybody who asks
        password_hash = await self._accounts.passwords.hash(users.demand_long_enough(password))
        async with self._accounts.db.transaction() as connection:
            user = await self._user(connection, token)
            await connection.execute(_SQL["change_password"], user.id, password_hash)
            await mailed_tokens.discard(connection, KIND, user.id)
            change = await self._accounts.sessions.end(connection, user.id)
            await self._letters.password_changed(connection, user)
            await record(connection, action="passwordChanged", user_id=user.id, address=address)
        self._accounts.news.forget(change)
        await self._accounts.guard.may_mail_again("reset", user.email)
        await self._accounts.guard.signed_in(user.email, None)

    async def _user(self, connection: Connection, token: str) -> User:
        found = await mailed_tokens.claim(connection, KIND, token)
        if found is None or found[1].is_disabled:
            raise shown(InvalidLink())
        return found[1]
