"""Changing roles and who has them.

Each change is one transaction. It begins with a lock on the workspace, for what must hold of all roles together: there
is an admin, labels are unique, the default role exists. It ends with the news that access in the workspace has changed.
"""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from uuid import UUID

from rapport.access.changes import AccessChange
from rapport.access.principal import Principal
from rapport.audit.actions import Action
from rapport.audit.log import record
from rapport.base.errors import Forbidden
from rapport.base.ids import new_id
from rapport.metadata.store import load_catalog
from rapport.roles.assigning import assign_to_key, assign_to_member, lock_roles, require_not_above, require_other_admin
from rapport.roles.errors import (
    AgentNotFound,
    CannotUpdateSelfRole,
    DefaultRoleCannotBeDeleted,
    DefaultRoleNotFound,
    KeyNotFound,
    MemberNotFound,
    NotAssignableToKeys,
    NotAssignableToUsers,
    RoleHeldByKeys,
)
from rapport.roles.field_permissions import FieldPermissionChange, set_field_permissions
from rapport.roles.object_permissions import ObjectPermissionChange, set_object_permissions
from rapport.roles.roles import add_role, change_role, editable_role, find_role
from rapport.roles.row_rules import RowRuleChange, set_row_rules
from rapport.roles.rules import load_rules
from rapport.store.database import Connection
from rapport.store.queries import load
from rapport.system.access_news import AccessNews

_SQL = load("rapport.roles", "sql")


@dataclass(frozen=True, kw_only=True)
class Caller:
    """Who changes something, and from where."""

    principal: Principal
    address: str | None = None

    @property
    def workspace_id(self) -> UUID:
        if self.principal.workspace_id is None:
            raise Forbidden
        return self.principal.workspace_id


class Change:
    """A change under way."""

    def __init__(self, connection: Connection, caller: Caller, default_role: UUID | None) -> None:
        self.connection = connection
        self.caller = caller
        self.workspace_id = caller.workspace_id
        self.default_role = default_role

    async def record(self, action: Action, **details: object) -> None:
        await record(
            self.connection,
            action=action,
            principal=self.caller.principal,
            details=details,
            address=self.caller.address,
        )


