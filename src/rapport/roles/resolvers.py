"""The system operations about roles."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from rapport.access.principal import Principal
from rapport.access.request import Fields, Plain, RequestContext, Resolver
from rapport.base.errors import Forbidden
from rapport.base.spellings import text
from rapport.roles import spellings
from rapport.roles.errors import AgentNotFound, MemberNotFound
from rapport.roles.explaining import Explainer
from rapport.roles.service import Caller, Change, RoleService
from rapport.roles.spellings import uuid, uuid_or_none
from rapport.store.database import Database
from rapport.system.access_news import AccessNews
from rapport.system.area import Area, read_sdl
from rapport.system.reading import Row, Tables

_IN_ORDER = ("standardId", "createdAt", "id")  # those that every workspace has come first


def area(db: Database, tables: Tables, news: AccessNews) -> Area:
    return Area(
        sdl=read_sdl("rapport.roles"),
        resolvers={
            **_Roles(RoleService(news), tables).resolvers(),
            "explainAccess": _explaining(Explainer(db), tables),
        },
    )


class _Roles:
    def __init__(self, service: RoleService, tables: Tables) -> None:
        self._service = service
        self._tables = tables

    def resolvers(self) -> Mapping[str, Resolver]:
        """The operations of `schema.graphql` by name."""
        return {
            "getRoles": self.get_roles,
            "createOneRole": self.create,
            "updateOneRole": self.update,
            "deleteOneRole": self.delete,
            "updateWorkspaceMemberRole": self.assign_to_member,
            "assignRoleToApiKey": self.assign_to_key,
            "assignRoleToAgent": self.assign_to_agent,
            "removeRoleFromAgent": self.remove_from_agent,
            "upsertObjectPermissions": self.set_object_permissions,
            "upsertFieldPermissions": self.set_field_permissions,
            "upsertPermissionFlags": self.set_flags,
            "upsertRowLevelPermissionPredicates": self.set_row_rules,
        }

    async def get_roles(self, context: RequestContext, _arguments: Mapping[str, object]) -> object:
        return Plain(await self._tables.read("Role", context.fields, context.principal, order=_IN_ORDER))

    async def create(self, context: RequestContext, arguments: Mapping[str, object]) -> object:
        given = spellings.role_to_create(arguments)
        async with self._service.changing(_caller(context)) as change:
            role_id = await self._service.create(change, given)
            return Plain(await self._role(change, context.fields, role_id))

    async def update(self, context: RequestContext, arguments: Mapping[str, object]) -> object:
        role_id, given = spellings.role_to_update(arguments)
        async with self._service.changing(_caller(context)) as change:
            await self._service.update(change, role_id, given)
            return Plain(await self._role(change, context.fields, role_id))

    async def delete(self, context: RequestContext, arguments: Mapping[str, object]) -> object:
        role_id = spellings.role_to_delete(arguments)
        async with self._service.changing(_caller(context)) as change:
            await self._service.delete(change, role_id)
        return str(role_id)

    async def assign_to_member(self, context: RequestContext, arguments: Mapping[str, object]) -> object:
        member_id, role_id = uuid(arguments["workspaceMemberId"]), uuid(arguments["roleId"])
        async with self._service.changing(_caller(context)) as change:
            await self._service.assign_to_member(change, member_id, role_id)
            member = await self._tables.read_one(
                "WorkspaceMember",
                context.fields,
                context.principal,
                where={"id": str(member_id)},
                connection=change.connection,
            )
            if member is None:
                raise MemberNotFound
            return Plain(member)

    async def assign_to_key(self, context: RequestContext, arguments: Mapping[str, object]) -> object:
        async with self._service.changing(_caller(context)) as change:
            await self._service.assign_to_key(change, uuid(arguments["apiKeyId"]), uuid(arguments["roleId"]))
        return True

    async def assign_to_agent(self, context: RequestContext, arguments: Mapping[str, object]) -> object:
        async with self._service.changing(_caller(context)) as change:
            await self._service.assign_to_agent(change, uuid(arguments["roleId"]))
        return True

    async def remove_from_agent(self, _context: RequestContext, _arguments: Mapping[str, object]) -> object:
        raise AgentNotFound

    async def set_object_permissions(self, context: RequestContext, arguments: Mapping[str, object]) -> object:
        changes = spellings.object_permissions(arguments)
        async with self._service.changing(_caller(context)) as change:
            for role_id, permissions in changes.items():
                await self._service.set_object_permissions(change, role_id, permissions)
            wanted = [(role_id, each.object_id) for role_id, listed in changes.items() for each in listed]
            return Plain(
                await self._permissions(change, context.fields, "ObjectPermission", "objectMetadataId", wanted)
            )

    async def set_field_permissions(self, context: RequestContext, arguments: Mapping[str, object]) -> object:
        changes = spellings.field_permissions(arguments)
        async with self._service.changing(_caller(context)) as change:
            for role_id, permissions in changes.items():
                await self._service.set_field_permissions(change, role_id, permissions)
            wanted = [(role_id, each.field_id) for role_id, listed in changes.items() for each in listed]
            return Plain(await self._permissions(change, context.fields, "FieldPermission", "fieldMetadataId", wanted))

    async def set_flags(self, context: RequestContext, arguments: Mapping[str, object]) -> object:
        changes = spellings.permission_flags(arguments)
        async with self._service.changing(_caller(context)) as change:
            for role_id, flags in changes.items():
                await self._service.set_flags(change, role_id, flags)
            return Plain(
                await self._tables.read(
                    "PermissionFlag",
                    context.fields,
                    context.principal,
                    where={"roleId": [str(role_id) for role_id in changes]},
                    order=("flag", "id"),
                    connection=change.connection,
                )
            )

    async def set_row_rules(self, context: RequestContext, arguments: Mapping[str, object]) -> object:
        role_id, rules = spellings.row_rules(arguments)
        async with self._service.changing(_caller(context)) as change:
            await self._service.set_row_rules(change, role_id, rules)
            groups, predicates = await _row_rules(
                self._tables,
                context.principal,
                role_id,
                rules.object_id,
                groups=context.fields.get("predicateGroups"),
                predicates=context.fields.get("predicates"),
                change=change,
            )
        return Plain({"predicateGroups": groups, "predicates": predicates})

    async def _role(self, change: Change, fields: Fields, role_id: UUID) -> Row:
        role = await self._tables.read_one(
            "Role", fields, change.caller.principal, where={"id": str(role_id)}, connection=change.connection
        )
        assert role is not None
        return role

    async def _permissions(
        self, change: Change, fields: Fields, kind: str, by: str, wanted: Sequence[tuple[UUID, UUID]]
    ) -> list[Row]:
        """The rows of the wanted roles and objects (or fields), in that order, each once. Some may be gone."""
        rows = await self._tables.read(
            kind,
            {**fields, "roleId": {}, by: {}},
            change.caller.principal,
            where={"roleId": [str(role_id) for role_id, _ in wanted], by: [str(about) for _, about in wanted]},
            connection=change.connection,
        )
        found = {(row["roleId"], row[by]): row for row in rows}
        keys = dict.fromkeys((str(role_id), str(about)) for role_id, about in wanted)
        return [found[key] for key in keys if key in found]


def _explaining(explainer: Explainer, tables: Tables) -> Resolver:
    async def explain(context: RequestContext, arguments: Mapping[str, object]) -> object:
        principal = _caller(context).principal
        explanation = await explainer.explain(
            principal,
            object_name=text(arguments, "objectNameSingular") or "",
            record_id=uuid_or_none(arguments.get("recordId")),
            user_id=uuid_or_none(arguments.get("userId")),
            api_key_id=uuid_or_none(arguments.get("apiKeyId")),
            member_id=uuid_or_none(arguments.get("workspaceMemberId")),
        )
        groups: list[Row] = []
        predicates: list[Row] = []
        if explanation.subject.role_id is not None:
            groups, predicates = await _row_rules(
                tables,
                principal,
                explanation.subject.role_id,
                explanation.about.id,
                groups=context.fields.get("rowLevelPermissionPredicateGroups"),
                predicates=context.fields.get("rowLevelPermissionPredicates"),
            )
        return Plain(
            {
                **explanation.shown(),
                "rowLevelPermissionPredicates": predicates,
                "rowLevelPermissionPredicateGroups": groups,
            }
        )

    return explain


async def _row_rules(
    tables: Tables,
    principal: Principal | None,
    role_id: UUID,
    object_id: UUID,
    *,
    groups: Fields | None,
    predicates: Fields | None,
    change: Change | None = None,
) -> tuple[list[Row], list[Row]]:
    """The groups and the predicates of a role on an object, as far as they are asked for."""
    found: list[list[Row]] = []
    for kind, fields in (
        ("RowLevelPermissionPredicateGroup", groups),
        ("RowLevelPermissionPredicate", predicates),
    ):
        rows = (
            await tables.read(
                kind,
                fields or {},
                principal,
                where={"roleId": str(role_id), "objectMetadataId": str(object_id)},
                order=("positionInRowLevelPermissionPredicateGroup", "id"),
                connection=None if change is None else change.connection,
            )
            if fields
            else []
        )
        found.append(rows)
    return found[0], found[1]


def _caller(context: RequestContext) -> Caller:
    if context.principal is None:
        raise Forbidden
    return Caller(principal=context.principal, address=context.address)
