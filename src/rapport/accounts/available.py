"""The workspaces that somebody may choose from after signing in: those they are in, and those they may join."""

from collections.abc import Mapping
from dataclasses import dataclass

from rapport.access.principal import Principal
from rapport.accounts import users
from rapport.accounts.errors import UserNotFound
from rapport.accounts.memberships import memberships, workspaces
from rapport.accounts.tokens import LoginClaims, TokenSigner
from rapport.accounts.users import User
from rapport.invitations.proofs import Proofs
from rapport.invitations.service import approved_workspaces, workspaces_inviting
from rapport.store.database import Connection, Database
from rapport.workspaces.domains import Domains
from rapport.workspaces.logos import FileLink, shown_logo

Shown = Mapping[str, object]


@dataclass(frozen=True, kw_only=True)
class AvailableWorkspaces:
    """Each is an `AvailableWorkspace` of the SDL."""

    for_sign_in: tuple[Shown, ...]
    for_sign_up: tuple[Shown, ...]

    @property
    def shown(self) -> Shown:
        """`AvailableWorkspaces` of the SDL."""
        return {
            "availableWorkspacesForSignIn": list(self.for_sign_in),
            "availableWorkspacesForSignUp": list(self.for_sign_up),
        }


class Availability:
    """Finds them, and gives those that the user is in a login token."""

    def __init__(self, signer: TokenSigner, domains: Domains, proofs: Proofs, link: FileLink) -> None:
        """``link``: under which address a file is found."""
        self._signer = signer
        self._link = link
        self._domains = domains
        self._proofs = proofs

    async def of(
        self, connection: Connection | Database, user: User, *, provider: str = "password"
    ) -> AvailableWorkspaces:
        """Of somebody who has signed in with a provider.

        What lets one in is shown only to those whose address is verified: others have not shown that they are meant.
        """
        inside = []
        for each in await memberships(connection, user.id):
            token = None
            if each.allows(provider):
                claims = LoginClaims(email=user.email, workspace_id=each.workspace_id, auth_provider=provider)
                token = self._signer.sign(claims).token
            inside.append(self._shown(each.workspace, loginToken=token))
        invitations = await workspaces_inviting(connection, user.email)
        invited = [each.workspace_id for each in invitations]
        approved = [each for each in await approved_workspaces(connection, user.email) if each not in invited]
        tokens: dict[object, str] = {}
        if user.is_email_verified:
            tokens = {each.workspace_id: self._proofs.of_invitation(each.id) for each in invitations}
        outside = [
            self._shown(row, personalInviteToken=tokens.get(row["id"])) for row in await workspaces(connection, invited)
        ]
        if user.is_email_verified:
            outside += [
                self._shown(row, inviteHash=row["inviteHash"]) for row in await workspaces(connection, approved)
            ]
        return AvailableWorkspaces(for_sign_in=tuple(inside), for_sign_up=tuple(outside))

    async def of_caller(self, db: Database, principal: Principal) -> Shown:
        """Of somebody who is signed in: `AvailableWorkspaces` of the SDL.

        Who acts as somebody else does so in one workspace only, and is shown no others.
        """
        if principal.impersonator_user_workspace_id is not None:
            return AvailableWorkspaces(for_sign_in=(), for_sign_up=()).shown
        user = await users.find(db, principal.user_id) if principal.user_id is not None else None
        if user is None:
            raise UserNotFound
        return (await self.of(db, user, provider=principal.auth_provider)).shown

    async def count(self, connection: Connection | Database, email: str, user: User | None) -> int:
        """How many workspaces somebody with this address is in, is invited to, or may join."""
        inside = {each.workspace_id for each in await memberships(connection, user.id)} if user else set()
        invited = {each.workspace_id for each in await workspaces_inviting(connection, email)}
        return len(inside | invited | set(await approved_workspaces(connection, email)))

    def _shown(self, workspace: Mapping[str, object], **more: object) -> Shown:
        return {
            "id": workspace["id"],
            "displayName": workspace["displayName"],
            "logo": shown_logo(self._link, workspace),
            "sso": [],  # the place of the workspace's identity providers
            "workspaceUrls": self._domains.urls(workspace),
            **more,
        }
