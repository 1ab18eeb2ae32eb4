"""Two workspaces on one server: nothing that one of them holds opens a record of the other."""

from collections.abc import AsyncIterator

import pytest

from rapport.store.database import Database
from tests.databases import fresh_name, new_database
from tests.edge.conftest import Prepared
from tests.records.events import events
from tests.records.failure import NOT_FOUND, failure, refusal
from tests.records.member import member
from tests.serving import Client, make_tenant, serving

MINE = "20202020-0c28-43d9-b8f7-2b12e84b4d5e"
THEIRS = "30303030-0c28-43d9-b8f7-2b12e84b4d5e"
THEIR_COMPANY = "31313131-0c28-43d9-b8f7-2b12e84b4d5e"
THEIR_NOTE = "32323232-0c28-43d9-b8f7-2b12e84b4d5e"
SHARED = "40404040-0c28-43d9-b8f7-2b12e84b4d5e"  # an id that both use, each for a record of its own

PEOPLE = (
    "{ people(orderBy: { city: AscNullsFirst }) { totalCount edges { cursor node { id city company { name } } } } }"
)


@pytest.fixture
async def tenants(server_dsn: str, workspace_template: Prepared) -> AsyncIterator[tuple[Client, Client]]:
    """Clients of two workspaces on one server, each with a few records."""
    async with new_database(server_dsn, fresh_name(), template=workspace_template.name) as dsn:
        db = await Database.connect(dsn, size=5)
        try:
            async with serving(db, workspace_template.tenant) as mine:
                theirs = mine.as_tenant(await make_tenant(db, "Other"))
                await mine.data(
                    f"""mutation {{ createPeople(data: [
                        {{ id: "{MINE}", city: "mine" }}, {{ id: "{SHARED}", city: "my shared" }}
                    ]) {{ id }} }}"""
                )
                await theirs.data(
                    f"""mutation {{
                        createCompany(data: {{ id: "{THEIR_COMPANY}", name: "Theirs Ltd" }}) {{ id }}
                        createPeople(data: [
                            {{
                                id: "{THEIRS}", city: "theirs", companyId: "{THEIR_COMPANY}", email: "a@theirs.example"
                            }}
                            {{ id: "{SHARED}", city: "their shared" }}
                        ]) {{ id }}
                        createNote(data: {{ id: "{THEIR_NOTE}", title: "Secret" }}) {{ id }}
                        createNoteTarget(data: {{ noteId: "{THEIR_NOTE}", personId: "{THEIRS}" }}) {{ id }}
                    }}"""
                )
                yield mine, theirs
        finally:
            await db.close()


async def cities(client: Client) -> list[str]:
    return [edge["node"]["city"] for edge in (await client.data(PEOPLE))["people"]["edges"]]


async def test_each_reads_its_own_whoever_asked_first(tenants: tuple[Client, Client]) -> None:
    mine, theirs = tenants
    for _ in range(2):
        assert await cities(mine) == ["mine", "my shared"]
        assert await cities(theirs) == ["their shared", "theirs"]
    by_id = "query($id: UUID!) { person(id: $id) { city } }"
    for _ in range(2):
        assert await mine.data(by_id, {"id": SHARED}) == {"person": {"city": "my shared"}}
        assert await theirs.data(by_id, {"id": SHARED}) == {"person": {"city": "their shared"}}
        assert await failure(mine, by_id, {"id": THEIRS}) == NOT_FOUND
        assert await failure(theirs, by_id, {"id": MINE}) == NOT_FOUND


@pytest.mark.parametrize(
    "where",
    [
        {"id": {"eq": THEIRS}},
        {"id": {"in": [THEIRS, THEIR_COMPANY]}},
        {"companyId": {"eq": THEIR_COMPANY}},
        {"company": {"name": {"eq": "Theirs Ltd"}}},
        {"company": {"id": {"eq": THEIR_COMPANY}}},
        {"email": {"eq": "a@theirs.example"}},
        {"or": [{"city": {"eq": "theirs"}}, {"deletedAt": {"is": "NOT_NULL"}}]},
        {"and": [{"not": {"id": {"in": [MINE, SHARED]}}}]},
    ],
)
async def test_no_filter_finds_the_other_s_records(tenants: tuple[Client, Client], where: dict[str, object]) -> None:
    mine, theirs = tenants
    query = "query($where: PersonFilterInput) { people(filter: $where) { totalCount edges { node { id } } } }"
    await theirs.data(query, {"where": where})

    assert await mine.data(query, {"where": where}) == {"people": {"totalCount": 0, "edges": []}}
    one = "query($where: PersonFilterInput!) { person(filter: $where) { id } }"
    assert await failure(mine, one, {"where": where}) == NOT_FOUND


async def test_no_cursor_of_the_other_shows_more_than_one_s_own(tenants: tuple[Client, Client]) -> None:
    mine, theirs = tenants
    found = (await theirs.data(PEOPLE))["people"]["edges"]
    query = """query($cursor: String) {
        after: people(after: $cursor, orderBy: { city: AscNullsFirst }) { edges { node { city } } }
        before: people(before: $cursor, orderBy: { city: AscNullsFirst }) { edges { node { city } } }
    }"""
    for edge in found:
        answer = await mine.data(query, {"cursor": edge["cursor"]})
        seen = [each["node"]["city"] for side in ("before", "after") for each in answer[side]["edges"]]
        assert seen == ["mine", "my shared"]


