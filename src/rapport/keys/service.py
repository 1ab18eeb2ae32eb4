"""Making API keys and their tokens, and ending them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from rapport.base.errors import InvalidValue
from rapport.base.ids import new_id
from rapport.base.networks import read_network
from rapport.keys.errors import InvalidAddresses, KeyExpired, KeyNotFound, KeyRevoked
from rapport.keys.secret import new_secret, secret_hash
from rapport.roles.assigning import admin_role, assign_to_key
from rapport.roles.errors import NotAssignableToKeys, RoleNotFound
from rapport.store.database import Connection
from rapport.store.queries import load

_SQL = load("rapport.keys", "sql")

LONGEST_NAME = 200
MOST_ADDRESSES = 100


@dataclass(frozen=True, kw_only=True)
class NewKey:
    """A key with its first token, at the only moment that it is known."""

    id: UUID
    token: str = field(repr=False)


async def create_key(
    connection: Connection,
    *,
    workspace_id: UUID,
    name: str,
    expires_at: datetime | None = None,
    role_id: UUID | None = None,
) -> NewKey:
    """A new key of a workspace. ``expires_at`` has a time zone; None: until revoked. Without a role it is an admin."""
    check_name(name)
    key_id = new_id()
    await connection.execute(_SQL["add_key"], key_id, workspace_id, name, expires_at)
    role_id = role_id or await admin_role(connection, workspace_id)
    await give_role(connection, key_id, role_id, workspace_id=workspace_id)
    return NewKey(id=key_id, token=await _add_token(connection, key_id, expires_at))


async def generate_token(
    connection: Connection, key_id: UUID, expires_at: datetime | None, *, workspace_id: UUID
) -> str:
    """One more token of a key, good until its own end. Raises KeyNotFound, KeyRevoked or KeyExpired."""
    row = await connection.row(_SQL["lock_key"], key_id, workspace_id)
    if row is None:
        raise KeyNotFound
    if row["isRevoked"]:
        raise KeyRevoked
    if row["isExpired"]:
        raise KeyExpired
    return await _add_token(connection, key_id, expires_at)


async def revoke_key(connection: Connection, key_id: UUID, *, workspace_id: UUID) -> None:
    """Ends a key for good; raises KeyNotFound. The caller's transaction announces it."""
    if await connection.value(_SQL["revoke_key"], key_id, workspace_id) is None:
        raise KeyNotFound


async def give_role(connection: Connection, key_id: UUID, role_id: UUID, *, workspace_id: UUID) -> None:
    """The role of a key that is known to be the workspace's. Raises RoleNotFound or NotAssignableToKeys."""
    is_assignable = await connection.value(_SQL["find_role"], role_id, workspace_id)
    if is_assignable is None:
        raise RoleNotFound
    if not is_assignable:
        raise NotAssignableToKeys
    await assign_to_key(connection, workspace_id=workspace_id, role_id=role_id, api_key_id=key_id)


async def role_with_label(connection: Connection, label: str, *, workspace_id: UUID) -> UUID:
    """Raises RoleNotFound, with the labels that there are."""
    rows = await connection.rows(_SQL["list_roles"], workspace_id)
    role_id = next((row["id"] for row in rows if row["label"].casefold() == label.strip().casefold()), None)
    if not isinstance(role_id, UUID):
        raise RoleNotFound(f"There is no role {label}. The roles are: {', '.join(row['label'] for row in rows)}")
    return role_id


def check_name(name: object) -> None:
    """Raises InvalidValue for what cannot be the name of a key."""
    if not isinstance(name, str) or not name.strip() or not name.isprintable():
        raise InvalidValue("An API key needs a name.")
    if len(name) > LONGEST_NAME:
        raise InvalidValue(f"The name of an API key has at most {LONGEST_NAME} characters.")


def normalised_addresses(given: Sequence[str]) -> list[str]:
    """Addresses and networks as they are stored; raises InvalidAddresses.

    >>> normalised_addresses(["192.0.2.7", "2001:DB8::/32", "192.0.2.7/32"])
    ['192.0.2.7/32', '2001:db8::/32']
    """
    if not given:
        raise InvalidAddresses("An API key that is accepted from nowhere is of no use: null stands for everywhere.")
    if len(given) > MOST_ADDRESSES:
        raise InvalidAddresses(f"An API key is accepted from at most {MOST_ADDRESSES} addresses and networks.")
    found: dict[str, None] = {}
    for text in given:
        try:
            found[str(read_network(text))] = None
        except ValueError:
            raise InvalidAddresses from None
    return list(found)


async def _add_token(connection: Connection, key_id: UUID, expires_at: datetime | None) -> str:
    token = new_secret()
    await connection.execute(_SQL["add_token"], new_id(), key_id, secret_hash(token), expires_at)
    return token
