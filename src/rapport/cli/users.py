"""`rapport user`: what only whoever runs the server may do with accounts."""

from typing import Annotated
from uuid import UUID

import typer

from rapport.base.errors import ConfigurationError
from rapport.base.settings import Settings
from rapport.cli.options import DataDir, run, settings_from
from rapport.store.migrate import require_migrated
from rapport.store.opening import open_database
from rapport.store.queries import load

Email = Annotated[str, typer.Argument(help="E-mail address of the account.", show_default=False)]
Revoke = Annotated[bool, typer.Option("--revoke", help="Take it away again.")]


def install(app: typer.Typer) -> None:
    group = typer.Typer(help="Accounts, at the server.", no_args_is_help=True)
    group.command("admin")(admin)
    group.command("drop-factor")(drop_factor)
    app.add_typer(group, name="user")


def admin(email: Email, revoke: Revoke = False, data_dir: DataDir = None) -> None:
    """Make somebody an administrator of the server, who may act as others where their workspace allows it."""
    settings = settings_from({"RAPPORT_DATA_DIR": data_dir})
    run(_set_admin(settings, email, is_admin=not revoke))
    print(f"{email} is {'no' if revoke else 'an'} administrator of the server{' any more' if revoke else ''}.")


def drop_factor(email: Email, data_dir: DataDir = None) -> None:
    """Remove somebody's second factors: for a lost device, or after the app secret was changed."""
    settings = settings_from({"RAPPORT_DATA_DIR": data_dir})
    count = run(_drop_factors(settings, email))
    print(f"Second factors of {email} removed: {count}.")


async def _set_admin(settings: Settings, email: str, *, is_admin: bool) -> None:
    from rapport.access.changes import AccessChange
    from rapport.audit.log import record
    from rapport.system.access_news import AccessNews

    async with open_database(settings) as db:
        await require_migrated(db)
        async with db.transaction() as connection:
            user_id = await connection.value(load("rapport.cli")["set_server_admin"], email.strip(), is_admin)
            if not isinstance(user_id, UUID):
                raise ConfigurationError(f"There is no account {email}.")
            details = {"isAdmin": is_admin, "by": "command line"}
            await record(connection, action="serverAdminChanged", user_id=user_id, details=details)
            await AccessNews(db).announce(connection, AccessChange(user_id=user_id))


async def _drop_factors(settings: Settings, email: str) -> int:
    from rapport.audit.log import record

    async with open_database(settings) as db:
        await require_migrated(db)
        async with db.transaction() as connection:
            user_id = await connection.value(load("rapport.cli")["find_user"], email.strip())
            if not isinstance(user_id, UUID):
                raise ConfigurationError(f"There is no account {email}.")
            rows = await connection.rows(load("rapport.cli")["drop_second_factors"], user_id)
            for row in rows:
                await record(
                    connection,
                    action="twoFactorRemoved",
                    workspace_id=row["workspaceId"],
                    user_id=user_id,
                    details={"by": "command line"},
                )
    return len(rows)
