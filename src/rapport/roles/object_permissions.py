"""What a role says of single objects, in place of what it says of all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

import orjson

from rapport.access.roles import RIGHTS, ObjectRule, Right, RoleRules
from rapport.base.ids import new_id
from rapport.metadata.catalog import Catalog, Object
from rapport.roles.errors import ObjectNotFound, SystemObject, WritingOnUnreadableObject
from rapport.store.database import Connection
from rapport.store.queries import load

_SQL = load("rapport.roles", "sql")

COLUMNS: Mapping[Right, str] = {
    "read": "canReadObjectRecords",
    "update": "canUpdateObjectRecords",
    "soft_delete": "canSoftDeleteObjectRecords",
    "destroy": "canDestroyObjectRecords",
}


@dataclass(frozen=True, kw_only=True)
class ObjectPermissionChange:
    """``given`` has the rights that are spoken of; None returns one to what the role says of all objects."""

    object_id: UUID
    given: Mapping[Right, bool | None]


async def set_object_permissions(
    connection: Connection,
    catalog: Catalog,
    rules: RoleRules,
    role_id: UUID,
    changes: Sequence[ObjectPermissionChange],
) -> None:
    """Raises ObjectNotFound, SystemObject or WritingOnUnreadableObject; ``rules`` are those of the role up to now."""
    objects = dict(rules.objects)
    for change in changes:
        find_object(catalog, change.object_id)
        objects[change.object_id] = _changed(objects.get(change.object_id, ObjectRule()), change.given)
    for change in changes:
        _check(find_object(catalog, change.object_id), replace(rules, objects=objects))
    rows = [_row(object_id, objects[object_id]) for object_id in dict.fromkeys(each.object_id for each in changes)]
    await connection.execute(_SQL["set_object_permissions"], catalog.workspace_id, role_id, orjson.dumps(rows).decode())


def _changed(rule: ObjectRule, given: Mapping[Right, bool | None]) -> ObjectRule:
    return ObjectRule(
        read=given.get("read", rule.read),
        update=given.get("update", rule.update),
        soft_delete=given.get("soft_delete", rule.soft_delete),
        destroy=given.get("destroy", rule.destroy),
    )


def find_object(catalog: Catalog, object_id: UUID) -> Object:
    """An object that roles may speak of; raises ObjectNotFound or SystemObject."""
    item = next((each for each in catalog.objects if each.id == object_id), None)
    if item is None:
        raise ObjectNotFound
    if item.is_system:
        raise SystemObject
    return item


def _check(item: Object, rules: RoleRules) -> None:
    """Whether a right to change is given, or inherited, where there is none to read."""
    rule = rules.objects[item.id]
    read = rules.read_all if rule.read is None else rule.read
    values = {right: getattr(rule, right) for right in RIGHTS if right != "read"}
    if not read and any(rules.of_all(right) if value is None else value for right, value in values.items()):
        raise WritingOnUnreadableObject


def _row(object_id: UUID, rule: ObjectRule) -> Mapping[str, object]:
    return {
        "id": new_id(),
        "objectMetadataId": object_id,
        **{column: getattr(rule, right) for right, column in COLUMNS.items()},
    }