async def test_what_was_read_through_relations_is_one_s_own(tenants: tuple[Client, Client]) -> None:
    mine, theirs = tenants
    query = "{ people { edges { node { city company { name } noteTargets { edges { node { note { title } } } } } } } }"
    everything = await theirs.data(query)
    own = await mine.data(query)

    assert "Secret" in str(everything)
    assert "Secret" not in str(own)
    assert "Theirs" not in str(own)


async def test_no_change_reaches_the_other_s_records(tenants: tuple[Client, Client]) -> None:
    mine, theirs = tenants
    before = await theirs.data(PEOPLE)
    logged = len(await events(theirs))
    for query in (
        f'mutation {{ updatePerson(id: "{THEIRS}", data: {{ city: "stolen" }}) {{ id }} }}',
        f'mutation {{ deletePerson(id: "{THEIRS}") {{ id }} }}',
        f'mutation {{ destroyPerson(id: "{THEIRS}") {{ id }} }}',
        f'mutation {{ restorePerson(id: "{THEIRS}") {{ id }} }}',
        f'mutation {{ deleteCompany(id: "{THEIR_COMPANY}") {{ id }} }}',
    ):
        assert await failure(mine, query) == NOT_FOUND
    for verb in (
        'updatePeople(data: { city: "stolen" }, {})',
        "deletePeople({})",
        "destroyPeople({})",
        "restorePeople({})",
    ):
        call = verb.replace("{})", f'filter: {{ id: {{ in: ["{THEIRS}"] }} }})')
        assert list((await mine.data(f"mutation {{ {call} {{ id }} }}")).values()) == [[]]
    await mine.data('mutation { updatePeople(data: { jobTitle: "x" }, filter: { id: { is: NOT_NULL } }) { id } }')
    await mine.data(f'mutation {{ destroyPerson(id: "{SHARED}") {{ id }} }}')

    assert await theirs.data(PEOPLE) == before
    assert len(await events(theirs)) == logged
    assert await theirs.data("{ people(filter: { jobTitle: { is: NOT_NULL } }) { totalCount } }") == {
        "people": {"totalCount": 0}
    }


async def test_no_link_leads_to_the_other_s_records(tenants: tuple[Client, Client]) -> None:
    mine, _ = tenants
    for field, data in (
        ("companyId", f'companyId: "{THEIR_COMPANY}"'),
        ("companyId", f'company: {{ connect: {{ where: {{ id: "{THEIR_COMPANY}" }} }} }}'),
    ):
        for query in (
            f"mutation {{ createPerson(data: {{ {data} }}) {{ id }} }}",
            f'mutation {{ updatePerson(id: "{MINE}", data: {{ {data} }}) {{ id }} }}',
        ):
            found = await failure(mine, query)
            assert found.code == "BAD_USER_INPUT"
            assert found.sub_code in ("RELATION_TARGET_NOT_FOUND", "CONNECT_RECORD_NOT_FOUND"), (field, found)
    note = f'mutation {{ createNoteTarget(data: {{ noteId: "{THEIR_NOTE}", personId: "{MINE}" }}) {{ id }} }}'
    assert await failure(mine, note) == refusal(
        f'No record with the id "{THEIR_NOTE}" for the relation field "noteId"', "RELATION_TARGET_NOT_FOUND"
    )


async def test_values_are_unique_within_one_workspace_only(tenants: tuple[Client, Client]) -> None:
    mine, _ = tenants

    assert await mine.data('mutation { createPerson(data: { email: "a@theirs.example" }) { email } }') == {
        "createPerson": {"email": "a@theirs.example"}
    }


async def test_a_model_and_its_plans_are_of_one_workspace(tenants: tuple[Client, Client]) -> None:
    mine, theirs = tenants
    query = "{ companies { edges { node { name employees } } } }"
    await mine.data(query)
    await theirs.data(query)
    await mine.database.execute(f'alter table "{theirs.tenant.schema}".company rename column employees to staff')

    assert await mine.data(query) == {"companies": {"edges": []}}
    assert "errors" in await theirs.ask(query)
    assert await mine.data(query) == {"companies": {"edges": []}}


async def test_a_token_is_for_the_workspace_that_it_was_made_for(tenants: tuple[Client, Client]) -> None:
    mine, theirs = tenants
    my_user, _ = await member(mine, email="ines@example.com")
    their_user, _ = await member(theirs, email="olga@example.com")

    assert await cities(my_user) == ["mine", "my shared"]
    assert await cities(their_user) == ["their shared", "theirs"]
    for header in ("X-Workspace-Id", "X-Schema", "Host", "Origin"):
        disguised = Client(
            http=mine.http,
            url=mine.url,
            database=mine.database,
            tenant=my_user.tenant,
            headers={header: str(theirs.tenant.workspace_id)},
        )
        assert await cities(disguised) == ["mine", "my shared"]


async def test_an_answer_never_names_where_the_records_are_kept(tenants: tuple[Client, Client]) -> None:
    mine, theirs = tenants
    for query in (
        f'mutation {{ createPerson(data: {{ companyId: "{THEIR_COMPANY}" }}) {{ id }} }}',
        f'mutation {{ createPerson(data: {{ id: "{MINE}" }}) {{ id }} }}',
        '{ people(filter: { city: { regex: "x" } }) { totalCount } }',
        "{ nope }",
    ):
        answer = (await mine.post(query)).text
        assert mine.tenant.schema not in answer
        assert theirs.tenant.schema not in answer
