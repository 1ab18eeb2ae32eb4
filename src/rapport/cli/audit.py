"""`rapport audit`."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

import typer

from rapport.base.durations import parse_duration
from rapport.base.settings import Settings
from rapport.cli.options import DataDir, run, settings_from
from rapport.cli.workspaces import find_workspace
from rapport.store.migrate import require_migrated
from rapport.store.opening import open_database

if TYPE_CHECKING:
    from rapport.audit.reading import Entry


def _moment(text: str) -> datetime:
    try:
        return datetime.now(UTC) - parse_duration(text)
    except (ValueError, OverflowError):
        pass
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise typer.BadParameter("must be a duration such as 7d, or a time such as 2026-01-31T08:00:00Z") from None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


Since = Annotated[
    datetime | None,
    typer.Option(
        "--since",
        help="Only entries after this time, or of this long: 2026-01-31, 7d.",
        show_default=False,
        parser=_moment,
        metavar="TIME",
    ),
]
User = Annotated[
    str | None,
    typer.Option("--user", help="E-mail address or id of who acted, or was acted upon.", show_default=False),
]
Action = Annotated[
    list[str] | None,
    typer.Option("--action", help="Such as signInFailed; may be given several times.", show_default=False),
]
Workspace = Annotated[str | None, typer.Option("--workspace", help="Subdomain or id.", show_default=False)]
Limit = Annotated[int, typer.Option("--limit", help="How many, the latest ones.", min=1, max=1_000_000)]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]


def install(app: typer.Typer) -> None:
    app.command("audit")(audit)


def audit(
    since: Since = None,
    user: User = None,
    action: Action = None,
    workspace: Workspace = None,
    limit: Limit = 100,
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """Show the audit log: who signed in, impersonated, or changed what others may do.

    Works beside a running server, too.
    """
    _check_actions(action or ())
    settings = settings_from({"RAPPORT_DATA_DIR": data_dir})
    found = run(_entries(settings, since, user, action, workspace, limit))
    for line in map(_json, found) if as_json else _table(found):
        print(line)


def _check_actions(actions: Sequence[str]) -> None:
    from rapport.audit.actions import ACTIONS

    for action in actions:
        if action not in ACTIONS:
            raise typer.BadParameter(f"There is no action {action}. There are: {', '.join(ACTIONS)}")


async def _entries(
    settings: Settings,
    since: datetime | None,
    user: str | None,
    actions: Sequence[str] | None,
    workspace: str | None,
    limit: int,
) -> "list[Entry]":
    from rapport.audit.reading import entries

    async with open_database(settings) as db:
        await require_migrated(db)
        workspace_id = await find_workspace(db, workspace) if workspace else None
        return await entries(db, since=since, user=user, actions=actions, workspace_id=workspace_id, limit=limit)


def _json(entry: "Entry") -> str:
    """The line of an entry; null where there is nothing to say."""
    said = {
        "id": entry.id,
        "createdAt": entry.created_at.isoformat(),
        "action": entry.action,
        "workspaceId": entry.workspace_id,
        "userId": entry.user_id,
        "email": entry.email,
        "apiKeyId": entry.api_key_id,
        "impersonatorUserWorkspaceId": entry.impersonator_user_workspace_id,
        "impersonatorEmail": entry.impersonator_email,
        "address": entry.address,
        "details": entry.details,
    }
    return json.dumps(said, default=str, ensure_ascii=False)


def _table(entries: "Sequence[Entry]") -> list[str]:
    rows = [("TIME", "ACTION", "WORKSPACE", "WHO", "FROM", "DETAILS")]
    rows += [
        (
            entry.created_at.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S"),
            entry.action,
            str(entry.subdomain or entry.workspace_id or "-"),
            entry.who,
            entry.address or "-",
            " ".join(f"{name}={_shown(value)}" for name, value in entry.details.items()),
        )
        for entry in entries
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    padded = ([_plain(cell).ljust(width) for cell, width in zip(row, widths, strict=True)] for row in rows)
    return ["  ".join(cells).rstrip() for cells in padded]


def _shown(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _plain(text: str) -> str:
    """Without control characters: what strangers have sent moves no cursor of a terminal."""
    return "".join(character if character.isprintable() else "?" for character in text)
