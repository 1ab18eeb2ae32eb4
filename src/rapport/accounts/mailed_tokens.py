"""Tokens that are mailed: good once and for a while. What is kept of them does not let anybody in."""

import hashlib
import json
import re
import secrets
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal, TypeAlias
from uuid import UUID

from rapport.accounts import users
from rapport.accounts.users import User
from rapport.base.ids import new_id
from rapport.store.database import Connection
from rapport.store.queries import load

_SQL = load("rapport.accounts", "sql")
_FORM = re.compile(r"[0-9a-f]{64}")

MailedKind: TypeAlias = Literal["EMAIL_VERIFICATION_TOKEN", "PASSWORD_RESET_TOKEN"]


@dataclass(frozen=True, kw_only=True)
class MailedToken:
    """A token that somebody came back with. ``email`` is the new address that it is to verify, if it is for one."""

    id: UUID
    user_id: UUID
    workspace_id: UUID | None
    email: str | None


async def make(
    connection: Connection,
    kind: MailedKind,
    *,
    user_id: UUID,
    expires_in: timedelta,
    workspace_id: UUID | None = None,
    email: str | None = None,
) -> str:
    """A new token of 64 characters, in place of all earlier ones of its kind."""
    await discard(connection, kind, user_id)
    token = secrets.token_hex(32)
    context = None if email is None else json.dumps({"email": email})
    await connection.execute(
        _SQL["add_mailed_token"], new_id(), user_id, workspace_id, kind, _hash(token), expires_in, context
    )
    return token


async def claim(connection: Connection, kind: MailedKind, token: str) -> tuple[MailedToken, User] | None:
    """The live token and whose it is, locked until the transaction ends: of two who come with it, one comes second.

    The user is locked and not the token: whatever changes a user locks them first, so nobody waits in a circle.
    """
    found = await _find(connection, kind, token)
    user = await users.lock(connection, found.user_id) if found is not None else None
    if found is None or user is None or await _find(connection, kind, token) is None:
        return None
    return found, user


async def discard(connection: Connection, kind: MailedKind, user_id: UUID) -> None:
    """Voids all tokens of a kind that a user was mailed."""
    await connection.execute(_SQL["delete_mailed_tokens"], kind, user_id)


async def _find(connection: Connection, kind: MailedKind, token: str) -> MailedToken | None:
    if not _FORM.fullmatch(token):
        return None
    row = await connection.row(_SQL["find_mailed_token"], kind, _hash(token))
    if row is None:
        return None
    return MailedToken(id=row["id"], user_id=row["userId"], workspace_id=row["workspaceId"], email=row["email"])


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
