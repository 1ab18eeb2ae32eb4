"""The `User` of the SDL: the caller, and what the caller has in the workspace of the token."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Protocol, TypeAlias
from uuid import UUID

from rapport.access.principal import Principal
from rapport.access.request import Fields, Plain, RequestContext
from rapport.metadata.catalog import Catalog
from rapport.metadata.fieldtypes.base import Json
from rapport.system.reading import Row, Tables
from rapport.users.errors import NoUser
from rapport.users.permissions import objects_permissions
from rapport.workspaces.reading import WorkspaceReader, seen_as

# `AvailableWorkspaces` of the SDL; the accounts know them.
Available: TypeAlias = Callable[[Principal], Awaitable[Mapping[str, object]]]
_NONE_AVAILABLE: Row = {"availableWorkspacesForSignIn": [], "availableWorkspacesForSignUp": []}
_MEMBERSHIPS = ("currentUserWorkspace", "userWorkspaces", "workspaces")
_PERMISSIONS = ("objectsPermissions", "objectPermissions")


class Model(Protocol):
    """A data model as a role sees it."""

    @property
    def catalog(self) -> Catalog: ...


class Models(Protocol):
    """Where the data models of workspaces come from."""

    async def load(self, principal: Principal) -> Model:
        """The model as the principal's role sees it."""


class UserReader:
    """Reads what is asked for, and nothing else."""

    def __init__(self, tables: Tables, workspaces: WorkspaceReader, models: Models, available: Available) -> None:
        self._tables = tables
        self._workspaces = workspaces
        self._models = models
        self._available = available

    async def caller(self, principal: Principal, fields: Fields) -> Row:
        """The user of the principal. Raises NoUser."""
        wanted = _with_ids(fields)
        row = await self._tables.read_one("User", wanted, seen_as(principal), where={"id": principal.user_id})
        if row is None:
            raise NoUser
        await self._complete_user(row, principal, fields)
        return row

    async def show(self, context: RequestContext, user_id: UUID) -> object:
        """The `user` in the answer to a sign-in, which is to no workspace as yet."""
        principal = Principal(workspace_id=None, schema=None, user_id=user_id)
        return Plain(await self.caller(principal, context.fields.get("user", {})))

    async def membership_of_record(self, principal: Principal, member_id: UUID, fields: Fields) -> Row | None:
        """The membership behind a member record of the caller's workspace."""
        return await self._tables.read_one(
            "UserWorkspace",
            fields,
            seen_as(principal),
            where={"workspaceMemberId": member_id, "workspaceId": principal.workspace_id},
        )

    async def _complete_user(self, row: Row, principal: Principal, fields: Fields) -> None:
        """Adds what is not in the table, for as far as it was asked for."""
        seen = seen_as(principal)
        if "availableWorkspaces" in fields:
            # Whoever acts in somebody's name does so in one workspace: no tokens to the others.
            is_oneself = principal.impersonator_user_workspace_id is None
            row["availableWorkspaces"] = _json(await self._available(principal)) if is_oneself else _NONE_AVAILABLE
        if "workspaceMembers" in fields and principal.workspace_id is not None:
            row["workspaceMembers"] = list(
                await self._tables.read("WorkspaceMember", fields["workspaceMembers"], seen, order=("createdAt", "id"))
            )
        if "deletedWorkspaceMembers" in fields and principal.workspace_id is not None:
            row["deletedWorkspaceMembers"] = list(
                await self._tables.read(
                    "DeletedWorkspaceMember", fields["deletedWorkspaceMembers"], seen, order=("deletedSince", "id")
                )
            )
        workspace = row.get("currentWorkspace")
        if isinstance(workspace, dict):
            await self._workspaces.complete(workspace, principal, fields["currentWorkspace"])
        for name in _MEMBERSHIPS:
            memberships = row.get(name)
            for membership in memberships if isinstance(memberships, list) else [memberships]:
                if isinstance(membership, dict):
                    await self._complete_membership(membership, principal, fields[name])

    async def _complete_membership(self, row: Row, principal: Principal, fields: Fields) -> None:
        """Adds what the caller may do, to their own membership in the workspace of the token."""
        if row["id"] != str(principal.user_workspace_id):
            return
        if "permissionFlags" in fields:
            row["permissionFlags"] = [*sorted(principal.flags)]
        asked = {name: fields[name] for name in _PERMISSIONS if name in fields}
        if asked:
            model = await self._models.load(principal)
            for name, inner in asked.items():
                row[name] = list(await objects_permissions(self._tables, model.catalog, principal, inner))
        workspace = row.get("workspace")
        if isinstance(workspace, dict):
            await self._workspaces.complete(workspace, principal, fields["workspace"])


def _with_ids(fields: Fields) -> Fields:
    """The ids by which memberships are told apart, besides what is asked for."""
    return {**fields, **{name: {**fields[name], "id": {}} for name in _MEMBERSHIPS if name in fields}}


def _json(value: object) -> Json:
    """With ids as texts, which is what a Plain holds."""
    if isinstance(value, Mapping):
        return {str(name): _json(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_json(each) for each in value]
    return value if isinstance(value, str | int | float | bool | None) else str(value)
