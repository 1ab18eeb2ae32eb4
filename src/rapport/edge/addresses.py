"""Where a request comes from, and whether the caller may come from there."""

from collections.abc import Iterable

from rapport.access.principal import Principal
from rapport.base.networks import Networks, networks_of, read_address
from rapport.keys.errors import AddressRefused

_FORWARDED_FOR = b"x-forwarded-for"


def forwarded_address(peer: str | None, headers: Iterable[tuple[bytes, bytes]], proxies: Networks) -> str | None:
    """The address for which the proxies that are trusted speak; the peer's own when it is none of them.

    Each proxy adds whom it was asked by at the end of X-Forwarded-For. What comes before the first one that is not
    trusted is hearsay.
    """
    if peer not in proxies:
        return peer
    named = b",".join(value for name, value in headers if name == _FORWARDED_FOR).decode("latin-1").split(",")
    for text in reversed(named):
        address = read_address(text)
        if address is None:
            return peer
        peer = str(address)
        if peer not in proxies:
            return peer
    return peer


def check_address(principal: Principal, address: str | None) -> None:
    """Raises AddressRefused when the API key may not be used from there. For every request, cached or not."""
    if principal.allowed_ips is not None and address not in networks_of(principal.allowed_ips):
        raise AddressRefused
