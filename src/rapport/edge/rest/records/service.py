"""Answers requests for records: finds or makes the plan, and runs it."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from typing import TypeAlias, TypeVar
from uuid import UUID

import asyncpg

from rapport.access.principal import Principal
from rapport.base.errors import Forbidden, RecordNotFound
from rapport.edge.caller import Caller
from rapport.edge.freshness import Models, with_model
from rapport.edge.graphql.model import Model
from rapport.edge.limits import Limits
from rapport.edge.plans import PlanCache, Variants, Weighed
from rapport.edge.rest.errors import OperationFailed
from rapport.edge.rest.records.asked import Question
from rapport.edge.rest.records.changes import CompiledChange, CompiledMerge, compile_change, compile_merge
from rapport.edge.rest.records.given import Given
from rapport.edge.rest.records.preconditions import PreconditionFailed
from rapport.edge.rest.records.reads import CompiledRead, compile_read
from rapport.engine.links import SIGNER, Signer
from rapport.engine.problems import TooManyProblems
from rapport.files.links import FileLinks
from rapport.records.actor import actor_values
from rapport.records.failures import refused_read
from rapport.records.merge import MergeRequest
from rapport.records.restricted import NO_HOOKS, Hooks
from rapport.store.database import Database

T = TypeVar("T")
C = TypeVar("C", bound=Weighed)

_PLAN_BYTES = 24_000_000  # of memory, of each kind of plan

# Runs a change on a database that it gives, which is a transaction, and does what belongs to it; the whole answer.
Transaction: TypeAlias = Callable[[Callable[[Database], Awaitable[bytes]]], Awaitable[bytes]]


class RecordService:
    def __init__(
        self,
        *,
        database: Database,
        models: Models,
        limits: Limits,
        plan_cache_size: int,
        links: FileLinks,
        hooks: Hooks = NO_HOOKS,
        ring: Callable[[UUID], None] = lambda workspace_id: None,
    ) -> None:
        """``ring`` is told the workspace of each change."""
        self._database = database
        self._ring = ring
        self._models = models
        self._limits = limits
        self._hooks = hooks
        self._links = links
        self._reads = PlanCache[Variants[CompiledRead]](plan_cache_size, _PLAN_BYTES)
        self._changes = PlanCache[Variants[CompiledChange]](plan_cache_size, _PLAN_BYTES)
        self._merges = PlanCache[Variants[CompiledMerge]](plan_cache_size, _PLAN_BYTES)

    @property
    def max_batch(self) -> int:
        return self._limits.max_batch

    def forget(self, model: Model) -> None:
        """Drops the plans of a model that is no longer current."""
        for plans in (self._reads, self._changes, self._merges):
            plans.forget(model)

    async def read(self, caller: Caller, question: Question) -> bytes:
        """The JSON that PostgreSQL makes. Raises RecordNotFound."""
        found = await self._with_model(caller, lambda model, principal: self._read(model, principal, question))
        if found is None:
            raise RecordNotFound
        return found

    async def change(
        self,
        caller: Caller,
        question: Question,
        data: object = None,
        *,
        is_upsert: bool = False,
        within: Transaction | None = None,
    ) -> bytes:
        """Makes the change; the whole answer. ``data`` is what the body holds.

        ``within``: what makes more than the change of it. Raises PreconditionFailed.
        """

        async def attempt(model: Model, principal: Principal) -> bytes:
            compiled = self._find(self._changes, model, question, lambda given: compile_change(given, self._hooks))
            rows = compiled.rows(data, question.values, is_upsert=is_upsert)
            actor = actor_values(principal, caller.address)
            values = {**question.values, **actor, SIGNER: self._signer(model)}

            def run(database: Database) -> Coroutine[None, None, bytes]:
                if question.asked.verb == "create" and rows is not None and not is_upsert:
                    return compiled.running.run_anew(database, rows, values)
                return compiled.running.run(database, rows, values)

            async def whole(database: Database) -> bytes:
                return compiled.answer(await run(database))

            # A client that hangs up must not leave its change half known: the change runs to its end.
            if within is not None:
                return await asyncio.shield(within(whole))
            try:
                return compiled.answer(await asyncio.shield(run(self._database)))
            except RecordNotFound:
                if question.asked.has_tags and await compiled.finds_another_state(self._database, values):
                    raise PreconditionFailed from None
                raise

        return await self._with_model(caller, attempt, rings=True)

    async def merge(self, caller: Caller, question: Question, request: MergeRequest) -> bytes:
        """Merges records, or shows what would become of them; the whole answer."""

        async def attempt(model: Model, principal: Principal) -> bytes:
            compiled = self._find(self._merges, model, question, compile_merge)
            values = {**actor_values(principal, caller.address), SIGNER: self._signer(model)}
            running = compiled.running.run(self._database, request, values)
            value = await asyncio.shield(running)
            return b'{"data":{' + b",".join(b'"' + key.encode() + b'":' + value for key in compiled.keys) + b"}}"

        return await self._with_model(caller, attempt, rings=True)

    async def _read(self, model: Model, principal: Principal, question: Question) -> bytes | None:
        """None when there is no such record."""
        compiled = self._find(self._reads, model, question, compile_read)
        values: Mapping[str, object] = {**question.values, SIGNER: self._signer(model)}
        if model.catalog.has_row_rules:
            values = {**values, "@member": principal.workspace_member_id}
        bound = compiled.statement.bind(values)
        if not compiled.is_single:
            body = await self._database.value(compiled.statement.sql, *bound)
        else:
            row = await self._database.columns(compiled.statement.sql, *bound)
            assert row is not None
            if row[1]:
                return None
            body = row[0]
        assert isinstance(body, bytes)
        return body

    def _signer(self, model: Model) -> Signer:
        return self._links.signer(model.catalog.workspace_id)

    def _find(
        self, plans: PlanCache[Variants[C]], model: Model, question: Question, compile_: Callable[[Given], C]
    ) -> C:
        """The plan for values of this shape."""
        variants = plans.get(model, question.asked)
        found = None if variants is None else variants.find(question.shape, question.values)
        if found is not None:
            return found
        given = Given(catalog=model.catalog, asked=question.asked, values=question.values, limits=self._limits)
        try:
            compiled = compile_(given)
        except TooManyProblems:
            given.refuse()
            raise
        if variants is None:
            variants = Variants[C]()
        weight = compiled.weight + question.asked.weight
        variants.remember(question.shape, question.values, given.bakes, compiled, weight=weight)
        plans.put(model, question.asked, variants)
        return compiled

    async def _with_model(
        self, caller: Caller, attempt: Callable[[Model, Principal], Awaitable[T]], *, rings: bool = False
    ) -> T:
        principal = caller.principal
        if principal is None or principal.workspace_id is None:
            raise Forbidden
        try:
            found = await with_model(
                self._models, principal, lambda model: attempt(model, principal), refusals=(OperationFailed,)
            )
        except asyncpg.DataError as error:
            raise (refused_read(error) or error) from None
        if rings:
            self._ring(principal.workspace_id)
        return found
