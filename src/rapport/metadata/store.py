"""The data model in the database: written when a workspace is made, read as a catalog."""

from dataclasses import fields
from uuid import UUID

import orjson

from rapport.base.errors import NotFound
from rapport.metadata.catalog import Catalog, WorkspaceId
from rapport.metadata.serial import Row, Rows, objects_of
from rapport.store.database import Connection, Database
from rapport.store.queries import load

_SQL = load("rapport.metadata")


class WorkspaceNotFound(NotFound):
    """Workspace not found"""

    sub_code = "WORKSPACE_NOT_FOUND"


async def write_model(connection: Connection, before: Rows, after: Rows) -> None:
    """Writes what differs: rows that are new or changed, and those that are gone. It is part of a transaction."""
    tables = tuple((each.name, getattr(before, each.name), getattr(after, each.name)) for each in fields(Rows))
    for table, old, new in tables:
        changed = [row for row_id, row in new.items() if not _same(old.get(row_id), row)]
        if changed:
            await connection.execute(_SQL[f"put_{table}"], orjson.dumps(changed).decode())
    for table, old, new in reversed(tables):
        gone = [UUID(row_id) for row_id in old if row_id not in new]
        if gone:
            await connection.execute(_SQL[f"drop_{table}"], gone)


def _same(old: Row | None, new: Row) -> bool:
    """But for the place: what goes moves all that comes after it up, and no row need be written for that."""
    return old is not None and {**old, "position": None} == {**new, "position": None}


async def load_catalog(database: Database | Connection, workspace_id: UUID) -> Catalog:
    """The model of a workspace as it is now; raises WorkspaceNotFound."""
    row = await database.row(_SQL["load_model"], workspace_id)
    if row is None:
        raise WorkspaceNotFound
    return Catalog(
        workspace_id=WorkspaceId(workspace_id),
        schema=row["schema"],
        version=row["version"],
        objects=objects_of(orjson.loads(row["objects"])),
    )


async def model_version(database: Database | Connection, workspace_id: UUID) -> int:
    """The version of the model now; raises WorkspaceNotFound. Cheaper than loading a catalog to compare."""
    version = await database.value(_SQL["model_version"], workspace_id)
    if not isinstance(version, int):
        raise WorkspaceNotFound
    return version
