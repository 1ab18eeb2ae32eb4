"""What can go wrong when one acts as somebody else (system-api.md §8)."""

from rapport.base.errors import BadUserInput, Forbidden, NotFound, Unauthenticated


class CannotImpersonateOneself(BadUserInput):
    """One cannot impersonate oneself."""

    sub_code = "CANNOT_IMPERSONATE_SELF"


class AlreadyImpersonating(Forbidden):
    """One who impersonates somebody cannot impersonate somebody else."""

    sub_code = "ALREADY_IMPERSONATING"


class ImpersonationNotAllowed(Forbidden):
    """Impersonation is not allowed in this workspace."""

    sub_code = "IMPERSONATION_NOT_ALLOWED"


class SecondFactorOfOwnNeeded(Forbidden):
    """A second factor of one's own is needed to impersonate someone who has one, or in a workspace that enforces it."""

    sub_code = "TWO_FACTOR_AUTHENTICATION_PROVISION_REQUIRED"


class TargetNotAMember(NotFound):
    """This user is not a member of the workspace."""

    sub_code = "USER_WORKSPACE_NOT_FOUND"


class ImpersonationEnded(Unauthenticated):
    """The right to impersonate this user has ended."""

    sub_code = "IMPERSONATION_ENDED"
