"""`rapport workspace`, and how commands find the workspace that is meant."""

import secrets
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

import typer

from rapport.accounts.opening import account_service
from rapport.base.errors import ConfigurationError
from rapport.base.secrets import app_secret
from rapport.base.settings import Settings
from rapport.cli.options import DataDir, run, settings_from
from rapport.store.database import Connection, Database
from rapport.store.migrate import migrate, require_migrated
from rapport.store.opening import open_database
from rapport.store.queries import load

Name = Annotated[str, typer.Argument(help="What the workspace is called.", metavar="NAME")]
Email = Annotated[str, typer.Option("--email", help="The first member. An existing account joins with its password.")]
Password = Annotated[
    str | None,
    typer.Option(
        "--password",
        help="Of the new account, at least 8 characters. Without it one is made and printed.",
        show_default=False,
    ),
]
FirstName = Annotated[str, typer.Option("--first-name", help="Of the new account.", show_default=False)]
LastName = Annotated[str, typer.Option("--last-name", help="Of the new account.", show_default=False)]
Subdomain = Annotated[
    str | None,
    typer.Option(
        "--subdomain",
        help="A short name that no other workspace has: 3 to 30 small letters, digits and hyphens. Without it one is"
        " made from NAME.",
        show_default=False,
    ),
]


@dataclass(frozen=True, kw_only=True)
class FirstMember:
    """Who enters a new workspace first. ``password`` None: one is made, unless the account exists."""

    email: str
    password: str | None
    first_name: str
    last_name: str


def install(app: typer.Typer) -> None:
    group = typer.Typer(help="Workspaces, each with its own users, data model and records.", no_args_is_help=True)
    group.command("create")(create)
    app.add_typer(group, name="workspace")


def create(
    name: Name,
    email: Email,
    password: Password = None,
    first_name: FirstName = "",
    last_name: LastName = "",
    subdomain: Subdomain = None,
    data_dir: DataDir = None,
) -> None:
    """Make a workspace with the standard objects, and its first member.

    Works beside a running server, too.
    """
    settings = settings_from({"RAPPORT_DATA_DIR": data_dir})
    member = FirstMember(email=email, password=password, first_name=first_name, last_name=last_name)
    workspace_id, made_password = run(_create(settings, name, subdomain, member))
    print(f"Workspace {workspace_id}\nE-mail    {email}")
    if made_password:
        print(f"Password  {made_password}")


async def find_workspace(db: Database, wanted: str | None) -> UUID:
    """The workspace with this subdomain or id; None: the only one. Raises ConfigurationError if that is not one."""
    await require_migrated(db)
    rows = await db.rows(load("rapport.cli")["find_workspaces"], wanted)
    if len(rows) == 1:
        found: UUID = rows[0]["id"]
        return found
    if wanted:
        raise ConfigurationError(f"There is no workspace {wanted}.")
    if not rows:
        raise ConfigurationError("There is no workspace yet. Make one: rapport workspace create")
    names = ", ".join(str(row["subdomain"] or row["id"]) for row in rows)
    raise ConfigurationError(f"There are several workspaces, choose one with --workspace: {names}")


async def _create(settings: Settings, name: str, subdomain: str | None, member: FirstMember) -> tuple[UUID, str | None]:
    """The new workspace, and the password that was made for its first member, if one was."""
    from rapport.audit.log import record
    from rapport.roles.assigning import admin_role
    from rapport.workspaces.create import create_workspace
    from rapport.workspaces.members import add_member
    from rapport.workspaces.subdomains import checked

    wanted = None if subdomain is None else checked(subdomain)
    async with open_database(settings) as db:
        await migrate(db)
        async with db.transaction() as connection:
            workspace_id, schema = await create_workspace(connection, name=name, subdomain=wanted)
            user_id, made_password = await _account(settings, db, connection, member)
            await add_member(
                connection,
                workspace_id=workspace_id,
                schema=schema,
                user_id=user_id,
                email=member.email.strip(),
                first_name=member.first_name,
                last_name=member.last_name,
                role_id=await admin_role(connection, workspace_id),
            )
            await record(
                connection,
                action="workspaceCreated",
                workspace_id=workspace_id,
                user_id=user_id,
                details={"name": name, "by": "command line"},
            )
        return workspace_id, made_password


async def _account(
    settings: Settings, db: Database, connection: Connection, member: FirstMember
) -> tuple[UUID, str | None]:
    existing = await connection.value(load("rapport.cli")["find_user"], member.email.strip())
    if isinstance(existing, UUID):
        if member.password:
            raise ConfigurationError(f"{member.email} has an account already; leave --password away.")
        return existing, None
    made = None if member.password else secrets.token_urlsafe(12)
    with account_service(settings, db, app_secret(settings)) as accounts:
        user_id = await accounts.create_user(
            connection,
            email=member.email,
            password=member.password or made,
            first_name=member.first_name,
            last_name=member.last_name,
        )
    return user_id, made
