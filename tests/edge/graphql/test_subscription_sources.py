"""Whatever changes records is told, by whichever way it came; and what subscribers are told is what the log says."""

import asyncio
import json
import random
from contextlib import AsyncExitStack

from rapport.base.ids import new_id
from tests.counting import calls_of
from tests.edge.graphql.hearing import Found, Heard, hearing
from tests.edge.rest.asking import send
from tests.imports.asking import imported, importing
from tests.recording import recording
from tests.serving import Client, make_tenant, serving

ANN = "20202020-0c28-43d9-b8f7-2b12e84b4d5e"
BOB = "21212121-0c28-43d9-b8f7-2b12e84b4d5e"
CREATE = "mutation($data: [PersonCreateInput!]!) { createPeople(data: $data) { id } }"
UPSERT = "mutation($data: [PersonCreateInput!]!) { createPeople(data: $data, upsert: true) { id } }"
HINT = 'Did you mean "onDbEvent { ... }"?'
EVENTS = """subscription($input: OnDbEventInput!) {
  onDbEvent(input: $input) { action objectNameSingular updatedFields record } }"""


async def told(heard: Heard, count: int) -> list[tuple[str, str, object]]:
    return [
        (each["action"], each["record"]["city"], each["updatedFields"] and sorted(each["updatedFields"]))
        for each in await heard.some(count)
    ]


def told_by(statements: list[str]) -> list[str]:
    """Those that read records as events have kept them."""
    return [sql for sql in statements if "jsonb_populate_record" in sql]


async def test_every_way_to_change_a_record_is_told(client: Client) -> None:
    people = {"input": {"objectNameSingular": "person"}}
    async with hearing(client, EVENTS, people) as heard:
        await client.data(CREATE, {"data": [{"id": ANN, "city": "Oslo", "email": "ann@x.example"}]})
        assert await told(heard, 1) == [("CREATED", "Oslo", None)]

        rows = [{"email": "ann@x.example", "city": "Rome"}, {"id": BOB, "city": "Bonn"}]
        await client.data(UPSERT, {"data": rows})
        assert sorted(await told(heard, 2)) == [("CREATED", "Bonn", None), ("UPDATED", "Rome", ["city", "position"])]

        await client.data(f'mutation {{ deletePeople(filter: {{id: {{in: ["{ANN}", "{BOB}"]}}}}) {{ id }} }}')
        assert sorted(await told(heard, 2)) == [("DELETED", "Bonn", None), ("DELETED", "Rome", None)]
        await client.data(f'mutation {{ restorePeople(filter: {{id: {{in: ["{ANN}", "{BOB}"]}}}}) {{ id }} }}')
        assert sorted(await told(heard, 2)) == [("RESTORED", "Bonn", None), ("RESTORED", "Rome", None)]

        merge = f'mutation {{ mergePeople(ids: ["{ANN}", "{BOB}"], conflictPriorityIndex: 1) {{ id }} }}'
        await client.data(merge)
        kept, gone = sorted(await told(heard, 2), key=lambda each: each[0], reverse=True)
        assert kept[:2] == ("UPDATED", "Bonn")
        assert gone[0] in ("DELETED", "DESTROYED")

        answer = await send(client, "POST", "/people", b'{"city": "Lima"}')
        record_id = answer.json()["data"]["createPerson"]["id"]
        await send(client, "PATCH", f"/people/{record_id}", b'{"city": "Kyoto"}')
        await send(client, "DELETE", f"/people/{record_id}?soft_delete=false")
        assert await told(heard, 3) == [
            ("CREATED", "Lima", None),
            ("UPDATED", "Kyoto", ["city"]),
            ("DESTROYED", "Kyoto", None),
        ]

        company = 'createCompany(data: {name: "Acme", people: {create: [{city: "Pisa"}]}}) { id }'
        await client.data(f"mutation {{ {company} }}")
        assert await told(heard, 1) == [("CREATED", "Pisa", None)]

        async with importing(client):
            await imported(client, "/people/import", "City\nGraz\nLinz\n")
            assert sorted(await told(heard, 2)) == [("CREATED", "Graz", None), ("CREATED", "Linz", None)]


