"""Soft deletes, restores and destroys, one and many, over HTTP (core-api.md §7.4, §7.5)."""

from datetime import datetime

from tests.records.failure import NOT_FOUND, failure, refusal
from tests.serving import Client

ID = "20202020-0c28-43d9-b8f7-2b12e84b4d5e"
OTHER_ID = "30303030-0c28-43d9-b8f7-2b12e84b4d5e"
COMPANY = "40404040-0c28-43d9-b8f7-2b12e84b4d5e"
CREATE = "mutation($data: PersonCreateInput!) { createPerson(data: $data) { id } }"
CITIES = "query($filter: PersonFilterInput) { people(filter: $filter) { totalCount edges { node { city } } } }"


def one(verb: str, identity: str = ID, selection: str = "id") -> str:
    return f'mutation {{ {verb}Person(id: "{identity}") {{ {selection} }} }}'


async def cities(client: Client, where: object = None) -> list[str]:
    people = (await client.data(CITIES, {"filter": where}))["people"]
    found = sorted(edge["node"]["city"] for edge in people["edges"])
    assert people["totalCount"] == len(found)
    return found


async def test_a_deleted_record_is_hidden_unless_asked_for(client: Client) -> None:
    await client.data(CREATE, {"data": {"id": ID, "city": "Oslo"}})
    await client.data(CREATE, {"data": {"city": "Bern"}})
    deleted = (await client.data(one("delete", selection="id deletedAt updatedAt city")))["deletePerson"]

    assert deleted["updatedAt"] == deleted["deletedAt"]
    assert datetime.fromisoformat(deleted["deletedAt"]).tzinfo is not None
    assert deleted["city"] == "Oslo"
    assert await cities(client) == ["Bern"]
    assert await cities(client, {"city": {"eq": "Oslo"}}) == []
    assert await cities(client, {"deletedAt": {"is": "NOT_NULL"}}) == ["Oslo"]
    assert await cities(client, {"deletedAt": {"is": "NULL"}}) == ["Bern"]
    assert await cities(client, {"or": [{"deletedAt": {"is": "NULL"}}, {"deletedAt": {"is": "NOT_NULL"}}]}) == [
        "Bern",
        "Oslo",
    ]
    assert await cities(client, {"not": {"deletedAt": {"is": "NULL"}}}) == ["Oslo"]
    assert await failure(client, f'{{ person(id: "{ID}") {{ id }} }}') == NOT_FOUND
    assert await failure(client, f'{{ person(filter: {{ id: {{ eq: "{ID}" }} }}) {{ id }} }}') == NOT_FOUND
    both = f'{{ person(filter: {{ id: {{ eq: "{ID}" }}, deletedAt: {{ is: NOT_NULL }} }}) {{ city }} }}'
    assert await client.data(both) == {"person": {"city": "Oslo"}}


async def test_a_record_is_deleted_once(client: Client) -> None:
    await client.data(CREATE, {"data": {"id": ID}})
    await client.data(one("delete"))

    assert await failure(client, one("delete")) == NOT_FOUND
    assert await failure(client, one("delete", OTHER_ID)) == NOT_FOUND


async def test_a_restored_record_is_as_it_was(client: Client) -> None:
    fields = "id city createdAt deletedAt position name { firstName }"
    created = (
        await client.data(
            CREATE.replace("{ id }", f"{{ {fields} }}"),
            {"data": {"id": ID, "city": "Oslo", "name": {"firstName": "A"}}},
        )
    )["createPerson"]
    await client.data(one("delete"))

    assert (await client.data(one("restore", selection=fields)))["restorePerson"] == created
    assert (await client.data(f'{{ person(id: "{ID}") {{ {fields} }} }}'))["person"] == created
    assert await failure(client, one("restore", OTHER_ID)) == NOT_FOUND


async def test_a_restore_of_a_live_record_gives_it_back_unchanged(client: Client) -> None:
    await client.data(CREATE, {"data": {"id": ID, "city": "Oslo"}})

    assert await client.data(one("restore", selection="city deletedAt")) == {
        "restorePerson": {"city": "Oslo", "deletedAt": None}
    }


async def test_a_destroyed_record_comes_back_as_it_was_and_is_gone(client: Client) -> None:
    await client.data(CREATE, {"data": {"id": ID, "city": "Oslo"}})
    await client.data(CREATE, {"data": {"id": OTHER_ID, "city": "Bern"}})
    await client.data(one("delete", OTHER_ID))

    assert await client.data(one("destroy", selection="id city deletedAt")) == {
        "destroyPerson": {"id": ID, "city": "Oslo", "deletedAt": None}
    }
    destroyed = (await client.data(one("destroy", OTHER_ID, "city deletedAt")))["destroyPerson"]
    assert destroyed["city"] == "Bern"
    assert destroyed["deletedAt"] is not None
    for verb in ("destroy", "delete", "restore"):
        assert await failure(client, one(verb)) == NOT_FOUND
    assert await cities(client, {"deletedAt": {"is": "NOT_NULL"}}) == []


