"""Secrets of webhooks, and how they are kept: encrypted, each readable in its own row only."""

import base64
import binascii
import secrets
from collections.abc import Mapping
from uuid import UUID

from rapport.base.encryption import CannotOpen, Vault
from rapport.base.errors import InvalidValue
from rapport.metadata.fieldtypes.base import Json
from rapport.webhooks.errors import SecretUnreadable

PREFIX = "whsec_"  # Standard Webhooks: what follows is the key in base64
LONGEST_SECRET = 500  # characters
KEY_BYTES = range(24, 65)  # of a secret with the prefix, as the libraries of Standard Webhooks want it
_TABLE = "webhook"
_RANDOM_BYTES = 32


def new_secret() -> str:
    """`whsec_…`, 50 characters, as Standard Webhooks has them."""
    return PREFIX + base64.b64encode(secrets.token_bytes(_RANDOM_BYTES)).decode()


def check_secret(secret: str) -> None:
    """Raises InvalidValue for what cannot be a secret. "" can: it stands for none."""
    if len(secret) > LONGEST_SECRET:
        raise InvalidValue(f"The secret of a webhook has at most {LONGEST_SECRET} characters.")
    if not secret.isprintable():
        raise InvalidValue("The secret of a webhook consists of printable characters.")
    if secret.startswith(PREFIX) and _key_size(secret.removeprefix(PREFIX)) not in KEY_BYTES:
        raise InvalidValue(
            f"A secret that begins with {PREFIX} goes on with {KEY_BYTES[0]} to {KEY_BYTES[-1]} bytes in base64."
            " Leave it out to get one, or take one without this beginning."
        )


def _key_size(encoded: str) -> int:
    """In bytes, 0 for what is no base64.

    >>> _key_size("AAEC"), _key_size("AAE"), _key_size("A-_C"), _key_size("ü")
    (3, 0, 0, 0)
    """
    try:
        return len(binascii.a2b_base64(encoded, strict_mode=True))
    except ValueError:
        return 0


class WebhookVault:
    """Seals the secrets of webhooks for their rows, and opens them again."""

    def __init__(self, app_secret: str) -> None:
        self._vault = Vault(app_secret, purpose="webhooks")

    def seal(self, secret: str, webhook_id: UUID) -> bytes | None:
        """What is stored; None for "", which stands for no secret."""
        return self._vault.seal(secret.encode(), table=_TABLE, row_id=webhook_id) if secret else None

    def open(self, sealed: bytes | None, webhook_id: UUID) -> str:
        """The secret, "" when there is none. Raises CannotOpen when the app secret is another one now."""
        return self._vault.open(sealed, table=_TABLE, row_id=webhook_id).decode() if sealed else ""

    def shown(self, row: Mapping[str, Json]) -> str:
        """The secret of a row with `id` and `sealedSecret` (in hexadecimal). Raises SecretUnreadable."""
        sealed = row["sealedSecret"]
        try:
            return self.open(None if sealed is None else bytes.fromhex(str(sealed)), UUID(str(row["id"])))
        except CannotOpen:
            raise SecretUnreadable from None
