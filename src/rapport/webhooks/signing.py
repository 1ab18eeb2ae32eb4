"""How an endpoint knows that a delivery is ours: the contract's headers (system-api.md §10), and those of Standard
Webhooks (github.com/standard-webhooks/standard-webhooks)."""

import base64
import binascii
import hmac
import secrets as random_secrets
from collections.abc import Sequence
from uuid import UUID

from rapport.webhooks.secrets import PREFIX

_NONCE_BYTES = 16


def signed_headers(delivery_id: UUID, body: bytes, secrets: Sequence[str], now_ms: int) -> dict[str, str]:
    """``secrets``: the one of today first, then the one before it, while it is still good. ``now_ms`` is Unix time."""
    seconds = str(now_ms // 1000)
    headers = {"webhook-id": str(delivery_id), "webhook-timestamp": seconds}
    if not secrets:
        return headers
    signed = f"{delivery_id}.{seconds}.".encode() + body
    headers["webhook-signature"] = " ".join(f"v1,{_base64(_key(secret), signed)}" for secret in secrets)
    headers["X-Twenty-Webhook-Timestamp"] = str(now_ms)
    headers["X-Twenty-Webhook-Signature"] = hmac.digest(
        secrets[0].encode(), f"{now_ms}:".encode() + body, "sha256"
    ).hex()
    headers["X-Twenty-Webhook-Nonce"] = random_secrets.token_hex(_NONCE_BYTES)
    return headers


def _base64(key: bytes, data: bytes) -> str:
    return base64.b64encode(hmac.digest(key, data, "sha256")).decode()


def _key(secret: str) -> bytes:
    """What a secret of the form `whsec_<base64>` stands for; any other stands for itself.

    >>> _key("whsec_AAEC"), _key("whsec_?"), _key("hello")
    (b'\\x00\\x01\\x02', b'whsec_?', b'hello')
    """
    if secret.startswith(PREFIX):
        try:
            return base64.b64decode(secret.removeprefix(PREFIX), validate=True)
        except binascii.Error:
            pass
    return secret.encode()
