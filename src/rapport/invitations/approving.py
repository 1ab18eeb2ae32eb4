"""Domains of e-mail addresses whose holders may join a workspace without an invitation."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode
from uuid import UUID

import asyncpg

from rapport.access.principal import Principal
from rapport.audit.log import record
from rapport.base.ids import new_id
from rapport.invitations.addresses import domain_of, normal_address, normal_domain
from rapport.invitations.errors import (
    DomainAlreadyRegistered,
    DomainAlreadyValidated,
    DomainNotFound,
    NotAnAddressOfDomain,
    PublicMailDomain,
    WorkspaceNotFound,
    WrongDomainToken,
)
from rapport.invitations.proofs import Proofs
from rapport.invitations.sending import shown
from rapport.mail.outbox import Outbox
from rapport.store.database import Database
from rapport.store.queries import load
from rapport.system.attempts import Attempts
from rapport.workspaces.company_domain import PUBLIC_PROVIDERS
from rapport.workspaces.domains import Domains

_SQL = load("rapport.invitations", "sql")

PROOF_LIFETIME = timedelta(days=7)
MOST_MAILS, MAILS_WINDOW = 20, timedelta(hours=1)  # of one workspace


@dataclass(frozen=True, kw_only=True)
class ApprovedDomain:
    """Counts only once it is validated."""

    id: UUID
    domain: str
    is_validated: bool
    created_at: datetime


class ApprovedDomains:
    """The approved domains of a workspace."""

    def __init__(self, db: Database, *, outbox: Outbox, attempts: Attempts, domains: Domains, proofs: Proofs) -> None:
        self._db = db
        self._outbox = outbox
        self._attempts = attempts
        self._domains = domains
        self._proofs = proofs

    async def all(self, workspace_id: UUID) -> list[ApprovedDomain]:
        """The oldest first."""
        return [_domain(row) for row in await self._db.rows(_SQL["approved_domains"], workspace_id)]

    async def create(
        self, principal: Principal, *, domain: str, email: str, address: str | None = None
    ) -> ApprovedDomain:
        """Registers a domain, and mails its proof to an address that must be of it.

        Raises InvalidValue, PublicMailDomain, NotAnAddressOfDomain, DomainAlreadyRegistered, TooManyAttempts.
        """
        domain, email = normal_domain(domain), normal_address(email)
        if domain in PUBLIC_PROVIDERS:
            raise PublicMailDomain
        if domain_of(email) != domain:
            raise NotAnAddressOfDomain
        await self._attempts.count(f"approvedDomain:{principal.workspace_id}", limit=MOST_MAILS, window=MAILS_WINDOW)
        async with self._db.transaction() as connection:
            row = await connection.row(_SQL["add_domain"], new_id(), principal.workspace_id, domain)
            if row is None:
                raise DomainAlreadyRegistered
            workspace = await connection.row(_SQL["workspace_of_domain"], principal.workspace_id)
            if workspace is None:
                raise WorkspaceNotFound
            locale = await connection.value(_SQL["locale_of_member"], principal.user_workspace_id)
            proof = {"approvedAccessDomainId": row["id"], "validationToken": self._proofs.of_domain(row["id"], domain)}
            await self._outbox.send(
                connection,
                to=email,
                template="approved-domain",
                locale=str(locale or "en"),
                values={
                    "workspace": shown(workspace["displayName"] or workspace["subdomain"] or "a workspace"),
                    "inviter": shown(principal.name) or "A member",
                    "domain": domain,
                    "link": f"{self._domains.url(workspace)}/settings/domains?{urlencode(proof)}",
                },
            )
            await record(
                connection,
                action="securitySettingsChanged",
                principal=principal,
                details={"approvedDomainAdded": domain, "email": email},
                address=address,
            )
        return _domain(row)

    async def validate(
        self, principal: Principal, domain_id: UUID, *, token: str, address: str | None = None
    ) -> ApprovedDomain:
        """Makes a domain count. Raises DomainNotFound, DomainAlreadyValidated, WrongDomainToken."""
        async with self._db.transaction() as connection:
            row = await connection.row(_SQL["domain_to_validate"], domain_id, principal.workspace_id, PROOF_LIFETIME)
            if row is None:
                raise DomainNotFound
            if row["isValidated"]:
                raise DomainAlreadyValidated
            if row["isTooOld"] or not self._proofs.is_of_domain(token, domain_id, row["domain"]):
                raise WrongDomainToken
            await record(
                connection,
                action="securitySettingsChanged",
                principal=principal,
                details={"approvedDomainValidated": row["domain"]},
                address=address,
            )
            return _domain(await connection.row(_SQL["validate_domain"], domain_id))

    async def delete(self, principal: Principal, domain_id: UUID, *, address: str | None = None) -> None:
        """Ends an approval; who has joined by it stays. Raises DomainNotFound."""
        async with self._db.transaction() as connection:
            domain = await connection.value(_SQL["delete_domain"], domain_id, principal.workspace_id)
            if domain is None:
                raise DomainNotFound
            await record(
                connection,
                action="securitySettingsChanged",
                principal=principal,
                details={"approvedDomainRemoved": domain},
                address=address,
            )


def _domain(row: asyncpg.Record) -> ApprovedDomain:
    return ApprovedDomain(
        id=row["id"], domain=row["domain"], is_validated=row["isValidated"], created_at=row["createdAt"]
    )
