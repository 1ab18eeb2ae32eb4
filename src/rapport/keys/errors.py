"""What can go wrong with an API key."""

from rapport.base.errors import Forbidden, NotFound


class KeyRevoked(Forbidden):
    """This API Key is revoked"""


class NoRoleForKey(Forbidden):
    """This API key has no role."""

    sub_code = "API_KEY_ROLE_NOT_FOUND"


class KeyNotFound(NotFound):
    """API key not found"""

    sub_code = "API_KEY_NOT_FOUND"
