"""Described lists that have pages: whatever area they belong to, and however their rows are read."""

import base64
from collections.abc import Mapping
from typing import Any

import orjson
import pytest
from graphql import OperationDefinitionNode, parse

from rapport.access.principal import Principal
from rapport.access.request import Fields, Plain, RequestContext, Selected, fields_of, selection_of
from rapport.base.ids import new_id
from rapport.edge.graphql.system import SystemOperations
from rapport.roles.standard import seed_roles
from rapport.store.database import Database
from rapport.system.reading import Tables
from rapport.system.registry import Registry
from rapport.system.tables import ID, WORKSPACE_ID, Table, column, connection, made, to_many, to_one

FAMILY = (
    Table(
        type="Workspace",
        name="workspace",
        rows="this.id = @workspace",
        is_soft_deleted=True,
        fields=(
            ID,
            column("subdomain", nullable=True),
            connection("roles", "Role", by="workspaceId", order=("label",)),
            to_many("none", "Role", by="label", of="logo", optional=True),
            to_many("some", "Role", by="workspaceId", order=("label",), optional=True),
            column("logo", nullable=True),
        ),
    ),
    Table(
        type="Role",
        name="role",
        fields=(
            ID,
            WORKSPACE_ID,
            column("label"),
            column("icon", nullable=True),
            column("isEditable", "BOOLEAN"),
            made("title", "label", "isEditable", by=lambda row: f"{row['label']} {row['isEditable']}"),
            to_one("workspace", "Workspace"),
        ),
    ),
)
SDL = """
extend type Query {
  plain: Workspace! @access(who: PUBLIC)
  written: Workspace! @access(who: PUBLIC)
  roles(paging: CursorPaging, filter: RoleFilter, sorting: [MetadataSortInput!]): RoleConnection! @access(who: PUBLIC)
  list: [Role!]! @access(who: PUBLIC)
}
type Workspace {
  id: UUID! subdomain: String none: [Role!] some: [Role!]
  roles(paging: CursorPaging, filter: RoleFilter): RoleConnection!
}
type Role { id: UUID! label: String! icon: String title: String! workspace: Workspace! }
type RoleConnection { edges: [RoleEdge!]! pageInfo: PageInfo! }
type RoleEdge { cursor: ConnectionCursor! node: Role! }
input RoleFilter { and: [RoleFilter!] or: [RoleFilter!] id: UUIDFilterComparison isEditable: BooleanFieldComparison }
"""


class World:
    """A workspace with the roles Admin, Member and Guest, and operations that read it."""

    def __init__(self, database: Database, caller: Principal) -> None:
        self.tables = Tables(database, FAMILY)
        self.caller = caller
        self._system = SystemOperations(
            [SDL],
            {"plain": self._plain, "written": self._written, "roles": self._roles, "list": self._list},
        )

    async def ask(self, query: str, **variables: object) -> Mapping[str, Any]:
        document = parse(query)
        operation = document.definitions[0]
        assert isinstance(operation, OperationDefinitionNode)
        prepared = self._system.prepare(document, operation)
        found = await self._system.run(prepared, variables, RequestContext(principal=self.caller))
        assert found.errors == ()
        answer: Mapping[str, Any] = orjson.loads(orjson.dumps(found.data))
        return answer

    async def _plain(self, context: RequestContext, _arguments: Mapping[str, object]) -> object:
        where = {"id": self.caller.workspace_id}
        return Plain(await self.tables.read_one("Workspace", context.fields, context.principal, where=where))

    async def _written(self, context: RequestContext, _arguments: Mapping[str, object]) -> object:
        return await self.tables.answer_one("Workspace", context, where={"id": self.caller.workspace_id})

    async def _roles(self, context: RequestContext, arguments: Mapping[str, object]) -> object:
        return await self.tables.page(
            "Role", context, arguments, where={"label": ["Admin", "Member"]}, order=("label",)
        )

    async def _list(self, context: RequestContext, _arguments: Mapping[str, object]) -> object:
        return await self.tables.answer("Role", context, order=("-label",))


