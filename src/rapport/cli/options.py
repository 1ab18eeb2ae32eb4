"""Options that several commands have, and the settings that they lead to."""

import asyncio
import os
from collections.abc import Coroutine, Mapping
from pathlib import Path
from typing import Annotated, TypeVar

import structlog
import typer

from rapport.base.observations import configure_logging
from rapport.base.settings import Settings

T = TypeVar("T")

DataDir = Annotated[
    Path | None, typer.Option("--data-dir", help="Folder for the embedded PostgreSQL.", show_default=False)
]


def settings_from(overrides: Mapping[str, object] | None = None) -> Settings:
    """The settings of the environment, with the options that were given in place of their variables."""
    given = {variable: str(value) for variable, value in (overrides or {}).items() if value is not None}
    environment = {**os.environ, **given}
    settings = Settings.from_environment(environment)
    configure_logging(settings.log_level)
    for variable in Settings.unknown_variables(environment):
        structlog.get_logger(__name__).warning("this variable is not a setting", variable=variable)
    return settings


def run(work: Coroutine[None, None, T]) -> T:
    """Runs the work of a command that ends by itself."""
    return asyncio.run(work)
