"""What can go wrong with users and their memberships."""

from rapport.base.errors import BadUserInput, Forbidden, NotFound, Unauthenticated


class NoUser(Unauthenticated):
    """User not found"""

    sub_code = "USER_NOT_FOUND"


class MemberNotFound(NotFound):
    """Workspace member not found"""

    sub_code = "WORKSPACE_MEMBER_NOT_FOUND"


class CannotDeleteLastAdmin(Forbidden):
    """Cannot delete account: user is the unique admin of a workspace"""

    sub_code = "CANNOT_DELETE_LAST_ADMIN_USER"


class ProfileFieldNotEditable(Forbidden):
    """The workspace does not let its members change this part of their profile"""

    sub_code = "PERMISSION_DENIED"


class MemberIdNotValid(BadUserInput):
    """workspaceMemberIdToDelete must be the id of a workspace member"""
