"""Reads who changed which record, from the logs of events of the workspaces."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import asyncpg
import orjson

from rapport.audit.reading import Entry
from rapport.metadata.names import quote
from rapport.store.database import Connection, Database
from rapport.store.queries import load

_SQL = load("rapport.audit")
_MARKS = ("importId", "undoneImportId")  # what an import has left with the actor


@dataclass(frozen=True, kw_only=True)
class _Found:
    """An event of a workspace, with what its actor is."""

    workspace_id: UUID
    subdomain: str | None
    row: asyncpg.Record
    actor: Mapping[str, str | None]

    def id_of(self, name: str) -> UUID | None:
        value = self.actor.get(name)
        return UUID(value) if value else None


async def changes(
    db: Database,
    *,
    since: datetime | None = None,
    user: str | None = None,
    key: str | None = None,
    address: str | None = None,
    actions: Sequence[str] | None = None,
    object_name: str | None = None,
    record_id: UUID | None = None,
    workspace_id: UUID | None = None,
    limit: int = 100,
) -> list[Entry]:
    """The latest changes of records that fit, the earliest first: as long as events are kept.

    ``user``: e-mail or id of who acted; ``key``: name or id of an API key; ``object_name``: singular.
    """
    found: list[_Found] = []
    async with db.transaction() as connection:
        await connection.script("set local statement_timeout = 0")  # logs may be long, and who asks can wait
        users = None if user is None else await _ids(connection, "wanted_users", user)
        keys = None if key is None else await _ids(connection, "wanted_keys", key)
        wanted = list(actions) if actions else None
        for log in await connection.rows(_SQL["logs"], workspace_id):
            rows = await _changes_of(
                connection, log["schema"], since, users, keys, wanted, object_name, record_id, address, limit
            )
            for row in rows:
                actor = orjson.loads(row["actor"] or "{}")
                found.append(_Found(workspace_id=log["id"], subdomain=log["subdomain"], row=row, actor=actor))
        found.reverse()  # in the order of each log, where they happened at the same moment
        found = sorted(found, key=lambda each: each.row["happenedAt"])[-limit:]
        names = await _names(connection, found)
    return [_entry(each, names) for each in found]


async def _ids(connection: Connection, statement: str, wanted: str) -> list[str]:
    return [row["id"] for row in await connection.rows(_SQL[statement], wanted)]


async def _changes_of(connection: Connection, schema: str, *wanted: object) -> Sequence[asyncpg.Record]:
    """Of one workspace, the latest first; none when the workspace has just been deleted."""
    await connection.script("savepoint log")
    try:
        found = await connection.rows(_SQL["find_changes"].replace("{schema}", quote(schema)), *wanted)
    except asyncpg.UndefinedTableError:
        await connection.script("rollback to savepoint log")
        found = []
    await connection.script("release savepoint log")
    return found


async def _names(connection: Connection, found: Sequence[_Found]) -> Mapping[UUID, str]:
    ids = [
        list({each for one in found if (each := one.id_of(name)) is not None})
        for name in ("userId", "impersonatedBy", "apiKeyId")
    ]
    return {row["id"]: row["name"] for row in await connection.rows(_SQL["names_of"], *ids)}


def _entry(found: _Found, names: Mapping[UUID, str]) -> Entry:
    row, actor = found.row, found.actor
    user_id, key_id, impersonator = (found.id_of(name) for name in ("userId", "apiKeyId", "impersonatedBy"))
    details: dict[str, object] = {"object": row["object"], "recordId": str(row["recordId"])}
    if row["updatedFields"] is not None:
        details["fields"] = list(row["updatedFields"])
    details.update({mark: actor[mark] for mark in _MARKS if mark in actor})
    return Entry(
        id=row["id"],
        created_at=row["happenedAt"],
        action=row["action"],
        workspace_id=found.workspace_id,
        subdomain=found.subdomain,
        user_id=user_id,
        email=names.get(user_id) if user_id else None,
        api_key_id=key_id,
        api_key_name=names.get(key_id) if key_id else None,
        impersonator_user_workspace_id=impersonator,
        impersonator_email=names.get(impersonator) if impersonator else None,
        address=actor.get("address"),
        details=details,
        name=actor.get("name") or actor.get("source"),
    )
