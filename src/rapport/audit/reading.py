"""Reads the audit log."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from rapport.store.database import Database
from rapport.store.queries import load

_SQL = load("rapport.audit")


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What somebody did, or tried to."""

    id: UUID
    created_at: datetime
    action: str
    workspace_id: UUID | None
    subdomain: str | None
    user_id: UUID | None
    email: str | None
    api_key_id: UUID | None
    api_key_name: str | None
    impersonator_user_workspace_id: UUID | None
    impersonator_email: str | None
    address: str | None
    details: Mapping[str, object]
    name: str | None = None  # of who acted, as it was then

    @property
    def who(self) -> str:
        """`ines@example.com`, `key CI`, `ines@example.com by admin@example.com`; ids where the names are gone."""
        if self.api_key_id is not None:
            return f"key {self.api_key_name or self.name or self.api_key_id}"
        name = self.email or self.name or (str(self.user_id) if self.user_id else "-")
        if self.impersonator_user_workspace_id is None:
            return name
        return f"{name} by {self.impersonator_email or self.impersonator_user_workspace_id}"


async def entries(
    db: Database,
    *,
    since: datetime | None = None,
    user: str | None = None,
    key: str | None = None,
    address: str | None = None,
    actions: Sequence[str] | None = None,
    workspace_id: UUID | None = None,
    limit: int = 100,
) -> list[Entry]:
    """The latest entries that fit, the earliest first. ``user``: e-mail or id; ``key``: name or id of an API key."""
    wanted = list(actions) if actions else None
    rows = await db.rows(_SQL["find_entries"], since, user, wanted, workspace_id, limit, key, address)
    return [
        Entry(
            id=row["id"],
            created_at=row["createdAt"],
            action=row["action"],
            workspace_id=row["workspaceId"],
            subdomain=row["subdomain"],
            user_id=row["userId"],
            email=row["email"],
            api_key_id=row["apiKeyId"],
            api_key_name=row["apiKeyName"],
            impersonator_user_workspace_id=row["impersonatorUserWorkspaceId"],
            impersonator_email=row["impersonatorEmail"],
            address=row["address"],
            details=json.loads(row["details"]),
        )
        for row in rows
    ]
