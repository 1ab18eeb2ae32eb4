"""Signing up: a new account, and a workspace for it, new or not."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from rapport.accounts import users
from rapport.accounts.errors import (
    EmailNotVerified,
    InvitationNotValid,
    NotInvited,
    PasswordSignInDisabled,
    UserNotFound,
    WorkspaceNotFound,
    WorkspacesByAdminsOnly,
    shown,
)
from rapport.accounts.joining import join
from rapport.accounts.memberships import Membership, membership, memberships, workspaces
from rapport.accounts.service import AccountService
from rapport.accounts.sessions import TokenPair
from rapport.accounts.users import User
from rapport.accounts.verification import Verification
from rapport.audit.log import record
from rapport.base.errors import BadUserInput
from rapport.invitations.addresses import normal_address
from rapport.invitations.service import Invitation, approved_workspaces, is_link, personal
from rapport.store.database import Connection
from rapport.store.queries import load
from rapport.workspaces.create import begin_workspace
from rapport.workspaces.domains import Domains

_SQL = load("rapport.accounts", "sql")


@dataclass(frozen=True, kw_only=True)
class Form:
    """What somebody who signs up has filled in."""

    email: str
    password: str
    locale: str = "en"
    next_path: str | None = None  # where the link in the mail leads to after it has verified the address
    address: str | None = None  # of the network


@dataclass(frozen=True, kw_only=True)
class Target:
    """The workspace that somebody wants to join, and by what right. With nothing given it is a new one."""

    workspace_id: UUID | None = None
    invite_hash: str | None = None
    invite_token: str | None = None

    @property
    def is_new(self) -> bool:
        return self.workspace_id is None and self.invite_hash is None and self.invite_token is None


@dataclass(frozen=True, kw_only=True)
class _Right:
    """What lets somebody join."""

    by: str
    invitation: Invitation | None = None


class SigningUp:
    """The sign-ups of system-api.md §3."""

    def __init__(self, accounts: AccountService, domains: Domains, verification: Verification) -> None:
        self._accounts = accounts
        self._domains = domains
        self._verification = verification

    async def sign_up(self, form: Form) -> tuple[User, TokenPair]:
        """An account without workspace, signed in. Raises InvalidValue, UserAlreadyExists, TooManyAttempts."""
        password_hash = await self._hash(form)
        async with self._accounts.db.transaction() as connection:
            user = await self._add(connection, form, password_hash)
            await self._verification.mail_link(connection, user, next_path=form.next_path)
            return user, await self._accounts.sessions.begin(connection, user.id, None)

    async def sign_up_in_new_workspace(
        self, user_id: UUID, *, display_name: str | None, locale: str = "en", address: str | None = None
    ) -> tuple[User, Membership]:
        """A workspace that waits for its activation, of somebody who is signed in.

        Raises SignUpDisabled, WorkspacesByAdminsOnly, UserNotFound.
        """
        async with self._accounts.db.transaction() as connection:
            user = await users.lock(connection, user_id)
            if user is None:
                raise UserNotFound
            return user, await self._begin_workspace(connection, user, display_name, locale, address)

    async def sign_up_with_new_workspace(
        self, form: Form, *, display_name: str | None = None
    ) -> tuple[User, Membership]:
        """An account and its workspace at once; an existing account's password must be right."""
        known = await self._known(form)
        password_hash = None if known else await self._hash(form)
        async with self._accounts.db.transaction() as connection:
            user = known
            if user is None:
                user = await self._add(connection, form, password_hash)
                await self._verification.mail_link(connection, user, next_path=form.next_path)
            return user, await self._begin_workspace(connection, user, display_name, form.locale, form.address)

    async def sign_up_in_workspace(self, form: Form, target: Target) -> tuple[User, Membership]:
        """An account, new or with the right password, and its membership in a workspace.

        Raises WorkspaceNotFound, InvitationNotValid, NotInvited, PasswordSignInDisabled, WorkspaceNotReady, the errors
        of a wrong password, EmailNotVerified for whoever has only the domain of the address to show: the account is
        made all the same, and its owner joins by signing in once the address is verified.
        """
        if target.is_new:
            return await self.sign_up_with_new_workspace(form)
        known = await self._known(form)
        password_hash = None if known else await self._hash(form)
        async with self._accounts.db.transaction() as connection:
            if known is not None:
                await users.lock(connection, known.id)  # before the invitation, as everywhere
            workspace, invitation = await self._target(connection, target)
            if known is not None:
                found = await membership(connection, known.id, _id(workspace))
                if found is not None:
                    if not found.allows("password"):
                        raise shown(PasswordSignInDisabled())
                    return known, found
            right = await self._right(connection, form.email, workspace, invitation, target)
            if not workspace["isPasswordAuthEnabled"]:
                raise shown(PasswordSignInDisabled())
            user = known or await self._add(connection, form, password_hash)
            has_proof = right.invitation is not None
            if known is None and not has_proof:
                await self._verification.mail_link(connection, user, workspace=workspace, next_path=form.next_path)
            if right.by != "domain" or user.is_email_verified:
                made = await join(
                    connection, user, workspace, by=right.by, invitation=right.invitation, address=form.address
                )
                return user, made
        raise shown(EmailNotVerified())

    async def _known(self, form: Form) -> User | None:
        """The account with the address, whose password is checked; None when there is none yet."""
        if await users.find_by_email(self._accounts.db, form.email) is None:
            return None
        return await self._accounts.check_password(form.email, form.password, address=form.address)

    async def _hash(self, form: Form) -> str:
        normal_address(form.email)
        users.demand_long_enough(form.password)
        await self._accounts.guard.signs_up(form.address)
        return await self._accounts.passwords.hash(form.password)

    async def _add(self, connection: Connection, form: Form, password_hash: str | None) -> User:
        user = await users.add(connection, email=form.email, password_hash=password_hash, locale=form.locale)
        await record(connection, action="signedUp", user_id=user.id, address=form.address)
        return user

    async def _begin_workspace(
        self, connection: Connection, user: User, display_name: str | None, locale: str, address: str | None
    ) -> Membership:
        is_first_of_user = not await memberships(connection, user.id)
        if self._accounts.policy.workspaces_by_admins_only and not (user.is_server_admin or is_first_of_user):
            raise shown(WorkspacesByAdminsOnly())
        begun = await begin_workspace(
            connection,
            user_id=user.id,
            email=user.email,
            display_name=display_name,
            locale=locale,
            multiworkspace=self._domains.multiworkspace,
        )
        if begun.is_first and not self._domains.multiworkspace:
            await connection.execute(_SQL["make_server_admin"], user.id)
        await record(connection, action="workspaceCreated", workspace_id=begun.id, user_id=user.id, address=address)
        made = await membership(connection, user.id, begun.id)
        assert made is not None
        return made

    async def _target(self, connection: Connection, target: Target) -> tuple[Mapping[str, object], Invitation | None]:
        """The one workspace that is meant, and the personal invitation to it, if there is one."""
        invitation, ids = None, set()
        if target.invite_token is not None:
            invitation = await personal(connection, target.invite_token)
            if invitation is None:
                raise shown(InvitationNotValid())
            ids.add(invitation.workspace_id)
        if target.invite_hash is not None:
            row = None
            if is_link(target.invite_hash):
                row = await connection.row(_SQL["workspace_of_link"], target.invite_hash)
            if row is None:
                raise shown(WorkspaceNotFound())
            ids.add(row["id"])
        if target.workspace_id is not None:
            ids.add(target.workspace_id)
        if len(ids) > 1:
            raise BadUserInput("The invitation is for another workspace.")
        found = await workspaces(connection, list(ids))
        if not found:
            raise shown(WorkspaceNotFound())
        return found[0], invitation

    async def _right(
        self,
        connection: Connection,
        email: str,
        workspace: Mapping[str, object],
        invitation: Invitation | None,
        target: Target,
    ) -> _Right:
        if invitation is not None:
            if not invitation.is_for(email):
                raise shown(InvitationNotValid())
            return _Right(by="invitation", invitation=invitation)
        if target.invite_hash is not None and workspace["isPublicInviteLinkEnabled"]:
            return _Right(by="link")
        if _id(workspace) in await approved_workspaces(connection, email):
            return _Right(by="domain")
        raise shown(NotInvited())


def _id(workspace: Mapping[str, object]) -> UUID:
    found = workspace["id"]
    assert isinstance(found, UUID)
    return found
