"""Deliveries of webhooks: whether they are genuine. For those who are told, so it needs no connection to a server."""

import base64
import binascii
import hmac
import json
import time
from collections.abc import Iterator, Mapping, Sequence

from rapport.client.call import Record

TOLERANCE_SECONDS = 300.0
_PREFIX = "whsec_"
_MOST_DIGITS = 15


class NotGenuine(ValueError):
    """What came was not sent by the server, or not with this secret, or not of late."""


def verify(
    body: bytes,
    headers: Mapping[str, str],
    secret: str | Sequence[str],
    *,
    tolerance: float = TOLERANCE_SECONDS,
    now: float | None = None,
) -> Record:
    """The event of a delivery. Raises NotGenuine.

    ``body`` are the bytes as they came. ``secret``: that of the webhook, or several of which one must be right.
    ``tolerance``: the seconds that the delivery may be old, so that nobody can send again what they have overheard.
    ``now`` is Unix time. Look at the `webhook-id` header for what you have had already.
    """
    given = {name.lower(): value for name, value in headers.items()}
    secrets = [secret] if isinstance(secret, str) else secret
    if not secrets or not all(secrets):
        raise ValueError("without a secret nothing can be verified")
    if "webhook-signature" in given:
        sent_at, is_genuine = _standard(body, given, secrets)
    else:
        sent_at, is_genuine = _contract(body, given, secrets)
    if not is_genuine:
        raise NotGenuine("The signature is not that of the delivery")
    if abs((time.time() if now is None else now) - sent_at) > tolerance:
        raise NotGenuine("The delivery is too old, or a clock is wrong")
    try:
        found = json.loads(body)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise NotGenuine("The delivery is no event")
    return found


def _standard(body: bytes, given: Mapping[str, str], secrets: Sequence[str]) -> tuple[float, bool]:
    """When it was sent, in seconds since 1970, and whether one of the signatures is right."""
    message_id, timestamp = given.get("webhook-id", ""), given.get("webhook-timestamp", "")
    signed = f"{message_id}.{timestamp}.".encode() + body
    right = [base64.b64encode(hmac.digest(_key(each), signed, "sha256")) for each in secrets]
    signatures = _signatures(given["webhook-signature"])
    return _number(timestamp), _is_one_of([each.encode() for each in signatures], right)


def _contract(body: bytes, given: Mapping[str, str], secrets: Sequence[str]) -> tuple[float, bool]:
    """The same for the headers of the contract, whose times are in milliseconds."""
    timestamp = given.get("x-twenty-webhook-timestamp", "")
    signed = timestamp.encode() + b":" + body
    right = [hmac.digest(each.encode(), signed, "sha256").hex().encode() for each in secrets]
    return _number(timestamp) / 1000, _is_one_of([given.get("x-twenty-webhook-signature", "").encode()], right)


def _signatures(header: str) -> Iterator[str]:
    for each in header.split():
        version, _, signature = each.partition(",")
        if version == "v1":
            yield signature


def _is_one_of(given: Sequence[bytes], right: Sequence[bytes]) -> bool:
    return any(hmac.compare_digest(one, other) for one in given for other in right)


def _key(secret: str) -> bytes:
    if secret.startswith(_PREFIX):
        try:
            return base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
        except binascii.Error:
            pass
    return secret.encode()


def _number(text: str) -> float:
    if not (text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS):
        raise NotGenuine("The delivery does not say when it was sent")
    return float(text)
