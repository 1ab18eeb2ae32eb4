"""`rapport audit`."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from rapport.audit.actions import ACTIONS, RECORD_ACTIONS
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
    typer.Option(
        "--action",
        help="Such as signInFailed, or created with --records; may be given several times.",
        show_default=False,
    ),
]
Key = Annotated[
    str | None,
    typer.Option("--key", help="Name or id of an API key that acted, or was acted upon.", show_default=False),
]
Address = Annotated[str | None, typer.Option("--address", help="Network address of who acted.", show_default=False)]
Records = Annotated[bool, typer.Option("--records", help="Show who changed which record, too.")]
Object = Annotated[
    str | None,
    typer.Option("--object", help="Only changes of an object's records, such as person.", show_default=False),
]
Record = Annotated[
    UUID | None, typer.Option("--record", help="Only changes of the record with this id.", show_default=False)
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
    key: Key = None,
    address: Address = None,
    workspace: Workspace = None,
    records: Records = False,
    object_: Object = None,
    record: Record = None,
    limit: Limit = 100,
    as_json: AsJson = False,
    data_dir: DataDir = None,
) -> None:
    """Show the audit log: who signed in, and who changed what.

    Who signed in, impersonated, changed what others may do, or (with --records) which record. Works
    beside a running server, too.
    """
    shows_records = records or object_ is not None or record is not None
    _check_actions(action or (), (*ACTIONS, *RECORD_ACTIONS) if shows_records else ACTIONS)
    asked = _Asked(
        since=since,
        user=user,
        key=key,
        address=address,
        actions=action or None,
        workspace=workspace,
        shows_entries=object_ is None and record is None,
        shows_records=shows_records,
        object_name=object_,
        record_id=record,
        limit=limit,
    )
    found = run(_entries(settings_from({"RAPPORT_DATA_DIR": data_dir}), asked))
    for line in map(_json, found) if as_json else _table(found):
        print(line)


@dataclass(frozen=True, kw_only=True)
class _Asked:
    since: datetime | None
    user: str | None
    key: str | None
    address: str | None
    actions: Sequence[str] | None
    workspace: str | None
    shows_entries: bool
    shows_records: bool
    object_name: str | None
    record_id: UUID | None
    limit: int


def _check_actions(actions: Sequence[str], known: Sequence[str]) -> None:
    for action in actions:
        if action not in known:
            raise typer.BadParameter(f"There is no action {action}. There are: {', '.join(known)}")


async def _entries(settings: Settings, asked: _Asked) -> "list[Entry]":
    from rapport.audit.changes import changes
    from rapport.audit.reading import entries

    found: list[Entry] = []
    async with open_database(settings) as db:
        await require_migrated(db)
        workspace_id = await find_workspace(db, asked.workspace) if asked.workspace else None
        if asked.shows_entries:
            found += await entries(
                db,
                since=asked.since,
                user=asked.user,
                key=asked.key,
                address=asked.address,
                actions=asked.actions,
                workspace_id=workspace_id,
                limit=asked.limit,
            )
        if asked.shows_records:
            found += await changes(
                db,
                since=asked.since,
                user=asked.user,
                key=asked.key,
                address=asked.address,
                actions=asked.actions,
                object_name=asked.object_name,
                record_id=asked.record_id,
                workspace_id=workspace_id,
                limit=asked.limit,
            )
    return sorted(found, key=lambda entry: entry.created_at)[-asked.limit :]


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
        "name": entry.api_key_name or entry.name,
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
