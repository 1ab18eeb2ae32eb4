"""Imports in the database: how far they are, and what was wrong with their rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg
import orjson

from rapport.imports.acting import Starter
from rapport.imports.options import ImportOptions
from rapport.imports.problems import Problem
from rapport.metadata.names import quote
from rapport.store.database import Connection, Database
from rapport.store.queries import load

_SQL = load("rapport.imports")

MOST_PROBLEMS = 100_000  # of one import that are kept; all are counted


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """``position``: bytes that are done; ``processed``: rows."""

    id: UUID
    object_id: UUID
    object: str
    options: ImportOptions
    state: str
    reason: str | None
    starter: Starter
    starter_name: str
    size: int
    position: int
    next_row: int
    processed: int
    created: int
    updated: int
    unchanged: int
    failed: int
    undone: int
    kept: int
    first_event: int
    next_undo: int
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None

    @property
    def progress(self) -> float:
        """From 0 to 1."""
        return 1.0 if self.position >= self.size else round(self.position / self.size, 4)


def import_of(row: asyncpg.Record) -> Import:
    return Import(
        id=row["id"],
        object_id=row["objectMetadataId"],
        object=row["object"],
        options=ImportOptions.of(orjson.loads(row["options"])),
        state=row["state"],
        reason=row["reason"],
        starter=Starter(
            workspace_id=row["workspaceId"],
            user_workspace_id=row["userWorkspaceId"],
            api_key_id=row["apiKeyId"],
            address=row["address"],
            impersonator=row["impersonatorUserWorkspaceId"],
        ),
        starter_name=row["starterName"],
        size=row["size"],
        position=row["position"],
        next_row=row["nextRow"],
        processed=row["processed"],
        created=row["created"],
        updated=row["updated"],
        unchanged=row["unchanged"],
        failed=row["failed"],
        undone=row["undone"],
        kept=row["kept"],
        first_event=row["firstEvent"] or 0,
        next_undo=row["nextUndo"] or 0,
        created_at=row["createdAt"],
        started_at=row["startedAt"],
        finished_at=row["finishedAt"],
    )


async def take(connection: Connection, import_id: UUID) -> Import | None:
    """The import, which nobody else changes until the transaction ends."""
    row = await connection.row(_SQL["take_import"], import_id)
    return None if row is None else import_of(row)


async def last_event(connection: Connection, schema: str) -> int:
    """The number of the last event of a workspace."""
    return int(str(await connection.value(_SQL["last_event"].replace("{schema}", quote(schema)))))


async def add_problems(connection: Connection, import_id: UUID, problems: Sequence[Problem]) -> None:
    if not problems:
        return
    ordered = sorted(problems, key=lambda each: each.row or 0)
    await connection.execute(
        _SQL["add_problems"],
        import_id,
        MOST_PROBLEMS,
        [each.row for each in ordered],
        [each.column for each in ordered],
        [each.message for each in ordered],
        [each.value for each in ordered],
        [each.record_id for each in ordered],
    )


async def end(db: Database, import_id: UUID, state: str, reason: str | None = None) -> None:
    """The import ends, and what was kept for it goes."""
    async with db.transaction() as connection:
        await end_within(connection, import_id, state, reason)


async def end_within(connection: Connection, import_id: UUID, state: str, reason: str | None = None) -> None:
    await connection.execute(_SQL["end_import"], import_id, state, reason)
    await connection.execute(_SQL["drop_chunks"], import_id)
    await connection.execute(_SQL["drop_keys"], import_id)


def shown(problem: asyncpg.Record) -> dict[str, object]:
    """A problem as clients see it."""
    return {
        "row": problem["row"],
        "column": problem["column"],
        "message": problem["message"],
        "value": problem["value"],
        "recordId": None if problem["recordId"] is None else str(problem["recordId"]),
    }
