"""Links between records as they are written: ids, connect and disconnect, morph targets under both of their names."""

import pytest

from tests.recording import recording
from tests.records.failure import Failure, failure, refusal
from tests.serving import Client

PERSON = "20202020-0c28-43d9-b8f7-2b12e84b4d5e"
OTHER_PERSON = "21212121-0c28-43d9-b8f7-2b12e84b4d5e"
COMPANY = "30303030-0c28-43d9-b8f7-2b12e84b4d5e"
NOTE = "40404040-0c28-43d9-b8f7-2b12e84b4d5e"
MISSING = "50505050-0c28-43d9-b8f7-2b12e84b4d5e"
CREATE = "mutation($data: PersonCreateInput!) { createPerson(data: $data) { companyId company { name } } }"
UPDATE = (
    "mutation($data: PersonUpdateInput!) "
    f'{{ updatePerson(id: "{PERSON}", data: $data) {{ companyId company {{ name }} }} }}'
)
LINKED = {"companyId": COMPANY, "company": {"name": "Acme"}}
UNLINKED = {"companyId": None, "company": None}


@pytest.fixture
async def linked(client: Client) -> Client:
    """A client of a workspace with a company, a person of it, a stranger and a note."""
    await client.data(
        f"""mutation {{
            createCompany(data: {{ id: "{COMPANY}", name: "Acme" }}) {{ id }}
            createPeople(data: [{{ id: "{PERSON}", companyId: "{COMPANY}" }}, {{ id: "{OTHER_PERSON}" }}]) {{ id }}
            createNote(data: {{ id: "{NOTE}", title: "Call" }}) {{ id }}
        }}"""
    )
    return client


async def test_a_link_is_set_by_its_id_or_by_connecting(linked: Client) -> None:
    for data in (
        {"companyId": COMPANY},
        {"companyId": COMPANY.upper()},
        {"company": {"connect": {"where": {"id": COMPANY}}}},
    ):
        assert await linked.data(CREATE, {"data": data}) == {"createPerson": LINKED}
    for nothing in ({"companyId": None}, {"company": None}, {"company": {"disconnect": True}}):
        assert await linked.data(UPDATE, {"data": {"companyId": COMPANY}}) == {"updatePerson": LINKED}
        assert await linked.data(UPDATE, {"data": nothing}) == {"updatePerson": UNLINKED}
    assert await linked.data(UPDATE, {"data": {"company": {"connect": {"where": {"id": COMPANY}}}}}) == {
        "updatePerson": LINKED
    }
    nothings: list[dict[str, object]] = [{"company": {"disconnect": False}}, {"company": {}}, {}]
    for kept in nothings:
        assert await linked.data(UPDATE, {"data": kept}) == {"updatePerson": LINKED}


@pytest.mark.parametrize(
    ("data", "message", "sub_code"),
    [
        (
            {"companyId": MISSING},
            f'No record with the id "{MISSING}" for the relation field "companyId"',
            "RELATION_TARGET_NOT_FOUND",
        ),
        (
            {"company": {"connect": {"where": {"id": MISSING}}}},
            f"Expected 1 record to connect to company, but found 0 for id = {MISSING}",
            "CONNECT_RECORD_NOT_FOUND",
        ),
    ],
)
async def test_a_link_to_a_record_that_is_not_there_is_refused(
    linked: Client, data: dict[str, object], message: str, sub_code: str
) -> None:
    for document in (CREATE, UPDATE):
        refused = await failure(linked, document, {"data": data})
        assert (refused.message, refused.sub_code) == (message, sub_code)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"company": COMPANY}, 'Relation "company" requires connect or disconnect operation'),
        ({"company": {"connect": COMPANY}}, 'Relation "company" requires connect or disconnect operation'),
        ({"company": {"connect": {"where": {}}}}, 'Relation "company" requires connect or disconnect operation'),
        ({"company": {"make": {"name": "x"}}}, 'Relation "company" requires connect or disconnect operation'),
        (
            {"company": {"connect": {"where": {"id": COMPANY}}, "disconnect": True}},
            "Cannot have both connect and disconnect for the same field on company.",
        ),
        (
            {"company": {"connect": {"where": {"id": COMPANY}}}, "companyId": COMPANY},
            "company and companyId cannot be both provided.",
        ),
        (
            {"companyId": COMPANY, "company": {"disconnect": True}},
            "company and companyId cannot be both provided.",
        ),
        ({"company": {"connect": {"where": {"id": "x"}}}}, "Invalid UUID value 'x' for field \"id\""),
        ({"companyId": ""}, "Invalid UUID value '' for field \"companyId\""),
        ({"noteTargets": []}, "One-to-many relation noteTargets field does not support write operations."),
    ],
)
async def test_a_link_that_is_ill_formed_is_refused(linked: Client, data: dict[str, object], message: str) -> None:
    assert await failure(linked, CREATE, {"data": data}) == refusal(message)


