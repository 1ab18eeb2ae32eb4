"""What can go wrong when somebody signs in."""

from rapport.base.errors import BadUserInput, Forbidden, RapportError, Unauthenticated


class UserNotFound(Unauthenticated):
    """User not found"""

    sub_code = "USER_NOT_FOUND"


class WorkspaceNotFound(Unauthenticated):
    """Workspace not found"""

    sub_code = "WORKSPACE_NOT_FOUND"


class NotAMember(Unauthenticated):
    """This user does not belong to the workspace."""

    sub_code = "USER_WORKSPACE_NOT_FOUND"


class NoRole(Forbidden):
    """This member has no role in the workspace."""

    sub_code = "NO_ROLE_FOUND_FOR_USER_WORKSPACE"


class WrongPassword(Forbidden):
    """Wrong password"""


class NoPassword(BadUserInput):
    """This account signs in without a password."""

    sub_code = "INVALID_INPUT"


class WrongTokenKind(Forbidden):
    """This kind of token is not accepted here."""

    sub_code = "INVALID_JWT_TOKEN_TYPE"


class RefreshTokenReused(Forbidden):
    """This refresh token was used before. Every session of the account has been ended."""


class UserAlreadyExists(Forbidden):
    """A user with this e-mail address already exists."""

    sub_code = "USER_ALREADY_EXISTS"


def shown(error: RapportError) -> RapportError:
    """The error with its own message also as the one for people."""
    error.user_message = error.message
    return error
