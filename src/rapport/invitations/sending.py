"""Inviting people by mail."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import quote, urlencode
from uuid import UUID

import asyncpg

from rapport.access.principal import Principal
from rapport.audit.log import record
from rapport.base.errors import InvalidValue
from rapport.base.ids import new_id
from rapport.invitations.addresses import normal_address
from rapport.invitations.errors import InvitationNotFound, TooManyAddresses, WorkspaceNotFound
from rapport.invitations.proofs import Proofs
from rapport.invitations.service import Invitation, invitation_of, token_hash
from rapport.mail.outbox import Outbox
from rapport.store.database import Connection, Database
from rapport.store.queries import load
from rapport.system.attempts import Attempts
from rapport.system.errors import TooManyAttempts
from rapport.workspaces.domains import Domains

_SQL = load("rapport.invitations", "sql")

LIFETIME = timedelta(days=30)
MOST_ADDRESSES = 100  # in one request
# Mails that one workspace may have sent to people who did not ask for them.
MOST_MAILS, MAILS_WINDOW = 300, timedelta(hours=1)
MOST_MAILS_TO_ONE, MAILS_TO_ONE_WINDOW = 5, timedelta(days=1)
SHOWN_CHARACTERS = 60  # of a name or an address that somebody typed, where others read it


@dataclass(frozen=True, kw_only=True)
class Sent:
    """What became of a request to invite. ``errors``: one sentence for each address that was not invited."""

    invitations: tuple[Invitation, ...]
    errors: tuple[str, ...]


class Invitations:
    """The personal invitations of a workspace."""

    def __init__(self, db: Database, *, outbox: Outbox, attempts: Attempts, domains: Domains, proofs: Proofs) -> None:
        self._db = db
        self._outbox = outbox
        self._attempts = attempts
        self._domains = domains
        self._proofs = proofs

    async def pending(self, workspace_id: UUID) -> list[Invitation]:
        """The invitations that nobody has accepted yet, the oldest first."""
        return [invitation_of(row) for row in await self._db.rows(_SQL["pending_invitations"], workspace_id)]

    async def send(self, inviter: Principal, emails: Sequence[str], *, address: str | None = None) -> Sent:
        """Invites whom it can. Raises TooManyAddresses and TooManyAttempts, both before anybody is invited."""
        if len(emails) > MOST_ADDRESSES:
            raise TooManyAddresses(f"At most {MOST_ADDRESSES} addresses can be invited at once.")
        errors: list[str] = []
        wanted: dict[str, None] = {}
        for email in emails:
            try:
                wanted[normal_address(email)] = None
            except InvalidValue:
                errors.append(f"{shown(email)} is not a valid e-mail address")
        workspace_id = _workspace_id(inviter)
        errors += await self._count(workspace_id, wanted)
        async with self._db.transaction() as connection:
            workspace = await self._lock(connection, workspace_id)
            members = await self._members(connection, workspace_id, list(wanted))
            added = await self._add(connection, inviter, [email for email in wanted if email not in members])
            invited = {invitation.email for invitation in added}
            for email in wanted:
                if email in members:
                    errors.append(f"{email} is already a member of this workspace")
                elif email not in invited:
                    errors.append(f"{email} is already invited")
            await self._mail(connection, inviter, workspace, added, address)
            await connection.execute(_SQL["team_was_invited"], workspace_id)
        return Sent(invitations=tuple(added), errors=tuple(errors))

    async def resend(self, inviter: Principal, invitation_id: UUID, *, address: str | None = None) -> Sent:
        """Puts a new invitation in the place of one. Raises InvitationNotFound, TooManyAttempts."""
        workspace_id = _workspace_id(inviter)
        email = await self._db.value(_SQL["address_of_invitation"], invitation_id, workspace_id)
        if not isinstance(email, str):
            raise InvitationNotFound
        if errors := await self._count(workspace_id, {email: None}):
            return Sent(invitations=(), errors=tuple(errors))
        async with self._db.transaction() as connection:
            workspace = await self._lock(connection, workspace_id)
            email = await connection.value(_SQL["take_invitation"], invitation_id, workspace_id)
            if not isinstance(email, str):
                raise InvitationNotFound
            if await self._members(connection, workspace_id, [email]):
                return Sent(invitations=(), errors=(f"{email} is already a member of this workspace",))
            added = await self._add(connection, inviter, [email])
            await self._mail(connection, inviter, workspace, added, address)
        return Sent(invitations=tuple(added), errors=())

    async def delete(self, workspace_id: UUID, invitation_id: UUID) -> bool:
        """Withdraws an invitation; False when the workspace has no such."""
        return await self._db.value(_SQL["take_invitation"], invitation_id, workspace_id) is not None

    async def _lock(self, connection: Connection, workspace_id: UUID) -> asyncpg.Record:
        row = await connection.row(_SQL["lock_workspace"], workspace_id)
        if row is None:
            raise WorkspaceNotFound
        return row

    async def _members(self, connection: Connection, workspace_id: UUID, emails: list[str]) -> frozenset[str]:
        rows = await connection.rows(_SQL["members_among"], workspace_id, emails)
        return frozenset(row["email"] for row in rows)

    async def _add(self, connection: Connection, inviter: Principal, emails: list[str]) -> list[Invitation]:
        workspace_id = _workspace_id(inviter)
        ids = [new_id() for _ in emails]
        hashes = [token_hash(self._proofs.of_invitation(each)) for each in ids]
        await connection.execute(_SQL["delete_expired"], workspace_id, emails)
        rows = await connection.rows(
            _SQL["add_invitations"], workspace_id, inviter.user_id, ids, emails, hashes, LIFETIME
        )
        return [invitation_of(row) for row in rows]

    async def _mail(
        self,
        connection: Connection,
        inviter: Principal,
        workspace: asyncpg.Record,
        invitations: Sequence[Invitation],
        address: str | None,
    ) -> None:
        if not invitations:
            return
        locale = await connection.value(_SQL["locale_of_member"], inviter.user_workspace_id)
        for invitation in invitations:
            await self._outbox.send(
                connection,
                to=invitation.email,
                template="invitation",
                locale=str(locale or "en"),
                values={
                    "workspace": shown(workspace["displayName"] or workspace["subdomain"] or "a workspace"),
                    "inviter": shown(inviter.name) or "A member",
                    "link": self._link(workspace, invitation),
                },
            )
            await record(
                connection,
                action="memberInvited",
                principal=inviter,
                details={"email": invitation.email, "invitationId": invitation.id},
                address=address,
            )

    async def _count(self, workspace_id: UUID, wanted: dict[str, None]) -> list[str]:
        """Takes out of ``wanted`` who gets too many mails, with a sentence for each; before the transaction.

        Raises TooManyAttempts when the workspace sends too many.
        """
        errors = []
        for email in list(wanted):
            await self._attempts.count(f"invitations:{workspace_id}", limit=MOST_MAILS, window=MAILS_WINDOW)
            try:
                await self._attempts.count(
                    f"invitation:{workspace_id}:{email}", limit=MOST_MAILS_TO_ONE, window=MAILS_TO_ONE_WINDOW
                )
            except TooManyAttempts:
                errors.append(f"{email} was invited too often of late")
                del wanted[email]
        return errors

    def _link(self, workspace: asyncpg.Record, invitation: Invitation) -> str:
        question = urlencode({"inviteToken": self._proofs.of_invitation(invitation.id), "email": invitation.email})
        return f"{self._domains.url(workspace)}/invite/{quote(workspace['inviteHash'] or '', safe='')}?{question}"


def shown(text: str) -> str:
    """What somebody typed, on one line and not long.

    >>> shown("  Acme\\r\\nBcc: x ")
    'Acme Bcc: x'
    """
    line = " ".join(text[: 10 * SHOWN_CHARACTERS].split())
    line = "".join(character for character in line if character.isprintable())
    return line if len(line) <= SHOWN_CHARACTERS else line[: SHOWN_CHARACTERS - 1] + "…"


def _workspace_id(principal: Principal) -> UUID:
    assert principal.workspace_id is not None  # @access says so
    return principal.workspace_id
