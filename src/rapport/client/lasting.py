"""Streams of events that last: opened again, behind what came last, whenever the connection is lost."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from rapport.client.call import Call, Record, Reply
from rapport.client.errors import ConnectionFailed, RapportError, RateLimited, unreadable
from rapport.client.exchange import BUSY, Retries
from rapport.client.server_sent import ServerSent, ServerSentEvents

T = TypeVar("T")

MEDIA_TYPE = "text/event-stream"
QUIET_SECONDS = 90.0  # servers say something every 30, unless they are told otherwise


@dataclass(frozen=True, kw_only=True)
class Over:
    """The stream has come to its end. ``error``: not to a good one."""

    error: RapportError | None = None


def opening(reply: Reply) -> None:
    """Whether it is a stream that the server has begun."""
    if not reply.headers.get("content-type", "").startswith(MEDIA_TYPE):
        raise unreadable(reply)


def object_of(event: ServerSent) -> tuple[Record, Reply]:
    """The object of JSON that the event holds, also as an answer."""
    reply = Reply(status=200, headers={}, body=event.data.encode())
    try:
        found = json.loads(event.data)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise unreadable(reply)
    return found, reply


class Lasting(Generic[T]):
    """What a driver has to do: send ``call()`` and ``feed`` the parts of the answer until it ``is_over``.

    When they break off it waits for as long as ``lost`` says, and begins anew.

    Until it is open for the first time it is tried as often as any request, from then on for as long as it takes.
    """

    def __init__(
        self, call: Call[None], read: Callable[[ServerSent], T | Over | None], retries: Retries, after: str | None
    ) -> None:
        """``read`` makes of an event what is to be given out; None: nothing, it only says where the stream is."""
        self._is_over = False
        self._call = replace(call, headers={**call.headers, "accept": MEDIA_TYPE}, quiet=QUIET_SECONDS)
        self._read = read
        self._retries = retries
        self._cursor = after
        self._events = ServerSentEvents()
        self._has_begun = False
        self._failures = 0

    def call(self) -> Call[None]:
        """The next request."""
        self._events = ServerSentEvents()
        if self._cursor is None:
            return self._call
        return replace(self._call, headers={**self._call.headers, "last-event-id": self._cursor})

    def is_over(self) -> bool:
        """Whether there is nothing more to come."""
        return self._is_over

    def feed(self, part: bytes) -> Iterator[T]:
        """What is told in this part. Raises the error that the server ends the stream with."""
        self._has_begun = True
        for event in self._events.feed(part):
            found = self._read(event)
            self._cursor = event.id or self._cursor
            if isinstance(found, Over):
                self._is_over = True
                if found.error is not None:
                    raise found.error
                return
            self._failures = 0
            if found is not None:
                yield found

    def lost(self, error: RapportError | None) -> float:
        """The seconds until the next attempt; raises the error if there is to be none. None: the stream just ended."""
        error = error or ConnectionFailed("The stream broke off")
        is_passing = isinstance(error, ConnectionFailed | RateLimited) or error.status in BUSY
        if not (is_passing and self._has_begun and self._retries.attempts > 1):
            raise error
        self._failures += 1
        asked = error.retry_after if isinstance(error, RateLimited) else None
        return max(self._retries.wait(self._failures), min(asked or 0.0, self._retries.patience))
