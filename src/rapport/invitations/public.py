"""What the public link of a workspace shows to those who are not in it."""

from collections.abc import Mapping

from rapport.invitations.errors import WorkspaceNotFound
from rapport.invitations.service import is_link
from rapport.store.database import Database
from rapport.store.queries import load
from rapport.workspaces.domains import Domains
from rapport.workspaces.logos import FileLink, shown_logo

_SQL = load("rapport.invitations", "sql")

# Whoever was sent a link, by mail or in public, learns this much: what the page of the invitation shows, and how one
# signs in there. The rest of a workspace is for its members.
PUBLIC_FIELDS = frozenset({
    "activationStatus", "allowImpersonation", "displayName", "id", "inviteHash", "isGoogleAuthEnabled",
    "isMicrosoftAuthEnabled", "isPasswordAuthEnabled", "isPublicInviteLinkEnabled", "logo", "workspaceUrls",
})  # fmt: skip


class PublicLinks:
    """Reads workspaces by their invite hash, whether or not the hash alone is enough to join.

    Mails with personal invitations have it in their links as well.
    """

    def __init__(self, db: Database, domains: Domains, link: FileLink) -> None:
        self._db = db
        self._domains = domains
        self._link = link

    async def is_known(self, invite_hash: str) -> bool:
        """Whether a workspace has this hash."""
        return await self._find(invite_hash) is not None

    async def workspace_behind(self, invite_hash: str) -> Mapping[str, object]:
        """The PUBLIC_FIELDS of the workspace; raises WorkspaceNotFound."""
        found = await self._find(invite_hash)
        if found is None:
            raise WorkspaceNotFound
        return {**found, "logo": shown_logo(self._link, found), "workspaceUrls": self._domains.urls(found)}

    async def _find(self, invite_hash: str) -> Mapping[str, object] | None:
        if not is_link(invite_hash):
            return None
        row = await self._db.row(_SQL["workspace_behind_link"], invite_hash)
        return dict(row) if row is not None else None
