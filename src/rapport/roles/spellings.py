"""The inputs of the operations on roles, in whichever of the spellings of system-api.md §35 they come."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar
from uuid import UUID

from rapport.access.roles import Right
from rapport.base.errors import BadUserInput
from rapport.base.spellings import one_spelling, part
from rapport.roles.field_permissions import COLUMNS as FIELD_COLUMNS
from rapport.roles.field_permissions import FieldPermissionChange
from rapport.roles.object_permissions import COLUMNS as OBJECT_COLUMNS
from rapport.roles.object_permissions import ObjectPermissionChange
from rapport.roles.row_rules import RowRuleChange

Arguments = Mapping[str, object]
T = TypeVar("T")


def role_to_create(arguments: Arguments) -> Mapping[str, object]:
    """`createOneRole(createRoleInput | input)`"""
    return one_spelling({name: _given(arguments, name) for name in ("createRoleInput", "input")})


def role_to_update(arguments: Arguments) -> tuple[UUID, Mapping[str, object]]:
    """`updateOneRole(updateRoleInput{id, update} | input)`"""
    given = one_spelling({name: _given(arguments, name) for name in ("updateRoleInput", "input")})
    return uuid(given["id"]), part(given, "update")


def role_to_delete(arguments: Arguments) -> UUID:
    """`deleteOneRole(roleId | id)`"""
    return uuid(one_spelling({name: arguments.get(name) for name in ("roleId", "id")}))


def object_permissions(arguments: Arguments) -> Mapping[UUID, Sequence[ObjectPermissionChange]]:
    """`upsertObjectPermissions(upsertObjectPermissionsInput{roleId, objectPermissions} | input: [{roleId, …}])`"""
    return _by_role(arguments, "upsertObjectPermissionsInput", "objectPermissions", _object_permission)


def field_permissions(arguments: Arguments) -> Mapping[UUID, Sequence[FieldPermissionChange]]:
    """`upsertFieldPermissions(upsertFieldPermissionsInput{roleId, fieldPermissions} | input: [{roleId, …}])`"""
    return _by_role(arguments, "upsertFieldPermissionsInput", "fieldPermissions", _field_permission)


def permission_flags(arguments: Arguments) -> Mapping[UUID, Sequence[str]]:
    """`upsertPermissionFlags(upsertPermissionFlagsInput{roleId, permissionFlagKeys} | input: [{roleId, flag}])`"""
    return _by_role(arguments, "upsertPermissionFlagsInput", "permissionFlagKeys", _flag)


def row_rules(arguments: Arguments) -> tuple[UUID, RowRuleChange]:
    """`upsertRowLevelPermissionPredicates(input)`"""
    given = part(arguments, "input")
    return uuid(given["roleId"]), RowRuleChange(
        object_id=uuid(given["objectMetadataId"]),
        groups=_mappings(given["predicateGroups"]),
        predicates=_mappings(given["predicates"]),
    )


def uuid(value: object) -> UUID:
    """An argument of the type UUID."""
    return UUID(str(value))


def uuid_or_none(value: object) -> UUID | None:
    return None if value is None else uuid(value)


def _by_role(arguments: Arguments, wrapped: str, rows: str, read: Callable[[object], T]) -> Mapping[UUID, Sequence[T]]:
    forms: dict[str, Mapping[UUID, Sequence[T]] | None] = {wrapped: None, "input": None}
    if arguments.get(wrapped) is not None:
        given = part(arguments, wrapped)
        forms[wrapped] = {uuid(given["roleId"]): [read(row) for row in _list(given[rows])]}
    if arguments.get("input") is not None:
        found: dict[UUID, list[T]] = {}
        for row in _mappings(arguments["input"]):
            found.setdefault(uuid(row["roleId"]), []).append(read(row))
        forms["input"] = found
    return one_spelling(forms)


def _object_permission(row: object) -> ObjectPermissionChange:
    assert isinstance(row, Mapping)
    rights: list[tuple[Right, str]] = [(right, name) for right, name in OBJECT_COLUMNS.items() if name in row]
    return ObjectPermissionChange(
        object_id=uuid(row["objectMetadataId"]), given={right: row[name] for right, name in rights}
    )


def _field_permission(row: object) -> FieldPermissionChange:
    assert isinstance(row, Mapping)
    return FieldPermissionChange(
        object_id=uuid(row["objectMetadataId"]),
        field_id=uuid(row["fieldMetadataId"]),
        given={name: row[name] for name in FIELD_COLUMNS if name in row},
    )


def _flag(row: object) -> str:
    return str(row["flag"] if isinstance(row, Mapping) else row)


def _given(arguments: Arguments, name: str) -> Mapping[str, object] | None:
    value = arguments.get(name)
    return value if isinstance(value, Mapping) else None


def _mappings(value: object) -> Sequence[Mapping[str, object]]:
    return [row for row in _list(value) if isinstance(row, Mapping)]


def _list(value: object) -> Sequence[object]:
    if not isinstance(value, list):
        raise BadUserInput
    return value