async def test_the_contract_s_own_subscription_tells_of_what_it_is_asked_for(client: Client) -> None:
    inputs: list[tuple[dict[str, object], list[int]]] = [
        ({}, [0, 1, 2, 3, 4, 5]),
        ({"action": "CREATED"}, [0, 1]),
        ({"action": "UPSERTED"}, []),
        ({"action": "DELETED", "objectNameSingular": "person"}, [3]),
        ({"objectNameSingular": "company"}, [1]),
        ({"recordId": ANN}, [0, 2, 3, 4, 5]),
        ({"action": "DESTROYED", "objectNameSingular": "person", "recordId": ANN}, [5]),
        ({"action": None, "objectNameSingular": None, "recordId": BOB}, []),
    ]
    async with AsyncExitStack() as stack:
        all_heard = [await stack.enter_async_context(hearing(client, EVENTS, {"input": given})) for given, _ in inputs]
        await client.data(CREATE, {"data": [{"id": ANN, "city": "Oslo"}]})
        await client.data('mutation { createCompany(data: {name: "Acme"}) { id } }')
        await client.data(f'mutation {{ updatePerson(id: "{ANN}", data: {{city: "Rome"}}) {{ id }} }}')
        for verb in ("delete", "restore", "destroy"):
            await client.data(f'mutation {{ {verb}Person(id: "{ANN}") {{ id }} }}')
        expected = [
            ("CREATED", "person"),
            ("CREATED", "company"),
            ("UPDATED", "person"),
            ("DELETED", "person"),
            ("RESTORED", "person"),
            ("DESTROYED", "person"),
        ]
        for heard, (_, wanted) in zip(all_heard, inputs, strict=True):
            found = [(each["action"], each["objectNameSingular"]) for each in await heard.some(len(wanted))]
            assert found == [expected[place] for place in wanted]


async def test_what_upserts_do_is_told_as_such_to_those_who_ask_for_it(client: Client) -> None:
    await client.data(CREATE, {"data": [{"id": ANN, "city": "Oslo"}, {"id": BOB, "city": "Bonn"}]})
    await client.data(f'mutation {{ deletePerson(id: "{BOB}") {{ id }} }}')
    upserts = {"input": {"action": "UPSERTED", "objectNameSingular": "person"}}
    async with (
        hearing(client, EVENTS, {"input": {}}) as everything,
        hearing(client, EVENTS, upserts) as upserted,
        hearing(client, EVENTS, {"input": {"action": "UPDATED"}}) as updated,
    ):
        for data in ({"id": ANN, "city": "Rome"}, {"id": BOB, "city": "Bern"}, {"city": "Lima"}):
            await client.data(UPSERT, {"data": [data]})
            await client.data(CREATE, {"data": [{"city": "plain"}]})
        assert await told(everything, 6) == [
            ("UPDATED", "Rome", ["city", "position"]),
            ("CREATED", "plain", None),
            ("RESTORED", "Bern", ["city", "deletedAt", "position"]),
            ("CREATED", "plain", None),
            ("CREATED", "Lima", None),
            ("CREATED", "plain", None),
        ]
        assert await told(upserted, 3) == [
            ("UPSERTED", "Rome", ["city", "position"]),
            ("UPSERTED", "Bern", ["city", "deletedAt", "position"]),
            ("UPSERTED", "Lima", None),
        ]
        assert await told(updated, 1) == [("UPDATED", "Rome", ["city", "position"])]


async def test_the_contract_s_own_subscription_shows_the_record_as_json(client: Client) -> None:
    query = """subscription { it: onDbEvent(input: {objectNameSingular: "opportunity"}) {
      __typename record what: action ...More } } fragment More on OnDbEvent { updatedFields eventDate }"""
    data = '{name: "Big", amount: {amountMicros: 5000000, currencyCode: "EUR"}, closeDate: "2030-01-02T03:04:05Z"}'
    async with hearing(client, query) as heard:
        await client.data(f"mutation {{ createOpportunity(data: {data}) {{ id }} }}")
        event = await heard.next()
    shown = "id createdAt name amount { amountMicros currencyCode } closeDate position"
    read = await client.data(f"{{ opportunities {{ edges {{ node {{ {shown} }} }} }} }}")
    (edge,) = read["opportunities"]["edges"]
    assert list(event) == ["__typename", "record", "what", "updatedFields", "eventDate"]
    assert {name: event["record"][name] for name in edge["node"]} == edge["node"]
    assert event["record"]["amount"]["amountMicros"] == 5000000
    assert {name: event[name] for name in event if name != "record"} == {
        "__typename": "OnDbEvent",
        "what": "CREATED",
        "updatedFields": None,
        "eventDate": edge["node"]["createdAt"],
    }