async def test_many_are_deleted_restored_and_destroyed_by_filter(client: Client) -> None:
    await client.data('mutation { createPeople(data: [{ city: "A" }, { city: "B" }, { city: "C" }]) { id } }')

    async def many(verb: str, where: object) -> list[tuple[str, bool]]:
        query = f"mutation($filter: PersonFilterInput!) {{ {verb}People(filter: $filter) {{ city deletedAt }} }}"
        found = (await client.data(query, {"filter": where}))[f"{verb}People"]
        return sorted((each["city"], each["deletedAt"] is not None) for each in found)

    assert await many("delete", {"city": {"in": ["A", "B"]}}) == [("A", True), ("B", True)]
    assert await many("delete", {"city": {"in": ["A", "B", "C"]}}) == [("C", True)]
    assert await many("restore", {"city": {"in": ["A", "C"]}}) == [("A", False), ("C", False)]
    assert await many("restore", {"city": {"in": ["A", "C"]}}) == []
    assert await many("destroy", {"city": {"in": ["A", "B"]}}) == [("A", False), ("B", True)]
    assert await cities(client) == ["C"]
    assert await cities(client, {"deletedAt": {"is": "NOT_NULL"}}) == []


async def test_the_answer_of_many_nests_relations(client: Client) -> None:
    await client.data(f'mutation {{ createCompany(data: {{ id: "{COMPANY}", name: "Acme" }}) {{ id }} }}')
    await client.data(
        f"""mutation {{ createPeople(data: [
            {{ city: "A", companyId: "{COMPANY}" }}, {{ city: "B", companyId: "{COMPANY}" }}
        ]) {{ id }} }}"""
    )
    selection = "city company { name people { totalCount } }"
    deleted = await client.data(f'mutation {{ deletePeople(filter: {{ city: {{ eq: "A" }} }}) {{ {selection} }} }}')
    destroyed = await client.data('mutation { destroyPeople(filter: { city: { eq: "A" } }) { city company { name } } }')

    assert deleted == {"deletePeople": [{"city": "A", "company": {"name": "Acme", "people": {"totalCount": 1}}}]}
    assert destroyed == {"destroyPeople": [{"city": "A", "company": {"name": "Acme"}}]}


async def test_a_value_is_free_again_once_its_record_is_deleted(client: Client) -> None:
    await client.data(CREATE, {"data": {"id": ID, "email": "ann@acme.example"}})
    await client.data(one("delete"))
    await client.data(CREATE, {"data": {"id": OTHER_ID, "email": "ann@acme.example"}})
    taken = refusal(
        'A duplicate entry was detected: the value of the field "emails" (Emails) is already in use',
        "DUPLICATE_ENTRY_DETECTED",
    )

    assert await failure(client, one("restore")) == taken
    assert await failure(client, f'mutation {{ restorePeople(filter: {{ id: {{ eq: "{ID}" }} }}) {{ id }} }}') == taken
    await client.data(one("delete", OTHER_ID))
    assert await client.data(one("restore", selection="email")) == {"restorePerson": {"email": "ann@acme.example"}}


async def test_a_relation_to_a_deleted_record_is_null_while_its_id_stays(client: Client) -> None:
    await client.data(f'mutation {{ createCompany(data: {{ id: "{COMPANY}", name: "Acme" }}) {{ id }} }}')
    await client.data(CREATE, {"data": {"id": ID, "city": "Oslo", "companyId": COMPANY}})
    person = f'{{ person(id: "{ID}") {{ companyId company {{ name }} }} }}'
    company = f'{{ company(id: "{COMPANY}") {{ people {{ totalCount edges {{ node {{ city }} }} }} }} }}'

    await client.data(f'mutation {{ deleteCompany(id: "{COMPANY}") {{ id }} }}')
    assert await client.data(person) == {"person": {"companyId": COMPANY, "company": None}}
    await client.data(f'mutation {{ restoreCompany(id: "{COMPANY}") {{ id }} }}')
    assert await client.data(person) == {"person": {"companyId": COMPANY, "company": {"name": "Acme"}}}
    await client.data(one("delete"))
    assert await client.data(company) == {"company": {"people": {"totalCount": 0, "edges": []}}}


async def test_destroying_a_record_unlinks_or_destroys_what_hangs_on_it(client: Client) -> None:
    await client.data(f'mutation {{ createCompany(data: {{ id: "{COMPANY}" }}) {{ id }} }}')
    await client.data(CREATE, {"data": {"id": ID, "companyId": COMPANY}})
    await client.data(
        f"""mutation {{
            createNote(data: {{ id: "{ID}", title: "Call" }}) {{ id }}
            createNoteTarget(data: {{ noteId: "{ID}", companyId: "{COMPANY}" }}) {{ id }}
        }}"""
    )
    await client.data(f'mutation {{ destroyCompany(id: "{COMPANY}") {{ id }} }}')

    assert await client.data(
        f'{{ person(id: "{ID}") {{ companyId company {{ id }} }} noteTargets {{ totalCount }} }}'
    ) == {
        "person": {"companyId": None, "company": None},
        "noteTargets": {"totalCount": 0},
    }
    assert await client.data("{ notes { totalCount } }") == {"notes": {"totalCount": 1}}
