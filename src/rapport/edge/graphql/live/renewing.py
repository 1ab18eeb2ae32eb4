"""Follows the log of a workspace by the rights and the data model of the moment."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Hashable, Mapping
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import TypeAlias
from uuid import UUID

import asyncpg

from rapport.access.changes import AccessChange
from rapport.access.principal import Principal
from rapport.edge.freshness import ModelOutdated, Models, with_model
from rapport.edge.graphql.model import Model
from rapport.edge.graphql.request import Refused
from rapport.events.channels import Interest, Portion
from rapport.events.cursor import Cursor
from rapport.events.errors import Outdated
from rapport.events.following import LiveLogs

# What is wanted, of a model and for a caller. Raises Refused or a RapportError when it is not to be had.
Make: TypeAlias = Callable[[Model, Principal], Interest]
Recheck: TypeAlias = Callable[[], Awaitable[Principal]]


@dataclass(eq=False)
class _Follower:
    principal: Principal
    workspace_id: UUID
    key: Hashable = None
    is_outdated: bool = False


class Renewing:
    def __init__(self, models: Models, logs: LiveLogs) -> None:
        self._models = models
        self._logs = logs
        self._followers: set[_Follower] = set()
        self._reloading = asyncio.Lock()

    async def follow(
        self, principal: Principal, recheck: Recheck, make: Make, *, after: Cursor | None
    ) -> AsyncGenerator[Portion, None]:
        """As LiveLogs.follow. When rights or model change, it is made anew what is wanted, and gone on with.

        Before each portion the caller is asked for anew: what was read with other rights than they have now is not
        told, but read once more. Raises what ``recheck`` and ``make`` raise.
        """
        assert principal.workspace_id is not None
        follower = _Follower(principal, principal.workspace_id)
        self._followers.add(follower)
        cursor: str | None = None  # up to which everything is told
        try:
            while True:
                model, interest = await self._made(follower, make)
                behind = after if cursor is None else Cursor.read(cursor)
                try:
                    async with aclosing(
                        self._logs.follow(follower.workspace_id, model.catalog.schema, interest, after=behind)
                    ) as portions:
                        async for portion in portions:
                            now = await recheck()
                            if now != follower.principal or self._models.known(now) not in (model, None):
                                break
                            if portion.news or portion.cursor != cursor:
                                cursor = portion.cursor
                                yield portion
                except Outdated as outdated:
                    cursor = outdated.cursor or cursor
                except (asyncpg.PostgresError, ModelOutdated):
                    await self._reload(follower.principal, model)
                follower.principal = await recheck()
        finally:
            self._followers.discard(follower)

    async def _made(self, follower: _Follower, make: Make) -> tuple[Model, Interest]:
        async def attempt(model: Model) -> tuple[Model, Interest]:
            return model, make(model, follower.principal)

        follower.is_outdated = False
        model, interest = await with_model(self._models, follower.principal, attempt, refusals=(Refused,))
        # Those who see the same of the same model are told the same.
        follower.key = (model.key, interest.key)
        return model, replace(interest, key=follower.key, is_current=lambda: not follower.is_outdated)

    async def _reload(self, principal: Principal, model: Model) -> None:
        """After a statement that PostgreSQL has refused, or that a later model may have made another one. Raises its
        error when the model is not the reason."""
        async with self._reloading:  # all who share the statement come at once
            if self._models.known(principal) not in (model, None):
                return
            if not await self._models.is_outdated(principal, model):
                raise
            await self._models.reload(principal, model)

    # -- news ---------------------------------------------------------------------------------------------------

    def model_changed(self, workspace_id: UUID) -> None:
        """The data model of a workspace is another one."""
        self._outdate(lambda follower: follower.workspace_id == workspace_id)

    def access_changed(self, change: AccessChange) -> None:
        """What some callers may do is something else."""
        self._outdate(lambda follower: change.concerns(follower.principal))

    def hear(self, payload: Mapping[str, object]) -> None:
        """Receives the ACCESS_CHANGED notifications of all processes."""
        try:
            self.access_changed(AccessChange.from_payload(payload))
        except ValueError:
            self.all_changed()  # not understood: of a newer version, perhaps

    def all_changed(self) -> None:
        """Announcements may have been missed."""
        self._outdate(lambda follower: True)

    def _outdate(self, is_meant: Callable[[_Follower], bool]) -> None:
        meant = [follower for follower in self._followers if is_meant(follower)]
        for follower in meant:
            follower.is_outdated = True
        for workspace_id, key in {(follower.workspace_id, follower.key) for follower in meant}:
            self._logs.outdate(workspace_id, key)
