"""Merges that meet other writes: each is done whole or refused with a documented error, and nothing is lost."""

import asyncio
import json
import random

import asyncpg

from tests.records.events import events
from tests.records.test_concurrency import ATTEMPTS, outcome, outcomes, waiting
from tests.serving import Client

IDS = [f"a0000001-0000-4000-8000-00000000000{digit}" for digit in range(6)]
A, B, C = IDS[:3]
CREATE = "mutation($data: [PersonCreateInput!]!) { createPeople(data: $data) { id } }"
UPDATE = "mutation($id: UUID!, $data: PersonUpdateInput!) { updatePerson(id: $id, data: $data) { id } }"
MERGE = "mutation($ids: [UUID!]!, $index: Int!) { mergePeople(ids: $ids, conflictPriorityIndex: $index) { id city } }"
DEAL = "mutation($data: OpportunityCreateInput!) { createOpportunity(data: $data) { id pointOfContactId } }"
MOVE = "mutation($id: UUID!, $to: UUID!) { updateOpportunity(id: $id, data: { pointOfContactId: $to }) { id } }"
CLEAR = (
    'mutation { destroyOpportunities(filter: { name: { eq: "Deal" } }) { id } '
    f"destroyPeople(filter: {{ id: {{ in: {json.dumps(IDS)} }} }}) {{ id }} }}"
)


async def start(client: Client, count: int = 2) -> None:
    """People with a city each, and nothing else."""
    await client.data(CLEAR)
    await client.data(CREATE, {"data": [{"id": each, "emails": f"p{each[-1]}@x.example"} for each in IDS[:count]]})


def merge(client: Client, ids: list[str], index: int = 0) -> "asyncio.Task[dict[str, object]]":
    return asyncio.create_task(client.ask(MERGE, {"ids": ids, "index": index}))


async def test_an_update_of_a_merged_record_is_part_of_the_merge_or_finds_nothing(client: Client) -> None:
    kept = 0
    for round_ in range(10):
        await start(client)
        city = f"city {round_}"
        found = await asyncio.gather(
            client.ask(UPDATE, {"id": B, "data": {"city": city}}), client.ask(MERGE, {"ids": [A, B], "index": 0})
        )
        updated, merged = map(outcome, found)

        assert merged == "done"
        assert updated in ("done", "RECORD_NOT_FOUND")
        survivor = (await client.data(f'{{ person(id: "{A}") {{ city }} }}'))["person"]
        assert survivor == {"city": city if updated == "done" else None}
        kept += updated == "done"
    log = [(each.action, each.record_id) for each in await events(client, object_name="person")]
    assert log.count(("updated", B)) == kept
    assert log.count(("deleted", B)) == 10


async def test_an_update_of_the_survivor_is_not_lost(client: Client) -> None:
    for round_ in range(10):
        await start(client)
        found = await outcomes(
            client.ask(UPDATE, {"id": A, "data": {"city": f"city {round_}"}}),
            client.ask(MERGE, {"ids": [A, B], "index": 0}),
        )

        assert found == ["done", "done"]
        person = (await client.data(f'{{ person(id: "{A}") {{ city emails {{ additionalEmails }} }} }}'))["person"]
        assert person == {"city": f"city {round_}", "emails": {"additionalEmails": ["p1@x.example"]}}


async def test_of_overlapping_merges_the_later_finds_a_record_gone(client: Client) -> None:
    for round_ in range(6):
        await start(client, 3)
        merges = [([A, B], 0), ([B, C], 1), ([C, A], 0)][: 2 + round_ % 2]
        found = await outcomes(*(merge(client, ids, index) for ids, index in merges))

        assert set(found) <= {"done", "RECORD_NOT_FOUND"}
        assert "done" in found
        left = await people_left(client)
        assert len(left) == 3 - found.count("done")
        assert sorted(mail for mails in left.values() for mail in mails) == [
            f"p{digit}@x.example" for digit in range(3)
        ]


async def test_a_merge_waits_for_a_link_in_the_making_and_takes_it_along(client: Client) -> None:
    await start(client)
    insert = f'insert into "{client.tenant.schema}".opportunity (name, "pointOfContactId") values ($1, $2)'
    async with client.database.transaction() as connection:
        await connection.execute(insert, "Deal", B)
        asked = merge(client, [A, B])
        await waiting(client)
        assert not asked.done()

    assert outcome(await asked) == "done"
    deals = await client.data("{ opportunities { edges { node { pointOfContact { id } } } } }")
    assert deals == {"opportunities": {"edges": [{"node": {"pointOfContact": {"id": A}}}]}}


