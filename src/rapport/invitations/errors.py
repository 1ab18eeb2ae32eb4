"""What can go wrong with an invitation or an approved domain."""

from rapport.base.errors import BadUserInput, DuplicateEntry, Forbidden, InvalidValue, NotFound


class InvitationNotFound(NotFound):
    """Invitation not found"""

    sub_code = "INVITATION_NOT_FOUND"


class TooManyAddresses(InvalidValue):
    """Too many addresses at once."""


class WorkspaceNotFound(NotFound):
    """Workspace not found"""

    sub_code = "WORKSPACE_NOT_FOUND"


class NotPublic(Forbidden):
    """This is not shown to those who are not in the workspace."""

    sub_code = "PERMISSION_DENIED"


class DomainNotFound(NotFound):
    """Approved access domain not found"""

    sub_code = "APPROVED_ACCESS_DOMAIN_NOT_FOUND"


class DomainAlreadyRegistered(DuplicateEntry):
    """A duplicate entry was detected: this domain is already registered."""

    sub_code = "APPROVED_ACCESS_DOMAIN_ALREADY_REGISTERED"


class DomainAlreadyValidated(BadUserInput):
    """This domain has already been validated."""

    sub_code = "APPROVED_ACCESS_DOMAIN_ALREADY_VALIDATED"


class PublicMailDomain(BadUserInput):
    """Everybody can have an address of this domain: it cannot be approved."""

    sub_code = "APPROVED_ACCESS_DOMAIN_MUST_BE_A_COMPANY_DOMAIN"


class NotAnAddressOfDomain(BadUserInput):
    """The e-mail address is not of this domain."""

    sub_code = "APPROVED_ACCESS_DOMAIN_DOES_NOT_MATCH_DOMAIN_EMAIL"


class WrongDomainToken(Forbidden):
    """The link to validate the domain is wrong or too old."""

    sub_code = "APPROVED_ACCESS_DOMAIN_VALIDATION_TOKEN_INVALID"
