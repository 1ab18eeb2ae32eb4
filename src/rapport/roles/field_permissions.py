"""What a role takes away of single fields."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

import orjson

from rapport.access.roles import UNRESTRICTABLE_FIELDS, RoleRules, decide
from rapport.base.ids import new_id
from rapport.metadata.catalog import Catalog
from rapport.roles.errors import (
    FieldNotFound,
    FieldNotRestrictable,
    FieldOfUnchangeableObject,
    FieldOfUnreadableObject,
    ObjectPermissionNotFound,
    OnlyFieldRestriction,
)
from rapport.roles.object_permissions import find_object
from rapport.store.database import Connection
from rapport.store.queries import load

_SQL = load("rapport.roles", "sql")

COLUMNS = ("canReadFieldValue", "canUpdateFieldValue")


@dataclass(frozen=True, kw_only=True)
class FieldPermissionChange:
    """``given`` has the columns that are spoken of: False restricts, None no longer does."""

    object_id: UUID
    field_id: UUID
    given: Mapping[str, bool | None]


async def set_field_permissions(
    connection: Connection,
    catalog: Catalog,
    rules: RoleRules,
    role_id: UUID,
    changes: Sequence[FieldPermissionChange],
) -> None:
    """Raises an error for what makes no sense. A field of which nothing is restricted any more has no row."""
    for change in changes:
        _check(catalog, rules, change)
    field_ids = [change.field_id for change in changes]
    found = await connection.rows(_SQL["field_permissions"], catalog.workspace_id, role_id, field_ids)
    rows: dict[UUID, dict[str, object]] = {row["fieldMetadataId"]: dict(row) for row in found}
    for change in changes:
        row = rows.setdefault(change.field_id, dict.fromkeys(COLUMNS))
        row |= {
            **change.given,
            "id": new_id(),
            "objectMetadataId": change.object_id,
            "fieldMetadataId": change.field_id,
        }
    kept = [row for row in rows.values() if any(row[name] is False for name in COLUMNS)]
    dropped = [field_id for field_id, row in rows.items() if all(row[name] is None for name in COLUMNS)]
    workspace_id = catalog.workspace_id
    await connection.execute(_SQL["set_field_permissions"], workspace_id, role_id, orjson.dumps(kept).decode())
    await connection.execute(_SQL["remove_field_permissions"], workspace_id, role_id, dropped)


def _check(catalog: Catalog, rules: RoleRules, change: FieldPermissionChange) -> None:
    if any(change.given.values()):
        raise OnlyFieldRestriction
    item = find_object(catalog, change.object_id)
    field = next((each for each in item.fields if each.id == change.field_id), None)
    if field is None:
        raise FieldNotFound
    restricted = [name for name, value in change.given.items() if value is False]
    if not restricted:
        return
    if field.name in UNRESTRICTABLE_FIELDS:
        raise FieldNotRestrictable
    if item.id not in rules.objects:
        raise ObjectPermissionNotFound
    if not decide(item, "read", rules).allowed:
        raise FieldOfUnreadableObject
    if "canUpdateFieldValue" in restricted and not decide(item, "update", rules).allowed:
        raise FieldOfUnchangeableObject
