"""Which addresses and domains can be invited and approved."""

import pytest

from rapport.base.errors import InvalidValue
from rapport.invitations.addresses import normal_address, normal_domain


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("ines@example.com", "ines@example.com"),
        ("  Ines@EXAMPLE.com\n", "ines@example.com"),
        ("o'neill+crm@mail.example.co.uk", "o'neill+crm@mail.example.co.uk"),
        ("zoe\u0308@bu\u0308cher.example", "zo\u00eb@b\u00fccher.example"),  # composed
        ("a@" + "b" * 63 + ".example", "a@" + "b" * 63 + ".example"),
        ("x" * 64 + "@example.com", "x" * 64 + "@example.com"),
    ],
)
def test_addresses_are_kept_in_lower_case(text: str, address: str) -> None:
    assert normal_address(text) == address


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "@",
        "ines",
        "ines@",
        "@example.com",
        "ines@example",
        "ines@@example.com",
        "ines@a@example.com",
        "ines byron@example.com",
        "ines@exam ple.com",
        "ines@example..com",
        "ines@.example.com",
        "ines@example.com.",
        "ines@-example.com",
        "ines@example-.com",
        "ines@exa_mple.com",
        "ines@127.0.0.1",
        "ines@[127.0.0.1]",
        ".ines@example.com",
        "ines.@example.com",
        "i..nes@example.com",
        '"ines"@example.com',
        "ines,byron@example.com",
        "Ines <ines@example.com>",
        "ines@example.com\r\nBcc: eve@example.com",
        "ines\n@example.com",
        "ines\x00@example.com",
        "ines\u200b@example.com",
        "ines\u202e@example.com",
        "ines\ud800@example.com",
        "x" * 65 + "@example.com",
        "a@" + "b" * 64 + ".example",
        "a@" + "b." * 120 + "example",
        "a" * 1_000_000 + "@example.com",
        "ines@example.com" + " " * 1_000_000,
    ],
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(InvalidValue):
        normal_address(text)


@pytest.mark.parametrize("text", ["Acme.example", " acme.EXAMPLE ", "@acme.example"])
def test_domains_are_kept_in_lower_case(text: str) -> None:
    assert normal_domain(text) == "acme.example"


@pytest.mark.parametrize(
    "text",
    ["", "@", "com", "localhost", "acme", "ines@acme.example", "@@acme.example", "acme.example/x", "http://acme.example",
     "acme.example:80", "acme.example.", "*.acme.example", "10.0.0.1", "a" * 1_000_000, "acme\x00.example"],
)  # fmt: skip
def test_what_is_no_domain_is_refused(text: str) -> None:
    with pytest.raises(InvalidValue):
        normal_domain(text)
