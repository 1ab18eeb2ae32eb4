"""What is asked over a WebSocket: queries, mutations and subscriptions, many at a time."""

import asyncio
import json

from tests.edge.graphql.live.talking import Json, connected, talking
from tests.serving import Client, make_tenant
from tests.waiting import until

CREATE = "mutation Create($city: String!) { createPerson(data: { city: $city }) { id city } }"
CREATED = "subscription Created { personCreated { id city } }"
COUNT = "{ people { totalCount } }"


async def create(client: Client, city: str) -> Json:
    person: Json = (await client.data(CREATE, {"city": city}))["createPerson"]
    return person


async def test_queries_and_mutations_are_answered_once(client: Client) -> None:
    async with talking(client) as talk:
        made = await talk.asked("a", CREATE, variables={"city": "Rome"}, operationName="Create")
        person = made[0]["payload"]["data"]["createPerson"]
        assert made == [
            {"id": "a", "type": "next", "payload": {"data": {"createPerson": {"id": person["id"], "city": "Rome"}}}},
            {"id": "a", "type": "complete"},
        ]
        count = [
            {"id": "a", "type": "next", "payload": {"data": {"people": {"totalCount": 1}}}},
            {"id": "a", "type": "complete"},
        ]
        assert await talk.asked("a", COUNT) == count  # the id is free again
        both = f"query One {COUNT} {CREATED}"
        assert await talk.asked("a", both, operationName="One") == count


async def test_what_is_wrong_with_a_document_is_an_error(client: Client) -> None:
    async with talking(client) as talk:
        for query, message in (
            ("{ people {", "Syntax Error: Expected Name, found <EOF>."),
            ("{ peple { totalCount } }", 'Cannot query field "peple" on type "Query". Did you mean "people"?'),
            (CREATE, 'Variable "$city" of required type "String!" was not provided.'),
            ("query A { __typename } query B { __typename }", "Could not determine what operation to execute."),
            ("subscription { people }", 'Cannot query field "people" on type "Subscription".'),
            ("subscription A { __typename } subscription {", "Syntax Error: Expected Name, found <EOF>."),
        ):
            (error,) = await talk.asked('"1"', query)
            assert (error["id"], error["type"]) == ('"1"', "error")
            assert [each["message"] for each in error["payload"]] == [message], query
            http = await client.ask(query)
            if not query.startswith("subscription { people"):
                assert error["payload"] == http["errors"]


async def test_an_error_within_an_answer_is_part_of_the_answer(client: Client) -> None:
    query = 'mutation { updatePerson(id: "99999999-9999-4999-8999-999999999999", data: {city: "Rome"}) { id } }'
    async with talking(client) as talk:
        result, end = await talk.asked("1", query)
    assert (result["type"], end["type"]) == ("next", "complete")
    assert result["payload"] == await client.ask(query)
    assert result["payload"]["errors"][0]["extensions"]["code"] == "NOT_FOUND"


async def test_a_subscription_tells_what_happens_and_where_to_go_on(client: Client) -> None:
    people: list[Json] = []

    async def creating() -> None:
        while True:  # until the server has begun to listen
            people.append(await create(client, f"Rome {len(people)}"))

    async with talking(client) as talk:
        await talk.subscribe("s", CREATED)
        work = asyncio.create_task(creating())
        first, second = await talk.hear(), await talk.hear()
        work.cancel()
    assert {each["id"] for each in (first, second)} == {"s"}
    told = [each["payload"]["data"]["personCreated"] for each in (first, second)]
    at = people.index(told[0])
    assert told == people[at : at + 2]
    assert [list(each["payload"]["extensions"]) for each in (first, second)] == [["cursor"]] * 2


async def test_a_subscription_goes_on_behind_a_cursor(client: Client) -> None:
    people = [await create(client, city) for city in ("Rome", "Oslo", "Bonn")]
    async with talking(client) as talk:
        await talk.subscribe("all", CREATED, extensions={"after": "MA"})
        heard = [(await talk.hear())["payload"] for _ in people]
        assert [each["data"]["personCreated"] for each in heard] == people
        cursors = [each["extensions"]["cursor"] for each in heard]
        await talk.subscribe("rest", CREATED, extensions={"after": cursors[0], "other": 1})
        rest = [await talk.hear() for _ in people[1:]]
        assert [each["id"] for each in rest] == ["rest", "rest"]
        assert [each["payload"]["data"]["personCreated"] for each in rest] == people[1:]

        (error,) = await talk.asked("wrong", CREATED, extensions={"after": "?"})
        assert [each["extensions"]["code"] for each in error["payload"]] == ["BAD_USER_INPUT"]


