"""`rapport demo`."""

from typing import TYPE_CHECKING

import typer

from rapport.base.secrets import app_secret
from rapport.base.settings import Settings
from rapport.cli.options import DataDir, run, settings_from
from rapport.store.migrate import migrate
from rapport.store.opening import open_database

if TYPE_CHECKING:
    from rapport.demo.build import Demo


def install(app: typer.Typer) -> None:
    app.command("demo")(demo)


def demo(data_dir: DataDir = None) -> None:
    """Make the workspace with demo data, unless it is there.

    Prints how to sign in. Works beside a running server, too.
    """
    made = run(_demo(settings_from({"RAPPORT_DATA_DIR": data_dir})))
    print(f"Workspace {made.workspace_id}\nE-mail    {made.email}\nPassword  {made.password}\nAPI key   {made.api_key}")


async def _demo(settings: Settings) -> "Demo":
    from rapport.accounts.opening import account_service
    from rapport.demo.build import ensure_demo

    async with open_database(settings) as db:
        await migrate(db)
        with account_service(settings, db, app_secret(settings)) as accounts:
            return await ensure_demo(db, accounts, data_dir=settings.data_dir)
