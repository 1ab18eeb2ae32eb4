"""`rapport workspace` and `rapport demo`, and how commands find the workspace that is meant."""

from uuid import UUID

import typer

from rapport.base.errors import ConfigurationError
from rapport.store.database import Database
from rapport.store.migrate import require_migrated
from rapport.store.queries import load


def install(app: typer.Typer) -> None:
    group = typer.Typer(help="Workspaces, each with its own users, data model and records.", no_args_is_help=True)
    app.add_typer(group, name="workspace")


async def find_workspace(db: Database, wanted: str | None) -> UUID:
    """The workspace with this subdomain or id; None: the only one. Raises ConfigurationError if that is not one."""
    await require_migrated(db)
    rows = await db.rows(load("rapport.cli", "sql")["find_workspaces"], wanted)
    if len(rows) == 1:
        found: UUID = rows[0]["id"]
        return found
    if wanted:
        raise ConfigurationError(f"There is no workspace {wanted}.")
    if not rows:
        raise ConfigurationError("There is no workspace yet. Make one: rapport workspace create")
    names = ", ".join(str(row["subdomain"] or row["id"]) for row in rows)
    raise ConfigurationError(f"There are several workspaces, choose one with --workspace: {names}")