async def test_what_is_wrong_with_the_contract_s_own_subscription_is_told(client: Client) -> None:
    found: dict[str, list[str]] = {}
    for query in (
        "subscription { onDbEvent { action } }",
        "subscription { onDbEvent(input: {action: MADE}) { action } }",
        "subscription { onDbEvent(input: {}) { act } }",
        "subscription { onDbEvent(input: {}) }",
        'subscription { onDbEvent(input: {recordId: "x"}) { action } }',
        'subscription { onDbEvent(input: {objectNameSingular: "persn"}) { action } }',
    ):
        async with hearing(client, query) as heard:
            found[query] = [error["message"] for error in await heard.failure()]
    assert found == {
        "subscription { onDbEvent { action } }": [
            'Field "onDbEvent" argument "input" of type "OnDbEventInput!" is required, but it was not provided.'
        ],
        "subscription { onDbEvent(input: {action: MADE}) { action } }": [
            'Value "MADE" does not exist in "DatabaseEventAction" enum.'
        ],
        "subscription { onDbEvent(input: {}) { act } }": ['Cannot query field "act" on type "OnDbEvent".'],
        "subscription { onDbEvent(input: {}) }": [
            f'Field "onDbEvent" of type "OnDbEvent!" must have a selection of subfields. {HINT}'
        ],
        'subscription { onDbEvent(input: {recordId: "x"}) { action } }': ["Invalid UUID"],
        'subscription { onDbEvent(input: {objectNameSingular: "persn"}) { action } }': [
            'There is no object "persn". Did you mean "person"?'
        ],
    }


async def test_however_many_listen_an_event_is_read_once_for_each_document(client: Client) -> None:
    created = "subscription($city: String) { personCreated(filter: {city: {eq: $city}}) { city } }"
    async with recording(client) as recorder, AsyncExitStack() as stack:
        oslo: list[Heard] = []
        rome: list[Heard] = []
        for city, those in (("Oslo", oslo), ("Rome", rome)):
            for _ in range(20):
                those.append(await stack.enter_async_context(hearing(recorder.client, created, {"city": city})))
        await recorder.client.data(CREATE, {"data": [{"city": "first"}]})
        async with asyncio.timeout(30):
            while len(told_by(recorder.log)) < 2:  # noqa: ASYNC110  # once all are there
                await asyncio.sleep(0.001)
        recorder.log.clear()
        await recorder.client.data(CREATE, {"data": [{"city": "Oslo"}, {"city": "Rome"}]})
        assert [await each.next() for each in oslo] == [{"city": "Oslo"}] * 20
        assert [await each.next() for each in rome] == [{"city": "Rome"}] * 20
        asked = told_by(recorder.log)
    assert len(asked) == 2
    assert len(set(asked)) == 1


async def test_from_every_cursor_a_subscriber_is_told_the_rest(client: Client) -> None:
    created = "subscription { personCreated { city } }"
    heard: list[tuple[str, str]] = []
    async with hearing(client, created) as stream:
        for number in range(4):
            await client.data(CREATE, {"data": [{"city": f"{number} {place}"} for place in range(3)]})
        for _ in range(12):
            city = (await stream.next())["city"]
            heard.append((city, str(stream.cursor)))
    for place, (_, cursor) in enumerate(heard):
        async with hearing(client, created, after=cursor) as again:
            rest = [each["city"] for each in await again.some(11 - place)]
            assert rest == [city for city, _ in heard[place + 1 :]]


