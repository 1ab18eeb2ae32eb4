"""Network addresses, and the networks that they are in."""

from collections.abc import Iterable
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TypeAlias

Network: TypeAlias = IPv4Network | IPv6Network


def read_network(text: str) -> Network:
    """A network, or a single address as a network of one; raises ValueError.

    >>> read_network("10.1.2.3"), read_network("2001:db8::/32")
    (IPv4Network('10.1.2.3/32'), IPv6Network('2001:db8::/32'))
    """
    network = ip_network(text.strip())
    mapped = network.network_address.ipv4_mapped if isinstance(network, IPv6Network) else None
    if mapped is not None and network.prefixlen >= 96:
        return IPv4Network((mapped, network.prefixlen - 96))
    return network


def read_address(text: str) -> IPv4Address | IPv6Address | None:
    """The address in a text such as a proxy writes, with or without a port; None if there is none.

    >>> read_address("[2001:db8::1]:443"), read_address("10.0.0.1:80"), read_address("::ffff:10.0.0.1")
    (IPv6Address('2001:db8::1'), IPv4Address('10.0.0.1'), IPv4Address('10.0.0.1'))
    """
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return (address.ipv4_mapped or address) if isinstance(address, IPv6Address) else address


class Networks:
    """Several networks, ready to be asked what is in them."""

    def __init__(self, networks: Iterable[Network]) -> None:
        self._networks = tuple(networks)

    def __bool__(self) -> bool:
        return bool(self._networks)

    def __contains__(self, address: str | None) -> bool:
        """Whether an address lies in one of them. What is no address lies nowhere."""
        found = None if address is None else read_address(address)
        return found is not None and any(found in network for network in self._networks)


@lru_cache(10_000)
def networks_of(texts: tuple[str, ...]) -> Networks:
    """The networks with these names, made once; raises ValueError."""
    return Networks(map(read_network, texts))
