"""Secrets at rest: AES-256-GCM, with keys derived from the app secret.

A sealed secret is a version byte, a nonce of 12 bytes, and the ciphertext with its tag. It opens in its own row only.
"""

import os
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

_VERSION = b"\x01"  # of the key and the format: another one can be introduced while this one is still read
_NONCE_BYTES = 12


class CannotOpen(ValueError):
    """Sealed with another key, for another row, or altered since."""


class Vault:
    """Seals and opens the secrets of one purpose. Two purposes have nothing in common but the app secret."""

    def __init__(self, app_secret: str, *, purpose: str) -> None:
        key = HKDF(algorithm=SHA256(), length=32, salt=None, info=f"rapport:{purpose}".encode())
        self._cipher = AESGCM(key.derive(app_secret.encode()))

    def seal(self, secret: bytes, *, table: str, row_id: UUID) -> bytes:
        """The secret as it may be stored in this row, and only there."""
        nonce = os.urandom(_NONCE_BYTES)
        return _VERSION + nonce + self._cipher.encrypt(nonce, secret, _place(table, row_id))

    def open(self, sealed: bytes, *, table: str, row_id: UUID) -> bytes:
        """The secret again; raises CannotOpen."""
        if sealed[:1] != _VERSION:
            raise CannotOpen("Sealed in a way that this release does not know.")
        nonce, ciphertext = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
        try:
            return self._cipher.decrypt(nonce, ciphertext, _place(table, row_id))
        except (InvalidTag, ValueError):
            raise CannotOpen("Sealed with another key, for another row, or altered since.") from None


def _place(table: str, row_id: UUID) -> bytes:
    return _VERSION + row_id.bytes + table.encode()
