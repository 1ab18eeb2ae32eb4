"""When a request is sent, sent again, or given up. A driver does the sending and the waiting."""

import secrets
from collections.abc import Callable, Generator
from dataclasses import dataclass, replace
from typing import TypeAlias, TypeVar

from rapport.client.call import Call, Repeating, Reply
from rapport.client.errors import ConnectionFailed, error_of, retry_after

T = TypeVar("T")

KEY = "idempotency-key"
BUSY = frozenset({502, 503, 504})
_REFUSED = frozenset({429})  # before anything was done


@dataclass(frozen=True, kw_only=True)
class Retries:
    """How often a request is sent at most, and how many seconds lie between.

    The wait doubles from ``first`` up to ``longest``, each time less a random part of at most half of it, so that
    clients that failed together do not come back together. The server's `Retry-After` goes before that; one of more
    than ``patience`` is not waited for.
    """

    attempts: int = 4
    first: float = 0.25
    longest: float = 8.0
    patience: float = 60.0
    random: Callable[[], float] = secrets.SystemRandom().random

    def wait(self, failures: int) -> float:
        """The seconds after so many failures.

        >>> Retries(random=lambda: 0.5).wait(1), Retries(random=lambda: 0.0).wait(9)
        (0.1875, 8.0)
        """
        whole = min(self.first * 2.0 ** min(failures - 1, 30), self.longest)
        return whole * (1 - self.random() / 2)


NO_RETRIES = Retries(attempts=1)


@dataclass(frozen=True, kw_only=True)
class Lost:
    """No answer came. ``was_sent``: the server may have got the request."""

    error: Exception
    was_sent: bool


@dataclass(frozen=True, kw_only=True)
class Wait:
    """Wait so many seconds."""

    seconds: float


Step: TypeAlias = Call[T] | Wait
Exchange: TypeAlias = Generator[Step[T], Reply | Lost | None, T]


def exchange(call: Call[T], retries: Retries) -> Exchange[T]:
    """What a driver has to do, step by step: send the call and tell what came of it, or wait. Ends with the answer."""
    if call.repeating is Repeating.WITH_KEY and KEY not in call.headers:
        call = replace(call, headers={**call.headers, KEY: secrets.token_hex(16)})
    is_in_doubt = False  # an earlier attempt may have been carried out
    failures = 0
    while True:
        came = yield call
        if isinstance(came, Reply):
            if came.status < 400:
                return call.read(came)
            if came.status == 404 and is_in_doubt and call.if_gone is not None:
                return call.if_gone
        assert came is not None
        failures += 1
        seconds = _seconds(call, came, retries, failures)
        if seconds is None:
            raise _given_up(came)
        is_in_doubt = is_in_doubt or _is_in_doubt(came)
        yield Wait(seconds=seconds)


def _seconds(call: Call[T], came: Reply | Lost, retries: Retries, failures: int) -> float | None:
    """How long to wait for the next attempt; None when there is to be none."""
    if failures >= retries.attempts or (_is_in_doubt(came) and call.repeating is Repeating.NEVER):
        return None
    if isinstance(came, Lost):
        return retries.wait(failures)
    if came.status not in BUSY | _REFUSED and not _is_being_done(call, came):
        return None
    asked = retry_after(came.headers)
    if asked is None:
        return retries.wait(failures)
    return asked if asked <= retries.patience else None


def _is_in_doubt(came: Reply | Lost) -> bool:
    return came.was_sent if isinstance(came, Lost) else came.status in BUSY


def _is_being_done(call: Call[T], reply: Reply) -> bool:
    """An attempt that we gave up waiting for is still at work under the same key: the server says when to ask again."""
    return call.repeating is Repeating.WITH_KEY and reply.status == 409 and "retry-after" in reply.headers


def _given_up(came: Reply | Lost) -> Exception:
    if isinstance(came, Reply):
        return error_of(came)
    error = ConnectionFailed(f"There was no answer: {str(came.error) or type(came.error).__name__}")
    error.__cause__ = came.error
    return error
