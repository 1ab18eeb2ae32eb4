"""Connections of HTTP/1.1 from their first to their last moment, and what holds them and uvicorn together."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from email.utils import parsedate_to_datetime

import httptools
import uvicorn
from hypothesis import given
from hypothesis import strategies as st
from starlette.types import Receive, Scope, Send
from uvicorn.server import ServerState

from rapport.base.settings import Settings
from rapport.edge.traffic.connections import Patience, limited
from rapport.edge.traffic.http1 import split
from tests.edge.traffic.wire import GET, Application, Served, body, length, sends, start
from tests.waiting import until

OK = sends(start(length(2)), body(b"ok"))
QUICK = Settings(request_header_timeout=timedelta(milliseconds=200))  # then it looks often


@asynccontextmanager
async def running(application: Application, **given: object) -> AsyncIterator[tuple[Served, uvicorn.Server]]:
    """uvicorn's own server around our connections."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        served = Served(listening.getsockname()[1])
        served.application = application
        config = uvicorn.Config(
            served,
            http=limited(Patience.of(QUICK)),
            ws="none",
            lifespan="off",
            log_config=None,
            **given,  # type: ignore[arg-type]
        )
        server = uvicorn.Server(config)
        task = asyncio.create_task(server.serve(sockets=[listening]))

        async def has_started() -> bool:
            return server.started

        await until(has_started)
        try:
            yield served, server
        finally:
            await served.close_all()
            server.should_exit = True
            await task


def test_what_is_used_of_uvicorn_is_there() -> None:
    config = uvicorn.Config(OK, http=limited(Patience.of(QUICK)), ws="none", lifespan="off", log_config=None)
    assert config.loaded is False
    config.load()
    assert (config.loaded, config.ws_protocol_class, config.timeout_keep_alive) == (True, None, 5)
    assert config.loaded_app is not None
    state = ServerState()
    used = (state.connections, state.tasks, state.default_headers, state.total_requests)
    assert used == (set(), set(), [], 0)


async def test_each_answer_has_the_headers_of_the_server() -> None:
    async with running(OK, headers=[("x-mark", "ours")]) as (served, server):
        answer = await (await served.open()).ask()
        assert [name for name, _ in answer.headers] == [b"date", b"server", b"x-mark", b"content-length"]
        [date] = answer[b"date"]
        assert parsedate_to_datetime(date.decode()).tzinfo is not None

        async def is_later() -> bool:
            return (await wire.ask())[b"date"] != [date]

        wire = await served.open()
        await until(is_later)
        assert server.server_state.total_requests > 2


async def test_a_connection_without_requests_is_closed_after_a_while() -> None:
    async with running(OK, timeout_keep_alive=1) as (served, _):
        wire = await served.open()
        for _ in range(4):
            assert (await wire.ask()).body == b"ok"
            await asyncio.sleep(0.4)  # each begins it anew
        assert (await wire.ask()).body == b"ok"
        assert await wire.rest() == b""


async def test_what_takes_long_is_not_without_requests() -> None:
    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.sleep(1.5)
        await OK(scope, receive, send)

    async with running(slow, timeout_keep_alive=1) as (served, _):
        assert (await (await served.open()).ask()).body == b"ok"


async def test_what_was_asked_is_answered_when_the_server_stops() -> None:
    going_on = asyncio.Event()
    begun: list[str] = []

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        begun.append(scope["path"])
        if scope["path"] == "/stream":
            await send(start())
            await send(body(b"first", more=True))
            await going_on.wait()
            await send(body(b"last"))
        else:
            await going_on.wait()
            await OK(scope, receive, send)

    async with running(application) as (served, server):
        idle, streaming, waiting, several = [await served.open() for _ in range(4)]
        await streaming.send(GET.replace(b"/ ", b"/stream "))
        await streaming.head()
        assert await streaming.chunk() == b"first"
        await waiting.send(GET)
        await several.send(GET + GET.replace(b"/ ", b"/second "))

        async def have_begun() -> bool:
            return len(begun) == 3

        await until(have_begun)
        server.should_exit = True
        assert await idle.rest() == b""
        going_on.set()
        assert await streaming.rest() == b"4\r\nlast\r\n0\r\n\r\n"
        answer = await waiting.answer()
        assert (answer.body, answer[b"connection"]) == (b"ok", [b"close"])
        first, second = await several.answer(), await several.answer()
        assert (first.body, second.body, second[b"connection"]) == (b"ok", b"ok", [b"close"])
        for each in (waiting, several):
            assert await each.rest() == b""
    assert begun == ["/stream", "/", "/", "/second"]


async def test_tasks_are_known_as_long_as_they_run() -> None:
    over = asyncio.Event()

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        await OK(scope, receive, send)
        await over.wait()  # the answer is complete, but there is more to do

    async with running(application) as (served, server):
        wire = await served.open()
        for _ in range(3):
            await wire.ask()
        assert len(server.server_state.tasks) == 3
        over.set()

        async def are_gone() -> bool:
            return not server.server_state.tasks

        await until(are_gone)
        assert len(server.server_state.connections) == 1


async def test_who_is_cut_off_by_the_end_of_the_server_is_told() -> None:
    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass

    async with running(application, timeout_graceful_shutdown=0) as (served, server):
        wire = await served.open()
        await wire.send(GET)

        async def is_asked() -> bool:
            return bool(server.server_state.tasks)

        await until(is_asked)
        server.should_exit = True
        answer = await wire.answer()
        assert (answer.status, answer[b"connection"]) == (500, [b"close"])
        assert await wire.rest() == b""


@given(st.binary(max_size=3), st.sampled_from([b"/", b"/a?", b"/?b#", b""]))
def test_a_target_is_split_as_the_library_does(noise: bytes, before: bytes) -> None:
    target = before + noise + b"c"
    try:
        parsed = httptools.parse_url(target)
    except httptools.HttpParserInvalidURLError:
        return
    assert split(target) == (parsed.path, parsed.query or b"")
