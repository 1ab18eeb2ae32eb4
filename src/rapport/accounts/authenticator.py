"""Turns the bearer of a request into its Principal, and remembers the answer for as long as it may be trusted."""

import time
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from rapport.access.changes import AccessChange
from rapport.access.principal import Principal
from rapport.base.errors import MissingToken, Unauthenticated

LONGEST_TOKEN = 8_192
REMEMBERED_TOKENS = 10_000
# Revocations are announced to every process. Should an announcement be lost, this is how long the loss can matter.
RECHECK_AFTER_SECONDS = 60.0


class Credential(Protocol):
    """A kind of token: API keys, the tokens of users."""

    def recognises(self, token: str) -> bool:
        """Whether the token looks like one of this kind."""

    async def principal(self, token: str) -> Principal:
        """The owner of the token; raises Unauthenticated, TokenExpired or Forbidden."""


class Authenticator:
    """Tokens to principals.

    ``cached`` is the way of nearly every request: one look into a dict. ``authenticate`` asks the database.
    """

    def __init__(
        self,
        credentials: Sequence[Credential],
        *,
        size: int = REMEMBERED_TOKENS,
        recheck_after: float = RECHECK_AFTER_SECONDS,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._credentials = tuple(credentials)
        self._size = size
        self._recheck_after = recheck_after
        self._clock = clock
        self._known: OrderedDict[str, tuple[Principal, float]] = OrderedDict()
        self._forgotten = 0  # counts the calls of forget: an answer that was under way meanwhile is not remembered

    def cached(self, token: str) -> Principal | None:
        """The principal of a token that was checked a moment ago; None when it has to be checked."""
        entry = self._known.get(token)
        if entry is None:
            return None
        principal, trusted_until = entry
        if self._clock() < trusted_until:
            self._known.move_to_end(token)
            return principal
        del self._known[token]
        return None

    async def authenticate(self, token: str | None) -> Principal:
        """The principal of a token; raises MissingToken, Unauthenticated, TokenExpired or Forbidden."""
        if not token:
            raise MissingToken
        known = self.cached(token)
        if known is not None:
            return known
        if len(token) > LONGEST_TOKEN or not token.isascii() or not token.isprintable():
            raise Unauthenticated
        credential = next((kind for kind in self._credentials if kind.recognises(token)), None)
        if credential is None:
            raise Unauthenticated
        started = self._forgotten
        principal = await credential.principal(token)
        if started == self._forgotten:
            self._remember(token, principal)
        return principal

    def forget(self, change: AccessChange) -> None:
        """Lets the tokens that a change concerns be checked anew."""
        self._forgotten += 1
        for token, (principal, _) in list(self._known.items()):
            if change.concerns(principal):
                del self._known[token]

    def hear(self, payload: Mapping[str, object]) -> None:
        """Receives the ACCESS_CHANGED notifications of all processes."""
        try:
            self.forget(AccessChange.from_payload(payload))
        except ValueError:
            self.forget_all()  # not understood: of a newer version, perhaps

    def forget_all(self) -> None:
        """Lets every token be checked anew: announcements may have been missed."""
        self._forgotten += 1
        self._known.clear()

    def _remember(self, token: str, principal: Principal) -> None:
        trusted_until = self._clock() + self._recheck_after
        if principal.expires_at is not None:
            trusted_until = min(trusted_until, principal.expires_at)
        self._known[token] = (principal, trusted_until)
        self._known.move_to_end(token)
        if len(self._known) > self._size:
            self._known.popitem(last=False)
