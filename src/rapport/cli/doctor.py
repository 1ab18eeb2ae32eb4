"""`rapport doctor`."""

from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal
from uuid import UUID

import typer

from rapport.base.settings import Settings
from rapport.cli.options import DataDir, run, settings_from
from rapport.store.database import Database
from rapport.store.embedded import cluster_folder
from rapport.store.migrate import pending, unknown
from rapport.store.opening import open_database
from rapport.store.queries import load

if TYPE_CHECKING:
    from rapport.metadata.doctor import Difference, Reference

Fix = Annotated[
    bool, typer.Option("--fix", help="Mend what can be mended without losing data; what remains is shown as a problem.")
]
Verdict = Literal["ok", "PROBLEM", "fixed"]


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What one check found. ``lines`` say what would mend it, or has."""

    verdict: Verdict = "ok"
    subject: str
    detail: str
    lines: tuple[str, ...] = ()
    is_safe: bool = False  # --fix would mend it

    def print(self) -> None:
        print(f"{self.verdict:<8} {self.subject}: {self.detail}")
        for line in self.lines:
            print(f"         {line}")


def install(app: typer.Typer) -> None:
    app.command("doctor")(doctor)


def doctor(fix: Fix = False, data_dir: DataDir = None) -> None:
    """Check settings, database and data models.

    Exit code 1 if something is wrong. Of each difference between a data model and its tables it shows the statements
    that would mend it.
    """
    settings = settings_from({"RAPPORT_DATA_DIR": data_dir})
    if not run(_examine(settings, fix=fix)):
        raise typer.Exit(1)


async def _examine(settings: Settings, *, fix: bool) -> bool:
    """Whether all is well, after every finding has been printed."""
    source = "DATABASE_URL" if settings.database_url else f"embedded PostgreSQL in {settings.data_dir}"
    Finding(subject="settings", detail=f"all are valid; database: {source}").print()
    if not settings.database_url and not cluster_folder(settings.data_dir).exists():
        detail = f"there is none in {settings.data_dir}. `rapport serve` makes one."
        Finding(verdict="PROBLEM", subject="database", detail=detail).print()
        return False
    is_well, is_mendable = True, False
    async with open_database(settings) as db:  # refuses an old version and another encoding by itself
        async for finding in _database(db, fix=fix):
            finding.print()
            is_well = is_well and finding.verdict != "PROBLEM"
            is_mendable = is_mendable or finding.is_safe
    if is_mendable:
        print("What is marked as safe is done by: rapport doctor --fix")
    return is_well


async def _database(db: Database, *, fix: bool) -> AsyncIterator[Finding]:
    yield Finding(subject="PostgreSQL", detail=f"{await db.value('show server_version')}, encoding UTF8")
    lacking = [migration.name for migration in await pending(db)]
    if lacking:
        detail = f"pending: {', '.join(lacking)}. Run: rapport migrate"
        yield Finding(verdict="PROBLEM", subject="migrations", detail=detail)
        return
    yield Finding(subject="migrations", detail="all are applied")
    later = await unknown(db)
    if later:
        detail = f"the database has been migrated by a later one: {', '.join(later)}. This one does not start on it."
        yield Finding(verdict="PROBLEM", subject="release", detail=detail)
        return
    async for finding in _workspaces(db, fix=fix):
        yield finding
    async for finding in _strays(db):
        yield finding


async def _workspaces(db: Database, *, fix: bool) -> AsyncIterator[Finding]:
    """Whether the data model of each workspace and its tables agree."""
    from rapport.base.errors import RapportError
    from rapport.events.ddl import create_event_table
    from rapport.metadata.doctor import Reference
    from rapport.metadata.store import WorkspaceNotFound

    reference = Reference(own_tables={"event": create_event_table})
    for row in await db.rows(load("rapport.cli")["all_workspaces"]):
        subject, found = f"workspace {row['subdomain'] or row['id']}", False
        try:
            async for finding in _workspace(db, row["id"], subject, reference, fix=fix):
                found = True
                yield finding
        except WorkspaceNotFound:  # it has been deleted just now
            continue
        except RapportError as error:  # its tables are in use: the others can be looked at nevertheless
            yield Finding(verdict="PROBLEM", subject=subject, detail=error.message)
            continue
        if not found:
            yield Finding(subject=subject, detail="data model and tables agree")


async def _workspace(
    db: Database, workspace_id: UUID, subject: str, reference: "Reference", *, fix: bool
) -> AsyncIterator[Finding]:
    """What is wrong with one workspace, and what has been mended."""
    from rapport.metadata.doctor import look, mend

    differences = await look(db, workspace_id, reference)
    if not differences:
        return
    if not fix:
        for each in _sorted(differences):
            lines = tuple(_mending(each, "safe" if each.is_safe else "may lose data"))
            yield Finding(verdict="PROBLEM", subject=subject, detail=str(each), lines=lines, is_safe=each.is_safe)
        return
    mended = await mend(db, workspace_id, reference)
    for each in mended.done:
        yield Finding(verdict="fixed", subject=subject, detail=str(each), lines=tuple(_mending(each, "done")))
    reasons = {str(each): reason for each, reason in mended.left}
    for each in _sorted(each for each, _ in mended.left):
        reason = reasons[str(each)]
        lines = (*_mending(each, "not done"), *([f"because: {reason}"] if reason else []))
        yield Finding(verdict="PROBLEM", subject=subject, detail=str(each), lines=lines)


async def _strays(db: Database) -> AsyncIterator[Finding]:
    from rapport.metadata.names import quote

    for row in await db.rows(load("rapport.metadata")["stray_schemas"]):
        line = f"may lose data: drop schema {quote(row['name'])} cascade;"
        yield Finding(verdict="PROBLEM", subject=f"schema {row['name']}", detail="is of no workspace", lines=(line,))


def _sorted(differences: "Iterable[Difference]") -> "list[Difference]":
    return sorted(differences, key=lambda each: (each.table, each.what))


def _mending(difference: "Difference", verdict: str) -> Iterator[str]:
    """Line by line: `safe: alter table …;`"""
    from rapport.metadata.doctor import row_mending

    for statement in difference.statements:
        first, *rest = f"{statement};".splitlines()
        yield f"{verdict}: {first}"
        yield from rest
    if difference.row is not None:
        yield f"{verdict}: {row_mending(difference.row)}"
