"""What the clients do when a server does not answer, or answers that it cannot."""

import asyncio
import socket
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from rapport.client import (
    NO_RETRIES,
    AsyncClient,
    Client,
    Conflict,
    ConnectionFailed,
    InvalidInput,
    NotFound,
    RapportError,
    RateLimited,
    Retries,
    ServerError,
)
from tests.client.conftest import Connect
from tests.client.flaky import CUT, HANG_UP, Told, flaky

ONE = "11111111-1111-4111-8111-111111111111"
PERSON = Told(body={"data": {"person": {"id": ONE}}})
PEOPLE = Told(body={"data": {"people": [{"id": ONE}]}, "pageInfo": {}})
BUSY = Told(status=503)

Ask = Callable[[Any], Any]
READS: list[Ask] = [lambda c: c.people.get(ONE), lambda c: c.people.group_by("city"), lambda c: c.graphql("{ a }")]
CREATE: Ask = lambda c: c.people.create(city="Rome")  # noqa: E731
MERGE: Ask = lambda c: c.people.merge([ONE, ONE])  # noqa: E731
MUTATE: Ask = lambda c: c.graphql("mutation { a }")  # noqa: E731


@pytest.mark.parametrize("failure", [BUSY, Told(status=502), Told(status=504), Told(status=429), HANG_UP, CUT])
async def test_what_a_server_could_not_do_is_asked_again(connect: Connect, failure: Told | str) -> None:
    async with flaky(failure, failure, PERSON) as server, connect(server.url) as api:
        assert await api.do(lambda c: c.people.get(ONE)) == {"id": ONE}
        assert len(server.asked) == 3


@pytest.mark.parametrize("failure", [BUSY, HANG_UP, CUT])
async def test_a_post_is_repeated_with_the_same_key_and_body(connect: Connect, failure: Told | str) -> None:
    async with flaky(failure, failure, PERSON) as server, connect(server.url) as api:
        await api.do(CREATE)
        keys = server.sent_keys()
        assert len(keys) == 3
        assert keys[0] is not None
        assert len(keys[0]) >= 16
        assert set(keys) == {keys[0]}
        assert {each.body for each in server.asked} == {b'{"city":"Rome"}'}

        await api.do(CREATE)  # another request, though it says the same
        assert server.sent_keys()[3] not in {None, keys[0]}


async def test_every_post_that_makes_something_has_a_key_and_nothing_else_has(connect: Connect) -> None:
    async with flaky(PERSON) as server, connect(server.url) as api:
        for make in (
            CREATE,
            lambda c: c.people.upsert(city="x"),
            lambda c: c.metadata.objects.create(nameSingular="x"),
        ):
            await api.do(make)
        server.script[:] = [PEOPLE]
        await api.do(lambda c: c.people.create_many([{}]))
        await api.do(lambda c: c.people.upsert_many([{}]))
        assert None not in server.sent_keys()
        server.asked.clear()
        await api.do(lambda c: c.people.list())
        await api.do(lambda c: c.people.update_many([{}]))
        assert server.sent_keys() == [None, None]


async def test_what_could_be_done_twice_is_not_repeated_when_its_fate_is_unknown(connect: Connect) -> None:
    nested = {"company": {"create": {"name": "x"}}}
    for ask in (
        MERGE,
        MUTATE,
        lambda c: c.people.update(ONE, nested),
        lambda c: c.people.update_many([{"id": ONE, **nested}]),
        lambda c: c.people.delete_where({"city": {"eq": "x"}}),
    ):
        for failure, error in ((BUSY, ServerError), (HANG_UP, ConnectionFailed), (CUT, ConnectionFailed)):
            async with flaky(failure, PERSON) as server, connect(server.url) as api:
                with pytest.raises(error):
                    await api.do(ask)
                assert len(server.asked) == 1
        async with flaky(Told(status=429), Told(status=404)) as server, connect(server.url) as api:
            with pytest.raises(NotFound):
                await api.do(ask)
            assert len(server.asked) == 2  # the server did nothing the first time


async def test_a_record_that_is_gone_after_an_answer_was_lost_is_deleted(connect: Connect) -> None:
    missing = Told(status=404, body={"error": {"code": "NOT_FOUND", "message": "Record not found"}})
    async with flaky(HANG_UP, missing) as server, connect(server.url) as api:
        assert await api.do(lambda c: c.people.destroy(ONE)) == {"id": ONE}
        assert len(server.asked) == 2
        with pytest.raises(NotFound, match="Record not found"):
            await api.do(lambda c: c.people.destroy(ONE))
    async with flaky(Told(status=429), missing) as server, connect(server.url) as api:
        with pytest.raises(NotFound):
            await api.do(lambda c: c.people.delete(ONE))
    async with flaky(HANG_UP, missing) as server, connect(server.url) as api:
        with pytest.raises(NotFound):
            await api.do(lambda c: c.people.update(ONE, city="x"))