async def test_only_unique_fields_can_name_the_record_to_connect_to(linked: Client) -> None:
    data = {"company": {"connect": {"where": {"name": "Acme"}}}}
    assert await failure(linked, CREATE, {"data": data}) == Failure(
        message='Field "name" is not defined by type "CompanyWhereUniqueInput".', code="BAD_USER_INPUT"
    )


async def test_an_id_of_another_type_does_not_pass_the_type_check(linked: Client) -> None:
    assert await failure(linked, CREATE, {"data": {"companyId": 5}}) == Failure(
        message="UUID must be a string", code="BAD_USER_INPUT"
    )


async def test_a_target_can_be_written_read_and_filtered_by_both_of_its_names(linked: Client) -> None:
    fields = "personId targetPersonId companyId targetCompanyId person { id } targetPerson { id } targetCompany { id }"
    old = await linked.data(
        f'mutation {{ createNoteTarget(data: {{ noteId: "{NOTE}", personId: "{PERSON}" }}) {{ {fields} }} }}'
    )
    new = await linked.data(
        f'mutation {{ createNoteTarget(data: {{ noteId: "{NOTE}", targetCompanyId: "{COMPANY}" }}) {{ {fields} }} }}'
    )
    count = 'noteTargets(filter: {{ {}: {{ eq: "{}" }} }}) {{ totalCount }}'

    assert old["createNoteTarget"] == {
        "personId": PERSON,
        "targetPersonId": PERSON,
        "companyId": None,
        "targetCompanyId": None,
        "person": {"id": PERSON},
        "targetPerson": {"id": PERSON},
        "targetCompany": None,
    }
    assert new["createNoteTarget"] == {
        "personId": None,
        "targetPersonId": None,
        "companyId": COMPANY,
        "targetCompanyId": COMPANY,
        "person": None,
        "targetPerson": None,
        "targetCompany": {"id": COMPANY},
    }
    found = await linked.data(
        f"""{{
            a: {count.format("personId", PERSON)} b: {count.format("targetPersonId", PERSON)}
            c: {count.format("companyId", COMPANY)} d: {count.format("targetCompanyId", COMPANY)}
            e: {count.format("targetCompanyId", PERSON)}
            person(id: "{PERSON}") {{ noteTargets {{ edges {{ node {{ note {{ title }} }} }} }} }}
        }}"""
    )
    assert [found[key]["totalCount"] for key in "abcde"] == [1, 1, 1, 1, 0]
    assert found["person"] == {"noteTargets": {"edges": [{"node": {"note": {"title": "Call"}}}]}}


async def test_both_names_of_a_target_at_once_are_refused(linked: Client) -> None:
    query = f"""mutation {{ createNoteTarget(
        data: {{ noteId: "{NOTE}", personId: "{PERSON}", targetPersonId: "{OTHER_PERSON}" }}
    ) {{ id }} }}"""

    assert await failure(linked, query) == refusal("personId and targetPersonId cannot be both provided.")


async def test_a_target_is_connected_and_moved_like_any_link(linked: Client) -> None:
    made = await linked.data(
        f"""mutation {{ createNoteTarget(data: {{
            note: {{ connect: {{ where: {{ id: "{NOTE}" }} }} }}
            targetPerson: {{ connect: {{ where: {{ id: "{PERSON}" }} }} }}
        }}) {{ id noteId targetPersonId }} }}"""
    )
    identity = made["createNoteTarget"].pop("id")
    moved = await linked.data(
        f"""mutation {{ updateNoteTarget(id: "{identity}", data: {{
            person: {{ connect: {{ where: {{ id: "{OTHER_PERSON}" }} }} }}
        }}) {{ noteId targetPersonId }} }}"""
    )

    assert made["createNoteTarget"] == {"noteId": NOTE, "targetPersonId": PERSON}
    assert moved["updateNoteTarget"] == {"noteId": NOTE, "targetPersonId": OTHER_PERSON}
    assert await failure(
        linked, f'mutation {{ updateNoteTarget(id: "{identity}", data: {{ personId: "{COMPANY}" }}) {{ id }} }}'
    ) == refusal(
        f'No record with the id "{COMPANY}" for the relation field "targetPersonId"', "RELATION_TARGET_NOT_FOUND"
    )


async def test_what_is_connected_to_is_found_by_an_index(linked: Client) -> None:
    async with recording(linked) as recorder:
        await recorder.ask(
            CREATE, {"data": {"company": {"connect": {"where": {"domainName": {"primaryLinkUrl": "x"}}}}}}
        )
        (lookup,) = (each for each in recorder.log if "with ordinality as wanted" in each)
    filled = lookup.replace("$1::text[]", "array['x']").replace("$1", "array['x']")
    async with linked.database.transaction() as connection:
        await connection.script("set local enable_seqscan = off")
        plan = "\n".join(row[0] for row in await connection.rows(f"explain {filled}"))
    assert "IDX_UNIQUE" in plan, plan
