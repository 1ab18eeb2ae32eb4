"""The data model in the database: written when a workspace is made, read as a catalog."""

from uuid import UUID

import orjson

from rapport.base.errors import NotFound
from rapport.metadata.catalog import Catalog, Object, WorkspaceId
from rapport.metadata.fieldtypes.base import Json
from rapport.metadata.serial import field_of, field_row, object_of, object_row
from rapport.store.database import Connection, Database
from rapport.store.queries import load

_SQL = load("rapport.metadata")


class WorkspaceNotFound(NotFound):
    """Workspace not found"""

    sub_code = "WORKSPACE_NOT_FOUND"


async def insert_model(connection: Connection, catalog: Catalog) -> None:
    """Writes all objects and fields of a new workspace."""
    workspace_id = catalog.workspace_id
    objects = [object_row(item, workspace_id, place) for place, item in enumerate(catalog.objects)]
    fields = [
        field_row(item, owner, workspace_id, place)
        for owner in catalog.objects
        for place, item in enumerate(owner.fields)
    ]
    await connection.execute(_SQL["insert_objects"], orjson.dumps(objects).decode())
    await connection.execute(_SQL["insert_fields"], orjson.dumps(fields).decode())


async def load_catalog(database: Database | Connection, workspace_id: UUID) -> Catalog:
    """The model of a workspace as it is now; raises WorkspaceNotFound."""
    row = await database.row(_SQL["load_model"], workspace_id)
    if row is None:
        raise WorkspaceNotFound
    return Catalog(
        workspace_id=WorkspaceId(workspace_id),
        schema=row["schema"],
        version=row["version"],
        objects=tuple(_object(item) for item in orjson.loads(row["objects"])),
    )


async def model_version(database: Database | Connection, workspace_id: UUID) -> int:
    """The version of the model now; raises WorkspaceNotFound. Cheaper than loading a catalog to compare."""
    version = await database.value(_SQL["model_version"], workspace_id)
    if not isinstance(version, int):
        raise WorkspaceNotFound
    return version


def _object(row: dict[str, Json]) -> Object:
    fields = row["fields"]
    assert isinstance(fields, list)
    return object_of(row, tuple(field_of(item) for item in fields if isinstance(item, dict)))
