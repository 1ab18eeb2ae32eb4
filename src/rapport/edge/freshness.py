"""Requests are answered by the data model in memory. Whoever finds it outdated reads it again, and tries anew."""

from collections.abc import Awaitable, Callable
from typing import Protocol, TypeVar

import asyncpg

from rapport.access.principal import Principal
from rapport.base.errors import RapportError, Timeout, Unavailable
from rapport.edge.graphql.model import Model
from rapport.edge.misuse import MethodNotAllowed

T = TypeVar("T")

_MOST_ATTEMPTS = 5


class ModelOutdated(RapportError):
    """The data model is being changed. Please try again."""

    status = 503


class Models(Protocol):
    """Where the models of workspaces come from."""

    def known(self, principal: Principal) -> Model | None:
        """The model in memory."""

    async def load(self, principal: Principal) -> Model:
        """The model, read when it is not in memory."""

    async def is_outdated(self, principal: Principal, model: Model) -> bool:
        """Whether there is a later version of the model."""

    async def reload(self, principal: Principal, stale: Model) -> Model:
        """The model as it is now, after a statement met tables that are not those of ``stale``."""


async def with_model(
    models: Models,
    principal: Principal,
    attempt: Callable[[Model], Awaitable[T]],
    *,
    refusals: tuple[type[Exception], ...] = (),
) -> T:
    """What the attempt gives. Another process may have changed the data model a moment ago (design §3), and may do so
    again meanwhile: whatever fails by an outdated model, be it refused here or by PostgreSQL, is attempted anew.

    An attempt that raises must have changed nothing. ``refusals``: what it raises to refuse a request, beside
    RapportErrors.
    """
    model = models.known(principal) or await models.load(principal)
    for _ in range(_MOST_ATTEMPTS - 1):
        try:
            return await attempt(model)
        except (MethodNotAllowed, Unavailable, Timeout):
            raise
        except (asyncpg.PostgresError, RapportError, *refusals):
            if not await models.is_outdated(principal, model):
                raise
        model = await models.reload(principal, model)
    return await attempt(model)