async def test_subscribers_are_told_what_the_log_says_whoever_writes_and_however_long_it_takes(client: Client) -> None:
    """Writers on two servers and in long transactions of their own; subscribers on both, who break off and go on."""
    kinds = ("created", "updated", "deleted", "restored", "destroyed")
    luck = random.Random(11)
    schema = client.tenant.schema
    ids = [str(new_id()) for _ in range(8)]
    done = asyncio.Event()

    async def writer(server: Client, mine: list[str]) -> None:
        for record_id in mine:
            await server.data(CREATE, {"data": [{"id": record_id, "city": "0"}]})
        for step in range(1, 13):
            record_id = luck.choice(mine)
            match luck.randrange(4):
                case 0:
                    await server.ask(f'mutation {{ deletePerson(id: "{record_id}") {{ id }} }}')
                    await server.ask(f'mutation {{ restorePerson(id: "{record_id}") {{ id }} }}')
                case _:
                    await server.ask(
                        f'mutation {{ updatePerson(id: "{record_id}", data: {{city: "{step}"}}) {{ id }} }}'
                    )
        await server.data(f'mutation {{ destroyPerson(id: "{mine[0]}") {{ id }} }}')

    async def slow_writer() -> None:
        """Keeps its transactions open while others commit."""
        for _ in range(6):
            async with client.database.transaction() as connection:
                await connection.execute(
                    f'insert into "{schema}".event (action, object, "recordId", after) '
                    "select 'created', 'person', id, to_jsonb(p) || '{\"city\": \"slow\"}' "
                    f'from "{schema}".person p limit 1'
                )
                await asyncio.sleep(0.03)

    async def subscriber(server: Client, action: str, patience: int) -> list[Found]:
        """Breaks off after so many, and goes on behind the last."""
        query = f"subscription {{ person{action.capitalize()} {{ id city deletedAt }} }}"
        last = f"select count(*) from \"{schema}\".event where object = 'person' and action = $1"
        found: list[Found] = []
        cursor = begun
        while True:
            async with hearing(server, query, after=cursor) as heard:
                for _ in range(patience):
                    if done.is_set() and len(found) >= int(str(await client.database.value(last, action))):
                        return found
                    try:
                        async with asyncio.timeout(0.3):
                            found.append(await heard.next())
                    except TimeoutError:
                        break
                    cursor = heard.cursor

    async with serving(client.database, client.tenant) as second:
        async with hearing(client, "subscription { companyCreated { id } }") as first:
            await client.data('mutation { createCompany(data: {name: "The first"}) { id } }')
            await first.next()
            begun = first.cursor
        following = [
            asyncio.create_task(subscriber(server, action, patience))
            for action in kinds
            for server, patience in ((client, 3), (second, 1000))
        ]
        async with asyncio.timeout(60):
            await asyncio.gather(
                writer(client, ids[:3]), writer(second, ids[3:6]), writer(second, ids[6:]), slow_writer()
            )
            done.set()
            told = await asyncio.gather(*following)
    rows = await client.database.rows(
        f'select action, "recordId"::text as id, coalesce(after, before) as kept from "{schema}".event '
        "where object = 'person' order by seq"
    )
    for place, action in enumerate(kinds):
        expected = [
            (row["id"], kept["city"], kept["deletedAt"] is not None)
            for row in rows
            if row["action"] == action
            for kept in [json.loads(row["kept"])]
        ]
        for found in told[2 * place : 2 * place + 2]:
            shown = [(each["id"], each["city"], each["deletedAt"] is not None) for each in found]
            assert sorted(shown) == sorted(expected)
            for record_id in ids:  # in the order in which it happened to each record
                steps = [each for each in shown if each[0] == record_id and each[1] != "slow"]
                assert steps == [each for each in expected if each[0] == record_id and each[1] != "slow"]


async def test_of_what_nobody_asks_for_nothing_is_read(client: Client) -> None:
    other = client.as_tenant(await make_tenant(client.database, "Other"))
    async with (
        recording(client) as recorder,
        hearing(recorder.client, "subscription { noteCreated { title } }") as heard,
    ):
        theirs = recorder.client.as_tenant(other.tenant)
        await theirs.data(CREATE, {"data": [{"city": "theirs"}]})
        with calls_of("_read") as reads:
            recorder.log.clear()
            await theirs.data(CREATE, {"data": [{"city": "theirs"}]})
            await recorder.client.data(CREATE, {"data": [{"city": "mine"}]})
            await recorder.client.data('mutation { createNote(data: {title: "Hi"}) { id } }')
            assert await heard.next() == {"title": "Hi"}
        assert reads["_read"] > 0
        of_others = [sql for sql in recorder.log if other.tenant.schema in sql and "for update" not in sql]
        assert [sql for sql in of_others if "event e" in sql or "unseen" in sql] == []
        assert len(told_by(recorder.log)) == 1
