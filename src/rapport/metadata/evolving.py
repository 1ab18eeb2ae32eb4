"""Changes of a workspace's data model in the database: each wholly or not at all, in one transaction.

The transaction holds a lock on the workspace's row, so models change one after the other. Its statements want tables
for themselves for a moment. They wait for them less long than PostgreSQL takes to look for deadlocks, then give way and
start over: a request that reads or writes records never fails because of them, and never waits for long.
"""

import asyncio
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, replace
from uuid import UUID

import asyncpg

from rapport.base.errors import RapportError
from rapport.metadata.catalog import Catalog, Object
from rapport.metadata.changes import announce_model
from rapport.metadata.ddl import create_index
from rapport.metadata.evolution.refusals import refusal, refusal_of_values, repeated_values
from rapport.metadata.evolution.steps import Step, steps
from rapport.metadata.indexes import Index, indexes
from rapport.metadata.names import qualified
from rapport.metadata.reach import reaching
from rapport.metadata.ruled_options import check_ruled_options
from rapport.metadata.seizing import seize
from rapport.metadata.serial import changed_rows
from rapport.metadata.store import WorkspaceNotFound, load_catalog, write_model
from rapport.store.connection import Connection as StoreConnection
from rapport.store.database import Connection, Database
from rapport.store.queries import load

_SQL = load("rapport.metadata")

LOCK_WAIT_MS = 400  # less than PostgreSQL's deadlock_timeout of a second
PATIENCE_SECONDS = 20.0  # how long a change is tried again while the tables are in use
LONGEST_STATEMENT_SECONDS = 600  # rewriting a large table takes its time
LARGE_TABLE_BYTES = 16_000_000  # from here on indexes are made beforehand, while the table is written to

# What records are the cause of, or how much a table can hold.
_OF_RECORDS = (asyncpg.IntegrityConstraintViolationError, asyncpg.DataError, asyncpg.ProgramLimitExceededError)

Edit = Callable[[Catalog], Catalog]
# What else belongs to the change, in its transaction: given the connection, the model before and the model after.
Companion = Callable[[Connection, Catalog, Catalog], Awaitable[None]]


class ModelBusy(RapportError):
    """The tables of this object are in use. Please try again."""

    code = "CONFLICT"
    sub_code = "DATA_MODEL_BUSY"
    status = 409


class _NotReady(Exception):
    """Indexes of large tables have to be made first."""

    def __init__(self, catalog: Catalog, wanted: Sequence[tuple[Object, Index]]) -> None:
        super().__init__()
        self.catalog, self.wanted = catalog, wanted


@dataclass(frozen=True, kw_only=True)
class Changed:
    """A model before and after a change; the same object twice when nothing changed."""

    before: Catalog
    after: Catalog


