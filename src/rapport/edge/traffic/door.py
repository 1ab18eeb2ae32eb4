"""Where requests to the APIs come in: finds out who calls, counts, and gives turns. One for all endpoints."""

from collections.abc import Mapping

from starlette.types import Scope

from rapport.access.principal import Principal
from rapport.accounts.authenticator import Authenticator
from rapport.base.errors import Forbidden, Unauthenticated
from rapport.edge.caller import Caller, Callers
from rapport.edge.traffic.rates import Rates
from rapport.edge.traffic.sources import Sources
from rapport.edge.traffic.turns import Turns
from rapport.edge.traffic.visit import Visit


class Door:
    def __init__(self, callers: Callers, *, sources: Sources, rates: Rates, turns: Turns) -> None:
        self._callers = callers
        self._sources = sources
        self._rates = rates
        self._turns = turns

    async def enter(self, scope: Scope, headers: Mapping[bytes, bytes]) -> Visit:
        """The request counts from here on. Raises RateLimitExceeded.

        A token that is no good counts for the network that it comes from, and so do requests without any. Who guesses
        many of them soon learns nothing more; who has a good one is never refused for what neighbours do.
        """
        return self.visit(await self._callers.of(scope, headers))

    def visit(self, caller: Caller) -> Visit:
        """One more request of a caller, who may be inside already. Raises RateLimitExceeded."""
        if caller.principal is not None:
            source = self._sources.of(caller.principal)
        else:
            source = self._sources.stranger(caller.address)
            if caller.failure is not None and not isinstance(caller.failure, Unauthenticated | Forbidden):
                return Visit(caller, source, (), self._turns)  # nobody knows whether the token is good
        return Visit(caller, source, self._rates.count(source), self._turns)


class Lookups:
    """Asks the database about tokens, for each network in its turns: a flood of bad ones must not fill the queue."""

    def __init__(self, authenticator: Authenticator, sources: Sources, turns: Turns) -> None:
        self._authenticator = authenticator
        self._sources = sources
        self._turns = turns

    async def __call__(self, token: str, address: str | None) -> Principal:
        source = self._sources.stranger(address)
        await self._turns.take(source)
        try:
            return await self._authenticator.authenticate(token)
        finally:
            self._turns.end(source)
