"""The news that the data model of a workspace has changed: whoever remembers it has to read it again."""

from uuid import UUID

from rapport.store.database import Connection
from rapport.store.notifications import notify

MODEL_CHANGED = "modelChanged"  # the kind of the notification that carries it between processes


async def announce_model(connection: Connection, workspace_id: UUID, version: int) -> None:
    """Tells every process once the transaction is committed."""
    await notify(connection, MODEL_CHANGED, {"workspaceId": str(workspace_id), "version": version})
