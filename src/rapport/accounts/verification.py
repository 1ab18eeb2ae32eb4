"""Proving that an e-mail address is one's own: after signing up, and when it is to change."""

from collections.abc import Mapping
from datetime import timedelta
from uuid import UUID

from rapport.access.principal import Principal
from rapport.accounts import mailed_tokens, users
from rapport.accounts.errors import (
    EmailAlreadyVerified,
    InvalidLink,
    NotAMember,
    UserAlreadyExists,
    UserNotFound,
    shown,
)
from rapport.accounts.joining import join_if_expected
from rapport.accounts.letters import Letters
from rapport.accounts.mailed_tokens import MailedKind
from rapport.accounts.memberships import Membership, memberships
from rapport.accounts.service import AccountService
from rapport.accounts.sessions import TokenPair
from rapport.accounts.users import User
from rapport.audit.log import record
from rapport.base.errors import PermissionDenied
from rapport.invitations.addresses import normal_address
from rapport.metadata.names import quote
from rapport.store.database import Connection
from rapport.store.queries import load
from rapport.workspaces.domains import Domains

_SQL = load("rapport.accounts", "sql")

AT_MOST_EVERY = timedelta(minutes=1)
KIND: MailedKind = "EMAIL_VERIFICATION_TOKEN"


class Verification:
    """Mails links, and receives those who come by them."""

    def __init__(self, accounts: AccountService, domains: Domains, letters: Letters) -> None:
        self._accounts = accounts
        self._domains = domains
        self._letters = letters

    async def mail_link(
        self,
        connection: Connection,
        user: User,
        *,
        new_email: str | None = None,
        workspace: Mapping[str, object] | None = None,
        next_path: str | None = None,
    ) -> None:
        """Mails a link that verifies the address of the account, or a new one. Earlier links end."""
        token = await mailed_tokens.make(
            connection,
            KIND,
            user_id=user.id,
            expires_in=self._accounts.policy.email_verification_expires_in,
            email=new_email,
        )
        await self._letters.verify_email(
            connection, user, token, to=new_email, workspace=workspace, next_path=next_path
        )

    async def resend(self, email: str, origin: str | None, *, address: str | None = None) -> None:
        """Mails the link once more, at most once a minute; for an address without account it only seems so.

        Raises MailedAlready, TooManyAttempts, EmailAlreadyVerified.
        """
        await self._accounts.guard.mails("verification", email, address, at_most_every=AT_MOST_EVERY)
        async with self._accounts.db.transaction() as connection:
            user = await users.find_by_email(connection, email)
            if user is None or user.is_disabled:
                return
            if user.is_email_verified:
                raise shown(EmailAlreadyVerified())
            workspace = await self._domains.workspace_of_origin(connection, origin)
            await self.mail_link(connection, user, workspace=workspace)

    async def verify_and_enter(
        self, email: str, token: str, origin: str, *, address: str | None = None
    ) -> tuple[User, Membership]:
        """Uses a link up, and tells which workspace its bearer may enter: that of the web address, or the first.

        Raises InvalidLink, AccountDisabled, NotAMember; then the link can still be used elsewhere.
        """
        async with self._accounts.db.transaction() as connection:
            user = await self._verify(connection, email, token, address)
            workspace = await self._domains.workspace_of_origin(connection, origin)
            if workspace is not None:
                return user, await join_if_expected(connection, user, dict(workspace), address=address)
            found = await memberships(connection, user.id)
            if not found:
                raise shown(NotAMember())
            return user, found[0]

    async def verify_and_sign_in(self, email: str, token: str, *, address: str | None = None) -> tuple[User, TokenPair]:
        """Uses a link up, and signs its bearer in to no workspace. Raises InvalidLink, AccountDisabled."""
        async with self._accounts.db.transaction() as connection:
            user = await self._verify(connection, email, token, address)
            await record(
                connection, action="signedIn", user_id=user.id, details={"provider": "password"}, address=address
            )
            return user, await self._accounts.sessions.begin(connection, user.id, None)

    async def change_email(
        self, principal: Principal, new_email: str, *, address: str | None = None, next_path: str | None = None
    ) -> None:
        """Mails a link to the new address; the change takes effect when somebody comes by it.

        Raises InvalidValue, UserAlreadyExists, PermissionDenied where the workspace does not let members change it.
        """
        if principal.user_id is None or principal.impersonator_user_workspace_id is not None:
            raise PermissionDenied
        wanted = normal_address(new_email)
        await self._accounts.guard.mails("new-address", str(principal.user_id), address, at_most_every=AT_MOST_EVERY)
        async with self._accounts.db.transaction() as connection:
            user = await users.find(connection, principal.user_id)
            if user is None:
                raise UserNotFound
            inside = await memberships(connection, user.id)
            here = next((each.workspace for each in inside if each.workspace_id == principal.workspace_id), None)
            if here is None or "email" not in (here["editableProfileFields"] or ()):  # type: ignore[operator]
                raise PermissionDenied
            if await users.find_by_email(connection, wanted) is not None:
                raise shown(UserAlreadyExists())
            await self.mail_link(connection, user, new_email=wanted, workspace=here, next_path=next_path)

    async def _verify(self, connection: Connection, email: str, token: str, address: str | None) -> User:
        claimed = await mailed_tokens.claim(connection, KIND, token)
        if claimed is None:
            raise shown(InvalidLink())
        found, user = claimed
        if email.strip().lower() != (found.email or user.email).lower():
            raise shown(InvalidLink())
        users.demand_enabled(user)
        await mailed_tokens.discard(connection, KIND, user.id)
        if found.email is not None and found.email != user.email:
            await self._change(connection, user, found.email, address)
        else:
            await connection.execute(_SQL["verify_user"], user.id)
            await record(connection, action="emailVerified", user_id=user.id, address=address)
        changed = await users.find(connection, user.id)
        assert changed is not None
        return changed

    async def _change(self, connection: Connection, user: User, new_email: str, address: str | None) -> None:
        if await connection.value(_SQL["change_email"], user.id, new_email) is None:
            raise shown(UserAlreadyExists())
        # Links that were mailed to the old address do not open the account any longer.
        await mailed_tokens.discard(connection, "PASSWORD_RESET_TOKEN", user.id)
        for each in await memberships(connection, user.id):
            if isinstance(each.workspace_member_id, UUID):
                statement = _SQL["set_member_email"].replace("{schema}", quote(str(each.workspace["schema"])))
                await connection.execute(statement, each.workspace_member_id, new_email, user.id)
        await record(
            connection,
            action="emailChanged",
            user_id=user.id,
            details={"from": user.email, "to": new_email},
            address=address,
        )
        await self._letters.email_changed(connection, user, new_email)