async def test_a_link_waits_for_a_merge_and_is_written_after_it(client: Client) -> None:
    await start(client)
    lock = f'select id from "{client.tenant.schema}".opportunity for update'
    deal = (await client.data(DEAL, {"data": {"name": "Deal", "pointOfContactId": B}}))["createOpportunity"]["id"]
    async with client.database.transaction() as connection:
        await connection.execute(lock)  # the merge has its people, and waits for the deal
        asked = merge(client, [A, B])
        await waiting(client)
        late = asyncio.create_task(client.ask(DEAL, {"data": {"name": "Deal", "pointOfContactId": B}}))
        await waiting(client, 2)
        assert not asked.done()
        assert not late.done()

    assert (outcome(await asked), outcome(await late)) == ("done", "done")
    deals = await client.data("{ opportunities { edges { node { id pointOfContactId } } } }")
    found = {edge["node"]["id"]: edge["node"]["pointOfContactId"] for edge in deals["opportunities"]["edges"]}
    assert found.pop(deal) == A
    assert list(found.values()) == [B]  # as if it had been asked for a moment later


async def test_a_link_that_moves_between_merged_records_stays_with_the_survivor(client: Client) -> None:
    await start(client, 3)
    data = {"name": "Deal", "pointOfContactId": B}
    deals = [(await client.data(DEAL, {"data": data}))["createOpportunity"]["id"] for _ in range(6)]
    found = await asyncio.gather(merge(client, [A, B, C]), *(client.ask(MOVE, {"id": each, "to": A}) for each in deals))

    assert [outcome(each) for each in found] == ["done"] * 7
    left = await client.data("{ opportunities { edges { node { pointOfContact { id } } } } }")
    assert left["opportunities"]["edges"] == [{"node": {"pointOfContact": {"id": A}}}] * 6


async def test_a_merge_that_gets_into_a_deadlock_is_done_in_the_end(client: Client) -> None:
    schema = client.tenant.schema
    for _ in range(ATTEMPTS):
        await start(client)
        deal = (await client.data(DEAL, {"data": {"name": "Deal", "pointOfContactId": B}}))["createOpportunity"]["id"]
        try:
            async with client.database.transaction() as connection:
                await connection.execute(f"update \"{schema}\".opportunity set name = 'Deal' where id = $1", deal)
                asked = merge(client, [A, B])
                await waiting(client)
                # Each waits for the other now. PostgreSQL ends the one that finds it out, which should be the merge.
                await connection.execute(f'select id from "{schema}".person where id = $1 for key share', B)
        except asyncpg.DeadlockDetectedError:
            await asked  # on a busy machine the merge may have looked before there was anything to find
        else:
            break
    else:
        raise AssertionError("PostgreSQL never ended the merge")

    assert outcome(await asked) == "done"
    left = await client.data("{ opportunities { edges { node { pointOfContactId } } } }")
    assert left == {"opportunities": {"edges": [{"node": {"pointOfContactId": A}}]}}


async def test_many_merges_and_links_at_once_lose_nothing(client: Client) -> None:
    chance = random.Random(7)
    for _ in range(4):
        await start(client, 6)
        deals = [{"name": "Deal", "pointOfContactId": each} for each in IDS * 2]
        before = [(await client.data(DEAL, {"data": each}))["createOpportunity"]["id"] for each in deals]
        asked = [merge(client, chance.sample(IDS, chance.randint(2, 3))) for _ in range(6)]
        asked += [asyncio.create_task(client.ask(DEAL, {"data": chance.choice(deals)})) for _ in range(10)]
        asked += [asyncio.create_task(client.ask(UPDATE, {"id": each, "data": {"jobTitle": each}})) for each in IDS]
        found = [outcome(each) for each in await asyncio.gather(*asked)]

        assert set(found[:6]) <= {"done", "RECORD_NOT_FOUND"}
        assert found[6:16] == ["done"] * 10
        assert set(found[16:]) <= {"done", "RECORD_NOT_FOUND"}
        left = await people_left(client)
        assert sorted(mail for mails in left.values() for mail in mails) == [
            f"p{digit}@x.example" for digit in range(6)
        ]
        linked = await client.data("{ opportunities { edges { node { id pointOfContactId } } } }")
        contacts = {edge["node"]["id"]: edge["node"]["pointOfContactId"] for edge in linked["opportunities"]["edges"]}
        assert len(contacts) == 22
        # Deals made during the merges may have been made after them, when the people were there no more.
        assert {contacts[each] for each in before} <= left.keys()
        assert set(contacts.values()) <= set(IDS)


async def people_left(client: Client) -> dict[str, list[str]]:
    """All addresses of the people that are still there."""
    found = await client.data("{ people { edges { node { id emails { primaryEmail additionalEmails } } } } }")
    people = [edge["node"] for edge in found["people"]["edges"]]
    return {
        each["id"]: [each["emails"]["primaryEmail"], *(each["emails"]["additionalEmails"] or [])] for each in people
    }
