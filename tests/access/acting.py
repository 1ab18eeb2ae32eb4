"""Clients that act with a role made for a test."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from uuid import UUID

from rapport.access.changes import AccessChange
from rapport.base.ids import new_id
from rapport.keys.service import create_key
from rapport.system.access_news import AccessNews
from tests.serving import Client

ALL = {
    "canReadAllObjectRecords",
    "canUpdateAllObjectRecords",
    "canSoftDeleteAllObjectRecords",
    "canDestroyAllObjectRecords",
}
_OBJECT = {
    "read": "canReadObjectRecords",
    "update": "canUpdateObjectRecords",
    "soft_delete": "canSoftDeleteObjectRecords",
    "destroy": "canDestroyObjectRecords",
}


@dataclass(frozen=True, kw_only=True)
class Role:
    """``rights`` are the role-wide columns that are true; ``objects`` overrides by object and right; ``hidden`` and
    ``frozen`` are fields (`person.jobTitle`) that may not be read or not be updated; ``rows`` are predicates
    (object, field, operand, value)."""

    rights: frozenset[str] = frozenset(ALL)
    flags: frozenset[str] = frozenset()
    all_settings: bool = False
    objects: Mapping[str, Mapping[str, bool]] = field(default_factory=dict)
    hidden: tuple[str, ...] = ()
    frozen: tuple[str, ...] = ()
    rows: tuple[tuple[str, str, str, object], ...] = ()
    member_rows: tuple[tuple[str, str, str, str], ...] = ()  # object, field, operand, field of the member record


async def make_role(client: Client, role: Role) -> UUID:
    """The id of a new role in the client's workspace."""
    role_id, workspace_id = new_id(), client.tenant.workspace_id
    names = sorted(role.rights) + (["canUpdateAllSettings"] if role.all_settings else [])
    columns = "".join(f', "{name}"' for name in names)
    async with AccessNews(client.database).changing(AccessChange(workspace_id=workspace_id)) as connection:
        await connection.execute(
            f'insert into core.role (id, "workspaceId", label{columns}) values ($1, $2, $3{", true" * len(names)})',
            role_id, workspace_id, f"Role {role_id}",
        )  # fmt: skip
        for flag in role.flags:
            await connection.execute(
                'insert into core."permissionFlag" (id, "workspaceId", "roleId", flag) values ($1, $2, $3, $4)',
                new_id(), workspace_id, role_id, flag,
            )  # fmt: skip
        for name, rights in role.objects.items():
            given = "".join(f', "{_OBJECT[right]}"' for right in rights)
            await connection.execute(
                f'insert into core."objectPermission" (id, "workspaceId", "roleId", "objectMetadataId"{given}) '
                f'select $1, $2, $3, id{"".join(f", {value}" for value in rights.values())} from core."objectMetadata" '
                'where "workspaceId" = $2 and "nameSingular" = $4',
                new_id(), workspace_id, role_id, name,
            )  # fmt: skip
        for path in {*role.hidden, *role.frozen}:
            await connection.execute(
                'insert into core."fieldPermission" (id, "workspaceId", "roleId", "objectMetadataId", '
                '"fieldMetadataId", "canReadFieldValue", "canUpdateFieldValue") '
                "select $1, $2, $3, o.id, f.id, $6, $7 from "
                'core."objectMetadata" o join core."fieldMetadata" f on f."objectMetadataId" = o.id '
                'where o."workspaceId" = $2 and o."nameSingular" = $4 and f.name = $5',
                new_id(), workspace_id, role_id, *path.split("."),
                False if path in role.hidden else None, False if path in role.frozen else None,
            )  # fmt: skip
        for object_name, field_name, operand, value in role.rows:
            await _predicate(connection, client, role_id, object_name, field_name, operand, value, None)
        for object_name, field_name, operand, member_field in role.member_rows:
            await _predicate(connection, client, role_id, object_name, field_name, operand, None, member_field)
    return role_id


async def acting(client: Client, role: Role) -> Client:
    """A client with an API key of a new role."""
    role_id = await make_role(client, role)
    async with client.database.transaction() as connection:
        key = await create_key(connection, workspace_id=client.tenant.workspace_id, name="acting", role_id=role_id)
    return client.as_tenant(replace(client.tenant, key=key.token))


async def hide(client: Client, role_id: UUID, path: str) -> None:
    """Takes a field (`person.jobTitle`) away from the holders of a role."""
    change = AccessChange(workspace_id=client.tenant.workspace_id)
    async with AccessNews(client.database).changing(change) as connection:
        await connection.execute(
            'insert into core."fieldPermission" (id, "workspaceId", "roleId", "objectMetadataId", "fieldMetadataId", '
            '"canReadFieldValue") select $1, $2, $3, o.id, f.id, false from '
            'core."objectMetadata" o join core."fieldMetadata" f on f."objectMetadataId" = o.id '
            'where o."workspaceId" = $2 and o."nameSingular" = $4 and f.name = $5',
            new_id(), client.tenant.workspace_id, role_id, *path.split("."),
        )  # fmt: skip


async def _predicate(
    connection: object, client: Client, role_id: UUID, object_name: str, field_name: str, operand: str,
    value: object, member_field: str | None,
) -> None:  # fmt: skip
    await connection.execute(  # type: ignore[attr-defined]
        'insert into core."rowLevelPermissionPredicate" (id, "workspaceId", "roleId", "objectMetadataId", '
        '"fieldMetadataId", operand, value, "workspaceMemberFieldMetadataId") '
        "select $1, $2, $3, o.id, f.id, $6, $7::jsonb, "
        '(select m.id from core."fieldMetadata" m join core."objectMetadata" w on w.id = m."objectMetadataId" '
        'where w."workspaceId" = $2 and w."nameSingular" = \'workspaceMember\' and m.name = $8) from '
        'core."objectMetadata" o join core."fieldMetadata" f on f."objectMetadataId" = o.id '
        'where o."workspaceId" = $2 and o."nameSingular" = $4 and f.name = $5',
        new_id(), client.tenant.workspace_id, role_id, object_name, field_name, operand, json.dumps(value),
        member_field,
    )  # fmt: skip
