"""Accounts: one for each person, whatever workspaces they are in."""

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

import asyncpg

from rapport.accounts.errors import AccountDisabled, PasswordTooShort, UserAlreadyExists, shown
from rapport.base.ids import new_id
from rapport.invitations.addresses import LONGEST_ADDRESS, normal_address
from rapport.store.database import Connection, Database
from rapport.store.queries import load

_SQL = load("rapport.accounts", "sql")

SHORTEST_PASSWORD = 8


@dataclass(frozen=True, kw_only=True)
class User:
    """An account."""

    id: UUID
    email: str
    first_name: str
    last_name: str
    locale: str
    is_email_verified: bool
    is_disabled: bool
    is_server_admin: bool
    password_hash: str | None = field(repr=False)
    sessions_ended_at: datetime | None

    @property
    def name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


async def find_by_email(connection: Connection | Database, email: str) -> User | None:
    """The account with an address, however that is written; None for what is no address at all."""
    wanted = email.strip()
    if len(wanted) > LONGEST_ADDRESS * 4 or not wanted.isprintable():  # PostgreSQL holds no NUL, no lone surrogate
        return None
    row = await connection.row(_SQL["find_user_by_email"], wanted)
    return None if row is None else _user(row)


async def find(connection: Connection | Database, user_id: UUID) -> User | None:
    row = await connection.row(_SQL["find_user"], user_id)
    return None if row is None else _user(row)


async def lock(connection: Connection, user_id: UUID) -> User | None:
    """The account, which nobody else changes until the transaction ends."""
    row = await connection.row(_SQL["lock_user"], user_id)
    return None if row is None else _user(row)


async def add(
    connection: Connection,
    *,
    email: str,
    password_hash: str | None,
    first_name: str = "",
    last_name: str = "",
    locale: str = "en",
) -> User:
    """A new account; raises InvalidValue, UserAlreadyExists."""
    row = await connection.row(
        _SQL["add_user"], new_id(), normal_address(email), password_hash, first_name, last_name, locale
    )
    if row is None:
        raise shown(UserAlreadyExists())
    return _user(row)


def demand_enabled(user: User) -> User:
    """The same account; raises AccountDisabled."""
    if user.is_disabled:
        raise shown(AccountDisabled())
    return user


def demand_long_enough(password: str) -> str:
    """The same password; raises PasswordTooShort."""
    if len(password) < SHORTEST_PASSWORD:
        raise shown(PasswordTooShort())
    return password


def has_ended(issued_at: float, sessions_ended_at: datetime | None) -> bool:
    """Whether a token is from before its user's sessions were ended."""
    return sessions_ended_at is not None and issued_at + 0.0005 < sessions_ended_at.timestamp()


def _user(row: asyncpg.Record) -> User:
    return User(
        id=row["id"],
        email=row["email"],
        first_name=row["firstName"],
        last_name=row["lastName"],
        locale=row["locale"],
        is_email_verified=row["isEmailVerified"],
        is_disabled=row["disabled"],
        is_server_admin=row["canAccessFullAdminPanel"],
        password_hash=row["passwordHash"],
        sessions_ended_at=row["sessionsEndedAt"],
    )
