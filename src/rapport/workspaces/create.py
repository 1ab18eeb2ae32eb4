"""Making a workspace in two steps: its row and roles with its founder, then its data model and its tables."""

import secrets
from dataclasses import dataclass
from typing import Literal
from uuid import UUID

from rapport.base.ids import new_id
from rapport.events.ddl import create_event_table
from rapport.metadata.catalog import Catalog, WorkspaceId
from rapport.metadata.ddl import create_statements
from rapport.metadata.names import schema_name
from rapport.metadata.serial import NO_ROWS, rows_of
from rapport.metadata.standard.model import standard_catalog
from rapport.metadata.store import write_model
from rapport.roles.standard import seed_roles
from rapport.store.database import Connection
from rapport.store.queries import load
from rapport.workspaces.errors import SignUpDisabled, SubdomainTaken
from rapport.workspaces.members import add_membership
from rapport.workspaces.subdomains import proposals

_SQL = load("rapport.workspaces")

ActivationStatus = Literal["PENDING_CREATION", "ACTIVE"]


@dataclass(frozen=True, kw_only=True)
class Begun:
    """A workspace that waits for its activation. ``user_workspace_id`` is the founder's membership."""

    id: UUID
    schema: str
    subdomain: str
    user_workspace_id: UUID
    is_first: bool  # on this server: its founder may administrate the server


async def begin_workspace(
    connection: Connection,
    *,
    user_id: UUID,
    email: str,
    display_name: str | None = None,
    locale: str = "en",
    multiworkspace: bool = True,
) -> Begun:
    """A workspace in PENDING_CREATION with its founder: rows only, records come with ``activate_workspace``.

    The caller's transaction is around it. Raises SignUpDisabled where there may be one workspace only.
    """
    # Who begins a workspace waits for whoever does so at this moment: of two, one is the first.
    await connection.execute(_SQL["lock_beginnings"])
    is_first = await connection.value(_SQL["any_workspace"]) is None
    if not is_first and not multiworkspace:
        raise SignUpDisabled
    workspace_id = new_id()
    subdomain = await _insert(
        connection, workspace_id, display_name, status="PENDING_CREATION", version=0, subdomain=None, email=email
    )
    await seed_roles(connection, workspace_id)
    membership_id = await add_membership(
        connection, workspace_id=workspace_id, user_id=user_id, member_id=None, locale=locale
    )
    await connection.execute(_SQL["begin_onboarding"], [new_id() for _ in range(3)], user_id, workspace_id)
    return Begun(
        id=workspace_id,
        schema=schema_name(workspace_id),
        subdomain=subdomain,
        user_workspace_id=membership_id,
        is_first=is_first,
    )


async def create_workspace(connection: Connection, *, name: str, subdomain: str | None = None) -> tuple[UUID, str]:
    """The id and the schema of a new workspace with the standard model. The caller's transaction is around it.

    Raises SubdomainTaken, after which the transaction can still be used. The subdomain is taken as it is given.
    """
    catalog = standard_catalog(WorkspaceId(new_id()))
    await _insert(connection, catalog.workspace_id, name, status="ACTIVE", version=catalog.version, subdomain=subdomain)
    await seed_roles(connection, catalog.workspace_id)
    await build(connection, catalog)
    return catalog.workspace_id, catalog.schema


async def build(connection: Connection, catalog: Catalog) -> None:
    """Writes the model of a workspace and makes its schema with all tables."""
    await write_model(connection, NO_ROWS, rows_of(catalog))
    await connection.script(";\n".join([*create_statements(catalog), create_event_table(catalog.schema)]))


async def _insert(
    connection: Connection,
    workspace_id: UUID,
    name: str | None,
    *,
    status: ActivationStatus,
    version: int,
    subdomain: str | None,
    email: str | None = None,
) -> str:
    """The subdomain of the new row: the one given, or the first proposal that is free. Raises SubdomainTaken."""
    for wanted in [subdomain] if subdomain is not None else proposals(name=name, email=email):
        taken = await connection.value(
            _SQL["insert_workspace"],
            workspace_id, name, wanted, schema_name(workspace_id), secrets.token_urlsafe(24), version, status,
        )  # fmt: skip
        if taken is not None:
            return wanted
    raise SubdomainTaken
