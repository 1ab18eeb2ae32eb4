"""What can go wrong with an API key."""

from rapport.base.errors import Forbidden, InvalidValue, NotFound


class KeyRevoked(Forbidden):
    """This API Key is revoked"""


class KeyExpired(Forbidden):
    """This API Key has expired"""


class NoRoleForKey(Forbidden):
    """This API key has no role."""

    sub_code = "API_KEY_ROLE_NOT_FOUND"


class AddressRefused(Forbidden):
    """This API key may not be used from this address."""

    sub_code = "API_KEY_ADDRESS_REFUSED"


class KeyNotFound(NotFound):
    """API key not found"""

    sub_code = "API_KEY_NOT_FOUND"


class InvalidAddresses(InvalidValue):
    """The addresses from which an API key is accepted are IP addresses and networks, such as 192.0.2.0/24."""
