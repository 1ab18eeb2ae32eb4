"""Reads of described tables: whose rows they are, in how many statements, and what is refused."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

import pytest

from rapport.access.principal import Principal
from rapport.access.request import Fields
from rapport.base.errors import InvalidValue
from rapport.base.ids import new_id
from rapport.keys.service import create_key
from rapport.metadata.fieldtypes.base import Json
from rapport.roles.standard import StandardRoles, seed_roles
from rapport.store.database import Database
from rapport.system.errors import TooDeep
from rapport.system.reading import Tables
from rapport.system.tables import ID, WORKSPACE_ID, Addition, Table, column, made, to_many, to_one
from tests.recording import RecordingDatabase

FAMILY = (
    Table(
        type="Workspace",
        name="workspace",
        rows="this.id = @workspace",
        is_soft_deleted=True,
        fields=(
            ID,
            column("subdomain", nullable=True),
            column("rolesCount", "NUMBER", sql='(select count(*) from core.role r where r."workspaceId" = this.id)'),
            made("url", "subdomain", "id", by=lambda row: f"https://{row['subdomain']}.example.com"),
            to_many("roles", "Role", by="workspaceId", order=("label", "id")),
        ),
    ),
    Table(
        type="Role",
        name="role",
        fields=(
            ID,
            WORKSPACE_ID,
            column("label"),
            column("isEditable", "BOOLEAN"),
            to_one("workspace", "Workspace"),
            to_many("keys", "Key", by="roleId", order=("-name",)),
        ),
    ),
    Table(
        type="Key",
        name="apiKey",
        joins='left join core."roleTarget" held on held."apiKeyId" = this.id',
        is_soft_deleted=True,
        fields=(
            ID,
            column("name"),
            column("allowedIps", "ARRAY", nullable=True),
            column("roleId", "UUID", nullable=True, sql='held."roleId"'),
            to_one("role", "Role"),
            to_many("roles", "Role", by="id", of="roleId"),
        ),
    ),
    Addition(type="Key", fields=(column("isRevoked", "BOOLEAN", sql='this."revokedAt" is not null'),)),
)


@dataclass(frozen=True, kw_only=True)
class Place:
    """A workspace with its two roles and a key named after it, which is an admin."""

    name: str
    roles: StandardRoles
    key_id: UUID
    caller: Principal


async def make_place(database: Database, name: str) -> Place:
    workspace_id = new_id()
    async with database.transaction() as connection:
        await connection.execute(
            'insert into core.workspace (id, "schema", subdomain) values ($1, $2, $2)', workspace_id, name
        )
        roles = await seed_roles(connection, workspace_id)
        key = await create_key(connection, workspace_id=workspace_id, name=f"{name} one")
    return Place(name=name, roles=roles, key_id=key.id, caller=Principal(workspace_id=workspace_id, schema=name))


@pytest.fixture
async def mine(database: Database) -> Place:
    return await make_place(database, "mine")


@pytest.fixture
async def theirs(database: Database) -> Place:
    return await make_place(database, "theirs")


@pytest.fixture
def tables(database: Database) -> Tables:
    return Tables(database, FAMILY)


async def test_rows_of_other_workspaces_do_not_exist(tables: Tables, mine: Place, theirs: Place) -> None:
    fields: Fields = {"name": {}, "role": {"label": {}, "workspace": {"subdomain": {}}}}

    assert await tables.read("Key", fields, mine.caller) == [
        {"name": "mine one", "role": {"label": "Admin", "workspace": {"subdomain": "mine"}}}
    ]
    assert await tables.read("Key", fields, theirs.caller, where={"id": mine.key_id}) == []
    assert await tables.read_one("Workspace", {"id": {}}, theirs.caller, where={"id": mine.caller.workspace_id}) is None
    nobody = Principal(workspace_id=None, schema=None)
    for caller in (nobody, None):
        assert await tables.read("Key", fields, caller) == []


async def test_a_relation_does_not_lead_into_another_workspace(
    database: Database, tables: Tables, mine: Place, theirs: Place
) -> None:
    """Should a row ever point there."""
    await database.execute(
        'update core."roleTarget" set "roleId" = $1 where "apiKeyId" = $2', theirs.roles.admin, mine.key_id
    )

    fields: Fields = {"role": {"label": {}}, "roles": {"label": {}}}
    assert await tables.read("Key", fields, mine.caller) == [{"role": None, "roles": []}]
    assert await tables.read("Role", {"keys": {"name": {}}}, theirs.caller, where={"id": theirs.roles.admin}) == [
        {"keys": [{"name": "theirs one"}]}
    ]


async def test_lists_in_lists_are_one_statement(database_dsn: str, database: Database, mine: Place) -> None:
    async with database.transaction() as connection:
        await create_key(connection, workspace_id=mine.caller.workspace_id or new_id(), name="mine two")
    recorded = await RecordingDatabase.connect(database_dsn, size=1)
    assert isinstance(recorded, RecordingDatabase)
    recorded.log = []
    found = await Tables(recorded, FAMILY).read(
        "Workspace",
        {"url": {}, "rolesCount": {}, "roles": {"label": {}, "keys": {"name": {}, "role": {"isEditable": {}}}}},
        mine.caller,
    )
    await recorded.close()

    one = {"name": "mine one", "role": {"isEditable": False}}
    assert found == [
        {
            "url": "https://mine.example.com",
            "rolesCount": 2,
            "roles": [
                {"label": "Admin", "keys": [{**one, "name": "mine two"}, one]},
                {"label": "Member", "keys": []},
            ],
        }
    ]
    assert len(recorded.log) == 1


async def test_what_python_makes_is_made_wherever_it_is_selected(tables: Tables, mine: Place) -> None:
    fields: Fields = {"role": {"workspace": {"url": {}, "roles": {"workspace": {"url": {}}}}}}
    (found,) = await tables.read("Key", fields, mine.caller)
    url = {"url": "https://mine.example.com"}
    assert found == {"role": {"workspace": {**url, "roles": [{"workspace": url}, {"workspace": url}]}}}


async def test_soft_deleted_rows_are_gone_unless_they_are_asked_for(
    database: Database, tables: Tables, mine: Place
) -> None:
    await database.execute('update core."apiKey" set "deletedAt" = now()')

    fields: Fields = {"keys": {"name": {}}}
    assert await tables.read("Key", {"id": {}}, mine.caller) == []
    assert await tables.read("Role", fields, mine.caller, where={"label": "Admin"}) == [{"keys": []}]


@pytest.mark.parametrize(
    ("where", "names"),
    [
        ({"name": ["mine one", "mine two"]}, ["mine one"]),
        ({"name": []}, []),
        ({"name": "' or true --"}, []),
        ({"allowedIps": None, "isRevoked": False}, ["mine one"]),
        ({"isRevoked": True}, []),
        ({"name": "mine one", "roleId": str(new_id())}, []),
    ],
)
async def test_conditions(tables: Tables, mine: Place, where: Mapping[str, object], names: list[str]) -> None:
    found = await tables.read("Key", {"name": {}}, mine.caller, where=where)
    assert [row["name"] for row in found] == names


@pytest.mark.parametrize("value", ["no id", "", 7, "a" * 100_000, "\x00", "\ud800", {"eq": 1}])
async def test_what_cannot_be_an_id_is_refused(tables: Tables, mine: Place, value: Json) -> None:
    with pytest.raises(InvalidValue):
        await tables.read("Key", {"name": {}}, mine.caller, where={"id": value})


async def test_order_is_as_asked(database: Database, tables: Tables, mine: Place) -> None:
    async with database.transaction() as connection:
        await create_key(connection, workspace_id=mine.caller.workspace_id or new_id(), name="mine two")
    for order, expected in ((("name",), ["mine one", "mine two"]), (("-name", "id"), ["mine two", "mine one"])):
        found = await tables.read("Key", {"name": {}}, mine.caller, order=order)
        assert [row["name"] for row in found] == expected


async def test_statements_are_made_once(tables: Tables, mine: Place, theirs: Place) -> None:
    for place in (mine, theirs, mine):
        for key_id in (mine.key_id, theirs.key_id):
            await tables.read("Key", {"name": {}}, place.caller, where={"id": key_id})
    assert tables._statement.cache_info().misses == 1


@pytest.mark.parametrize("relation", ["keys", "workspace"])
async def test_selections_that_multiply_are_refused(tables: Tables, mine: Place, relation: str) -> None:
    fields: Fields = {"id": {}}
    for _ in range(40):
        fields = {"keys": {"role": fields}} if relation == "keys" else {"workspace": {"roles": fields}}
    with pytest.raises(TooDeep):
        await tables.read("Role", fields, mine.caller)


async def test_a_field_that_is_not_described_is_no_field(tables: Tables, mine: Place) -> None:
    with pytest.raises(LookupError, match=r"^'?Key\.keyHash is not described'?$"):
        await tables.read("Key", {"keyHash": {}}, mine.caller)


# -- tables of the workspaces' own schemas -------------------------------------------------------------------------

PEOPLE = (
    *FAMILY,
    Table(
        type="Person",
        name="person",
        schema="@schema",
        rows="true",
        is_soft_deleted=True,
        fields=(ID, column("city", nullable=True), column("name", "FULL_NAME")),
    ),
    Addition(
        type="Workspace",
        fields=(column("nobody", "UUID", nullable=True, sql="null::uuid"), to_one("person", "Person", by="nobody")),
    ),
)


async def test_records_are_read_in_the_callers_schema_only(database: Database, mine: Place, theirs: Place) -> None:
    for place in (mine, theirs):
        await database.script(
            f'create schema {place.name}; create table {place.name}.person (id uuid, city text, "nameFirstName" text,'
            f' "nameLastName" text, "deletedAt" timestamptz); insert into {place.name}.person'
            f" values (gen_random_uuid(), '{place.name}', 'Ada', 'Byron')"
        )
    tables = Tables(database, PEOPLE)
    fields: Fields = {"city": {}, "name": {"lastName": {}}}
    for place in (mine, theirs, mine):
        assert await tables.read("Person", fields, place.caller) == [
            {"city": place.name, "name": {"lastName": "Byron"}}
        ]
    assert await tables.read("Person", fields, Principal(workspace_id=None, schema=None)) == []
    assert await tables.read("Person", fields, None) == []


async def test_only_selections_with_records_are_made_for_each_workspace(
    database: Database, mine: Place, theirs: Place
) -> None:
    tables = Tables(database, PEOPLE)
    for place in (mine, theirs):
        await tables.read("Workspace", {"id": {}}, place.caller)
    assert tables._statement.cache_info().misses == 1
