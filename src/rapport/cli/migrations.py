"""`rapport migrate`."""

from enum import StrEnum
from typing import Annotated

import typer

from rapport.base.settings import Settings
from rapport.cli.options import DataDir, run, settings_from
from rapport.store.migrate import Phase, migrate, migrations, pending, refuse_later
from rapport.store.opening import open_database


class Part(StrEnum):
    """Which files of the migrations to apply."""

    all = "all"
    pre = "pre"
    post = "post"


Check = Annotated[bool, typer.Option("--check", help="Only list what would be applied; exit code 1 if there is any.")]
Which = Annotated[
    Part, typer.Option("--phase", help="pre: before the new release runs; post: after the last old process is gone.")
]


def install(app: typer.Typer) -> None:
    app.command("migrate")(migrate_command)


def migrate_command(check: Check = False, phase: Which = Part.all, data_dir: DataDir = None) -> None:
    """Bring the database to the state that this release needs.

    `serve` does that by itself, unless RAPPORT_MIGRATE_ON_START is false.
    """
    settings = settings_from({"RAPPORT_DATA_DIR": data_dir})
    phases: tuple[Phase, ...] = ("pre", "post") if phase is Part.all else ("pre",) if phase is Part.pre else ("post",)
    if check and not settings.database_url and not (settings.data_dir / "postgres").exists():
        names: tuple[str, ...] = tuple(item.name for item in migrations() if item.phase in phases)
    else:
        names = run(_migrate(settings, phases, check=check))
    for name in names:
        print(f"{'pending' if check else 'applied'} {name}")
    if not names:
        print("Nothing is pending.")
    if check and names:
        raise typer.Exit(1)


async def _migrate(settings: Settings, phases: tuple[Phase, ...], *, check: bool) -> tuple[str, ...]:
    async with open_database(settings) as db:
        await refuse_later(db)
        found = await pending(db) if check else await migrate(db, phases=phases)
        return tuple(item.name for item in found if item.phase in phases)
