"""E-mail addresses and domains as they are kept: in lower case, and of a form that can be mailed to."""

import re
import unicodedata

from rapport.base.errors import InvalidValue

LONGEST_ADDRESS = 254  # RFC 5321, 4.5.3.1.3, without the angle brackets
LONGEST_LOCAL_PART = 64
LONGEST_DOMAIN = 189  # what the rest of an address leaves

# Neither quoted local parts nor addresses of hosts (`@[127.0.0.1]`): nobody has them, and they hide what is mailed to.
_LOCAL_PART = re.compile(r"[^\s\"(),:;<>@\[\\\].]+(\.[^\s\"(),:;<>@\[\\\].]+)*")
_LABEL = re.compile(r"(?!-)[^\W_](?:[^\W_]|-){0,62}(?<!-)")


def normal_address(text: str) -> str:
    """` Ines@Example.COM ` → `ines@example.com`; raises InvalidValue.

    >>> normal_address(" Ines@Example.COM ")
    'ines@example.com'
    """
    address = _folded(text)
    local_part, at, domain = address.rpartition("@")
    if not (
        at
        and len(address) <= LONGEST_ADDRESS
        and len(local_part) <= LONGEST_LOCAL_PART
        and address.isprintable()
        and _LOCAL_PART.fullmatch(local_part)
        and _is_domain(domain)
    ):
        raise InvalidValue("The e-mail address is not valid.")
    return address


def normal_domain(text: str) -> str:
    """The domain in lower case, with or without a leading `@`; raises InvalidValue.

    >>> normal_domain("@Example.com")
    'example.com'
    """
    domain = _folded(text).removeprefix("@")
    if not _is_domain(domain):
        raise InvalidValue("The domain is not valid.")
    return domain


def domain_of(address: str) -> str:
    """What is after the `@` of a valid address."""
    return address.rpartition("@")[2]


def _folded(text: str) -> str:
    # Nothing of use is that long, and normalizing it would cost.
    return unicodedata.normalize("NFC", text.strip()).lower() if len(text) <= 4 * LONGEST_ADDRESS else ""


def _is_domain(domain: str) -> bool:
    labels = domain.split(".")
    return (
        len(domain) <= LONGEST_DOMAIN
        and len(labels) > 1
        and not labels[-1].isnumeric()
        and all(_LABEL.fullmatch(label) for label in labels)
    )
