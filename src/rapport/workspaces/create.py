"""Making a workspace: its row, its data model, its schema with all tables."""

import secrets
from uuid import UUID

from rapport.base.ids import new_id
from rapport.events.ddl import create_event_table
from rapport.metadata.catalog import WorkspaceId
from rapport.metadata.ddl import create_statements
from rapport.metadata.standard.model import standard_catalog
from rapport.metadata.store import insert_model
from rapport.roles.standard import seed_roles
from rapport.store.database import Connection
from rapport.store.queries import load
from rapport.workspaces.errors import SubdomainTaken

_SQL = load("rapport.workspaces")


async def create_workspace(connection: Connection, *, name: str, subdomain: str | None = None) -> tuple[UUID, str]:
    """The id and the schema of a new workspace with the standard model. The caller's transaction is around it.

    Raises SubdomainTaken, after which the transaction can still be used.
    """
    catalog = standard_catalog(WorkspaceId(new_id()))
    row = await connection.row(
        _SQL["insert_workspace"],
        catalog.workspace_id, name, subdomain, catalog.schema, secrets.token_urlsafe(24), catalog.version,
    )  # fmt: skip
    if row is None:
        raise SubdomainTaken
    await insert_model(connection, catalog)
    await seed_roles(connection, catalog.workspace_id)
    await connection.script(";\n".join([*create_statements(catalog), create_event_table(catalog.schema)]))
    return catalog.workspace_id, catalog.schema
