"""`rapport doctor` and `rapport version`."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Annotated

import typer

from rapport.base.settings import Settings
from rapport.cli.options import DataDir, run, settings_from
from rapport.store.database import Database
from rapport.store.migrate import pending, unknown
from rapport.store.opening import open_database
from rapport.store.queries import load


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What one check found; ``problem`` says what is wrong, if anything."""

    subject: str
    detail: str
    problem: str | None = None


def install(app: typer.Typer) -> None:
    app.command("doctor")(doctor)
    app.command("version")(version_command)
    app.callback()(program)


def _version_option(is_given: bool) -> None:
    if is_given:
        version_command()
        raise typer.Exit


def program(
    version: Annotated[
        bool, typer.Option("--version", callback=_version_option, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """The options of the program itself."""


def version_command() -> None:
    """Show the version."""
    print(program_version())


def program_version() -> str:
    try:
        return version("rapport")
    except PackageNotFoundError:  # run from the sources, not installed
        return "0"


def doctor(data_dir: DataDir = None) -> None:
    """Check settings, database and data model; exit code 1 if something is wrong."""
    settings = settings_from({"RAPPORT_DATA_DIR": data_dir})
    findings = run(_examine(settings))
    for finding in findings:
        print(f"{'PROBLEM' if finding.problem else 'ok':<8} {finding.subject}: {finding.problem or finding.detail}")
    if any(finding.problem for finding in findings):
        raise typer.Exit(1)


async def _examine(settings: Settings) -> list[Finding]:
    source = "DATABASE_URL" if settings.database_url else f"embedded PostgreSQL in {settings.data_dir}"
    findings = [Finding(subject="settings", detail=f"all are valid; database: {source}")]
    async with open_database(settings) as db:  # refuses an old version and another encoding by itself
        findings += [finding async for finding in _database(db)]
    return findings


async def _database(db: Database) -> AsyncIterator[Finding]:
    yield Finding(subject="PostgreSQL", detail=f"{await db.value('show server_version')}, encoding UTF8")
    lacking = [migration.name for migration in await pending(db)]
    yield Finding(
        subject="migrations",
        detail="all are applied",
        problem=f"pending: {', '.join(lacking)}. Run: rapport migrate" if lacking else None,
    )
    later = await unknown(db)
    if later:
        yield Finding(subject="release", detail=f"the database knows migrations of a later one: {', '.join(later)}")
    if not lacking:
        async for finding in _workspaces(db):
            yield finding


async def _workspaces(db: Database) -> AsyncIterator[Finding]:
    """Whether the data model of each workspace and its tables agree."""
    from rapport.metadata.doctor import differences
    from rapport.metadata.store import load_catalog

    for row in await db.rows(load("rapport.cli")["all_workspaces"]):
        found = [str(item) for item in await differences(db, await load_catalog(db, row["id"]))]
        yield Finding(
            subject=f"workspace {row['subdomain'] or row['id']}",
            detail="data model and tables agree",
            problem="; ".join(found) if found else None,
        )
