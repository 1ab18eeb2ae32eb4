"""What only the account's owner may do, and nobody in the owner's name."""

from rapport.access.principal import Principal
from rapport.base.errors import PermissionDenied


def require_oneself(principal: Principal) -> None:
    """Refuses whoever impersonates the user: for what concerns the account beyond the workspace, or its safety."""
    if principal.impersonator_user_workspace_id is not None:
        raise PermissionDenied("This cannot be done while impersonating.")
