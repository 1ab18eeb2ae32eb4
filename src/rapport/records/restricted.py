"""Changes of records of which callers may not do everything (records/restrictions)."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeAlias
from uuid import UUID

import asyncpg

from rapport.access.principal import Principal
from rapport.base.errors import RecordNotFound
from rapport.engine import plan
from rapport.engine.sql import Parameters
from rapport.engine.statement import Statement
from rapport.engine.writing import write_targets
from rapport.metadata.catalog import Catalog
from rapport.records.actor import principal_of
from rapport.records.attachments import Loss
from rapport.records.changing import IDS, RunningChange, second_read
from rapport.records.create import DATA, encode_rows
from rapport.records.failures import WriteConflict, refused
from rapport.records.refusals import Given
from rapport.records.restrictions import RESTRICTIONS, Restriction, restriction_of
from rapport.records.rights import demand_within_rows
from rapport.records.rows import Rows
from rapport.records.soles import demand_sole
from rapport.records.upsert import Upsert
from rapport.store.database import Connection, Database

# What ends together with records: called with their ids in the transaction that deletes or destroys them, before it
# does. May refuse by raising.
Removal: TypeAlias = Callable[[Connection, Sequence[UUID], Principal], Awaitable[None]]
# What follows from an update of these columns: called in its transaction, after it. May refuse by raising.
Revision: TypeAlias = Callable[[Connection, Sequence[UUID], frozenset[str], Principal], Awaitable[None]]


@dataclass(frozen=True, kw_only=True)
class Hooks:
    """What other areas do when records of an object change, by its name."""

    removals: Mapping[str, Removal] = field(default_factory=dict)
    revisions: Mapping[str, Revision] = field(default_factory=dict)
    loss: Loss | None = None  # what becomes of files that go with records of any object


NO_HOOKS = Hooks()


def running_change(catalog: Catalog, change: plan.Change, hooks: Hooks = NO_HOOKS) -> RunningChange:
    """What runs the change."""
    restriction = RESTRICTIONS.get(change.object.name)
    if restriction is None:
        return RunningChange(catalog, change, loss=hooks.loss)
    return RestrictedChange(catalog, change, hooks)


class RestrictedChange(RunningChange):
    """A change of an object that is among the restrictions."""

    may_succeed = False

    def __init__(self, catalog: Catalog, change: plan.Change, hooks: Hooks) -> None:
        super().__init__(catalog, change, loss=hooks.loss)
        is_removal = change.verb in ("delete", "destroy")
        self._removal = hooks.removals.get(change.object.name) if is_removal else None
        self._revision = hooks.revisions.get(change.object.name) if change.verb == "update" else None

    async def _attempt(self, database: Database, rows: Rows | None, values: Mapping[str, object]) -> object:
        principal = principal_of(values)
        limits = restriction_of(self.change.object, principal)
        if limits is None:
            return await super()._attempt(database, rows, values)
        limits.demand(self.change.verb, principal)
        columns = frozenset(column.name for column in rows.columns) if rows is not None else frozenset()
        is_upsert = rows is not None and rows.is_upsert
        change, denial = limits.narrowed(self._catalog, self.change, columns, principal, is_upsert=is_upsert)
        try:
            if self._takes_steps(limits, rows, columns):
                value = await self._in_transaction(database, change, limits, rows, values)
            else:
                self._check(limits, rows, principal)
                value = await self._at_once(database, change, rows, values)
            if value is None and denial is not None and not self.change.many and await self._is_there(database, values):
                raise denial
        except asyncpg.PostgresError as error:
            refusal = refused(error, self.change.object)
            if refusal is None:
                raise
            raise refusal from None
        return value

    def _takes_steps(self, limits: Restriction, rows: Rows | None, columns: frozenset[str]) -> bool:
        """Whether one statement is not enough."""
        if self._removal is not None or self._revision is not None:
            return True
        if rows is not None and (rows.is_linked or rows.is_upsert):
            return True
        return limits.sole is not None and limits.sole.concerns(self.change.object, self.change.verb, columns)

    def _check(self, limits: Restriction, rows: Rows | None, principal: Principal) -> None:
        if rows is not None:
            limits.check(Given(verb=self.change.verb, rows=rows.values, principal=principal))

    async def _in_transaction(
        self,
        database: Database,
        change: plan.Change,
        limits: Restriction,
        rows: Rows | None,
        values: Mapping[str, object],
    ) -> object:
        try:
            async with database.transaction() as connection:
                return await self._in_steps(connection, change, limits, rows, values)
        except RecordNotFound:
            return None

    async def _in_steps(
        self,
        connection: Connection,
        change: plan.Change,
        limits: Restriction,
        rows: Rows | None,
        values: Mapping[str, object],
    ) -> object:
        """Raises RecordNotFound, and what was done before is to be taken back."""
        given = values
        if rows is not None:
            rows = await self._prepared(connection, rows, values)
            self._check(limits, rows, principal_of(values))
            given = {**values, DATA: encode_rows(rows)}
        if self._removal is not None:
            # Locked only now: what the other area locks comes first, as it does where that area begins.
            going = await self._targets(connection, change, values)
            await self._removal(connection, going, principal_of(values))
            if not set(await self._targets(connection, change, values, lock=True)) <= set(going):
                raise WriteConflict
        if change.verb == "destroy":  # what is gone cannot be read afterwards
            return await self._destroy(connection, change, self._for(rows, change).change, given)
        if rows is not None and rows.is_upsert:
            following = replace(change, followers=self._upsert.change.followers, sole=self._upsert.change.sole)
            ids: object = await Upsert(following).in_order(connection, rows, values)
        else:
            statement = self._for(rows, change, answer_last=True).change
            ids = await connection.value(statement.sql, *statement.bind(given))
        if not ids:
            raise RecordNotFound
        assert isinstance(ids, list)
        await demand_within_rows(connection, change, ids, values)
        await demand_sole(connection, self._catalog, limits, change, rows, ids)
        if self._revision is not None and rows is not None:
            columns = frozenset(column.name for column in rows.columns)
            await self._revision(connection, ids, columns, principal_of(values))
        if rows is not None:
            await self._create_after(connection, rows, ids, values)
        read = second_read(self.change)
        return await connection.value(read.sql, *read.bind({**values, IDS: ids}))

    async def _targets(
        self,
        connection: Connection | Database,
        change: plan.Change,
        values: Mapping[str, object],
        *,
        lock: bool = False,
    ) -> list[UUID]:
        """The ids of the records that the change is about. Raises RecordNotFound when there are none."""
        parameters = Parameters()
        targets = Statement.of(write_targets(change, parameters, lock=lock), parameters)
        ids = await connection.value(targets.sql, *targets.bind(values))
        if not isinstance(ids, list):
            raise RecordNotFound
        return ids

    async def _is_there(self, database: Database, values: Mapping[str, object]) -> bool:
        """Whether there is a record, if out of reach."""
        try:
            return bool(await self._targets(database, self.change, values))
        except RecordNotFound:
            return False
