"""Sends one delivery to its endpoint, once."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from time import monotonic, time_ns
from uuid import UUID

import structlog

from rapport.outgoing.client import Outgoing
from rapport.outgoing.errors import NoAnswer, NoTurn
from rapport.webhooks.signing import signed_headers

SECONDS = 5.0
KEPT_CHARACTERS = 1_000  # of an answer
_READ_BYTES = 16_384  # a longer answer costs the connection
_BUSY = (429, 503)
_LONGEST_WAIT = timedelta(days=7)  # that is believed: what asks for more than a day is given up anyway
GONE = 410

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, kw_only=True)
class Endpoint:
    """Where deliveries go, and for whom (the workspace).

    ``secrets`` are those with which they are signed: today's first, then one that is still good.
    """

    url: str
    owner: str
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
    is_ours: bool = False  # the endpoint was not even asked

    @property
    def is_delivered(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    @property
    def problem(self) -> str:
        """Why it is not delivered."""
        return self.error or f"The endpoint answered {self.status}."


async def send(outgoing: Outgoing, endpoint: Endpoint, delivery_id: UUID, body: bytes) -> Attempt:
    """Raises nothing: what nobody has thought of has failed, too, and is no reason not to go on with others."""
    at, begun = datetime.now(UTC), monotonic()
    try:
        return await _send(outgoing, endpoint, delivery_id, body, at, begun)
    except Exception as error:  # noqa: BLE001
        _log.exception("delivery broke", delivery=str(delivery_id))
        return Attempt(
            at=at, milliseconds=_since(begun), error=f"The server could not send it: {type(error).__name__}."
        )


async def _send(
    outgoing: Outgoing, endpoint: Endpoint, delivery_id: UUID, body: bytes, at: datetime, begun: float
) -> Attempt:
    now_ms = time_ns() // 1_000_000
    headers = {
        "Content-Type": "application/json",
        **signed_headers(delivery_id, body, endpoint.secrets, now_ms),
    }
    try:
        answer = await outgoing.send(
            "POST",
            endpoint.url,
            headers=headers,
            body=body,
            seconds=SECONDS,
            most_bytes=_READ_BYTES,
            owner=endpoint.owner,
        )
    except NoTurn as error:
        return Attempt(at=at, milliseconds=_since(begun), error=error.message, is_ours=True)
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
        return min(timedelta(seconds=int(text[:9])), _LONGEST_WAIT)
    try:
        until = parsedate_to_datetime(text)
    except (ValueError, TypeError, OverflowError):
        return None
    if until.tzinfo is None:
        until = until.replace(tzinfo=UTC)
    return min(max(until - now, timedelta(0)), _LONGEST_WAIT)
