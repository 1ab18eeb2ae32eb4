"""The audit log: who did what, when and from where. Nothing in it lets its reader in anywhere."""

from collections.abc import Mapping
from typing import Protocol
from uuid import UUID

import orjson

from rapport.access.principal import Principal
from rapport.audit.actions import Action
from rapport.base.ids import new_id
from rapport.store.queries import load

_SQL = load("rapport.audit")

LONGEST_TEXT = 500
HIDDEN = "[hidden]"
_SECRET_NAMES = ("password", "secret", "token", "hash", "authorization")


class Executes(Protocol):
    """A connection in a transaction, or the database."""

    async def execute(self, sql: str, *args: object) -> str:
        """Runs a statement for its effect."""


async def record(
    connection: Executes,
    *,
    action: Action,
    principal: Principal | None = None,
    workspace_id: UUID | None = None,
    user_id: UUID | None = None,
    api_key_id: UUID | None = None,
    impersonator_user_workspace_id: UUID | None = None,
    details: Mapping[str, object] | None = None,
    address: str | None = None,
) -> None:
    """Adds an entry, about ``principal`` where no id says otherwise.

    With the connection of a transaction the entry stands or falls with it: what was refused is recorded with the
    database itself.
    """
    if principal is not None:
        workspace_id = workspace_id or principal.workspace_id
        if user_id is None and api_key_id is None:
            user_id, api_key_id = principal.user_id, principal.api_key_id
        impersonator_user_workspace_id = impersonator_user_workspace_id or principal.impersonator_user_workspace_id
    written = orjson.dumps(_shown(details or {}), default=str).decode()
    await connection.execute(
        _SQL["add_entry"],
        new_id(), workspace_id, user_id, api_key_id, impersonator_user_workspace_id, action, written, _text(address),
    )  # fmt: skip


def _shown(details: Mapping[str, object]) -> dict[str, object]:
    """The details with what is secret by its name or its look left out."""
    return {name: HIDDEN if _is_secret(name, value) else _value(value) for name, value in details.items()}


def _is_secret(name: str, value: object) -> bool:
    if name == "email":
        return isinstance(value, str) and "@" not in value  # perhaps the password, in the wrong field of a form
    return _is_secret_name(name) and not isinstance(value, bool | None)


def _is_secret_name(name: str) -> bool:
    return name == "otp" or (not name.endswith("Id") and any(part in name.lower() for part in _SECRET_NAMES))


def _value(value: object) -> object:
    if isinstance(value, str):
        looks_secret = value.startswith(("sk_live_", "eyJ", "$argon2"))
        return HIDDEN if looks_secret else _text(value)
    if isinstance(value, Mapping):
        return _shown({str(name): part for name, part in value.items()})
    if isinstance(value, list | tuple | set | frozenset):
        return [_value(part) for part in value]
    return value


def _text(value: str | None) -> str | None:
    """A text as PostgreSQL can hold it, and not too long to read."""
    if value is None:
        return None
    return value[:LONGEST_TEXT].replace("\0", "").encode("utf-8", "replace").decode("utf-8")