@pytest.fixture
async def world(database: Database) -> World:
    workspace_id = new_id()
    async with database.transaction() as transaction:
        for each in (workspace_id, new_id()):
            await transaction.execute(
                'insert into core.workspace (id, "schema", subdomain) values ($1, $2, $2)', each, f"w{each.hex}"
            )
            await seed_roles(transaction, each)
            await transaction.execute(
                'insert into core.role (id, "workspaceId", label, icon) values ($1, $2, $3, null)',
                new_id(), each, 'Guest "x"',
            )  # fmt: skip
    return World(database, Principal(workspace_id=workspace_id, schema=None))


def at(place: int) -> str:
    return base64.b64encode(f"arrayconnection:{place}".encode()).decode()


@pytest.mark.parametrize("root", ["plain", "written"])
async def test_each_use_of_a_list_has_its_own_arguments(world: World, root: str) -> None:
    found = await world.ask(
        f"""query($first: Int, $yes: BooleanFieldComparison) {{ {root} {{
            a: roles(paging: {{ first: $first }}) {{ edges {{ cursor node {{ name: label title }} }} }}
            b: roles(paging: {{ last: 1 }}) {{ edges {{ node {{ label }} }} pageInfo {{ hasPreviousPage }} }}
            roles(filter: {{ isEditable: $yes }}) {{
                edges {{ node {{ label workspace {{ roles {{ edges {{ cursor }} }} }} }} }}
            }}
            c: roles(paging: {{ first: $first }}) {{ pageInfo {{ hasNextPage endCursor kind: __typename }} }}
            none {{ label }} some {{ label }}
        }} }}""",
        first=1,
        yes={"is": False},
    )
    every = {"roles": {"edges": [{"cursor": at(place)} for place in range(3)]}}

    assert found[root] == {
        "a": {"edges": [{"cursor": at(0), "node": {"name": "Admin", "title": "Admin False"}}]},
        "b": {"edges": [{"node": {"label": "Member"}}], "pageInfo": {"hasPreviousPage": True}},
        "roles": {"edges": [{"node": {"label": "Admin", "workspace": every}}]},
        "c": {"pageInfo": {"hasNextPage": True, "endCursor": at(0), "kind": "PageInfo"}},
        "none": None,
        "some": [{"label": "Admin"}, {"label": 'Guest "x"'}, {"label": "Member"}],
    }
    assert list(found[root]) == ["a", "b", "roles", "c", "none", "some"]


async def test_a_page_at_the_top(world: World) -> None:
    query = """query($p: CursorPaging, $f: RoleFilter, $s: [MetadataSortInput!]) {
        roles(paging: $p, filter: $f, sorting: $s) { e: edges { n: node { label t: title } } }
    }"""
    admin, member = ({"n": {"label": name, "t": f"{name} {name != 'Admin'}"}} for name in ("Admin", "Member"))

    assert await world.ask(query) == {"roles": {"e": [admin, member]}}
    assert await world.ask(query, p={"first": 1, "after": at(0)}) == {"roles": {"e": [member]}}
    assert await world.ask(query, f={"isEditable": {"is": True}}) == {"roles": {"e": [member]}}
    assert await world.ask(query, s=[{"field": "label", "direction": "DESC"}]) == {"roles": {"e": [member, admin]}}
    assert await world.ask(query, s=[], f={"or": [{"isEditable": {"isNot": None}}]}) == {
        "roles": {"e": [admin, member]}
    }


async def test_a_list_as_it_was_selected(world: World) -> None:
    found = await world.ask("{ list { a: label ...F } b: list { __typename } } fragment F on Role { b: label icon }")

    assert found["list"] == [
        {"a": name, "b": name, "icon": icon}
        for name, icon in (("Member", "IconUser"), ('Guest "x"', None), ("Admin", "IconUserCog"))
    ]
    assert found["b"] == [{"__typename": "Role"}] * 3


