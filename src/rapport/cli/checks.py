"""`rapport version`, and the options of the program itself."""

from importlib.metadata import PackageNotFoundError, version
from typing import Annotated

import typer


def install(app: typer.Typer) -> None:
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
