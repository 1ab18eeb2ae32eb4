"""`rapport jobs`."""

import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated, TypeVar

import typer

from rapport.cli.options import DataDir, run, settings_from
from rapport.jobs.queue import Described, Jobs, Listed, Step
from rapport.jobs.schedules import ListedSchedule, Schedules
from rapport.store.database import Database
from rapport.store.opening import open_database

T = TypeVar("T")

Failed = Annotated[bool, typer.Option("--failed", help="Only the dead letters: jobs that failed for good.")]
Name = Annotated[str | None, typer.Option("--name", help="Only jobs of this name, such as mail.send.")]
Limit = Annotated[int, typer.Option("--limit", help="How many to show.", min=1, max=1000)]
Numbers = Annotated[
    list[int] | None, typer.Argument(help="Numbers of failed jobs.", metavar="[JOB]...", min=1, max=2**62)
]
Number = Annotated[int, typer.Argument(help="Number of a job.", metavar="JOB", min=1, max=2**62)]
All = Annotated[bool, typer.Option("--all", help="All failed jobs.")]
Payload = Annotated[
    bool, typer.Option("--payload", help="Show what the job was given, too: there may be secrets in it.")
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]

_STATES = {"queued": "waiting", "picked": "running"}  # others are called what they are
_STEPS = {"queued": "waits", "picked": "begun", "exception": "failed", "failed": "failed for good"}


def install(app: typer.Typer) -> None:
    group = typer.Typer(help="Work to be done in the background, and jobs that failed.", no_args_is_help=True)
    group.command("list")(list_command)
    group.command("show")(show)
    group.command("retry")(retry)
    group.command("discard")(discard)
    group.command("schedules")(schedules)
    app.add_typer(group, name="jobs")


def list_command(
    failed: Failed = False,
    name: Name = None,
    limit: Limit = 100,
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """List jobs: failed ones first, then those that wait or run."""
    jobs = _with_database(data_dir, lambda db: Jobs().listed(db, only_failed=failed, name=name, limit=limit))
    for job in jobs:
        print(_json({**asdict(job), "state": _state(job)}) if as_json else _line(job))
    if not jobs and not as_json:
        print("There are no failed jobs." if failed else "There are no jobs.")


def show(number: Number, payload: Payload = False, as_json: AsJson = False, data_dir: DataDir = None) -> None:
    """Show a job: how often it was tried, and what went wrong each time."""
    job = _with_database(data_dir, lambda db: Jobs().described(db, number))
    if job is None:
        print(f"There is no job {number}.")
        raise typer.Exit(1)
    if as_json:
        told = {**asdict(job), "state": _state(job)}
        if not payload:
            del told["payload"]
        print(_json(told))
        return
    print(f"{job.id}  {_state(job)}  {job.name}  {job.attempts} failures")
    print(f"enqueued {_moment(job.created_at)}, due {_moment(job.run_after)}")
    if job.key is not None:
        print(f"key      {_one_line(job.key)}")
    if payload:
        print(f"payload  {_one_line(json.dumps(job.payload, ensure_ascii=False), most=100_000)}")
    for step in job.history:
        print(_step(step))


def retry(numbers: Numbers = None, all_: All = False, name: Name = None, data_dir: DataDir = None) -> None:
    """Put failed jobs back into the queue."""
    _demand_choice(numbers, all_)
    done = _with_database(data_dir, lambda db: Jobs().retry(db, None if all_ else numbers, name=name))
    _tell(numbers, done, "will be tried again", "is not a failed job that can be tried again")


def discard(numbers: Numbers = None, all_: All = False, name: Name = None, data_dir: DataDir = None) -> None:
    """Delete failed jobs: what they were to do is not done."""
    _demand_choice(numbers, all_)
    done = _with_database(data_dir, lambda db: Jobs().discard(db, None if all_ else numbers, name=name))
    _tell(numbers, done, "is deleted", "is not a failed job")


def schedules(limit: Limit = 1000, as_json: AsJson = False, data_dir: DataDir = None) -> None:
    """List what is done by the calendar, by the time at which it is due."""
    found = _with_database(data_dir, lambda db: Schedules().listed(db, limit=limit))
    for each in found:
        print(_json(asdict(each)) if as_json else _schedule_line(each))
    if not found and not as_json:
        print("There are no schedules: no worker has run yet.")


def _with_database(data_dir: DataDir, ask: Callable[[Database], Awaitable[T]]) -> T:
    settings = settings_from({"RAPPORT_DATA_DIR": data_dir})

    async def work() -> T:
        async with open_database(settings) as db:
            return await ask(db)

    return run(work())


def _demand_choice(numbers: list[int] | None, all_: bool) -> None:
    if bool(numbers) == all_:
        raise typer.BadParameter("give the numbers of jobs, or --all")


def _tell(numbers: list[int] | None, done: Sequence[int], success: str, failure: str) -> None:
    for number in done:
        print(f"{number} {success}")
    missing = sorted(set(numbers or ()) - set(done))
    for number in missing:
        print(f"{number} {failure}")
    if not done and not missing:
        print("There are no failed jobs.")
    if missing:
        raise typer.Exit(1)


def _state(job: Listed | Described) -> str:
    return _STATES.get(job.state, job.state)


def _line(job: Listed) -> str:
    line = f"{job.id:>8}  {_state(job):<8} {_moment(job.run_after)}  {job.attempts} failures  {job.name}"
    return f"{line}  {_one_line(job.error)}".rstrip()


def _step(step: Step) -> str:
    return f"{_moment(step.at)}  {_STEPS.get(step.state, step.state):<15}  {_one_line(step.error)}".rstrip()


def _schedule_line(each: ListedSchedule) -> str:
    due = _moment(each.due_at) if each.due_at else "never"
    last = f"last {_moment(each.was_due_at)}" if each.was_due_at else ""
    owner = str(each.workspace_id or "server")
    line = f"{due:<20}  {each.cron:<14} {each.time_zone:<14}  {owner}  {each.name}  {last}"
    return _one_line(line) if not line.isprintable() else line.rstrip()


def _json(value: Mapping[str, object]) -> str:
    """`{"created_at": …}` as a line with `"createdAt"`."""
    named = {"".join((name[0], name.title().replace("_", "")[1:])): each for name, each in value.items()}
    return json.dumps(named, default=_text, ensure_ascii=False)


def _text(value: object) -> str:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else str(value)


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S}Z"


def _one_line(text: str | None, *, most: int = 300) -> str:
    """What a stranger's server said, fit for a terminal."""
    line = " ".join((text or "").split())
    return "".join(character if character.isprintable() else "?" for character in line)[:most]
