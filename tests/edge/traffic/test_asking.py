"""What comes over the wire, and what of it an ASGI application sees."""

import asyncio
import socket
from collections.abc import AsyncIterator, Sequence
from contextvars import ContextVar

import pytest
import uvicorn
from starlette.types import Message, Receive, Scope, Send
from structlog.testing import capture_logs

from rapport.edge.traffic.http1 import MOST_QUEUED
from tests.edge.traffic.test_answering import FINE
from tests.edge.traffic.wire import GET, Served, Wire, body, length, post, sends, served, start
from tests.waiting import until


@pytest.fixture(scope="module")
async def server() -> AsyncIterator[Served]:
    async with served() as found:
        yield found


@pytest.fixture(autouse=True)
async def closed_after(server: Served) -> AsyncIterator[None]:
    yield
    await server.close_all()


class Seen:
    """An application that keeps what it sees and answers after the whole body."""

    def __init__(self) -> None:
        self.scopes: list[Scope] = []
        self.messages: list[Message] = []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.scopes.append(scope)
        while True:
            self.messages.append(await receive())
            if not self.messages[-1].get("more_body"):
                break
        await FINE(scope, nothing_more, send)


async def nothing_more() -> Message:
    return {"type": "http.request", "body": b"", "more_body": False}


REQUESTS = [
    GET,
    GET.replace(b"/ ", b"/a%20b/%C3%A9%ff?c=%20d&e=#f "),
    GET.replace(b"/ ", b"//a/b?c "),
    GET.replace(b"/ ", b"http://y:80/a%2fb?c "),
    GET.replace(b"/ ", b"http://y "),
    GET.replace(b"/ ", b"/? "),
    GET.replace(b"/ ", b"/a?b?c "),
    GET.replace(b"/ ", b"* ").replace(b"GET", b"OPTIONS"),
    GET.replace(b"1.1", b"1.0"),
    GET.replace(b"GET", b"PROPFIND"),
    GET.replace(b"host", b"X-A:  b \r\nx-a: \xe9\r\nEmpty:\r\nhost"),
    GET.replace(b"/ ", b"/\xc3\xa9 "),
    GET.replace(b"/ ", b"/?\xc3\xa9 "),
    GET.replace(b"/ ", b"a "),
    b"no HTTP\r\n\r\n",
    post(b"hello"),
    post(b""),
    b"POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n3\r\none\r\n3\r\ntwo\r\n0\r\nx: trailer\r\n\r\n",
]