async def test_it_ends_after_as_many_attempts_as_are_allowed(connect: Connect) -> None:
    async with flaky(BUSY) as server, connect(server.url) as api:
        with pytest.raises(ServerError) as caught:
            await api.do(lambda c: c.people.get(ONE))
        assert (caught.value.status, len(server.asked)) == (503, 4)
    async with flaky(BUSY) as server, connect(server.url, retries=NO_RETRIES) as api:
        with pytest.raises(ServerError):
            await api.do(lambda c: c.people.get(ONE))
        assert len(server.asked) == 1


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 412, 500, 501])
async def test_what_would_be_refused_again_is_not_repeated(connect: Connect, status: int) -> None:
    async with flaky(Told(status=status, body={"statusCode": status, "messages": ["No", "and no"], "code": "X"})) as it:
        for ask in (READS[0], CREATE):
            async with connect(it.url) as api:
                with pytest.raises(RapportError, match="No") as caught:
                    await api.do(ask)
                error = caught.value
                assert (error.status, error.code, error.messages) == (status, "X", ("No", "and no"))
        assert len(it.asked) == 2


async def test_a_post_whose_first_attempt_is_still_at_work_waits_for_it(connect: Connect) -> None:
    at_work = Told(status=409, headers={"Retry-After": "0"})
    async with flaky(at_work, PERSON) as server, connect(server.url) as api:
        assert await api.do(CREATE) == {"id": ONE}
        assert len(set(server.sent_keys())) == 1
    async with flaky(Told(status=409), PERSON) as server, connect(server.url) as api:
        with pytest.raises(Conflict):
            await api.do(CREATE)


async def test_the_server_says_how_long_to_wait(connect: Connect) -> None:
    loop = asyncio.get_running_loop()
    soon = format_datetime(datetime.now(UTC) - timedelta(seconds=5), usegmt=True)
    waits = [Told(status=429, headers={"Retry-After": "1"}), Told(status=503, headers={"Retry-After": soon})]
    async with flaky(*waits, PERSON) as it, connect(it.url) as api:
        before = loop.time()
        await api.do(READS[0])
        assert loop.time() - before >= 0.99  # nothing for a date that is over
    for too_long in ("61", "99999999999999999999"):
        body = {"error": {"code": "RATE_LIMIT_EXCEEDED", "message": "Slow down"}}
        async with flaky(Told(status=429, headers={"Retry-After": too_long}, body=body)) as it, connect(it.url) as api:
            with pytest.raises(RateLimited, match="Slow down") as caught:
                await api.do(READS[0])
            assert caught.value.retry_after is not None
            assert caught.value.retry_after > 60
            assert len(it.asked) == 1
    async with flaky(Told(status=429, headers={"Retry-After": "soon, I hope"}), PERSON) as it, connect(it.url) as api:
        assert await api.do(READS[0]) == {"id": ONE}


async def test_a_server_that_is_not_there_yet_is_waited_for(connect: Connect) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}"
        for ask in (READS[0], CREATE, MERGE):  # nothing was sent: no request can be done twice
            async with connect(url) as api:
                with pytest.raises(ConnectionFailed, match="There was no answer") as caught:
                    await api.do(ask)
                assert (caught.value.status, type(caught.value.__cause__).__name__) == (0, "ConnectError")


async def test_what_is_no_answer_of_the_server_says_so(connect: Connect) -> None:
    for body in ("<html>Welcome to nginx!</html>", "", "[]", "{}", '{"data": null}', '{"data": 7}', "[" * 100_000):
        async with flaky(Told(body=body)) as server, connect(server.url) as api:
            for ask in (READS[0], lambda c: c.people.list(), lambda c: c.people.find_duplicates(ids=[]), READS[2]):
                with pytest.raises(ServerError, match="not one of Rapport"):
                    await api.do(ask)
    for body in (
        "<html>Bad request</html>",
        '{"error": "text"}',
        '{"error": {"message": 7}}',
        '{"messages": 7}',
        '"x"',
    ):
        async with flaky(Told(status=400, body=body)) as server, connect(server.url) as api:
            with pytest.raises(InvalidInput, match="status 400"):
                await api.do(READS[0])


async def test_what_cannot_be_sent_or_would_go_astray_is_refused_at_once(connect: Connect) -> None:
    async with flaky(PERSON) as server, connect(server.url, "sk_live_\r\nx: y") as api:
        with pytest.raises(Exception, match=r"(?i)header"):
            await api.do(READS[0])
        assert server.asked == []
    with pytest.raises(ValueError, match=r"base_url is the address of the server"):
        Client(base_url="crm.example.com")
    for more in ("rest", "rest/", "REST", "graphql", "metadata", "rest/metadata", "crm/rest", "?x=1", "#/"):
        for kind in (Client, AsyncClient):
            with pytest.raises(ValueError, match=r"base_url is the address of the server"):
                kind(base_url=f"https://crm.example.com/{more}")
    Client(base_url="https://rest.example.com/crm/").close()
    async with flaky(PERSON) as server, connect(server.url) as api:
        for elsewhere in ("", ".", ".."):
            with pytest.raises(ValueError, match="is no id and no name"):
                await api.do(lambda c, elsewhere: c.people.destroy(elsewhere), elsewhere)
        await api.do(lambda c: c.people.get("../companies?x=/#"))
        assert [each.path for each in server.asked] == ["/rest/people/..%2Fcompanies%3Fx%3D%2F%23"]
    with Client(base_url="https://crm.example.com") as client, pytest.raises(AttributeError):
        client._ipython_display_  # noqa: B018


def test_waits_double_and_differ() -> None:
    longest = [Retries(random=lambda: 0.0).wait(n) for n in range(1, 8)]
    assert longest == [0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 8.0]
    assert [Retries(random=lambda: 1.0).wait(n) for n in (1, 7)] == [0.125, 4.0]
    assert len({Retries().wait(3) for _ in range(20)}) > 1
