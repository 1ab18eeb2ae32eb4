"""Addresses and networks."""

import pytest

from rapport.base.errors import ConfigurationError
from rapport.base.networks import Networks, networks_of, read_address, read_network
from rapport.base.settings import Settings


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("10.0.0.1", "10.0.0.1"),
        (" 10.0.0.1:8080 ", "10.0.0.1"),
        ("[::1]", "::1"),
        ("fe80::1%eth0", "fe80::1"),
        ("::ffff:10.0.0.1", "10.0.0.1"),
        ("unknown", None),
        ("_hidden", None),
        ("10.0.0.1.2", None),
        ("010.0.0.1", None),
        ("", None),
        ("1" * 100_000, None),
    ],
)
def test_addresses_as_proxies_write_them(text: str, address: str | None) -> None:
    found = read_address(text)
    assert (None if found is None else str(found)) == address


def test_an_address_lies_in_networks_of_its_kind_only() -> None:
    networks = networks_of(("10.0.0.0/8", "2001:db8::/32"))
    assert "10.255.0.1" in networks
    assert "::ffff:10.255.0.1" in networks
    assert "2001:db8::1" in networks
    for address in ("11.0.0.1", "2001:db9::1", "no address", "", None):
        assert address not in networks
    assert not Networks(())


@pytest.mark.parametrize("text", ["", "localhost", "10.0.0.1/8", "10.0.0.0/33", "0x7f.1", "é"])
def test_what_is_no_network_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        read_network(text)


def test_trusted_proxies_are_read_from_the_environment() -> None:
    found = Settings.from_environment({"RAPPORT_TRUSTED_PROXIES": "10.0.0.1, 192.168.0.0/16 ::1"}).trusted_proxies
    assert [str(each) for each in found] == ["10.0.0.1/32", "192.168.0.0/16", "::1/128"]
    assert Settings().trusted_proxies == ()
    with pytest.raises(ConfigurationError, match=r"^RAPPORT_TRUSTED_PROXIES must be IP addresses"):
        Settings.from_environment({"RAPPORT_TRUSTED_PROXIES": "the proxy"})
