"""What lets somebody into a workspace: personal invitations, the public link and approved domains.

For whoever signs people up or in. All take the caller's transaction, in which the new member is made as well.
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg

from rapport.base.errors import InvalidValue
from rapport.invitations.addresses import domain_of, normal_address
from rapport.invitations.errors import InvitationNotFound
from rapport.store.database import Connection, Database
from rapport.store.queries import load

_SQL = load("rapport.invitations", "sql")

_TOKEN = re.compile(r"[0-9a-f]{64}")
LONGEST_LINK = 200


@dataclass(frozen=True, kw_only=True)
class Invitation:
    """A personal invitation: whoever holds its token, and has the address, may become a member."""

    id: UUID
    workspace_id: UUID
    email: str  # in lower case
    expires_at: datetime

    def is_for(self, email: str) -> bool:
        """Whether this address was invited: a token in the hands of another is worth nothing."""
        return email.strip().lower() == self.email


async def personal(connection: Connection, token: str) -> Invitation | None:
    """The live invitation that the token is of, locked until the transaction ends. See ``Invitation.is_for``."""
    if not _TOKEN.fullmatch(token):
        return None
    row = await connection.row(_SQL["personal_invitation"], token_hash(token))
    return invitation_of(row) if row is not None else None


async def consume(connection: Connection, invitation: Invitation) -> None:
    """Uses an invitation up, once the account exists: whoever got the mail has the address, which is verified thereby.

    Raises InvitationNotFound when somebody else was faster.
    """
    if await connection.value(_SQL["delete_invitation"], invitation.id, invitation.workspace_id) is None:
        raise InvitationNotFound
    await connection.execute(_SQL["mark_verified"], invitation.email)


async def withdraw(connection: Connection, *, workspace_id: UUID, email: str) -> None:
    """Forgets an invitation of an address: for those who joined by another way, or who were removed.

    Left alone, it would let a removed member in again.
    """
    await connection.execute(_SQL["withdraw_invitation"], workspace_id, email.strip().lower())


async def by_link(connection: Connection | Database, invite_hash: str) -> UUID | None:
    """The workspace whose public link it is, while the link is switched on."""
    if not is_link(invite_hash):
        return None
    workspace_id = await connection.value(_SQL["workspace_of_link"], invite_hash)
    assert workspace_id is None or isinstance(workspace_id, UUID)
    return workspace_id


async def workspaces_inviting(connection: Connection | Database, email: str) -> list[Invitation]:
    """The live invitations of an address to workspaces that it is not in; the oldest first.

    Whose address is verified may be shown their tokens: ``proofs.Proofs.of_invitation``.
    """
    address = _known(email)
    rows = await connection.rows(_SQL["invitations_of_address"], address) if address else []
    return [invitation_of(row) for row in rows]


async def approved_workspaces(connection: Connection | Database, email: str) -> list[UUID]:
    """The workspaces that everybody of the address's domain may join, without those that it is in.

    Only a verified address is of its domain: the caller lets nobody in before that.
    """
    address = _known(email)
    rows = await connection.rows(_SQL["workspaces_approving"], domain_of(address), address) if address else []
    return [row["workspaceId"] for row in rows]


def token_hash(token: str) -> str:
    """What is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def is_link(invite_hash: str) -> bool:
    """Whether it could be the hash of a public link at all."""
    return 0 < len(invite_hash) <= LONGEST_LINK and invite_hash.isprintable()


def invitation_of(row: asyncpg.Record) -> Invitation:
    return Invitation(id=row["id"], workspace_id=row["workspaceId"], email=row["email"], expires_at=row["expiresAt"])


def _known(email: str) -> str | None:
    try:
        return normal_address(email)
    except InvalidValue:
        return None