@pytest.fixture(scope="module")
async def reference() -> AsyncIterator[Served]:
    """As uvicorn does it without us."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        found = Served(listening.getsockname()[1])
        server = uvicorn.Server(uvicorn.Config(found, http="httptools", ws="none", lifespan="off", log_config=None))
        running = asyncio.create_task(server.serve(sockets=[listening]))
        await until(lambda: is_told([server.started] * server.started))
        yield found
        await found.close_all()
        server.should_exit = True
        await running


@pytest.mark.parametrize("request_", REQUESTS)
async def test_an_application_sees_what_uvicorn_would_show_it(
    server: Served, reference: Served, request_: bytes
) -> None:
    async def seen_behind(served: Served) -> tuple[bytes, list[Scope], bytes]:
        served.application = seen = Seen()
        wire = await served.open()
        await wire.send(request_)
        first = (await wire.reader.readuntil(b"\r\n"))[:12]
        for each in seen.scopes:
            each["server"], each["client"] = each["server"][0], each["client"][0]  # without ports
            each["headers"] = [header for header in each["headers"] if header != (b"x", b"trailer")]
        return first, seen.scopes, b"".join(each["body"] for each in seen.messages)

    assert await seen_behind(server) == await seen_behind(reference)


async def test_trailers_are_headers_of_nothing(server: Served) -> None:
    server.application = seen = Seen()
    wire = await server.open()
    await wire.ask(REQUESTS[-1])
    await wire.ask()
    assert [scope["headers"] for scope in seen.scopes] == [
        [(b"host", b"x"), (b"transfer-encoding", b"chunked")],
        [(b"host", b"x")],
    ]


async def test_a_body_in_parts(server: Served) -> None:
    server.application = seen = Seen()
    wire = await server.open()
    request = post(b"onetwothree")
    for end, piece in ((-11, request[:-11]), (-8, b"one"), (-5, b"two"), (0, b"three")):
        before = len(seen.messages)
        await wire.send(piece)
        if end and piece in (b"one", b"two"):
            await until(lambda count=before: is_more(seen, count))  # type: ignore[misc]
    assert (await wire.answer()).body == b"fine"
    assert seen.messages == [
        {"type": "http.request", "body": b"one", "more_body": True},
        {"type": "http.request", "body": b"two", "more_body": True},
        {"type": "http.request", "body": b"three", "more_body": False},
    ]


async def is_more(seen: Seen, count: int) -> bool:
    return len(seen.messages) > count


async def test_a_body_that_nobody_takes_is_not_read(server: Served) -> None:
    shall_read, size = asyncio.Event(), 30_000_000
    taken = 0

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        nonlocal taken
        await shall_read.wait()
        while True:
            message = await receive()
            taken += len(message["body"])
            if not message["more_body"]:
                break
        await FINE(scope, nothing_more, send)

    server.application = application
    wire = await server.open()
    wire.writer.write(post(b"x" * size))
    transport, left = wire.writer.transport, -1

    async def stands_still() -> bool:
        nonlocal left
        left, before = transport.get_write_buffer_size(), left
        await asyncio.sleep(0.05)
        return left == before

    await until(stands_still)
    assert left > size / 2
    shall_read.set()
    assert (await wire.answer()).body == b"fine"
    assert taken == size


async def test_a_body_is_asked_for_when_it_is_wanted(server: Served) -> None:
    server.application = seen = Seen()
    head, content = post(b"hello", b"Expect: 100-Continue")[:-5], b"hello"
    wire = await server.open()
    for _ in range(2):
        await wire.send(head)
        assert (await wire.answer()).status == 100
        await wire.send(content)
        assert (await wire.answer()).body == b"fine"
    await wire.send(head + content)  # then it need not be asked for
    assert (await wire.answer()).status == 200
    await wire.send(head + content[:2])
    await until(lambda: is_more(seen, 3))
    await wire.send(content[2:])
    assert (await wire.answer()).status == 200
    assert [each["body"] for each in seen.messages] == [*[b"hello"] * 3, b"he", b"llo"]


async def test_a_body_that_is_not_wanted_is_not_asked_for(server: Served) -> None:
    """The client may send it all the same or go on without: nobody can tell, so the connection is over."""
    server.application = sends(start(length(2)), body(b"no"))
    wire = await server.open()
    answer = await wire.ask(post(b"hello", b"Expect: 100-continue")[:-5])
    assert (answer.body, answer[b"connection"]) == (b"no", [b"close"])
    assert await wire.rest() == b""


async def test_an_answer_before_the_body_has_come(server: Served) -> None:
    server.application = sends(start(length(2)), body(b"no"))
    wire = await server.open()
    request = post(b"GET / HTTP/1.1\r\n\r\n" * 50_000)
    assert (await wire.ask(request[:-5])).body == b"no"
    await wire.send(request[-5:])
    assert (await wire.ask(GET)).body == b"no"  # the rest of the body is none
    assert wire.reader._buffer == b""  # type: ignore[attr-defined]  # there is no other way to look


async def test_receive_after_the_body_waits_for_the_end(server: Served) -> None:
    seen: list[Message] = []
    over = asyncio.Event()

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(await receive())
        waiting = [asyncio.ensure_future(receive()) for _ in range(2)]
        if scope["path"] == "/answered":
            await asyncio.sleep(0)
            await FINE(scope, nothing_more, send)
        seen.extend(await asyncio.gather(*waiting))
        seen.append(await receive())
        over.set()

    server.application = application
    for path in (b"/answered", b"/left"):
        seen.clear()
        over.clear()
        wire = await server.open()
        await wire.send(post(b"", path=path))
        if path == b"/answered":
            assert (await wire.answer()).body == b"fine"
        else:
            await until(lambda: is_told(seen))
            await wire.close()
        await asyncio.wait_for(over.wait(), 20)
        assert seen == [{"type": "http.request", "body": b"", "more_body": False}] + [{"type": "http.disconnect"}] * 3


async def is_told(seen: Sequence[object]) -> bool:
    return bool(seen)


async def test_a_client_that_leaves_in_its_body(server: Served) -> None:
    server.application = seen = Seen()
    wire = await server.open()
    await wire.send(post(b"hello")[:-2])
    await until(lambda: is_more(seen, 0))
    await wire.close()
    await until(lambda: is_more(seen, 1))
    assert seen.messages == [{"type": "http.request", "body": b"hel", "more_body": True}, {"type": "http.disconnect"}]


async def test_requests_behind_each_other_are_answered_in_turn(server: Served) -> None:
    begun: list[str] = []
    going_on = asyncio.Event()

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        begun.append(scope["path"])
        content = (await receive())["body"] + scope["raw_path"]
        await going_on.wait()
        await send(start(length(len(content))))
        await send(body(content))

    server.application = application
    wire = await server.open()
    paths = [b"/%d" % number for number in range(50)]
    await wire.send(b"".join(post(b"body of ", path=path) for path in paths))
    await until(lambda: is_told(begun))
    await asyncio.sleep(0.02)
    assert begun == ["/0"]
    going_on.set()
    for path in paths:
        assert (await wire.answer()).body == b"body of " + path
    assert (await wire.ask(post(b"then ", path=b"/"))).body == b"then /"


async def test_who_leaves_with_requests_behind_each_other_has_left_all_of_them(server: Served) -> None:
    seen: list[object] = []

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope["path"])
        seen.append((await receive())["type"])
        seen.append((await receive())["type"])

    server.application = application
    wire = await server.open()
    await wire.send(GET + GET)
    await until(lambda: is_told(seen[1:]))
    await wire.close()
    await until(lambda: is_told(seen[2:]))
    assert seen == ["/", "http.request", "http.disconnect"]


MARK: ContextVar[str] = ContextVar("MARK", default="none")


async def test_requests_behind_each_other_have_contexts_of_their_own(server: Served) -> None:
    seen: list[str] = []

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(MARK.get())
        MARK.set(scope["path"])
        await FINE(scope, receive, send)

    server.application = application
    wire = await server.open()
    await wire.send(GET * 3)
    for _ in range(3):
        await wire.answer()
    await wire.ask()
    assert seen == ["none"] * 4


async def test_of_requests_that_come_all_at_once_so_many_are_answered(server: Served) -> None:
    wire = await server.open()
    await wire.send(GET * (MOST_QUEUED + 200))
    for _ in range(MOST_QUEUED + 1):
        assert (await wire.answer()).status == 200
    assert await wire.rest() == b""


async def test_rubbish_behind_a_request_does_not_cost_its_answer(server: Served) -> None:
    going_on = asyncio.Event()

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        await going_on.wait()
        await FINE(scope, receive, send)

    server.application = application
    rubbish = (
        b"rubbish\r\n\r\n",
        GET.replace(b"/", b"/\xff"),
        b"GET / HTTP/1.1\r\ntransfer-encoding: chunked\r\n\r\nx",
        b"CONNECT example.com:443 HTTP/1.1\r\nhost: example.com\r\n\r\n",
    )
    for each in rubbish:
        going_on.clear()
        wire = await server.open()
        await wire.send(GET + each)
        await asyncio.sleep(0.02)
        going_on.set()
        assert (await wire.answer()).body == b"fine"
        assert await wire.rest() == b""
    going_on.clear()
    wire = await server.open()
    await wire.send(GET + b"GET / HTTP/1.1\r\nlong: " + b"x" * 700_000)  # refused, now or after the answer
    await asyncio.sleep(0.05)
    going_on.set()
    assert (await wire.answer()).body == b"fine"
    with capture_logs() as logs:
        for each in (b"rubbish\r\n\r\n", GET.replace(b"/", b"/\xff")):
            wire = await server.open()
            answer = await wire.ask(each)
            assert (answer.status, answer[b"connection"]) == (400, [b"close"])
            assert await wire.rest() == b""
    assert logs == []


async def test_what_comes_behind_the_last_request_is_not_answered(server: Served) -> None:
    server.application = seen = Seen()
    wire = await server.open()
    await wire.send(GET.replace(b"host", b"connection: close\r\nhost") + GET)
    assert (await wire.answer())[b"connection"] == [b"close"]
    assert await wire.rest() == b""
    assert len(seen.scopes) == 1


OFFER = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: %b\r\nHTTP2-Settings: AAEAAEAAAAIAAAAB"


@pytest.mark.parametrize("protocol", [b"h2c", b"h2c, foo", b"websocket"])  # the server of these tests has none
async def test_offers_of_another_protocol_are_passed_over(server: Served, protocol: bytes) -> None:
    server.application = seen = Seen()
    request = post(b"hello", OFFER % protocol)
    pieces = ([request], [request[:-5], request[-5:]], [request[:60], request[60:]], [request * 3])
    wire = await server.open()
    for each in pieces:
        for piece in each:
            await wire.send(piece)
            await asyncio.sleep(0.01)
        for _ in range(3 if len(each[0]) == 3 * len(request) else 1):
            assert (await wire.answer()).body == b"fine"
    assert b"".join(each["body"] for each in seen.messages) == b"hello" * 6
    assert [len(scope["headers"]) for scope in seen.scopes] == [4] * 6
    assert (await wire.ask()).body == b"fine"


async def test_it_is_no_proxy(server: Served) -> None:
    wire = await server.open()
    assert (await ask(wire, b"CONNECT x:443 HTTP/1.1\r\nhost: x\r\n\r\n")).startswith(b"HTTP/1.1 400 ")


async def ask(wire: Wire, request: bytes) -> bytes:
    await wire.send(request)
    return await wire.rest()