async def test_a_subscription_that_is_not_wanted_any_more_tells_nothing(client: Client) -> None:
    await create(client, "Rome")
    async with talking(client) as talk:
        for name in ("one", "two"):
            await talk.subscribe(name, CREATED, extensions={"after": "MA"})
        assert {(await talk.hear())["id"] for _ in range(2)} == {"one", "two"}
        await talk.say(id="one", type="complete")
        await talk.say(id="one", type="complete")
        await talk.say(id="unknown", type="complete")
        await talk.pong()
        person = await create(client, "Oslo")
        told = await talk.hear()
        assert (told["id"], told["payload"]["data"]) == ("two", {"personCreated": person})
        # The id may be used again.
        await talk.subscribe("one", CREATED, extensions={"after": told["payload"]["extensions"]["cursor"]})
        person = await create(client, "Bonn")
        again = [await talk.hear() for _ in range(2)]
        assert {each["id"] for each in again} == {"one", "two"}
        assert [each["payload"]["data"] for each in again] == [{"personCreated": person}] * 2


async def test_an_id_names_one_operation_at_a_time(client: Client) -> None:
    async with talking(client) as talk:
        await talk.subscribe("s", CREATED)
        await talk.subscribe("s", COUNT)
        assert await talk.closed() == (4409, "Subscriber for s already exists")


async def test_the_result_of_an_operation_that_is_dropped_is_not_sent(client: Client) -> None:
    async with talking(client) as talk:
        await talk.subscribe("a", CREATE, variables={"city": "Rome"})
        await talk.say(id="a", type="complete")
        await talk.pong()

        async def is_created() -> bool:
            return await client.data(COUNT) == {"people": {"totalCount": 1}}

        await until(is_created)  # what has begun is done all the same
        assert (await talk.asked("a", COUNT))[0]["payload"]["data"] == {"people": {"totalCount": 1}}


async def test_hundred_operations_are_answered_each_by_itself(client: Client) -> None:
    async with talking(client) as talk:
        for number in range(100):
            await talk.subscribe(
                str(number),
                "query($a: UUID!) { __typename people(filter: {id: {eq: $a}}) { totalCount } }",
                variables={"a": f"0197f9a0-0000-7000-8000-{number:012}"},
            )
        heard = [await talk.hear() for _ in range(200)]
    answers = {each["id"]: each["payload"] for each in heard if each["type"] == "next"}
    data = {"data": {"__typename": "Query", "people": {"totalCount": 0}}}
    assert answers == {str(number): data for number in range(100)}
    assert sorted(each["id"] for each in heard if each["type"] == "complete") == sorted(answers)


async def test_each_is_told_of_their_own_workspace_only(client: Client) -> None:
    other = client.as_tenant(await make_tenant(client.database, "Others"))
    theirs = await create(other, "Rome")
    mine = await create(client, "Oslo")
    async with talking(client) as talk, talking(other) as talk_of_others:
        for each, person in ((talk, mine), (talk_of_others, theirs)):
            await each.subscribe("s", CREATED, extensions={"after": "MA"})
            assert (await each.hear())["payload"]["data"] == {"personCreated": person}
        person = await create(client, "Bonn")
        assert (await talk.hear())["payload"]["data"] == {"personCreated": person}
        await talk_of_others.pong()


async def test_the_older_protocol_is_understood(client: Client) -> None:
    person = await create(client, "Rome")
    old = ("graphql-ws",)
    async with connected(client, subprotocols=old) as talk:
        assert talk.connection.subprotocol == "graphql-ws"
        await talk.say(type="connection_init", payload={"authToken": client.tenant.key})
        assert await talk.hear() == {"type": "connection_ack"}
        await talk.say(id="1", type="start", payload={"query": COUNT})
        assert await talk.hear() == {"id": "1", "type": "data", "payload": {"data": {"people": {"totalCount": 1}}}}
        assert await talk.hear() == {"id": "1", "type": "complete"}
        await talk.say(id="2", type="start", payload={"query": "{ nothing }"})
        error = await talk.hear()
        assert (error["type"], error["payload"]["message"]) == (
            "error",
            'Cannot query field "nothing" on type "Query".',
        )
        await talk.say(id="3", type="start", payload={"query": CREATED, "extensions": {"after": "MA"}})
        told = await talk.hear()
        assert (told["type"], told["payload"]["data"]) == ("data", {"personCreated": person})
        await talk.say(id="3", type="stop")
        await talk.say(type="connection_terminate")
        assert await talk.closed() == (1000, "")

    async with connected(client, subprotocols=old) as talk:
        await talk.say(type="connection_init", payload={})
        refused = {"type": "connection_error", "payload": {"message": "Missing authentication token"}}
        assert await talk.hear() == refused
        assert await talk.closed() == (4403, "Missing authentication token")


async def test_long_numbers_among_the_variables_keep_their_digits(client: Client) -> None:
    query = "query($a: BigFloat!) { opportunities(filter: {amount: {amountMicros: {eq: $a}}}) { totalCount } }"
    async with talking(client) as talk:
        text = json.dumps({"query": query, "variables": {"a": 123456789012345678901234567890}})
        await talk.connection.send(f'{{"id": "1", "type": "subscribe", "payload": {text}}}')
        answer = await talk.hear()
    assert answer["payload"] == await client.ask(query, {"a": 123456789012345678901234567890})
