"""Secrets of webhooks, and how they are kept: encrypted, each readable in its own row only."""

import base64
import secrets
from collections.abc import Mapping
from uuid import UUID

from rapport.base.encryption import CannotOpen, Vault
from rapport.base.errors import InvalidValue
from rapport.metadata.fieldtypes.base import Json
from rapport.webhooks.errors import SecretUnreadable

PREFIX = "whsec_"  # Standard Webhooks: what follows is the key in base64
LONGEST_SECRET = 500  # characters
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
