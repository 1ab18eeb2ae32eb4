"""Sends one delivery to its endpoint, once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from time import monotonic, time_ns
from uuid import UUID

from rapport.outgoing.client import Outgoing
from rapport.outgoing.errors import NoAnswer
from rapport.webhooks.signing import signed_headers

SECONDS = 5.0
KEPT_CHARACTERS = 1_000  # of an answer
_READ_BYTES = 16_384  # a longer answer costs the connection
_BUSY = (429, 503)
GONE = 410


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """Where deliveries go, and with which ``secrets`` they are signed: today's first, then one that is still good."""

    url: str
    secrets: Sequence[str]


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """What became of it. Without an answer there is an ``error`` and no ``status``."""

    at: datetime
    milliseconds: int
    status: int | None = None
    response: str | None = None
    error: str | None = None
    retry_after: timedelta | None = None  # what the endpoint asks for

    @property
    def is_delivered(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    @property
    def problem(self) -> str:
        """Why it is not delivered."""
        return self.error or f"The endpoint answered {self.status}."


async def send(outgoing: Outgoing, endpoint: Endpoint, delivery_id: UUID, body: bytes) -> Attempt:
    at, begun, now_ms = datetime.now(UTC), monotonic(), time_ns() // 1_000_000
    headers = {
        "Content-Type": "application/json",
        **signed_headers(delivery_id, body, endpoint.secrets, now_ms),
    }
    try:
        answer = await outgoing.send(
            "POST", endpoint.url, headers=headers, body=body, seconds=SECONDS, most_bytes=_READ_BYTES
        )
    except NoAnswer as error:
        return Attempt(at=at, milliseconds=_since(begun), error=error.message)
    return Attempt(
        at=at,
        milliseconds=_since(begun),
        status=answer.status,
        response=_shown(answer.body),
        retry_after=_retry_after(answer.headers.get("retry-after"), at) if answer.status in _BUSY else None,
    )


def _since(begun: float) -> int:
    return round((monotonic() - begun) * 1000)


def _shown(body: bytes) -> str:
    """The beginning, as PostgreSQL can keep it."""
    return body[: 4 * KEPT_CHARACTERS].decode("utf-8", "replace").replace("\0", "")[:KEPT_CHARACTERS]


def _retry_after(text: str | None, now: datetime) -> timedelta | None:
    """What `Retry-After: 120` or `Retry-After: Fri, 31 Dec 2027 23:59:59 GMT` asks for."""
    if text is None:
        return None
    text = text.strip()
    if text.isascii() and text.isdigit():
        return timedelta(seconds=int(text[:9]))
    try:
        until = parsedate_to_datetime(text)
    except ValueError:
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return max(until - now, timedelta(0))
