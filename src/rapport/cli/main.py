"""The commands and their options. Each command is a few lines here and its work elsewhere, imported when it runs."""

import errno
import sys

import typer

from rapport.base.errors import RapportError
from rapport.cli import audit, checks, demo, doctor, jobs, keys, mail, migrations, schema, serving, users, workspaces


def commands() -> typer.Typer:
    """All commands, as `rapport --help` lists them."""
    app = typer.Typer(
        name="rapport",
        help="Rapport, a CRM server: GraphQL over PostgreSQL.\n\n"
        "Settings come from the environment, see docs/configuration.md; options of a command win over them. "
        "Without DATABASE_URL, Rapport runs a PostgreSQL of its own in the data directory.",
        no_args_is_help=True,
        add_completion=False,
        rich_markup_mode=None,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    for area in (serving, migrations, demo, workspaces, users, keys, audit, jobs, mail, schema, doctor, checks):
        area.install(app)
    return app


def main() -> None:
    """The program `rapport`. What a user can put right is one line and exit code 1, without a traceback."""
    try:
        commands()(prog_name="rapport")
    except RapportError as error:
        print(f"rapport: {error.message}", file=sys.stderr)
        sys.exit(1)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EROFS):
            raise
        place = f": {error.filename}" if error.filename else ""
        print(f"rapport: {error.strerror}{place}", file=sys.stderr)
        sys.exit(1)