class Evolving:
    """``forget`` drops what this process remembers of a workspace's model; others hear of the change by themselves.

    ``known`` gives the model as it is remembered, which may be outdated, and ``learn`` gets the new one to remember.
    ``watch`` sees each statement before it runs.
    """

    def __init__(
        self,
        db: Database,
        *,
        forget: Callable[[UUID], None],
        known: Callable[[UUID], Catalog | None] = lambda _id: None,
        learn: Callable[[Catalog], None] = lambda _catalog: None,
        watch: Callable[[str], None] = lambda sql: None,
        large_table_bytes: int = LARGE_TABLE_BYTES,
    ) -> None:
        self._db = db
        self._forget = forget
        self._known = known
        self._learn = learn
        self._watch = watch
        self._large_table_bytes = large_table_bytes

    async def change(self, workspace_id: UUID, edit: Edit, *, companion: Companion | None = None) -> Changed:
        """Applies an edit. It may be called several times: with the model as it was just now, and under the lock.

        Raises what the edit raises, InvalidModel when records stand in the way, and ModelBusy.
        """
        deadline = time.monotonic() + PATIENCE_SECONDS
        async with AsyncExitStack() as stack:
            ready: frozenset[str] = frozenset()
            while True:
                try:
                    changed = await self._attempt(workspace_id, edit, companion, ready)
                except _NotReady as error:
                    ready |= await stack.enter_async_context(self._prebuilt(workspace_id, error.catalog, error.wanted))
                    deadline = time.monotonic() + PATIENCE_SECONDS
                except (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError) as error:
                    if time.monotonic() > deadline:
                        raise ModelBusy from error
                    await asyncio.sleep(random.uniform(0.02, 0.2))  # noqa: S311  # nothing secret: who waits how long
                else:
                    break
        if changed.after is not changed.before:
            self._forget(workspace_id)
            self._learn(changed.after)
        return changed

    async def _attempt(
        self, workspace_id: UUID, edit: Edit, companion: Companion | None, ready: frozenset[str]
    ) -> Changed:
        under_way: Step | None = None
        try:
            async with self._db.transaction() as connection:
                await connection.script(
                    f"set local lock_timeout = {LOCK_WAIT_MS}; "
                    f"set local statement_timeout = {LONGEST_STATEMENT_SECONDS * 1000}"
                )
                version = await connection.value(_SQL["lock_model"], workspace_id)
                if version is None:
                    raise WorkspaceNotFound
                before = self._known(workspace_id)
                if before is None or before.version != version:
                    before = await load_catalog(connection, workspace_id)
                after = edit(before)
                if after == before:
                    return Changed(before=before, after=before)
                way = steps(before, after)
                wanted = [each async for each in self._large(connection, before, way) if each[1].name not in ready]
                if wanted:
                    raise _NotReady(before, wanted)
                await check_ruled_options(connection, before, after)
                self._watch("metadata")
                await write_model(connection, *changed_rows(before, after))
                self._watch("tables")
                left = [step for step in way if not await self._is_ready(connection, after, step, ready)]
                await seize(connection, before.schema, left, patience=PATIENCE_SECONDS)
                for step in left:
                    under_way = step
                    self._watch(step.sql)
                    await connection.script(step.sql)
                under_way = None
                self._watch("version")
                version = await connection.value(_SQL["raise_version"], workspace_id)
                assert isinstance(version, int)
                after = replace(after, version=version, objects=reaching(after.objects))
                self._watch("companion")
                if companion is not None:
                    await companion(connection, before, after)
                self._watch("news")
                await announce_model(connection, workspace_id, version)
                self._watch("commit")
                return Changed(before=before, after=after)
        except asyncpg.UniqueViolationError as error:
            if under_way is None or under_way.index is None:
                raise
            raise await self._repeated(workspace_id, under_way.index) from error
        except _OF_RECORDS as error:
            refused = refusal(error)
            if refused is None:
                raise
            raise refused from error

    # -- indexes on large tables ------------------------------------------------------------------------------------

    @asynccontextmanager
    async def _prebuilt(
        self, workspace_id: UUID, before: Catalog, wanted: Sequence[tuple[Object, Index]]
    ) -> AsyncIterator[frozenset[str]]:
        """Makes indexes on large tables while these are written to; gives their names.

        Those that the model does not have in the end are dropped again.
        """
        connection = StoreConnection(
            await replace(self._db.dialing, statement_timeout_ms=LONGEST_STATEMENT_SECONDS * 1000).dial(),
            max_age=LONGEST_STATEMENT_SECONDS,
        )
        try:
            for item, index in wanted:
                sql = create_index(before.schema, item, index, concurrently=True)
                self._watch(sql)
                try:
                    # Somebody who was killed may have left one behind.
                    await connection.script(f"drop index concurrently if exists {qualified(before.schema, index.name)}")
                    await connection.script(sql)
                except asyncpg.UniqueViolationError as error:
                    raise await self._repeated(workspace_id, (item, index)) from error
                except asyncpg.ProgramLimitExceededError as error:
                    raise refusal(error) or error from error
            yield frozenset(index.name for _, index in wanted)
        finally:
            try:
                kept = _index_names((await load_catalog(self._db, workspace_id)).objects)
                for _, index in wanted:
                    if index.name not in kept:
                        name = qualified(before.schema, index.name)
                        await connection.script(f"drop index concurrently if exists {name}")
            finally:
                await connection.raw.close()

    async def _large(
        self, connection: Connection, before: Catalog, way: Iterable[Step]
    ) -> AsyncIterator[tuple[Object, Index]]:
        """The indexes that are to be made on large tables, over columns that these have already."""
        if all(step.index is None for step in way):
            return
        tables = {item.id: item for item in before.objects}
        taken = _index_names(before.objects)
        for step in way:
            if step.index is None or step.index[1].name in taken:
                continue
            item, index = step.index
            old = tables.get(item.id)
            there = {column.name: column.leaf.sql_type for column in old.columns} if old else {}
            needed = [part for field in item.fields for part in field.columns if (field.id, part.sub) in index.parts]
            if old is None or old.table != item.table or any(there.get(c.name) != c.leaf.sql_type for c in needed):
                continue
            size = await connection.value(_SQL["table_size"], qualified(before.schema, item.table))
            if isinstance(size, int) and size >= self._large_table_bytes:
                yield item, index

    async def _is_ready(self, connection: Connection, after: Catalog, step: Step, ready: frozenset[str]) -> bool:
        if step.index is None or step.index[1].name not in ready:
            return False
        return await connection.value(_SQL["is_valid_index"], qualified(after.schema, step.index[1].name)) is True

    async def _repeated(self, workspace_id: UUID, found: tuple[Object, Index]) -> RapportError:
        """The refusal of a unique index, with the values that several records have."""
        item, index = found
        catalog = await load_catalog(self._db, workspace_id)
        sql, columns = repeated_values(catalog, item, index)
        rows = [] if sql is None else [tuple(row) for row in await self._db.rows(sql)]
        return refusal_of_values(item, index, columns, rows)


def _index_names(objects: Iterable[Object]) -> frozenset[str]:
    return frozenset(index.name for item in objects for index in indexes(item))
