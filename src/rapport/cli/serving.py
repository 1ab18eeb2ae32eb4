"""`rapport serve` and `rapport worker`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rapport.cli.options import DataDir, settings_from

if TYPE_CHECKING:
    from rapport.running import Ready

Demo = Annotated[bool, typer.Option("--demo", help="Make a workspace with demo data, unless it is there.")]
Port = Annotated[int | None, typer.Option("--port", help="TCP port; 0 takes a free one.", show_default="PORT or 3000")]
Host = Annotated[
    str | None, typer.Option("--host", help="Address to listen on.", show_default="RAPPORT_HOST or 127.0.0.1")
]
ReadyFile = Annotated[
    Path | None,
    typer.Option(
        "--ready-file",
        help="Write address, login and process id here, as JSON, once requests are accepted.",
        show_default=False,
    ),
]


def install(app: typer.Typer) -> None:
    app.command()(serve)
    app.command()(worker)


def serve(
    demo: Demo = False,
    port: Port = None,
    host: Host = None,
    data_dir: DataDir = None,
    ready_file: ReadyFile = None,
) -> None:
    """Run the server.

    Starts the embedded PostgreSQL unless DATABASE_URL is set, applies pending migrations, and serves until it is told
    to stop (Ctrl-C or SIGTERM).
    """
    settings = settings_from({"PORT": port, "RAPPORT_HOST": host, "RAPPORT_DATA_DIR": data_dir})
    from rapport.running import serve as run_server

    run_server(settings, demo=demo, ready_file=ready_file, say=_say)


def worker(data_dir: DataDir = None) -> None:
    """Run background jobs.

    `serve` does that by itself, unless RAPPORT_WORKER is false. Several workers share the work. Runs until it is told
    to stop (Ctrl-C or SIGTERM); jobs that are under way may finish.
    """
    settings = settings_from({"RAPPORT_DATA_DIR": data_dir})
    from rapport.running import work

    work(settings, say=lambda: print("Rapport   worker is running", flush=True))


def _say(ready: "Ready") -> None:
    lines = [("Rapport", ready.url), ("E-mail", ready.email), ("Password", ready.password), ("API key", ready.apiKey)]
    print("\n".join(f"{label:<9} {value}" for label, value in lines if value), flush=True)
