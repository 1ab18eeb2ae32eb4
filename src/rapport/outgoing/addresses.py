"""Which network addresses belong to the public internet."""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Final

from rapport.base.networks import Networks, read_network

# What IANA's registries of special-purpose addresses list, multicast, and what is reserved.
_NOT_PUBLIC: Final = Networks(
    map(
        read_network,
        (
            "0.0.0.0/8",  # this network
            "10.0.0.0/8",
            "100.64.0.0/10",  # carrier-grade NAT
            "127.0.0.0/8",
            "168.63.129.16/32",  # Azure's own services, seen from its machines
            "169.254.0.0/16",  # link-local, and the metadata services of clouds
            "172.16.0.0/12",
            "192.0.0.0/24",
            "192.0.2.0/24",
            "192.31.196.0/24",
            "192.52.193.0/24",
            "192.88.99.0/24",  # relays of 6to4
            "192.168.0.0/16",
            "192.175.48.0/24",
            "198.18.0.0/15",  # benchmarks
            "198.51.100.0/24",
            "203.0.113.0/24",
            "224.0.0.0/3",  # multicast, reserved, broadcast
            # Of IPv6 only 2000::/3 is given out; these are the parts of it that are not.
            "2001::/23",  # Teredo among others
            "2001:db8::/32",
            "2620:4f:8000::/48",
            "3fff::/20",
        ),
    )
)
_GIVEN_OUT: Final = IPv6Network("2000::/3")
_NAT64: Final = IPv6Network("64:ff9b::/96")


def is_reachable(text: str, private: Networks) -> bool:
    """Whether requests may go to an address: it is public, or in one of the ``private`` networks that are allowed.

    Of an IPv6 address that stands for one of IPv4, that one counts.

    >>> [is_reachable(text, Networks(())) for text in ("93.184.215.14", "::ffff:10.1.2.3", "2002:a01:203::")]
    [True, False, False]
    """
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return False
    if isinstance(address, IPv6Address):
        address = _embedded(address) or address
    shown = str(address)
    if shown in private:
        return True
    if isinstance(address, IPv6Address) and address not in _GIVEN_OUT:
        return False
    return shown not in _NOT_PUBLIC


def _embedded(address: IPv6Address) -> IPv4Address | None:
    """The address of IPv4 that packets to this one end up at."""
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour
