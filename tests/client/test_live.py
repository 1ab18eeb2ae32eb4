"""Subscriptions and the change feed through the clients: what they tell, and what they do when a connection is lost."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager, closing
from dataclasses import dataclass, field
from typing import Any

import pytest

from rapport.client import (
    NO_RETRIES,
    ConnectionFailed,
    EventPage,
    Gone,
    InvalidInput,
    Record,
    Result,
    ServerError,
    Unauthenticated,
)
from rapport.client.server_sent import ServerSent, ServerSentEvents
from tests.client.apis import Api, Blocking
from tests.client.conftest import Connect
from tests.client.flaky import HANG_UP, Told, flaky
from tests.client.relay import relay
from tests.serving import Client as Served

PATIENCE = 20.0  # seconds
CREATED = "subscription { personCreated { id city } }"
STREAM = {"content-type": "text/event-stream"}


@dataclass(kw_only=True)
class Taker:
    """Takes what an iterator of one of the clients gives, until it is told to stop."""

    taken: list[Any] = field(default_factory=list)
    news: asyncio.Event = field(default_factory=asyncio.Event)

    async def has(self, count: int) -> list[Any]:
        async with asyncio.timeout(PATIENCE):
            while len(self.taken) < count:
                self.news.clear()
                await self.news.wait()
        return self.taken


@asynccontextmanager
async def taking(api: Api, ask: Callable[[Any], Any], *, most: int) -> AsyncIterator[Taker]:
    """The first ``most`` that come. What is raised is raised at the end."""
    taker, loop = Taker(), asyncio.get_running_loop()

    def take(each: object) -> None:
        taker.taken.append(each)
        taker.news.set()

    def block(client: Any) -> None:  # noqa: ANN401
        with closing(ask(client)) as found:
            for count, each in enumerate(found, start=1):
                loop.call_soon_threadsafe(take, each)
                if count == most:
                    return

    async def wait(client: Any) -> None:  # noqa: ANN401
        async with aclosing(ask(client)) as found:
            async for each in found:
                take(each)
                if len(taker.taken) >= most:
                    return

    if isinstance(api, Blocking):
        task = asyncio.create_task(asyncio.to_thread(block, api.client))
    else:
        task = asyncio.create_task(wait(api.client))  # type: ignore[attr-defined]
    yield taker
    async with asyncio.timeout(PATIENCE):
        await task


def said(*events: str) -> Told:
    """A stream of events that ends with the last of them, without a word that it is over."""
    return Told(headers=STREAM, body="".join(f"{each}\n\n" for each in events))


def next_(number: int, *, cursor: str | None = None) -> str:
    body = json.dumps({"data": {"a": number}})
    return f"event: next\nid: {cursor or f'c{number}'}\ndata: {body}"


OVER = "event: complete\ndata:"
A: Callable[[Any], Any] = lambda c: c.subscribe("subscription { a }")  # noqa: E731


# -- with a server --------------------------------------------------------------------------------------------------


async def test_a_subscription_tells_what_happens_and_where_to_go_on(served: Served, connect: Connect) -> None:
    async with connect(served.url, served.tenant.key) as api:
        start = await now(served)
        async with taking(api, lambda c: c.subscribe(CREATED, after=start), most=2) as taker:
            await create(served, "Oslo")
            (first,) = await taker.has(1)
            assert isinstance(first, Result)
            assert first.data["personCreated"]["city"] == "Oslo"
            await create(served, "Rome")
            await taker.has(2)
        document = "subscription One($f: PersonFilterInput) { personCreated(filter: $f) { city } }"
        given = {"f": {"city": {"in": ["Rome", "Bonn"]}}}
        again: Callable[[Any], Any] = lambda c: c.subscribe(  # noqa: E731
            document, given, operation_name="One", after=first.cursor
        )
        async with taking(api, again, most=2) as taker:
            await create(served, "Bergen")
            await create(served, "Bonn")
            cities = [each.data["personCreated"]["city"] for each in await taker.has(2)]
            assert cities == ["Rome", "Bonn"]


async def test_a_document_that_is_wrong_is_refused(served: Served, connect: Connect) -> None:
    async with connect(served.url, served.tenant.key) as api:
        with pytest.raises(InvalidInput, match="nobodyCreated"):
            await api.all(lambda c: c.subscribe("subscription { nobodyCreated { id } }"))
        with pytest.raises(InvalidInput, match="not one that this server gave"):
            await api.all(lambda c: c.subscribe(CREATED, after="?"))
        assert await api.all(lambda c: c.subscribe("{ people(first: 0) { totalCount } }"))  # is over at once
    async with connect(served.url, "sk_live_0") as api:
        with pytest.raises(Unauthenticated):
            await api.all(lambda c: c.subscribe(CREATED))


async def test_events_come_from_any_moment_on(served: Served, connect: Connect) -> None:
    async with connect(served.url, served.tenant.key) as api:
        start = await api.do(lambda c: c.events.now())
        await create(served, "Oslo")
        await create(served, "Rome")
        page = await api.do(lambda c: c.events.page(after=start, objects="person", limit=1))
        assert isinstance(page, EventPage)
        assert ([each["record"]["city"] for each in page], len(page), page.has_more) == (["Oslo"], 1, True)
        walked = await api.all(lambda c: c.events(after=start, objects=["person"], follow=False))
        assert [each["record"]["city"] for each in walked] == ["Oslo", "Rome"]
        assert page[0] == walked[0]
        assert await api.all(lambda c: c.events(after=start, actions="deleted", follow=False)) == []
        async with taking(
            api, lambda c: c.events(after=walked[0]["cursor"], objects=["person", "company"], before=True), most=2
        ) as taker:
            await create(served, "Bonn")
            told = await taker.has(2)
            assert [each["record"]["city"] for each in told] == ["Rome", "Bonn"]
            assert {each["before"] for each in told} == {None}
        waiting = asyncio.create_task(api.do(lambda c: c.events.page(after=told[1]["cursor"], wait=20)))
        await create(served, "Bern")
        assert [each["record"]["city"] for each in await waiting] == ["Bern"]
        with pytest.raises(InvalidInput):
            await api.all(lambda c: c.events(objects="nobody"))


async def test_nothing_is_missed_while_a_connection_is_cut(served: Served, connect: Connect) -> None:
    start = await now(served)
    async with relay(served.url) as way, connect(way.url, served.tenant.key) as api:
        subscription: Callable[[Any], Any] = lambda c: c.subscribe(CREATED, after=start)  # noqa: E731
        feed: Callable[[Any], Any] = lambda c: c.events(after=start, objects="person")  # noqa: E731
        async with taking(api, subscription, most=3) as results, taking(api, feed, most=3) as events:
            await create(served, "Oslo")
            await results.has(1)
            await events.has(1)
            way.cut()
            await create(served, "Rome")
            way.mend()
            await results.has(2)
            await create(served, "Bonn")
            cities = ["Oslo", "Rome", "Bonn"]
            assert [each.data["personCreated"]["city"] for each in await results.has(3)] == cities
            assert [each["record"]["city"] for each in await events.has(3)] == cities
        assert way.opened >= 4


async def now(served: Served) -> str:
    headers = {"Authorization": f"Bearer {served.tenant.key}"}
    answer = await served.http.get(f"{served.url}/rest/events?after=now", headers=headers)
    found: str = answer.json()["pageInfo"]["endCursor"]
    return found


async def create(served: Served, city: str) -> None:
    await served.data("mutation($c: String) { createPerson(data: {city: $c}) { id } }", {"c": city})


# -- with a server that does not do as it should --------------------------------------------------------------------


async def test_a_stream_that_breaks_off_goes_on_behind_what_came_last(connect: Connect) -> None:
    script = (
        Told(status=503),
        said(next_(1), "id: c1b"),
        HANG_UP,
        Told(status=503),
        Told(status=502),
        Told(status=504),
        Told(status=429),
        HANG_UP,
        said(": hello", next_(2)),
        said(next_(3), OVER, next_(4)),
    )
    async with flaky(*script) as server, connect(server.url) as api:
        assert await api.all(A) == [
            Result(data={"a": 1}, cursor="c1"),
            Result(data={"a": 2}, cursor="c2"),
            Result(data={"a": 3}, cursor="c3"),
        ]
        cursors = [each.headers.get("last-event-id") for each in server.asked]
        assert cursors == [None, None, *["c1b"] * 7, "c2"]
        assert {each.headers["accept"] for each in server.asked} == {"text/event-stream"}


async def test_a_stream_that_never_began_is_given_up_like_any_request(connect: Connect) -> None:
    async with flaky(Told(status=503)) as server, connect(server.url) as api:
        with pytest.raises(ServerError):
            await api.all(A)
        assert len(server.asked) == 4
    async with flaky(HANG_UP) as server, connect(server.url) as api:
        with pytest.raises(ConnectionFailed):
            await api.all(A)


async def test_who_wants_no_retries_learns_of_every_loss(connect: Connect) -> None:
    async with flaky(said(next_(1))) as server, connect(server.url, retries=NO_RETRIES) as api:
        with pytest.raises(ConnectionFailed, match="broke off"):
            await api.all(A)
        assert len(server.asked) == 1


async def test_what_came_before_an_error_is_told_before_it(connect: Connect) -> None:
    errors = {"errors": [{"message": "gone", "extensions": {"code": "EVENT_CURSOR_EXPIRED", "statusCode": 410}}]}
    stream = said(next_(1), f"event: next\ndata: {json.dumps(errors)}", OVER)
    async with flaky(stream) as server, connect(server.url) as api:
        assert await taken_until(Gone, api) == [Result(data={"a": 1}, cursor="c1")]


async def test_a_result_may_have_errors_in_it(connect: Connect) -> None:
    found = {"errors": [{"message": "no"}], "data": {"a": None}}
    async with flaky(said(f"event: next\ndata: {json.dumps(found)}", OVER)) as server, connect(server.url) as api:
        assert await api.all(A) == [Result(data={"a": None}, errors=({"message": "no"},))]


@pytest.mark.parametrize(
    "answer", [Told(body="<html>"), Told(headers=STREAM, body="event: next\ndata: <html>\n\n")], ids=["page", "stream"]
)
async def test_what_is_no_server_of_ours_is_found_out(connect: Connect, answer: Told) -> None:
    async with flaky(answer) as server, connect(server.url) as api:
        with pytest.raises(ServerError, match="not one of Rapport"):
            await api.all(A)


async def test_the_end_of_the_feed_is_an_error(connect: Connect) -> None:
    event = {"cursor": "c1", "id": "1", "action": "created"}
    end = {"error": {"code": "UNAUTHENTICATED", "message": "Token invalid."}, "statusCode": 401}
    stream = said(f"id: c1\ndata: {json.dumps(event)}", "id: c2\nevent: cursor\ndata: {}")
    async with flaky(stream, said(f"event: end\ndata: {json.dumps(end)}")) as server, connect(server.url) as api:
        ask: Callable[[Any], Any] = lambda c: c.events(after="c0", objects=["a", "b"], actions=["created"])  # noqa: E731
        assert await taken_until(Unauthenticated, api, ask) == [event]
        assert [each.path for each in server.asked] == ["/rest/events?objects=a%2Cb&actions=created&after=c0"] * 2
        assert [each.headers.get("last-event-id") for each in server.asked] == [None, "c2"]


async def taken_until(error: type[Exception], api: Api, ask: Callable[[Any], Any] = A) -> list[Result | Record]:
    """What came before the error."""
    taken: list[Result | Record] = []

    def block(client: Any) -> None:  # noqa: ANN401
        for each in ask(client):
            taken.append(each)  # noqa: PERF402  # one by one: an error is to come

    async def wait(client: Any) -> None:  # noqa: ANN401
        async for each in ask(client):
            taken.append(each)  # noqa: PERF401  # likewise

    with pytest.raises(error):
        await (asyncio.to_thread(block, api.client) if isinstance(api, Blocking) else wait(api.client))  # type: ignore[attr-defined]
    return taken


# -- events in parts ------------------------------------------------------------------------------------------------


def test_events_are_the_same_however_they_are_cut() -> None:
    text = "\ufeff: x\r\nevent: a\rdata: 1\n\ndata: zwei \u2028\r\ndata\r\nid:3\r\n\r\n:\n\nid: 4\nretry: 5\n\n"
    whole = text.encode().removeprefix(b"\xef\xbb\xbf")
    expected = [ServerSent(name="a", data="1"), ServerSent(data="zwei \u2028\n", id="3"), ServerSent(id="4")]
    for size in range(1, len(whole) + 1):
        events = ServerSentEvents()
        found = [each for at in range(0, len(whole), size) for each in events.feed(whole[at : at + size])]
        assert found == expected, size
