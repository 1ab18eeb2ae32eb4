"""Declared writes: what they write, what they refuse, and that a transaction is around each."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

import pytest

from rapport.access.changes import AccessChange
from rapport.access.principal import Principal
from rapport.access.request import Plain, RequestContext, Resolver
from rapport.base.errors import BadUserInput, DuplicateEntry, Forbidden, InvalidValue, NotFound
from rapport.base.ids import new_id
from rapport.roles.standard import seed_roles
from rapport.store.database import Database
from rapport.system.access_news import AccessNews
from rapport.system.crud import Crud, Write
from rapport.system.reading import Tables
from rapport.system.tables import ID, TIMES, WORKSPACE_ID, Table, column, to_one

TABLES = (
    Table(type="Role", name="role", fields=(ID, column("label"), column("description", nullable=True), *TIMES)),
    Table(
        type="Domain",
        name="approvedAccessDomain",
        fields=(ID, WORKSPACE_ID, column("domain"), column("isValidated", "BOOLEAN"), *TIMES),
    ),
    Table(
        type="Flag",
        name="permissionFlag",
        fields=(ID, WORKSPACE_ID, column("flag"), to_one("role", "Role"), *TIMES),
    ),
    Table(type="Key", name="apiKey", is_soft_deleted=True, fields=(ID, column("name"), *TIMES)),
    Table(type="Workspace", name="workspace", rows="this.id = @workspace", fields=(ID, column("subdomain"))),
)


class NoSuchDomain(NotFound):
    """There is no such domain."""


class DomainTaken(DuplicateEntry):
    """The domain is there already."""


DOMAINS = Crud(
    of="Domain",
    create="createDomain",
    update="updateDomain",
    delete="deleteDomain",
    writable=("domain", "isValidated"),
    not_found=NoSuchDomain,
    taken=DomainTaken,
    inputs=("createDomainInput", "input"),
    ids=("domainId", "id"),
    delete_answers="id",
)


@dataclass(frozen=True, kw_only=True)
class Caller:
    """Calls resolvers as somebody of one workspace."""

    workspace_id: UUID
    resolvers: Mapping[str, Resolver]

    async def __call__(self, operation: str, **arguments: object) -> object:
        principal = Principal(workspace_id=self.workspace_id, schema="s")
        context = RequestContext(principal=principal, fields={"id": {}, "domain": {}, "isValidated": {}})
        answer = await self.resolvers[operation](context, arguments)
        return answer.value if isinstance(answer, Plain) else answer

    async def add(self, domain: str) -> str:
        made = await self("createDomain", input={"domain": domain})
        assert isinstance(made, dict)
        return str(made["id"])


async def workspace(database: Database, name: str) -> UUID:
    workspace_id = new_id()
    async with database.transaction() as connection:
        await connection.execute('insert into core.workspace (id, "schema") values ($1, $2)', workspace_id, name)
        await seed_roles(connection, workspace_id)
    return workspace_id


@pytest.fixture
async def mine(database: Database) -> Caller:
    resolvers = DOMAINS.resolvers(database, Tables(database, TABLES))
    return Caller(workspace_id=await workspace(database, "mine"), resolvers=resolvers)


@pytest.fixture
async def theirs(database: Database, mine: Caller) -> Caller:
    return Caller(workspace_id=await workspace(database, "theirs"), resolvers=mine.resolvers)


async def test_a_row_is_written_and_read_back(mine: Caller) -> None:
    made = await mine("createDomain", createDomainInput={"domain": "a.example"})
    assert isinstance(made, dict)
    row = {"id": made["id"], "domain": "a.example", "isValidated": False}
    assert made == row
    changed = await mine("updateDomain", input={"id": made["id"], "isValidated": True})
    assert changed == {**row, "isValidated": True}
    changed = await mine("updateDomain", input={"id": made["id"], "update": {"domain": "b.example"}})
    assert changed == {**row, "isValidated": True, "domain": "b.example"}
    assert await mine("updateDomain", domainId=made["id"], input={}) == changed
    assert await mine("deleteDomain", domainId=made["id"]) == made["id"]
    with pytest.raises(NoSuchDomain):
        await mine("updateDomain", input={"id": made["id"]})


async def test_rows_of_another_workspace_are_not_there(database: Database, mine: Caller, theirs: Caller) -> None:
    domain_id = await theirs.add("a.example")
    for operation, given in (
        ("updateDomain", {"input": {"id": domain_id, "domain": "stolen.example"}}),
        ("deleteDomain", {"id": domain_id}),
    ):
        with pytest.raises(NoSuchDomain):
            await mine(operation, **given)
    assert await database.value('select domain from core."approvedAccessDomain"') == "a.example"


async def test_a_caller_cannot_choose_the_workspace_or_the_id(database: Database, mine: Caller, theirs: Caller) -> None:
    wanted = str(new_id())
    made = await mine(
        "createDomain", input={"domain": "a.example", "workspaceId": str(theirs.workspace_id), "id": wanted}
    )
    row = await database.row('select "workspaceId", id::text from core."approvedAccessDomain"')
    assert row is not None
    assert tuple(row) == (mine.workspace_id, made["id"])  # type: ignore[index]
    assert row["id"] != wanted
    await mine("updateDomain", input={"id": row["id"], "workspaceId": str(theirs.workspace_id)})
    assert await database.value('select "workspaceId" from core."approvedAccessDomain"') == mine.workspace_id


async def test_what_is_there_already_is_said_so(mine: Caller, theirs: Caller) -> None:
    await mine.add("a.example")
    await theirs.add("a.example")
    with pytest.raises(DomainTaken, match=r"^The domain is there already\.$"):
        await mine.add("a.example")


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"id": None},
        {"id": str(new_id()), "domainId": str(new_id())},
        {"id": str(new_id()), "input": {"id": str(new_id())}},
    ],
)
async def test_one_id_is_needed(mine: Caller, given: Mapping[str, object]) -> None:
    with pytest.raises(BadUserInput):
        await mine("deleteDomain", **given)


@pytest.mark.parametrize(
    "given", [{}, {"input": None}, {"input": {"domain": "a"}, "createDomainInput": {"domain": "b"}}]
)
async def test_one_input_is_needed(mine: Caller, given: Mapping[str, object]) -> None:
    with pytest.raises(BadUserInput):
        await mine("createDomain", **given)


@pytest.mark.parametrize("wanted", ["x", "' or true --", "a" * 100_000, "\x00", "{}"])
async def test_what_cannot_be_an_id_finds_nothing(mine: Caller, wanted: str) -> None:
    with pytest.raises(NoSuchDomain):
        await mine("deleteDomain", id=wanted)


@pytest.mark.parametrize(
    "given",
    [{"domain": None}, {"domain": 7}, {"domain": "\x00"}, {"domain": "\ud800"}, {"isValidated": "yes"}],
    ids=str,
)
async def test_values_are_those_of_their_field_type(mine: Caller, given: Mapping[str, object]) -> None:
    domain_id = await mine.add("a.example")
    for arguments in ({"input": {"domain": "b.example", **given}}, {"input": {"id": domain_id, **given}}):
        with pytest.raises(InvalidValue):
            await mine("updateDomain" if "id" in arguments["input"] else "createDomain", **arguments)


async def test_nobody_without_a_workspace_writes(mine: Caller) -> None:
    for principal in (None, Principal(workspace_id=None, schema=None)):
        with pytest.raises(Forbidden):
            await mine.resolvers["createDomain"](RequestContext(principal=principal), {"input": {"domain": "a"}})


async def test_a_column_points_to_rows_of_the_workspace_only(database: Database, mine: Caller, theirs: Caller) -> None:
    flags = Crud(of="Flag", create="create", update="update", writable=("flag", "roleId"))
    read = "select id from core.role where \"workspaceId\" = $1 and label = 'Member'"
    own, foreign = await database.value(read, mine.workspace_id), await database.value(read, theirs.workspace_id)
    caller = Caller(workspace_id=mine.workspace_id, resolvers=flags.resolvers(database, Tables(database, TABLES)))
    made = await _flag(caller, "create", input={"flag": "ROLES", "roleId": str(own)})
    for operation, given in (
        ("create", {"flag": "VIEWS", "roleId": str(foreign)}),
        ("create", {"flag": "VIEWS", "roleId": str(new_id())}),
        ("update", {"id": made, "roleId": str(foreign)}),
    ):
        with pytest.raises(BadUserInput, match=r"^roleId is the id of nothing in this workspace\.$"):
            await _flag(caller, operation, input=given)
    assert await database.value('select count(*) from core."permissionFlag"') == 1


async def test_soft_deleted_rows_are_kept_and_gone(database: Database, mine: Caller) -> None:
    keys = Crud(of="Key", create="create", update="update", delete="delete", writable=("name",))
    resolvers = keys.resolvers(database, Tables(database, TABLES))
    context = RequestContext(principal=Principal(workspace_id=mine.workspace_id, schema="s"), fields={"id": {}})
    made = await resolvers["create"](context, {"input": {"name": "a"}})
    assert isinstance(made, Plain)
    given = {"id": made.value["id"]}  # type: ignore[index]
    assert await resolvers["delete"](context, given) is True
    assert await database.value('select "deletedAt" is not null from core."apiKey"') is True
    for operation, arguments in (("delete", given), ("update", {"input": {**given, "name": "b"}})):
        with pytest.raises(NotFound):
            await resolvers[operation](context, arguments)


async def test_hooks_share_the_transaction(database: Database, mine: Caller) -> None:
    calls: list[tuple[str, object]] = []

    async def before(write: Write) -> None:
        calls.append(("before", await write.connection.value('select count(*) from core."approvedAccessDomain"')))
        write.given["domain"] = f"{write.given['domain']}.example"

    async def after(write: Write) -> None:
        calls.append(("after", await write.connection.value('select domain from core."approvedAccessDomain"')))
        raise DomainTaken

    crud = Crud(of="Domain", create="create", writable=("domain",), before=before, after=after)
    caller = Caller(workspace_id=mine.workspace_id, resolvers=crud.resolvers(database, Tables(database, TABLES)))
    with pytest.raises(DomainTaken):
        await caller("create", input={"domain": "a"})
    assert calls == [("before", 0), ("after", "a.example")]
    assert await database.value('select count(*) from core."approvedAccessDomain"') == 0


async def test_a_change_of_access_is_announced(database: Database, mine: Caller) -> None:
    heard: list[AccessChange] = []
    crud = Crud(
        of="Domain",
        create="create",
        writable=("domain",),
        concerns=lambda write: AccessChange(workspace_id=write.principal.workspace_id),
    )
    resolvers = crud.resolvers(database, Tables(database, TABLES), AccessNews(database, heard.append))
    await Caller(workspace_id=mine.workspace_id, resolvers=resolvers)("create", input={"domain": "a"})
    assert heard == [AccessChange(workspace_id=mine.workspace_id)]
    assert await database.value('select "accessVersion" from core.workspace where id = $1', mine.workspace_id) == 1


@pytest.mark.parametrize(
    ("crud", "problem"),
    [
        (Crud(of="Domain", writable=("secret",)), "Domain does not describe secret"),
        (Crud(of="Workspace"), "Workspace is not a table whose rows belong to one workspace: its writes need code"),
        (
            Crud(of="Domain", concerns=lambda write: AccessChange()),
            "writes of Domain change access: they need AccessNews",
        ),
    ],
)
async def test_what_the_description_does_not_bear_is_named(database: Database, crud: Crud, problem: str) -> None:
    with pytest.raises(ValueError, match=f"^{problem}$"):
        crud.resolvers(database, Tables(database, TABLES))


async def _flag(caller: Caller, operation: str, **arguments: object) -> object:
    principal = Principal(workspace_id=caller.workspace_id, schema="s")
    answer = await caller.resolvers[operation](RequestContext(principal=principal, fields={"id": {}}), arguments)
    assert isinstance(answer, Plain)
    return answer.value["id"]  # type: ignore[index]
