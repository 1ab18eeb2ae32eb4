"""What can go wrong when somebody signs up or in."""

from rapport.base.errors import BadUserInput, Forbidden, InvalidValue, RapportError, Unauthenticated


class UserNotFound(Unauthenticated):
    """User not found"""

    sub_code = "USER_NOT_FOUND"


class WorkspaceNotFound(Unauthenticated):
    """Workspace not found"""

    sub_code = "WORKSPACE_NOT_FOUND"


class NotAMember(Unauthenticated):
    """This user does not belong to the workspace."""

    sub_code = "USER_WORKSPACE_NOT_FOUND"


class AccountDisabled(Unauthenticated):
    """This account is disabled."""

    sub_code = "USER_DISABLED"


class SessionEnded(Unauthenticated):
    """This session has ended. Please sign in again."""


class NoRole(Forbidden):
    """This member has no role in the workspace."""

    sub_code = "NO_ROLE_FOUND_FOR_USER_WORKSPACE"


class WrongPassword(Forbidden):
    """Wrong password"""


class NoPassword(BadUserInput):
    """This account signs in without a password."""

    sub_code = "INVALID_INPUT"


class PasswordTooShort(InvalidValue):
    """The password must have at least 8 characters."""


class PasswordSignInDisabled(Forbidden):
    """Signing in with a password is switched off in this workspace."""

    sub_code = "PASSWORD_AUTH_DISABLED"


class EmailNotVerified(Forbidden):
    """Email is not verified"""

    sub_code = "EMAIL_NOT_VERIFIED"


class EmailAlreadyVerified(BadUserInput):
    """Email is already verified"""

    sub_code = "EMAIL_ALREADY_VERIFIED"


class InvalidLink(Forbidden):
    """This link is not valid, was used before, or has expired."""

    sub_code = "INVALID_TOKEN"


class MailedAlready(BadUserInput):
    """A mail was sent a moment ago."""

    sub_code = "RATE_LIMIT_EXCEEDED"


class WrongTokenKind(Forbidden):
    """This kind of token is not accepted here."""

    sub_code = "INVALID_JWT_TOKEN_TYPE"


class WrongOrigin(Forbidden):
    """This login token is for another workspace."""

    sub_code = "INVALID_ORIGIN"


class RefreshTokenReused(Forbidden):
    """This refresh token was used before. Every session of the account has been ended."""


class UserAlreadyExists(Forbidden):
    """A user with this e-mail address already exists."""

    sub_code = "USER_ALREADY_EXISTS"


class NotInvited(Forbidden):
    """An invitation is needed to join this workspace."""


class InvitationNotValid(Forbidden):
    """This invitation is not valid, was used before, or is for somebody else."""

    sub_code = "INVALID_INVITATION"


class WorkspaceNotReady(Forbidden):
    """This workspace is not ready for new members."""

    sub_code = "WORKSPACE_NOT_ACTIVE"


class WorkspacesByAdminsOnly(Forbidden):
    """Only administrators of this server may make further workspaces."""

    sub_code = "SIGNUP_DISABLED"


def shown(error: RapportError) -> RapportError:
    """The error with its own message also as the one for people."""
    error.user_message = error.message
    return error
