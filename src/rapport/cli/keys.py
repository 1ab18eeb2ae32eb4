"""`rapport apikey`."""

from datetime import UTC, datetime, timedelta
from typing import Annotated

import typer

from rapport.base.durations import parse_duration
from rapport.base.settings import Settings
from rapport.cli.options import DataDir, run, settings_from
from rapport.cli.workspaces import find_workspace
from rapport.store.opening import open_database


def _lifetime(text: str) -> timedelta:
    try:
        lifetime = parse_duration(text)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    if lifetime <= timedelta(0):
        raise typer.BadParameter("A key must live longer than that, such as 90d.")
    return lifetime


Name = Annotated[str, typer.Option("--name", help="What the key is for; shown where it made a change.")]
Workspace = Annotated[
    str | None,
    typer.Option("--workspace", help="Subdomain or id; not needed when there is only one.", show_default=False),
]
Lifetime = Annotated[
    timedelta | None,
    typer.Option(
        "--expires", "--expires-in", help="Such as 90d.", show_default="never", parser=_lifetime, metavar="DURATION"
    ),
]
Role = Annotated[str, typer.Option("--role", help="The label of the role by which the key acts.", metavar="LABEL")]


def install(app: typer.Typer) -> None:
    group = typer.Typer(help="API keys of programs.", no_args_is_help=True)
    group.command("create")(create)
    app.add_typer(group, name="apikey")


def create(
    name: Name = "Command line",
    workspace: Workspace = None,
    role: Role = "Admin",
    expires_in: Lifetime = None,
    data_dir: DataDir = None,
) -> None:
    """Make an API key and print it. It is shown this once only.

    Works beside a running server, too.
    """
    settings = settings_from({"RAPPORT_DATA_DIR": data_dir})
    print(run(_create(settings, name, workspace, role, expires_in)))


async def _create(settings: Settings, name: str, workspace: str | None, role: str, lifetime: timedelta | None) -> str:
    from rapport.audit.log import record
    from rapport.keys.service import create_key, role_with_label

    expires_at = datetime.now(UTC) + lifetime if lifetime else None
    async with open_database(settings) as db:
        workspace_id = await find_workspace(db, workspace)
        async with db.transaction() as connection:
            role_id = await role_with_label(connection, role, workspace_id=workspace_id)
            key = await create_key(
                connection, workspace_id=workspace_id, name=name, expires_at=expires_at, role_id=role_id
            )
            await record(
                connection,
                action="apiKeyCreated",
                workspace_id=workspace_id,
                details={"keyId": key.id, "name": name, "roleId": role_id, "by": "command line"},
            )
        return key.token
