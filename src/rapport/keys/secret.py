"""The secret text of an API key: `sk_live_` and 32 random bytes in base62."""

import hashlib
import re
import secrets

PREFIX = "sk_live_"
_DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_LENGTH = 43  # digits of base 62 that hold 256 bits
_PATTERN = re.compile(rf"{PREFIX}[0-9A-Za-z]{{{_LENGTH}}}")


def new_secret() -> str:
    """`sk_live_…`, 51 characters."""
    number, digits = secrets.randbits(256), []
    for _ in range(_LENGTH):
        number, digit = divmod(number, len(_DIGITS))
        digits.append(_DIGITS[digit])
    return PREFIX + "".join(reversed(digits))


def is_well_formed(token: str) -> bool:
    """Whether a token could be an API key at all."""
    return _PATTERN.fullmatch(token) is not None


def secret_hash(token: str) -> bytes:
    """What is stored. A plain digest will do: nobody can guess 256 random bits, however fast the hash."""
    return hashlib.sha256(token.encode()).digest()
