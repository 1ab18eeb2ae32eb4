"""A role: its settings, what makes sense in them, and how a caller's input becomes them."""

from collections.abc import Mapping
from uuid import UUID

import orjson

from rapport.base.ids import new_id
from rapport.roles.errors import (
    DefaultRoleForUsers,
    InvalidRole,
    LabelTaken,
    RoleIdTaken,
    RoleNotEditable,
    RoleNotFound,
    WritingWithoutReading,
)
from rapport.store.database import Connection
from rapport.store.queries import load

_SQL = load("rapport.roles", "sql")

LONGEST_LABEL = 100
LONGEST_DESCRIPTION = 5000

TEXTS = ("label", "description", "icon")
SETTINGS = (
    "canUpdateAllSettings",
    "canAccessAllTools",
    "canReadAllObjectRecords",
    "canUpdateAllObjectRecords",
    "canSoftDeleteAllObjectRecords",
    "canDestroyAllObjectRecords",
)
TARGETS = ("canBeAssignedToUsers", "canBeAssignedToAgents", "canBeAssignedToApiKeys")
WRITES = ("canUpdateAllObjectRecords", "canSoftDeleteAllObjectRecords", "canDestroyAllObjectRecords")

Role = Mapping[str, object]  # a row of core.role by the names of the columns


async def find_role(connection: Connection, workspace_id: UUID, role_id: UUID) -> Role:
    """Raises RoleNotFound."""
    row = await connection.row(_SQL["find_role"], workspace_id, role_id)
    if row is None:
        raise RoleNotFound
    return row  # type: ignore[no-any-return]


async def editable_role(connection: Connection, workspace_id: UUID, role_id: UUID) -> Role:
    """Raises RoleNotFound or RoleNotEditable."""
    role = await find_role(connection, workspace_id, role_id)
    if not role["isEditable"]:
        raise RoleNotEditable
    return role


async def add_role(connection: Connection, workspace_id: UUID, given: Mapping[str, object]) -> UUID:
    """The id of a new role; raises InvalidRole, WritingWithoutReading, LabelTaken or RoleIdTaken."""
    role = {name: given.get(name) or False for name in SETTINGS}
    role |= {name: given.get(name) is not False for name in TARGETS}
    role |= {name: _text(name, given.get(name)) for name in TEXTS}
    _check(role)
    await _check_label(connection, workspace_id, role["label"], None)
    role_id = _given_id(given.get("id"))
    added = await connection.value(
        _SQL["add_role"], role_id, workspace_id, *(role[name] for name in (*TEXTS, *SETTINGS, *TARGETS))
    )
    if added is None:
        raise RoleIdTaken
    return role_id


async def change_role(
    connection: Connection, workspace_id: UUID, role_id: UUID, given: Mapping[str, object], *, is_default: bool
) -> Role:
    """Changes what is given and gives the role as it was. Raises what ``add_role`` does, or RoleNotEditable."""
    role = await editable_role(connection, workspace_id, role_id)
    changes: dict[str, object] = {}
    for name, value in given.items():
        if name in TEXTS:
            changes[name] = _text(name, value)
        elif name in (*SETTINGS, *TARGETS) and value is not None:
            changes[name] = value
    changed = {**role, **changes}
    _check(changed)
    if is_default and not changed["canBeAssignedToUsers"]:
        raise DefaultRoleForUsers
    if "label" in changes:
        await _check_label(connection, workspace_id, changes["label"], role_id)
    await connection.execute(_SQL["change_role"], workspace_id, role_id, orjson.dumps(changes).decode())
    return role


def _check(role: Mapping[str, object]) -> None:
    if not role["label"]:
        raise InvalidRole("A role needs a label")
    if not any(role[name] for name in TARGETS):
        raise InvalidRole("A role must be assignable to users, agents or API keys")
    if not role["canReadAllObjectRecords"] and any(role[name] for name in WRITES):
        raise WritingWithoutReading


async def _check_label(connection: Connection, workspace_id: UUID, label: object, role_id: UUID | None) -> None:
    if await connection.value(_SQL["label_taken"], workspace_id, label, role_id):
        raise LabelTaken


def _text(name: str, value: object) -> str | None:
    """As it is kept: labels and icons are one line without blanks around it, descriptions may be several."""
    if value is None:
        return None
    found = str(value).strip()
    lines = found.splitlines() if name == "description" else [found]
    if not all(line.replace("\t", " ").isprintable() for line in lines):
        raise InvalidRole(f"The {name} of a role holds characters that cannot be shown")
    if len(found) > (LONGEST_DESCRIPTION if name == "description" else LONGEST_LABEL):
        raise InvalidRole(f"The {name} of a role is too long")
    return found


def _given_id(value: object) -> UUID:
    if value is None:
        return new_id()
    try:
        return UUID(str(value))
    except ValueError:
        raise InvalidRole("The id of a role is a UUID") from None
