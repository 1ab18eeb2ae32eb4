"""`rapport schema`: the data model of a workspace as a file."""

import sys
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from rapport.base.errors import ConfigurationError
from rapport.base.settings import Settings
from rapport.cli.options import DataDir, run, settings_from
from rapport.cli.workspaces import find_workspace
from rapport.store.opening import open_database

if TYPE_CHECKING:
    from rapport.metadata.catalog import Catalog
    from rapport.metadata.evolution.collisions import ApiNames
    from rapport.metadata.model_file.forms import ModelForm

Workspace = Annotated[str, typer.Argument(help="Subdomain or id of the workspace.", metavar="WORKSPACE")]
File = Annotated[Path, typer.Argument(help="A file as `export` writes it; - for the standard input.", metavar="FILE")]
Target = Annotated[Path | None, typer.Option("--file", help="Where to write it.", show_default="standard output")]
Sql = Annotated[bool, typer.Option("--sql", help="Show the statements as well.")]
AllowLoss = Annotated[bool, typer.Option("--allow-loss", help="Apply the file although data is lost by it.")]


def install(app: typer.Typer) -> None:
    group = typer.Typer(help="A workspace's data model as a file: write, compare, apply it.", no_args_is_help=True)
    group.command("export")(export)
    group.command("diff")(diff)
    group.command("apply")(apply)
    app.add_typer(group, name="schema")


def export(workspace: Workspace, file: Target = None, data_dir: DataDir = None) -> None:
    """Write what a workspace's data model has beyond the standard model, as YAML."""
    text = run(_export(settings_from({"RAPPORT_DATA_DIR": data_dir}), workspace))
    if file is None:
        sys.stdout.write(text)
    else:
        try:
            file.write_text(text, encoding="utf-8")
        except OSError as error:
            raise ConfigurationError(f"{file} cannot be written: {error.strerror}") from error


def diff(workspace: Workspace, file: File, sql: Sql = False, data_dir: DataDir = None) -> None:
    """Show what applying a file would change, and what data it would lose. Nothing is changed."""
    form = _read(file)
    for line in run(_diff(settings_from({"RAPPORT_DATA_DIR": data_dir}), workspace, form, with_sql=sql)):
        print(line)


def apply(workspace: Workspace, file: File, allow_loss: AllowLoss = False, data_dir: DataDir = None) -> None:
    """Make the data model of a workspace the one of a file: all of it or, when something is refused, nothing.

    Works beside a running server, too, which knows the new model at once.
    """
    form = _read(file)
    for line in run(_apply(settings_from({"RAPPORT_DATA_DIR": data_dir}), workspace, form, allow_loss=allow_loss)):
        print(line)


def _read(file: Path) -> "ModelForm":
    from rapport.metadata.model_file.forms import read_form
    from rapport.metadata.model_file.reading import MOST_BYTES, read_yaml

    try:
        if str(file) == "-":
            source = sys.stdin.buffer.read(MOST_BYTES + 1)
        else:
            with file.open("rb") as opened:
                source = opened.read(MOST_BYTES + 1)
    except OSError as error:
        raise ConfigurationError(f"{file} cannot be read: {error.strerror}") from error
    return read_form(read_yaml(source))


async def _export(settings: Settings, workspace: str) -> str:
    from rapport.metadata.model_file.writing import write_model_file
    from rapport.metadata.store import load_catalog

    async with open_database(settings) as db:
        workspace_id = await find_workspace(db, workspace)
        return write_model_file(await load_catalog(db, workspace_id), workspace)


async def _diff(settings: Settings, workspace: str, form: "ModelForm", *, with_sql: bool) -> list[str]:
    from rapport.metadata.evolution.steps import losses, steps
    from rapport.metadata.model_file.applying import apply_form
    from rapport.metadata.model_file.comparing import changes
    from rapport.metadata.store import load_catalog

    async with open_database(settings) as db:
        before = await load_catalog(db, await find_workspace(db, workspace))
    after = apply_form(form, before, taken=_taken())
    if after is before:
        return ["Nothing would change."]
    found = steps(before, after)
    lines = changes(before, after)
    lines += [f"! loses {loss}" for loss in losses(found)]
    if with_sql:
        lines += ["", *(f"{step.sql};" for step in found)]
    return lines


async def _apply(settings: Settings, workspace: str, form: "ModelForm", *, allow_loss: bool) -> list[str]:
    from rapport.audit.log import record
    from rapport.metadata.evolution.problems import InvalidModel
    from rapport.metadata.evolution.steps import losses, steps
    from rapport.metadata.evolving import Evolving
    from rapport.metadata.model_file.applying import apply_form
    from rapport.metadata.model_file.comparing import changes
    from rapport.metadata.model_file.errors import DataWouldBeLost, RecordsInTheWay
    from rapport.store.database import Connection

    taken = _taken()

    def edit(catalog: "Catalog") -> "Catalog":
        after = apply_form(form, catalog, taken=taken)
        lost = losses(steps(catalog, after)) if after is not catalog and not allow_loss else []
        if lost:
            raise DataWouldBeLost(lost)
        return after

    async def note(connection: Connection, before: "Catalog", after: "Catalog") -> None:
        details = {"changes": changes(before, after), "version": after.version, "by": "command line"}
        await record(connection, action="modelApplied", workspace_id=workspace_id, details=details)

    async with open_database(settings) as db:
        workspace_id: UUID = await find_workspace(db, workspace)
        try:
            changed = await Evolving(db, forget=lambda _: None).change(workspace_id, edit, companion=note)
        except InvalidModel as error:
            raise RecordsInTheWay(issue.message for each in error.findings for issue in each.issues) from error
    if changed.after is changed.before:
        return ["Nothing changes."]
    return [*changes(changed.before, changed.after), f"The model has version {changed.after.version} now."]


def _taken() -> "ApiNames":
    """The names of what the API has beside objects."""
    from graphql import parse

    from rapport.edge.graphql.system.sources import read_sources
    from rapport.metadata.evolution.collisions import ApiNames

    areas = (area for area in files("rapport").iterdir() if area.is_dir())
    texts = [
        file.read_text(encoding="utf-8") for area in areas for file in area.iterdir() if file.name.endswith(".graphql")
    ]
    sources = read_sources(texts)
    named = (getattr(each, "name", None) for each in parse(sources.sdl, no_location=True).definitions)
    return ApiNames(
        queries=frozenset(sources.access["Query"]),
        mutations=frozenset(sources.access["Mutation"]),
        types=frozenset(name.value for name in named if name is not None),
    )
