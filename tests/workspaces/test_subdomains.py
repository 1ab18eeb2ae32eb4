"""Subdomains: the rules, and what is made up where none was chosen."""

import re
from itertools import islice

import pytest

from rapport.workspaces.company_domain import company_domain
from rapport.workspaces.errors import InvalidSubdomain
from rapport.workspaces.subdomains import RESERVED, checked, proposals

# The rule as the contract writes it.
RULE = re.compile(r"^(?!api-).*^[a-z0-9][a-z0-9-]{1,28}[a-z0-9]$")


@pytest.mark.parametrize("subdomain", ["acme", "a-1", "0x0", "my--shop", "a" * 30, "apis", "xn--bcher-kva"])
def test_good_ones_are_taken(subdomain: str) -> None:
    assert checked(subdomain) == subdomain
    assert RULE.match(subdomain)
    assert checked(f" {subdomain.upper()} ") == subdomain


@pytest.mark.parametrize(
    "subdomain",
    ["", "a", "ab", "a" * 31, "-acme", "acme-", "api-acme", "ac me", "ac.me", "ac_me", "acmé", "acme\n\nx", "ac\0me",
     "a/b", "٣٣٣", "\ud800\ud800\ud800", "a" * 1_000_000],
)  # fmt: skip
def test_bad_ones_are_refused(subdomain: str) -> None:
    with pytest.raises(InvalidSubdomain) as caught:
        checked(subdomain)
    assert (caught.value.code, caught.value.sub_code) == ("BAD_USER_INPUT", "SUBDOMAIN_NOT_VALID")


@pytest.mark.parametrize("subdomain", ["www", "admin", "API", "demo", "billing"])
def test_reserved_ones_are_refused(subdomain: str) -> None:
    with pytest.raises(InvalidSubdomain, match="reserved"):
        checked(subdomain)


def test_the_contracts_examples_are_reserved() -> None:
    named = "api app www admin docs dev staging test files cdn mail billing demo help support blog"
    assert set(named.split()) <= RESERVED
    assert len(RESERVED) > 100


@pytest.mark.parametrize(
    ("name", "email", "expected"),
    [
        ("Acme", None, "acme"),
        ("Crème & Søn Ltd.", None, "creme-sn-ltd"),
        (None, "ines@ollier.example", "ollier"),
        ("東京", "ines@ollier.example", "ollier"),
        ("x" * 200, None, "x" * 30),
    ],
)
def test_one_is_made_of_the_name_or_of_the_founders_company(name: str | None, email: str | None, expected: str) -> None:
    assert next(proposals(name=name, email=email)) == expected


@pytest.mark.parametrize(
    ("name", "email"),
    [("Demo", None), ("API 2", None), ("", "ines@gmail.com"), (None, None), ("\ud800", None), ("a", "b@www.example")],
)
def test_every_proposal_is_a_good_one_and_they_differ(name: str | None, email: str | None) -> None:
    found = list(islice(proposals(name=name, email=email), 8))
    assert [checked(each) for each in found] == found
    assert len(set(found)) == len(found)


def test_addresses_of_public_providers_are_of_no_company() -> None:
    assert company_domain("ines@Ollier.example") == "ollier.example"
    for email in ("ines@gmail.com", "ines@GMX.de", "ines", "@", "ines@localhost", ""):
        assert company_domain(email) is None
