"""Writes that meet: each is done whole or refused with a documented error, and no change is lost."""

import asyncio
from collections.abc import Awaitable

import asyncpg
import pytest

from tests.records.events import events
from tests.serving import Client

ID = "20202020-0c28-43d9-b8f7-2b12e84b4d5e"
COMPANY = "30303030-0c28-43d9-b8f7-2b12e84b4d5e"
CREATE = "mutation($data: PersonCreateInput!) { createPerson(data: $data) { id } }"
CREATE_MANY = "mutation($data: [PersonCreateInput!]!) { createPeople(data: $data) { id } }"
UPDATE = f'mutation($data: PersonUpdateInput!) {{ updatePerson(id: "{ID}", data: $data) {{ city jobTitle position }} }}'


ATTEMPTS = 5


async def waiting(client: Client, count: int = 1) -> None:
    """Returns when so many statements wait for locks of others."""
    sql = "select count(*) from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
    async with asyncio.timeout(30):
        while await client.database.value(sql) != count:  # noqa: ASYNC110  # PostgreSQL tells nobody
            await asyncio.sleep(0.01)


def outcome(answer: dict[str, object]) -> str:
    """`done`, or the sub-code of the error."""
    found = answer.get("errors")
    if found is None:
        return "done"
    assert isinstance(found, list)
    return str(found[0]["extensions"].get("subCode") or found[0]["message"])


async def outcomes(*asked: Awaitable[dict[str, object]]) -> list[str]:
    return sorted(map(outcome, await asyncio.gather(*asked)))


async def test_of_two_creations_of_one_address_one_is_refused(client: Client) -> None:
    for round_ in range(8):
        data = {"email": f"ann{round_}@acme.example"}
        found = await outcomes(*(client.ask(CREATE, {"data": data}) for _ in range(4)))

        assert found == ["DUPLICATE_ENTRY_DETECTED"] * 3 + ["done"]
    assert len(await events(client)) == 8


async def test_batches_that_want_the_same_addresses_in_another_order_do_not_break_each_other(client: Client) -> None:
    for round_ in range(4):
        addresses = [f"p{index}r{round_}@acme.example" for index in range(30)]
        forth = [{"email": address} for address in addresses]
        found = await outcomes(
            client.ask(CREATE_MANY, {"data": forth}), client.ask(CREATE_MANY, {"data": list(reversed(forth))})
        )

        assert found == ["DUPLICATE_ENTRY_DETECTED", "done"]
    assert await client.data("{ people { totalCount } }") == {"people": {"totalCount": 120}}
    assert len(await events(client)) == 120


async def test_a_batch_that_gets_into_a_deadlock_is_done_in_the_end(client: Client) -> None:
    table = f'"{client.tenant.schema}".person'
    insert = f'insert into {table} (id, position, "emailsPrimaryEmail") values (gen_random_uuid(), 0, $1)'
    for attempt in range(ATTEMPTS):
        first, second = f"first{attempt}@acme.example", f"second{attempt}@acme.example"
        before = await events(client)
        try:
            async with client.database.transaction() as connection:
                await connection.execute(insert, first)
                asked = asyncio.create_task(client.ask(CREATE_MANY, {"data": [{"email": second}, {"email": first}]}))
                await waiting(client)
                # Each waits for the other now. PostgreSQL ends the one that finds it out, which should be the batch.
                await connection.execute(insert, second)
        except asyncpg.DeadlockDetectedError:
            await asked  # on a busy machine the batch may have looked before there was anything to find
        else:
            break

    assert outcome(await asked) == "DUPLICATE_ENTRY_DETECTED"
    assert await events(client) == before


async def test_no_update_is_lost_and_each_knows_what_it_changed(client: Client) -> None:
    await client.data(CREATE, {"data": {"id": ID, "position": 0}})
    writes = [client.ask(UPDATE, {"data": {"city" if index % 2 else "jobTitle": f"v{index}"}}) for index in range(24)]

    assert await outcomes(*writes) == ["done"] * 24
    log = await events(client)
    assert len(log) == 25
    by_time = {str(each.after): each for each in log}
    assert len(by_time) == 25
    states = [each.after for each in log]
    for event in log[1:]:
        assert event.before in states
        assert event.updated_fields in (("city",), ("jobTitle",))
    last = (await client.data(f'{{ person(id: "{ID}") {{ city jobTitle }} }}'))["person"]
    assert log[-1].after is not None
    assert last == {"city": log[-1].after["city"], "jobTitle": log[-1].after["jobTitle"]}
    assert None not in last.values()


