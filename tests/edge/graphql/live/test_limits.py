"""What a server refuses of those who stay connected."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta

import pytest
from websockets.exceptions import InvalidStatus

from rapport.base.errors import Unavailable
from rapport.events.errors import FellBehind
from tests.counting import calls_of
from tests.edge.graphql.live.counter import NUMBERS, Counter, counting, place
from tests.edge.graphql.live.listening import EVENTS, listening
from tests.edge.graphql.live.raw import CLOSE, PING, PONG, frame, message, opened, upgrade
from tests.edge.graphql.live.talking import connected, talking
from tests.edge.traffic.conftest import Home
from tests.edge.traffic.test_slow_clients import Socket, head
from tests.serving import Client
from tests.waiting import until

SHORT = timedelta(milliseconds=200)
TYPE = "{ __typename }"
JSON = "application/json"
BUSY = "There are too many live connections. Please try again in a moment."


@pytest.fixture
def counter() -> Counter:
    return Counter()


@pytest.fixture(autouse=True)
async def _sockets() -> AsyncIterator[None]:
    yield
    await Socket.close_all()


async def test_messages_have_a_largest_size(home: Home, counter: Counter) -> None:
    async with counting(home.database, home.tenant, counter, max_socket_message_bytes=50_000) as client:
        async with talking(client) as talk:
            await talk.say(type="ping", payload={"x": "y" * 49_000})
            assert (await talk.hear())["type"] == "pong"
            await talk.say(type="ping", payload={"x": "y" * 50_000})
            assert (await talk.closed())[0] == 1009
        async with connected(client) as talk:  # of strangers less is taken
            await talk.say(type="ping", payload={"x": "y" * 33_000})
            assert (await talk.closed())[0] == 1009


async def test_a_client_has_to_say_in_time_who_it_is(home: Home, counter: Counter) -> None:
    async with (
        counting(home.database, home.tenant, counter, socket_init_timeout=SHORT) as client,
        talking(client) as known,
        connected(client) as silent,
        connected(client) as pinging,
    ):
        await pinging.pong()
        assert await silent.closed() == (4408, "Connection initialisation timeout")
        assert await pinging.closed() == (4408, "Connection initialisation timeout")
        await known.pong()


async def test_a_connection_has_so_many_operations_at_a_time(home: Home, counter: Counter) -> None:
    extensions = {
        "code": "RATE_LIMIT_EXCEEDED",
        "subCode": "LIMIT_REACHED",
        "statusCode": 429,
        "userFriendlyMessage": "An error occurred.",
        "retryAfter": 10,
    }
    async with (
        counting(home.database, home.tenant, counter, max_socket_operations=2) as client,
        talking(client) as talk,
    ):
        await talk.subscribe("1", NUMBERS)
        await talk.subscribe("2", NUMBERS)
        for query in (NUMBERS, TYPE):
            (error,) = await talk.asked("3", query)
            message = "There are too many operations on this connection."
            assert error["payload"] == [{"message": message, "extensions": extensions}]
        await talk.say(id="1", type="complete")
        assert len(await talk.asked("3", TYPE)) == 2


async def test_a_caller_has_so_many_connections(home: Home, counter: Counter) -> None:
    async with counting(home.database, home.tenant, counter, max_live_connections_per_caller=2) as client:
        async with AsyncExitStack() as stack:
            await stack.enter_async_context(talking(client))
            await stack.enter_async_context(listening(client, NUMBERS))
            async with connected(client) as talk:
                await talk.say(type="connection_init", payload={"token": client.tenant.key})
                assert await talk.closed() == (1013, BUSY)
            async with listening(client, NUMBERS) as stream:
                assert (stream.response.status_code, stream.response.headers["retry-after"]) == (429, "10")
            assert "errors" not in await client.ask(TYPE)
        async with talking(client) as talk:  # there is room again
            assert len(await talk.asked("1", TYPE)) == 2


async def test_a_network_has_so_many_connections_of_strangers(home: Home, counter: Counter) -> None:
    async with (
        counting(home.database, home.tenant, counter, max_live_connections_per_caller=2) as client,
        connected(client) as talk,
        connected(client),
    ):
        with pytest.raises(InvalidStatus) as refused:
            await talking(client).__aenter__()
        assert refused.value.response.status_code == 503
        await talk.say(type="connection_init", payload={"token": client.tenant.key})
        assert await talk.hear() == {"type": "connection_ack"}
        async with talking(client) as other:  # the first is no stranger any more
            await other.pong()


async def test_a_process_has_so_many_connections(home: Home, counter: Counter) -> None:
    async with counting(home.database, home.tenant, counter, max_live_connections=2) as client:
        async with talking(client), listening(client, NUMBERS):
            with pytest.raises(InvalidStatus) as refused:
                await talking(client).__aenter__()
            answer = refused.value.response
            assert (answer.status_code, answer.headers["Retry-After"], answer.body) == (503, "10", f"{BUSY}\n".encode())
            async with listening(client, NUMBERS) as stream:
                assert stream.response.status_code == 429
        async with talking(client) as talk, listening(client, NUMBERS) as stream:
            await talk.pong()
            assert stream.response.status_code == 200


async def test_live_connections_are_counted_apart_from_requests(home: Home, counter: Counter) -> None:
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(counting(home.database, home.tenant, counter, max_connections=1))
        for _ in range(3):
            await stack.enter_async_context(talking(client))
            assert "errors" not in await client.ask(TYPE)  # each time over the same connection
        async with listening(client, NUMBERS):
            assert "errors" not in await client.ask(TYPE)


async def test_a_connection_and_each_operation_on_it_count_as_requests(home: Home, counter: Counter) -> None:
    await until(_is_early_in_the_minute)
    async with counting(home.database, home.tenant, counter, rate_limit_api_key=4) as client:
        async with talking(client) as talk:
            assert len(await talk.asked("1", TYPE)) == 2
            await talk.subscribe("2", NUMBERS)
            await counter.allow(1)
            assert (await talk.hear())["type"] == "next"
            await talk.pong()
            assert len(await talk.asked("3", TYPE)) == 2
            for query in (TYPE, NUMBERS):
                (error,) = await talk.asked("4", query)
                assert error["payload"][0]["message"] == "Rate limit exceeded. Please try again later."
            await counter.allow(2)  # what is told does not count
            assert (await talk.hear())["type"] == "next"
        async with connected(client) as talk:
            await talk.say(type="connection_init", payload={"token": client.tenant.key})
            assert await talk.closed() == (1013, "Rate limit exceeded. Please try again later.")
        async with listening(client, NUMBERS) as stream:
            assert stream.response.status_code == 429


async def _is_early_in_the_minute() -> bool:
    """So that it does not end while requests are counted."""
    return time.time() % 60 < 50


async def test_who_guesses_tokens_soon_learns_nothing_more(home: Home, counter: Counter) -> None:
    await until(_is_early_in_the_minute)
    async with counting(home.database, home.tenant, counter, rate_limit_ip=3) as client:
        async with connected(client):
            pass  # says nothing, which counts, too
        reasons = []
        for number in range(4):
            async with connected(client) as talk:
                await talk.say(type="connection_init", payload={"token": f"sk_live_{number}"})
                reasons.append(await talk.closed())
        limited = (1013, "Rate limit exceeded. Please try again later.")
        assert reasons == [(4403, "Token invalid."), (4403, "Token invalid."), limited, limited]
        async with talking(client) as talk:  # who has a good one does not suffer for it
            await talk.pong()


async def test_a_client_that_reads_slowly_is_closed_and_nothing_piles_up(home: Home, counter: Counter) -> None:
    counter.size = 100_000
    async with (
        counting(home.database, home.tenant, counter, response_timeout=SHORT) as client,
        talking(client, max_queue=1) as talk,
    ):
        await talk.subscribe("1", NUMBERS)
        await counter.allow(10_000)  # a gigabyte

        async def is_closed() -> bool:
            return counter.told > 0 and counter.open_now == 0

        await until(is_closed)
        assert counter.told < 300
        heard = [json.loads(each)["payload"]["data"] async for each in talk.rest()]
        assert heard == [{"number": number + 1} for number in range(len(heard))]
        assert 0 < len(heard) <= counter.told
        assert await talk.closed() == (1013, "What was sent was not taken off in time.")


async def test_a_stream_that_is_read_slowly_is_closed_and_nothing_piles_up(home: Home, counter: Counter) -> None:
    counter.size = 100_000
    async with counting(home.database, home.tenant, counter, response_timeout=SHORT) as client:
        slow = await Socket.open(client, window=4_096)
        slow.transport.pause_reading()
        body = json.dumps({"query": NUMBERS}).encode()
        await slow.send(head(client, "/graphql", "Accept: text/event-stream", f"Content-Length: {len(body)}") + body)
        await counter.allow(10_000)

        async def is_closed() -> bool:
            return counter.told > 0 and counter.open_now == 0

        await until(is_closed)
        assert counter.told < 300


async def test_silent_connections_are_asked_whether_they_are_there(home: Home, counter: Counter) -> None:
    async with counting(home.database, home.tenant, counter, live_keep_alive=SHORT) as client:
        there, gone = await opened(client), await opened(client)
        for _ in range(3):
            await there.until(bytes([0x80 | PING, 0]))
            await there.send(frame(PONG))
        await gone.rest()
        assert gone.received == bytes([0x80 | PING, 0])
        await there.until(bytes([0x80 | PING, 0]))
        await there.send(frame(CLOSE, (1000).to_bytes(2, "big")))
        assert (await there.rest()).endswith(bytes([0x80 | CLOSE, 2]) + (1000).to_bytes(2, "big"))


async def test_silent_streams_are_sent_comments(home: Home, counter: Counter) -> None:
    async with (
        counting(home.database, home.tenant, counter, live_keep_alive=SHORT) as client,
        listening(client, NUMBERS) as stream,
    ):
        lines = [await stream.line() for _ in range(6)]
        assert [each for each in lines if each] == [":"] * len([each for each in lines if each])
        assert ":" in lines
        await counter.allow(1)
        assert await stream.told() == {"data": {"number": 1}, "extensions": {"cursor": place(1)}}


async def test_messages_that_do_not_come_to_an_end(home: Home, counter: Counter) -> None:
    async with counting(home.database, home.tenant, counter, request_body_timeout=SHORT) as client:
        for part in (frame(1, b'{"type": "ping"}')[:-3], bytes([0x01, 0x81, 0, 0, 0, 0]) + b"{"):
            slow = await opened(client)
            await slow.send(part)
            rest = await slow.until(b"The message took too long.")
            assert rest[:4] == bytes([0x80 | CLOSE, 28]) + (1008).to_bytes(2, "big")


async def test_a_request_for_a_websocket_within_an_answer_is_refused(home: Home, counter: Counter) -> None:
    async with counting(home.database, home.tenant, counter) as client:
        socket = await Socket.open(client)
        body = json.dumps({"query": NUMBERS}).encode()
        await socket.send(head(client, "/graphql", "Accept: text/event-stream", f"Content-Length: {len(body)}") + body)
        await socket.until(b"\r\n\r\n")
        assert counter.open_now == 1
        await socket.send(upgrade())
        assert b"101" not in await socket.rest()

        async def is_over() -> bool:
            return counter.open_now == 0

        await until(is_over)


@pytest.mark.parametrize("error", [Unavailable(), FellBehind(place(1))])
async def test_what_passes_closes_the_connection_so_that_clients_come_again(
    home: Home, counter: Counter, error: Exception
) -> None:
    async with counting(home.database, home.tenant, counter) as client:
        async with talking(client) as talk, listening(client, NUMBERS) as stream:
            await talk.subscribe("1", NUMBERS)
            await counter.allow(1)
            assert (await talk.hear())["payload"]["data"] == {"number": 1}
            assert (await stream.told())["data"] == {"number": 1}
            await counter.end(error)
            code, reason = await talk.closed()
            assert code == 1013
            assert str(error).startswith(reason)
            assert await stream.rest() == []
        await counter.go_on()
        await counter.allow(2)
        after = {"after": place(1)}
        async with talking(client) as talk, listening(client, NUMBERS, extensions=after) as stream:
            await talk.subscribe("1", NUMBERS, extensions=after)
            expected = {"data": {"number": 2}, "extensions": {"cursor": place(2)}}
            assert (await talk.hear())["payload"] == expected
            assert await stream.told() == expected


async def test_what_nobody_foresaw_is_an_error_without_details(home: Home, counter: Counter) -> None:
    async with (
        counting(home.database, home.tenant, counter) as client,
        talking(client) as talk,
        listening(client, NUMBERS) as stream,
    ):
        await talk.subscribe("1", NUMBERS)
        await counter.allow(1)
        assert [(await talk.hear())["type"], (await stream.told())["data"]] == ["next", {"number": 1}]
        await counter.end(ValueError("secret"))
        error = await talk.hear()
        assert (error["type"], [each["message"] for each in error["payload"]]) == ("error", ["Internal server error"])
        told = await stream.told()
        assert [each["message"] for each in told["errors"]] == ["Internal server error"]
        assert await stream.rest() == [{"event": "complete", "data": ""}]
        assert len(await talk.asked("1", TYPE)) == 2


async def test_a_subscription_may_come_to_an_end(home: Home, counter: Counter) -> None:
    async with (
        counting(home.database, home.tenant, counter) as client,
        talking(client) as talk,
        listening(client, NUMBERS) as stream,
    ):
        await counter.allow(2)
        await counter.end()
        heard = await talk.asked("1", NUMBERS)
        assert [each["type"] for each in heard] == ["next", "next", "complete"]
        assert [(await stream.told())["data"]["number"] for _ in range(2)] == [1, 2]
        assert await stream.rest() == [{"event": "complete", "data": ""}]
        assert counter.open_now == 0


async def test_pages_may_connect_unless_their_origins_are_named(home: Home, counter: Counter) -> None:
    page = {"Origin": "https://crm.example.com"}
    async with counting(home.database, home.tenant, counter) as client, talking(client, headers=page) as talk:
        await talk.pong()
    origins = ("https://app.example.com",)
    async with counting(home.database, home.tenant, counter, cors_origins=origins) as client:
        for headers in ({"Origin": "https://app.example.com"}, {"Origin": client.url}, None):
            async with talking(client, headers=headers) as talk:
                await talk.pong()
        for origin in ("https://crm.example.com", "null", f"{client.url}.example.com"):
            with pytest.raises(InvalidStatus) as refused:
                await talking(client, headers={"Origin": origin}).__aenter__()
            assert refused.value.response.status_code == 403


async def test_subscriptions_end_with_their_connections(home: Home, counter: Counter) -> None:
    async with counting(home.database, home.tenant, counter) as client:
        async with AsyncExitStack() as stack:
            for _ in range(3):
                talk = await stack.enter_async_context(talking(client))
                await talk.subscribe("1", NUMBERS)
                await talk.subscribe("2", NUMBERS)
                await stack.enter_async_context(listening(client, NUMBERS))

            async def are_open() -> bool:
                return counter.open_now == 9

            await until(are_open)
        cut = await opened(client)
        cut.transport.abort()

        async def are_over() -> bool:
            return counter.open_now == 0

        await until(are_over)


async def test_metadata_is_served_as_graphql_is(shared: Client) -> None:
    async with talking(shared, path="/metadata") as talk:
        result, _ = await talk.asked("1", "{ apiKeys { name } }")
        assert result["payload"] == {"data": {"apiKeys": [{"name": "tests"}]}}


async def test_nothing_more_is_read_from_a_client_that_reads_nothing(home: Home, counter: Counter) -> None:
    """Otherwise the answers would pile up."""
    async with counting(home.database, home.tenant, counter, response_timeout=SHORT) as client:
        talkative = await opened(client)
        talkative.transport.pause_reading()
        ping = message(type="ping", payload={"x": "y" * 60_000})
        for _ in range(1_000):
            await talkative.send(ping)

        left = 0

        async def is_lost() -> bool:
            nonlocal left
            left = talkative.transport.get_write_buffer_size() or left
            return talkative.lost.is_set()

        await until(is_lost)
        assert left > 30_000_000


async def test_answers_are_not_made_before_others_are_taken_off(home: Home, counter: Counter) -> None:
    count = 40
    fields = " ".join(f"a{number}: name" for number in range(40))  # an answer has 4 MB
    update = (
        f"mutation($id: UUID!, $data: CompanyUpdateInput!) {{ updateCompany(id: $id, data: $data) {{ {fields} }} }}"
    )
    async with counting(home.database, home.tenant, counter) as client:
        wide = await client.data(
            "mutation($n: String) { createCompany(data: {name: $n}) { id } }", {"n": "x" * 100_000}
        )
        id_ = wide["createCompany"]["id"]
        made = f'select count(*) from {home.tenant.schema}.event where "recordId" = $1 and action = $2'
        slow = await opened(client)
        slow.transport.pause_reading()
        for number in range(count):
            variables = {"id": id_, "data": {"employees": number + 1}}
            payload = {"query": update, "variables": variables}
            await slow.send(message(id=f"<{number}>", type="subscribe", payload=payload))
        seen = [0]

        async def is_at_rest() -> bool:
            assert "errors" not in await client.ask(TYPE)
            seen.append((await home.database.rows(made, id_, "updated"))[0][0])
            return seen[-1] > 0 and seen[-10:] == [seen[-1]] * 10

        await until(is_at_rest)
        assert seen[-1] < 20
        slow.transport.resume_reading()
        for _ in range(count):
            await slow.until(b'"type":"complete"')
        assert (await home.database.rows(made, id_, "updated"))[0][0] == count


async def test_what_is_too_often_is_refused_before_it_is_read(home: Home, counter: Counter) -> None:
    await until(_is_early_in_the_minute)
    async with counting(home.database, home.tenant, counter, rate_limit_api_key=2) as client, talking(client) as talk:
        assert len(await talk.asked("1", TYPE)) == 2
        with calls_of("read_document") as calls:
            (error,) = await talk.asked("2", "subscription { different: number }")
        assert error["payload"][0]["message"] == "Rate limit exceeded. Please try again later."
        assert calls["read_document"] == 0


async def test_documents_have_a_largest_length(home: Home, counter: Counter) -> None:
    message = "The document has more than 200000 characters. Please pass values as variables."
    codes = {"code": "BAD_USER_INPUT", "statusCode": 400, "userFriendlyMessage": "An error occurred."}
    refused = [{"message": message, "extensions": codes}]
    async with counting(home.database, home.tenant, counter) as client, talking(client) as talk:
        for query in (TYPE, NUMBERS):
            longest = query + " " * (200_000 - len(query))
            with calls_of("read_document") as calls:
                (error,) = await talk.asked("1", longest + " ")
                async with listening(client, longest + " ") as stream:
                    assert (await stream.told())["errors"] == refused
                    assert await stream.rest() == [{"event": "complete", "data": ""}]
                async with listening(client, longest + " ", headers={"Accept": f"{JSON}, {EVENTS}"}) as stream:
                    assert json.loads(await stream.response.aread()) == {"errors": refused}
            assert (error["payload"], calls["read_document"]) == (refused, 0)
        assert len(await talk.asked("1", TYPE + " " * (200_000 - len(TYPE)))) == 2


async def test_ids_of_operations_have_a_largest_length(home: Home, counter: Counter) -> None:
    async with counting(home.database, home.tenant, counter) as client, talking(client) as talk:
        assert len(await talk.asked("x" * 200, TYPE)) == 2
        await talk.subscribe("x" * 201, TYPE)
        assert await talk.closed() == (4400, "The id has more than 200 characters")


async def test_who_reads_nothing_does_not_keep_a_server_from_stopping(home: Home, counter: Counter) -> None:
    fields = " ".join(f"a{number}: name" for number in range(40))
    query = f'query {{ companies(filter: {{name: {{startsWith: "yyy"}}}}) {{ edges {{ node {{ {fields} }} }} }} }}'
    async with (
        asyncio.timeout(20),
        counting(home.database, home.tenant, counter, response_timeout=SHORT) as client,
    ):
        await client.data("mutation($n: String) { createCompany(data: {name: $n}) { id } }", {"n": "y" * 100_000})
        slow = await opened(client)
        slow.transport.pause_reading()
        with calls_of("pause_writing") as calls:
            for number in range(40):
                await slow.send(message(id=f"<{number}>", type="subscribe", payload={"query": query}))

            async def is_full() -> bool:
                return calls["pause_writing"] > 0

            await until(is_full)