class RoleService:
    """What cannot be done raises an error of ``roles.errors``. Ids of other workspaces are ids of nothing."""

    def __init__(self, news: AccessNews) -> None:
        self._news = news

    @asynccontextmanager
    async def changing(self, caller: Caller) -> AsyncIterator[Change]:
        async with self._news.changing(AccessChange(workspace_id=caller.workspace_id)) as connection:
            default_role = await lock_roles(connection, caller.workspace_id)
            yield Change(connection, caller, default_role)

    # -- roles --------------------------------------------------------------------------------------------------

    async def create(self, change: Change, given: Mapping[str, object]) -> UUID:
        role_id = await add_role(change.connection, change.workspace_id, given)
        await change.record("roleCreated", roleId=role_id, role=dict(given))
        return role_id

    async def update(self, change: Change, role_id: UUID, given: Mapping[str, object]) -> None:
        is_default = role_id == change.default_role
        before = await change_role(change.connection, change.workspace_id, role_id, given, is_default=is_default)
        await change.record(
            "roleUpdated", roleId=role_id, before={name: before.get(name) for name in given}, after=dict(given)
        )

    async def delete(self, change: Change, role_id: UUID) -> None:
        """Its members get the default role. API keys might gain by that what nobody meant to give them."""
        connection, workspace_id = change.connection, change.workspace_id
        role = await editable_role(connection, workspace_id, role_id)
        if role_id == change.default_role:
            raise DefaultRoleCannotBeDeleted
        if change.default_role is None:
            raise DefaultRoleNotFound
        await connection.execute(_SQL["lock_role"], workspace_id, role_id)
        if await connection.value(_SQL["held_by_keys"], workspace_id, role_id):
            raise RoleHeldByKeys
        await connection.execute(_SQL["move_targets"], workspace_id, role_id, change.default_role)
        await connection.execute(_SQL["remove_role"], workspace_id, role_id)
        await change.record("roleDeleted", roleId=role_id, label=role["label"])

    # -- who has them -------------------------------------------------------------------------------------------

    async def assign_to_member(self, change: Change, member_id: UUID, role_id: UUID) -> None:
        connection, workspace_id, principal = change.connection, change.workspace_id, change.caller.principal
        membership = await connection.row(_SQL["find_membership"], workspace_id, member_id)
        if membership is None:
            raise MemberNotFound
        if membership["id"] in (principal.user_workspace_id, principal.impersonator_user_workspace_id):
            raise CannotUpdateSelfRole
        role = await find_role(connection, workspace_id, role_id)
        if not role["canBeAssignedToUsers"]:
            raise NotAssignableToUsers
        if membership["roleId"] != role_id:
            await require_other_admin(connection, workspace_id, membership["id"])
        await assign_to_member(
            connection, workspace_id=workspace_id, role_id=role_id, user_workspace_id=membership["id"]
        )
        await change.record(
            "roleAssigned",
            workspaceMemberId=member_id,
            userId=membership["userId"],
            before=membership["roleId"],
            roleId=role_id,
        )

    async def assign_to_key(self, change: Change, key_id: UUID, role_id: UUID) -> None:
        connection, workspace_id = change.connection, change.workspace_id
        if await connection.value(_SQL["find_key"], workspace_id, key_id) is None:
            raise KeyNotFound
        role = await find_role(connection, workspace_id, role_id)
        if not role["canBeAssignedToApiKeys"]:
            raise NotAssignableToKeys
        await require_not_above(connection, change.caller.principal, role_id)
        await assign_to_key(connection, workspace_id=workspace_id, role_id=role_id, api_key_id=key_id)
        await change.record("apiKeyRoleChanged", keyId=key_id, roleId=role_id)

    async def assign_to_agent(self, change: Change, role_id: UUID) -> None:
        """There are no agents yet."""
        await find_role(change.connection, change.workspace_id, role_id)
        raise AgentNotFound

    # -- what they permit ---------------------------------------------------------------------------------------

    async def set_object_permissions(
        self, change: Change, role_id: UUID, changes: Sequence[ObjectPermissionChange]
    ) -> None:
        connection, workspace_id = change.connection, change.workspace_id
        await editable_role(connection, workspace_id, role_id)
        catalog = await load_catalog(connection, workspace_id)
        rules = await load_rules(connection, workspace_id, role_id)
        await set_object_permissions(connection, catalog, rules, role_id, changes)
        await change.record(
            "objectPermissionsChanged",
            roleId=role_id,
            permissions=[{"objectMetadataId": each.object_id, **each.given} for each in changes],
        )

    async def set_field_permissions(
        self, change: Change, role_id: UUID, changes: Sequence[FieldPermissionChange]
    ) -> None:
        connection, workspace_id = change.connection, change.workspace_id
        await editable_role(connection, workspace_id, role_id)
        catalog = await load_catalog(connection, workspace_id)
        rules = await load_rules(connection, workspace_id, role_id)
        await set_field_permissions(connection, catalog, rules, role_id, changes)
        await change.record(
            "fieldPermissionsChanged",
            roleId=role_id,
            permissions=[{"fieldMetadataId": each.field_id, **each.given} for each in changes],
        )

    async def set_flags(self, change: Change, role_id: UUID, flags: Iterable[str]) -> None:
        connection, workspace_id = change.connection, change.workspace_id
        await editable_role(connection, workspace_id, role_id)
        wanted = sorted(set(flags))
        await connection.execute(_SQL["remove_other_flags"], workspace_id, role_id, wanted)
        await connection.execute(_SQL["add_flags"], workspace_id, role_id, [new_id() for _ in wanted], wanted)
        await change.record("permissionFlagsChanged", roleId=role_id, flags=wanted)

    async def set_row_rules(self, change: Change, role_id: UUID, rules: RowRuleChange) -> None:
        connection, workspace_id = change.connection, change.workspace_id
        await editable_role(connection, workspace_id, role_id)
        catalog = await load_catalog(connection, workspace_id)
        await set_row_rules(connection, catalog, role_id, rules)
        await change.record(
            "rowPermissionsChanged",
            roleId=role_id,
            objectMetadataId=rules.object_id,
            groups=[dict(row) for row in rules.groups],
            predicates=[dict(row) for row in rules.predicates],
        )