@pytest.mark.parametrize("verb", ["delete", "destroy"])
async def test_an_update_that_meets_a_delete_comes_before_it_or_finds_nothing(client: Client, verb: str) -> None:
    for _ in range(6):
        await client.data(CREATE, {"data": {"id": ID}})
        found = await asyncio.gather(
            client.ask(UPDATE, {"data": {"city": "Oslo"}}),
            client.ask(f'mutation {{ {verb}Person(id: "{ID}") {{ city }} }}'),
        )
        changed, ended = map(outcome, found)

        assert ended == "done"
        assert changed in ("done", "RECORD_NOT_FOUND")
        log = [each.action for each in await events(client)][-3:]
        assert log[-1] == f"{verb}d" if verb == "delete" else "destroyed"
        if changed == "done":
            assert log == ["created", "updated", f"{verb}d" if verb == "delete" else "destroyed"]
        if verb == "delete":
            await client.data(f'mutation {{ destroyPerson(id: "{ID}") {{ id }} }}')


async def test_only_one_of_several_deletes_is_the_one(client: Client) -> None:
    for verb in ("delete", "destroy"):
        found = [client.ask(f'mutation {{ {verb}Person(id: "{ID}") {{ id }} }}') for _ in range(5)]
        await client.data(CREATE, {"data": {"id": ID}})

        assert await outcomes(*found) == ["RECORD_NOT_FOUND"] * 4 + ["done"]
        await client.ask(f'mutation {{ destroyPerson(id: "{ID}") {{ id }} }}')


async def test_a_child_created_while_its_parent_goes_is_unlinked_or_refused(client: Client) -> None:
    refused = 0
    for index in range(8):
        await client.data(f'mutation {{ createCompany(data: {{ id: "{COMPANY}" }}) {{ id }} }}')
        found = await asyncio.gather(
            client.ask(CREATE, {"data": {"companyId": COMPANY, "city": f"city {index}"}}),
            client.ask(f'mutation {{ destroyCompany(id: "{COMPANY}") {{ id }} }}'),
        )
        created, destroyed = map(outcome, found)

        assert destroyed == "done"
        assert created in ("done", "RELATION_TARGET_NOT_FOUND")
        refused += created != "done"
    answer = await client.data("{ people { totalCount edges { node { companyId } } } }")
    assert answer["people"]["totalCount"] == 8 - refused
    assert {edge["node"]["companyId"] for edge in answer["people"]["edges"]} <= {None}


async def test_updates_of_many_that_overlap_all_happen(client: Client) -> None:
    await client.data(CREATE_MANY, {"data": [{"city": "Oslo", "jobTitle": f"job {index}"} for index in range(40)]})
    by_city = 'mutation { updatePeople(data: { city: "Oslo", intro: "a" }, filter: { city: { eq: "Oslo" } }) { id } }'
    other = by_city.replace('intro: "a"', 'avatarUrl: "b"').replace(
        'city: { eq: "Oslo" }', 'jobTitle: { ilike: "job%" }'
    )
    found = await outcomes(
        *(client.ask(query.replace('intro: "a"', 'avatarUrl: "a"')) for query in (by_city, other) * 3)
    )

    assert found == ["done"] * 6
    left = await client.data('{ people(filter: { avatarUrl: { in: ["a", "b"] } }) { totalCount } }')
    assert left == {"people": {"totalCount": 40}}


async def test_a_model_that_changes_between_two_root_fields_does_not_repeat_the_first(client: Client) -> None:
    await client.database.execute(f'alter table "{client.tenant.schema}".company drop column employees')
    answer = await client.ask(
        """mutation {
            a: createPerson(data: { city: "Oslo" }) { city }
            b: createCompany(data: { name: "A" }) { employees }
        }"""
    )

    assert answer["data"] == {"a": {"city": "Oslo"}, "b": None}
    assert outcome(answer) == "WRITE_CONFLICT"
    assert await client.data("{ people { totalCount } }") == {"people": {"totalCount": 1}}
