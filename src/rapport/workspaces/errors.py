"""What can go wrong with a workspace and its members."""

from rapport.base.errors import BadUserInput, Forbidden, NotFound


class SubdomainTaken(BadUserInput):
    """Subdomain already taken"""

    sub_code = "SUBDOMAIN_ALREADY_TAKEN"


class InvalidSubdomain(BadUserInput):
    """This cannot be a subdomain."""

    sub_code = "SUBDOMAIN_NOT_VALID"


class DomainTaken(BadUserInput):
    """Domain already taken"""

    sub_code = "DOMAIN_ALREADY_TAKEN"


class InvalidDomain(BadUserInput):
    """This is not the name of a domain."""

    sub_code = "INVALID_DOMAIN"


class NoWorkspaceFound(NotFound):
    """Workspace not found"""

    sub_code = "WORKSPACE_NOT_FOUND"


class NotPendingCreation(BadUserInput):
    """The workspace is active already, or is being made at this moment."""

    sub_code = "WORKSPACE_NOT_PENDING_CREATION"


class SignUpDisabled(Forbidden):
    """This server has its workspace; further ones cannot be made."""

    sub_code = "SIGNUP_DISABLED"


class ProviderNotAvailable(BadUserInput):
    """This server does not have this way of signing in."""

    sub_code = "PROVIDER_NOT_AVAILABLE"


class NoSuchDefaultRole(BadUserInput):
    """The default role must be a role of the workspace that members can have."""

    sub_code = "DEFAULT_ROLE_NOT_VALID"


class InviteHashTaken(BadUserInput):
    """This invite link cannot be used. Please choose another one."""

    sub_code = "INVITE_HASH_TAKEN"


class FeatureFlagNotPublic(Forbidden):
    """This feature cannot be switched by workspaces."""

    sub_code = "FEATURE_FLAG_NOT_PUBLIC"
