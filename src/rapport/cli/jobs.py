"""`rapport jobs`."""

from typing import Annotated

import typer

from rapport.base.settings import Settings
from rapport.cli.options import DataDir, run, settings_from
from rapport.jobs.queue import Jobs, Listed
from rapport.store.opening import open_database

Failed = Annotated[bool, typer.Option("--failed", help="Only the dead letters: jobs that failed for good.")]
Limit = Annotated[int, typer.Option("--limit", help="How many to show.", min=1, max=1000)]
Numbers = Annotated[
    list[int] | None, typer.Argument(help="Numbers of failed jobs.", metavar="[JOB]...", min=1, max=2**62)
]
All = Annotated[bool, typer.Option("--all", help="All failed jobs.")]


def install(app: typer.Typer) -> None:
    group = typer.Typer(help="Work to be done in the background, and jobs that failed.", no_args_is_help=True)
    group.command("list")(list_command)
    group.command("retry")(retry)
    app.add_typer(group, name="jobs")


def list_command(failed: Failed = False, limit: Limit = 100, data_dir: DataDir = None) -> None:
    """List jobs: failed ones first, then those that wait or run."""
    jobs = run(_list(settings_from({"RAPPORT_DATA_DIR": data_dir}), failed, limit))
    for job in jobs:
        state = {"queued": "waiting", "picked": "running"}.get(job.state, job.state)
        when = f"{job.run_after:%Y-%m-%d %H:%M:%S}Z"
        print(f"{job.id:>8}  {state:<8} {when}  {job.attempts} failures  {job.name}  {_one_line(job.error)}".rstrip())
    if not jobs:
        print("There are no failed jobs." if failed else "There are no jobs.")


def retry(numbers: Numbers = None, all_: All = False, data_dir: DataDir = None) -> None:
    """Put failed jobs back into the queue."""
    if bool(numbers) == all_:
        raise typer.BadParameter("give the numbers of jobs, or --all")
    done = run(_retry(settings_from({"RAPPORT_DATA_DIR": data_dir}), None if all_ else numbers))
    for number in done:
        print(f"{number} will be tried again")
    missing = sorted(set(numbers or ()) - set(done))
    for number in missing:
        print(f"{number} is not a failed job that can be tried again")
    if not done and all_:
        print("There are no failed jobs.")
    if missing:
        raise typer.Exit(1)


async def _list(settings: Settings, failed: bool, limit: int) -> list[Listed]:
    async with open_database(settings) as db:
        return await Jobs().listed(db, only_failed=failed, limit=limit)


async def _retry(settings: Settings, numbers: list[int] | None) -> list[int]:
    async with open_database(settings) as db:
        return await Jobs().retry(db, numbers)


def _one_line(text: str | None) -> str:
    """What a stranger's server said, fit for a terminal."""
    line = " ".join((text or "").split())
    return "".join(character if character.isprintable() else "?" for character in line)[:300]
