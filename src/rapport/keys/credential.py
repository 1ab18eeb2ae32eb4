"""API keys as a kind of bearer."""

from collections.abc import Callable
from uuid import UUID

from rapport.access.principal import Principal, granted_flags
from rapport.base.errors import TokenExpired, Unauthenticated
from rapport.keys.errors import KeyRevoked, NoRoleForKey
from rapport.keys.secret import PREFIX, is_well_formed, secret_hash
from rapport.store.database import Database
from rapport.store.queries import load

_SQL = load("rapport.keys", "sql")


class KeyCredential:
    """Finds the key that a secret opens."""

    def __init__(self, db: Database, *, note_use: Callable[[UUID], None] = lambda key_id: None) -> None:
        self._db = db
        self._note_use = note_use

    def recognises(self, token: str) -> bool:
        """Whether the token begins like an API key."""
        return token.startswith(PREFIX)

    async def principal(self, token: str) -> Principal:
        """The key in its workspace; raises Unauthenticated, TokenExpired or KeyRevoked."""
        row = await self._db.row(_SQL["find_key"], secret_hash(token)) if is_well_formed(token) else None
        if row is None:
            raise Unauthenticated
        if row["isRevoked"]:
            raise KeyRevoked
        if row["isExpired"]:
            raise TokenExpired
        if row["roleId"] is None:
            raise NoRoleForKey
        self._note_use(row["id"])
        return Principal(
            role_id=row["roleId"],
            flags=granted_flags(
                all_settings=row["canUpdateAllSettings"],
                all_tools=row["canAccessAllTools"],
                single=frozenset(row["flags"]),
            ),
            allowed_ips=None if row["allowedIps"] is None else tuple(row["allowedIps"]),
            workspace_id=row["workspaceId"],
            schema=row["schema"],
            api_key_id=row["id"],
            name=row["name"],
            source="API",
            expires_at=row["expiresAt"],
            access_version=row["accessVersion"],
        )
