"""The system operations about invitations and approved domains."""

from collections.abc import Mapping
from uuid import UUID

from rapport.access.principal import Principal
from rapport.access.request import RequestContext, Resolver
from rapport.base.spellings import one_spelling, part, text
from rapport.invitations.approving import ApprovedDomain, ApprovedDomains
from rapport.invitations.errors import InvitationNotFound, NotPublic
from rapport.invitations.proofs import Proofs
from rapport.invitations.public import PUBLIC_FIELDS, PublicLinks
from rapport.invitations.sending import Invitations, Sent
from rapport.invitations.service import Invitation
from rapport.mail.outbox import Outbox
from rapport.store.database import Database
from rapport.system.area import Area, read_sdl
from rapport.system.attempts import Attempts
from rapport.workspaces.domains import Domains
from rapport.workspaces.logos import FileLink


def area(db: Database, *, outbox: Outbox, attempts: Attempts, domains: Domains, proofs: Proofs, link: FileLink) -> Area:
    """``link``: under which address a file is found."""
    operations = (
        _invitations(Invitations(db, outbox=outbox, attempts=attempts, domains=domains, proofs=proofs))
        | _approved_domains(ApprovedDomains(db, outbox=outbox, attempts=attempts, domains=domains, proofs=proofs))
        | _links(PublicLinks(db, domains, link))
    )
    return Area(sdl=read_sdl("rapport.invitations"), resolvers=operations)


def _invitations(invitations: Invitations) -> dict[str, Resolver]:
    async def pending(context: RequestContext, _arguments: Mapping[str, object]) -> object:
        return [_invitation(each) for each in await invitations.pending(_workspace_id(context))]

    async def send(context: RequestContext, arguments: Mapping[str, object]) -> object:
        emails = arguments["emails"]
        assert isinstance(emails, list)
        return _sent(await invitations.send(_principal(context), emails, address=context.address))

    async def resend(context: RequestContext, arguments: Mapping[str, object]) -> object:
        invitation_id = _invitation_id(arguments)
        if invitation_id is None:
            raise InvitationNotFound
        return _sent(await invitations.resend(_principal(context), invitation_id, address=context.address))

    async def delete(context: RequestContext, arguments: Mapping[str, object]) -> object:
        invitation_id = _invitation_id(arguments)
        if invitation_id is None:
            return "error"
        return "success" if await invitations.delete(_workspace_id(context), invitation_id) else "error"

    return {
        "findWorkspaceInvitations": pending,
        "sendInvitations": send,
        "resendWorkspaceInvitation": resend,
        "deleteWorkspaceInvitation": delete,
    }


def _approved_domains(domains: ApprovedDomains) -> dict[str, Resolver]:
    async def all_of_workspace(context: RequestContext, _arguments: Mapping[str, object]) -> object:
        return [_domain(each) for each in await domains.all(_workspace_id(context))]

    async def create(context: RequestContext, arguments: Mapping[str, object]) -> object:
        form = part(arguments, "input")
        made = await domains.create(
            _principal(context), domain=str(form["domain"]), email=str(form["email"]), address=context.address
        )
        return _domain(made)

    async def validate(context: RequestContext, arguments: Mapping[str, object]) -> object:
        form = part(arguments, "input")
        validated = await domains.validate(
            _principal(context),
            UUID(str(form["approvedAccessDomainId"])),
            token=str(form["validationToken"]),
            address=context.address,
        )
        return _domain(validated)

    async def delete(context: RequestContext, arguments: Mapping[str, object]) -> object:
        domain_id = UUID(str(part(arguments, "input")["id"]))
        await domains.delete(_principal(context), domain_id, address=context.address)
        return True

    return {
        "getApprovedAccessDomains": all_of_workspace,
        "createApprovedAccessDomain": create,
        "validateApprovedAccessDomain": validate,
        "deleteApprovedAccessDomain": delete,
    }


def _links(links: PublicLinks) -> dict[str, Resolver]:
    async def is_valid(_context: RequestContext, arguments: Mapping[str, object]) -> object:
        return {"isValid": await links.is_known(str(arguments["inviteHash"]))}

    async def workspace_behind(context: RequestContext, arguments: Mapping[str, object]) -> object:
        hidden = sorted(context.fields.keys() - PUBLIC_FIELDS)
        if hidden:
            raise NotPublic(f"Not shown to those who are not in the workspace: {', '.join(hidden)}")
        return await links.workspace_behind(str(arguments["inviteHash"]))

    return {"checkWorkspaceInviteHashIsValid": is_valid, "findWorkspaceFromInviteHash": workspace_behind}


def _invitation_id(arguments: Mapping[str, object]) -> UUID | None:
    """None for what is no id at all."""
    given = {name: text(arguments, name) for name in ("appTokenId", "id")}
    try:
        return one_spelling({name: UUID(value) if value is not None else None for name, value in given.items()})
    except ValueError:
        return None


def _sent(sent: Sent) -> Mapping[str, object]:
    return {
        "success": not sent.errors,
        "errors": list(sent.errors),
        "result": [_invitation(each) for each in sent.invitations],
    }


def _invitation(invitation: Invitation) -> Mapping[str, object]:
    return {"id": invitation.id, "email": invitation.email, "expiresAt": invitation.expires_at}


def _domain(domain: ApprovedDomain) -> Mapping[str, object]:
    return {
        "id": domain.id,
        "domain": domain.domain,
        "isValidated": domain.is_validated,
        "createdAt": domain.created_at,
    }


def _principal(context: RequestContext) -> Principal:
    assert context.principal is not None  # @access says so
    return context.principal


def _workspace_id(context: RequestContext) -> UUID:
    workspace_id = _principal(context).workspace_id
    assert workspace_id is not None  # @access says so
    return workspace_id
