"""Looking at a workspace while others may change its model, and mending what can be mended safely."""

import asyncio
import random
import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

import asyncpg

from rapport.metadata.changes import announce_model
from rapport.metadata.doctor.difference import Difference, RowChange
from rapport.metadata.doctor.examining import examine
from rapport.metadata.doctor.reference import Reference
from rapport.metadata.evolving import LOCK_WAIT_MS, LONGEST_STATEMENT_SECONDS, PATIENCE_SECONDS, ModelBusy
from rapport.metadata.serial import Row, Rows
from rapport.metadata.store import WorkspaceNotFound, write_model
from rapport.store.database import Connection, Database
from rapport.store.queries import load

_SQL = load("rapport.metadata")
_ROUNDS = 6  # what is mended shows what hangs on it: a table, its constraints, the foreign keys that lead to it


@dataclass(frozen=True, kw_only=True)
class Mended:
    """``left`` with the reason of each, where it was tried in vain."""

    done: tuple[Difference, ...]
    left: tuple[tuple[Difference, str | None], ...]


async def look(db: Database, workspace_id: UUID, reference: Reference) -> list[Difference]:
    """The differences of a workspace. Those seen while its model changes are looked at again under the lock."""
    async with db.transaction() as connection:
        found = await examine(connection, workspace_id, reference)
    if not found:
        return []
    async with db.transaction() as connection:
        await connection.script(f"set local lock_timeout = '{PATIENCE_SECONDS:.0f}s'")
        try:
            await _lock(connection, workspace_id)
        except asyncpg.LockNotAvailableError as error:
            raise ModelBusy from error
        return await examine(connection, workspace_id, reference)


async def mend(db: Database, workspace_id: UUID, reference: Reference, *, patience: float = PATIENCE_SECONDS) -> Mended:
    """Does what is safe, in one transaction under the lock; raises ModelBusy after ``patience`` seconds."""
    deadline = time.monotonic() + patience
    while True:
        try:
            async with db.transaction() as connection:
                await connection.script(
                    f"set local lock_timeout = {LOCK_WAIT_MS}; "
                    f"set local statement_timeout = {LONGEST_STATEMENT_SECONDS * 1000}"
                )
                await _lock(connection, workspace_id)
                return await _Mending(connection, workspace_id, reference).all()
        except (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError) as error:
            if time.monotonic() > deadline:
                raise ModelBusy from error
            await asyncio.sleep(random.uniform(0.02, 0.2))  # noqa: S311  # nothing secret: who waits how long


async def _lock(connection: Connection, workspace_id: UUID) -> None:
    if await connection.value(_SQL["lock_model"], workspace_id) is None:
        raise WorkspaceNotFound


@dataclass
class _Mending:
    connection: Connection
    workspace_id: UUID
    reference: Reference
    _tried: dict[str, Difference] = field(default_factory=dict)
    _reasons: dict[str, str] = field(default_factory=dict)  # why something could not be done

    async def all(self) -> Mended:
        for _ in range(_ROUNDS):
            found = await examine(self.connection, self.workspace_id, self.reference)
            doable = [each for each in found if each.is_safe and str(each) not in self._tried]
            if not doable:
                break
            self._tried |= {str(each): each for each in doable}
            await write_model(self.connection, *_rows(each.row for each in doable if each.row is not None))
            for each in doable:
                await self._do(each)
        left = {str(each): each for each in await examine(self.connection, self.workspace_id, self.reference)}
        # What could not be done may have been done nevertheless, along with something else.
        done = tuple(each for told, each in self._tried.items() if told not in left)
        if done:
            version = await self.connection.value(_SQL["raise_version"], self.workspace_id)
            assert isinstance(version, int)
            await announce_model(self.connection, self.workspace_id, version)
        return Mended(done=done, left=tuple((each, self._reasons.get(told)) for told, each in left.items()))

    async def _do(self, difference: Difference) -> None:
        """Runs the statements of one difference, all or none of them."""
        await self.connection.script("savepoint mending")
        try:
            for statement in difference.statements:
                await self.connection.script(statement)
        except (asyncpg.LockNotAvailableError, asyncpg.DeadlockDetectedError):
            raise
        except asyncpg.PostgresError as error:
            await self.connection.script("rollback to savepoint mending")
            self._reasons[str(difference)] = _reason(error)
        await self.connection.script("release savepoint mending")


def _reason(error: asyncpg.PostgresError) -> str:
    return f"{error.message} ({error.detail})" if error.detail else str(error.message)


def _rows(changes: Iterable[RowChange]) -> tuple[Rows, Rows]:
    """The rows before and after."""
    before: dict[str, dict[str, Row]] = {"objects": {}, "fields": {}, "indexes": {}, "index_fields": {}}
    after: dict[str, dict[str, Row]] = {"objects": {}, "fields": {}, "indexes": {}, "index_fields": {}}
    for change in changes:
        if change.before is not None:
            before[change.table][change.id] = change.before
        if change.after is not None:
            after[change.table][change.id] = change.after
    return Rows(**before), Rows(**after)