async def test_nobody_sees_anything(world: World) -> None:
    world.caller = Principal(workspace_id=None, schema=None)
    found = await world.ask("{ list { label } roles { edges { cursor } pageInfo { hasNextPage startCursor } } }")

    assert found == {"list": [], "roles": {"edges": [], "pageInfo": {"hasNextPage": False, "startCursor": None}}}


async def test_other_values_need_no_other_statement(world: World) -> None:
    query = """query($first: Int, $id: UUID) { written {
        roles(paging: { first: $first }, filter: { id: { eq: $id } }) { edges { node { label } } } } }"""
    for first, role_id in ((1, new_id()), (7, new_id()), (1000, new_id())):
        assert await world.ask(query, first=first, id=str(role_id)) == {"written": {"roles": {"edges": []}}}
    assert world.tables._statement.cache_info().misses == 1
    await world.ask(query, first=1, id=None)  # a comparison with null is another one
    assert world.tables._statement.cache_info().misses == 2


@pytest.mark.parametrize("root", ["plain", "written"])
async def test_no_value_gets_into_a_statement(world: World, root: str) -> None:
    hostile = "\"}'); drop table core.role; --"
    roles = "roles(paging: { after: $after }) { edges { cursor } }"
    query = f"query($after: ConnectionCursor) {{ {root} {{ {roles} }} }}"
    with pytest.raises(AssertionError):  # an error: it is no cursor
        await world.ask(query, after=hostile)
    for place in range(3):
        found = await world.ask(query, after=at(place))
        assert found[root]["roles"]["edges"] == [{"cursor": at(each)} for each in range(place + 1, 3)]
    assert world.tables._statement.cache_info().misses == 1


async def test_what_python_must_add_is_not_silently_missing(database: Database) -> None:
    role = Table(type="Role", name="role", fields=(ID, WORKSPACE_ID, column("label")), elsewhere=("secret",))
    tables = Tables(database, (role,))
    context = RequestContext(
        principal=Principal(workspace_id=new_id(), schema=None), selection=(Selected(key="secret", name="secret"),)
    )
    with pytest.raises(LookupError, match=r"Role\.secret is not described"):
        await tables.answer("Role", context)
    assert await tables.read("Role", {"secret": {}}, context.principal) == []


def test_fields_keep_the_arguments_apart() -> None:
    leaf = (Selected(key="x", name="id"),)
    other = (Selected(key="y", name="label"), Selected(key="__typename", name="__typename"))
    selection = (
        Selected(key="a", name="roles", arguments={"paging": {"first": 1}, "filter": None}, inside=leaf),
        Selected(key="b", name="roles", arguments={"filter": None, "paging": {"first": 1}}, inside=other),
        Selected(key="c", name="roles", inside=leaf),
    )
    fields: Fields = {'roles{"filter":null,"paging":{"first":1}}': {"id": {}, "label": {}}, "roles": {"id": {}}}

    assert fields_of(selection) == fields
    assert fields_of(selection_of(fields)) == fields


SDL_OF_ROLE = "type Role { id: UUID! keys(paging: CursorPaging, filter: KeyFilter): Keys! } input KeyFilter { %s: X }"


def test_descriptions_and_the_sdl_agree_on_pages() -> None:
    key = Table(type="Key", name="apiKey", fields=(ID, column("roleId", "UUID")))

    def registry(*, paged: bool) -> Registry:
        keys = (connection if paged else to_many)("keys", "Key", by="roleId")
        return Registry([Table(type="Role", name="role", fields=(ID, keys)), key])

    registry(paged=True).check_sdl([SDL_OF_ROLE % "roleId"])
    with pytest.raises(ValueError, match=r"^Role\.keys has pages either in the SDL or in the description only$"):
        registry(paged=False).check_sdl([SDL_OF_ROLE % "roleId"])
    with pytest.raises(ValueError, match=r"^Role\.keys has pages"):
        registry(paged=True).check_sdl(["type Role { id: UUID! keys: Keys! }"])
    with pytest.raises(ValueError, match=r"^Role\.keys is filtered by colour, which Key does not describe$"):
        registry(paged=True).check_sdl([SDL_OF_ROLE % "colour"])
