"""What an ASGI application sends, and what of it comes over the wire."""

import asyncio
import socket
import struct
import sys
from collections.abc import AsyncIterator, Mapping

import pytest
from starlette.types import Receive, Scope, Send
from structlog.testing import capture_logs

from tests.edge.traffic.wire import GET, Served, body, length, post, sends, served, start
from tests.waiting import until

FINE = sends(start(length(4)), body(b"fine"), reads=True)
HEAD = GET.replace(b"GET", b"HEAD")
OLD = GET.replace(b"1.1", b"1.0")


@pytest.fixture(scope="module")
async def server() -> AsyncIterator[Served]:
    async with served() as found:
        yield found


@pytest.fixture(autouse=True)
async def closed_after(server: Served) -> AsyncIterator[None]:
    yield
    await server.close_all()


async def test_an_answer_of_one_part(server: Served) -> None:
    server.application = sends(start((b"X-Mark", b"\xe9"), length(5), status=201), body(b"hello"))
    wire = await server.open()
    for _ in range(3):
        await wire.send(GET)
        expected = b"HTTP/1.1 201 Created\r\nx-mark: \xe9\r\ncontent-length: 5\r\n\r\nhello"
        assert await wire.reader.readexactly(len(expected)) == expected


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells")
async def test_head_and_body_are_sent_at_once(server: Served) -> None:
    wire = await server.open()
    raw: socket.socket = wire.writer.get_extra_info("socket")

    def pieces() -> int:
        """Segments with content that have come (tcpi_data_segs_in of the kernel's struct tcp_info)."""
        number: int = struct.unpack_from("I", raw.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 192), 152)[0]
        return number

    for size in (0, 5, 7_730, 30_000):
        content = b"x" * size
        server.application = sends(start(length(size), (b"content-type", b"text/plain")), body(content))
        before = pieces()
        assert (await wire.ask(post(b"{}"))).body == content
        assert pieces() - before == 1


@pytest.mark.parametrize("size", [65_535, 65_536, 65_537, 3_000_000])
async def test_large_bodies(server: Served, size: int) -> None:
    content = bytes(range(251)) * (size // 251 + 1)
    for part in (content[:size], bytearray(content[:size]), memoryview(content)[:size]):
        server.application = sends(start(length(size)), body(part))
        wire = await server.open()
        assert (await wire.ask()).body == content[:size]
        server.application = sends(start(), body(part))
        assert (await wire.ask()).parts == [content[:size]]
        server.application = FINE
        assert (await wire.ask()).body == b"fine"


@pytest.mark.parametrize(
    ("request_", "status", "lengths"),
    [(HEAD, 200, [b"11"]), (HEAD, 200, []), (GET, 204, []), (GET, 304, [b"11"]), (GET, 304, []), (HEAD, 500, [b"11"])],
)
async def test_answers_that_have_no_body(server: Served, request_: bytes, status: int, lengths: list[bytes]) -> None:
    headers = [(b"content-length", each) for each in lengths]
    for messages in ([body()], [body(b"hello", more=True), body(b" world")]):
        server.application = sends(start(*headers, status=status), *messages)
        wire = await server.open()
        answer = await wire.ask(request_)
        assert (answer.status, answer.headers, answer.body) == (status, headers, b"")
        server.application = FINE
        assert (await wire.ask()).body == b"fine"  # there was not a byte more


async def test_a_body_of_unknown_length_comes_in_chunks(server: Served) -> None:
    for headers in ([], [(b"Transfer-Encoding", b"chunked")], [(b"transfer-encoding", b"chunked"), length(3)]):
        server.application = sends(start(*headers), body(b"one", more=True), body(more=True), body(b"two"))
        wire = await server.open()
        answer = await wire.ask()
        assert answer.headers == [(b"transfer-encoding", b"chunked")]
        assert answer.parts == [b"one", b"two"]
        server.application = sends(start(*headers), body())
        assert (await wire.ask()).parts == []
        server.application = FINE
        assert (await wire.ask()).body == b"fine"


async def test_parts_are_sent_as_they_come(server: Served) -> None:
    turns = [asyncio.Event() for _ in range(2)]

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        await send(start())
        for turn in turns:
            await send(body(b"part", more=True))
            await turn.wait()
        await send(body())

    server.application = application
    wire = await server.open()
    await wire.send(GET)
    assert (await wire.head()).status == 200
    for turn in turns:
        assert await wire.chunk() == b"part"
        turn.set()
    assert await wire.chunk() == b""


async def test_the_head_does_not_wait_while_the_application_does(server: Served) -> None:
    """A stream of events of which there is none yet: its reader is to know that it was accepted."""
    event = asyncio.Event()

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await send(start())
        leaving = asyncio.ensure_future(receive())
        await event.wait()
        leaving.cancel()
        await send(body(b"event"))

    server.application = application
    wire = await server.open()
    await wire.send(GET)
    assert (await wire.head())[b"transfer-encoding"] == [b"chunked"]
    event.set()
    assert await wire.chunk() == b"event"


@pytest.mark.parametrize(
    ("request_", "headers", "shown"),
    [
        (GET, [], []),
        (GET, [(b"connection", b"close")], [b"close"]),
        (GET, [(b"Connection", b"x, Close")], [b"x, Close"]),
        (GET.replace(b"host", b"connection: close\r\nhost"), [], [b"close"]),
        (OLD, [], [b"close"]),
        (OLD.replace(b"host", b"connection: keep-alive\r\nhost"), [], [b"close"]),
    ],
)
async def test_who_closes_the_connection_says_so(
    server: Served, request_: bytes, headers: list[tuple[bytes, bytes]], shown: list[bytes]
) -> None:
    server.application = sends(start(length(2), *headers), body(b"ok"))
    wire = await server.open()
    answer = await wire.ask(request_)
    assert (answer.body, answer[b"connection"]) == (b"ok", shown)
    if shown:
        assert await wire.rest() == b""
    else:
        assert (await wire.ask()).body == b"ok"


async def test_an_old_client_is_not_sent_chunks(server: Served) -> None:
    server.application = sends(start(), body(b"one", more=True), body(b"two"))
    answer = await (await server.open()).ask(OLD)
    assert (answer.headers, answer.body) == ([(b"connection", b"close")], b"onetwo")


async def test_an_application_that_fails_before_its_answer(server: Served) -> None:
    async def before(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        raise LookupError("lost")

    async def between(scope: Scope, receive: Receive, send: Send) -> None:
        await send(start(length(4)))  # nobody has seen that
        raise LookupError("lost")

    for application, failure in ((before, True), (between, True), (sends(), False), (sends(start()), False)):
        server.application = application
        for request in (post(b"{}"), HEAD):
            wire = await server.open()
            with capture_logs() as logs:
                answer = await wire.ask(request)
                assert (answer.status, answer.body) == (500, b"" if request is HEAD else b"Internal Server Error")
                assert answer[b"connection"] == [b"close"]
                assert await wire.rest() == b""
            [log] = logs
            assert log["log_level"] == "error"
            assert isinstance(log.get("exc_info"), LookupError) is failure


@pytest.mark.parametrize("headers", [[], [(b"content-length", b"9")]])
async def test_an_answer_that_fails_has_no_end(server: Served, headers: list[tuple[bytes, bytes]]) -> None:
    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        await send(start(*headers))
        await send(body(b"part", more=True))
        raise LookupError("lost")

    for given in (application, sends(start(*headers), body(b"part", more=True))):
        server.application = given
        wire = await server.open()
        with capture_logs() as logs:
            await wire.send(GET)
            await wire.head()
            assert await wire.rest() == (b"part" if headers else b"4\r\npart\r\n")
        assert [log["log_level"] for log in logs] == ["error"]
        if not headers:  # what ends with the connection must not end well
            wire = await server.open()
            with capture_logs():
                await wire.send(OLD)
                with pytest.raises(ConnectionResetError):
                    await wire.rest()


async def test_failing_after_the_answer_is_nobodys_business(server: Served) -> None:
    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        await FINE(scope, receive, send)
        raise LookupError("lost")

    server.application = application
    wire = await server.open()
    with capture_logs() as logs:
        for _ in range(2):
            assert (await wire.ask()).body == b"fine"
    assert [log["log_level"] for log in logs] == ["error", "error"]


@pytest.mark.parametrize(
    ("messages", "comes"),
    [
        ([body(b"12345")], b""),
        ([body(b"123")], b""),
        ([body()], b""),
        ([body(b"12", more=True), body(b"345")], b"12"),
        ([body(b"12", more=True), body(b"3")], b"12"),
        ([body(b"12", more=True), body()], b"12"),
        ([body(b"1234", more=True), body(b"5", more=True)], b"1234"),
    ],
)
async def test_a_body_of_another_length_than_announced(
    server: Served, messages: list[Mapping[str, object]], comes: bytes
) -> None:
    """Whatever follows on the connection would be taken for its end: there is nothing more."""
    for sent in (GET, GET + GET):
        server.application = sends(start(length(4)), *messages)
        wire = await server.open()
        with capture_logs():
            await wire.send(sent)
            if comes:
                assert (await wire.head())[b"content-length"] == [b"4"]
                assert await wire.rest() == comes
            else:
                answer = await wire.answer()
                assert (answer.status, await wire.rest()) == (500, b"")


async def test_whoever_goes_on_after_a_wrong_length_corrupts_nothing(server: Served) -> None:
    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        await send(start(length(4)))
        for wrong in (b"12345", b"1"):
            with pytest.raises(RuntimeError, match="longer or shorter"):
                await send(body(wrong))
        await send(body(b"1234"))
        for late in (body(b"5"), start()):
            with pytest.raises(RuntimeError, match="not expected"):
                await send(late)

    server.application = application
    wire = await server.open()
    for _ in range(2):
        assert (await wire.ask()).body == b"1234"


async def test_messages_out_of_turn(server: Served) -> None:
    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        for early in (body(b"early"), {"type": "http.response.trailers"}):
            with pytest.raises(RuntimeError, match="not expected"):
                await send(early)
        await send(start(length(2)))
        with pytest.raises(RuntimeError, match="not expected"):
            await send(start(length(3)))
        await send(body(b"ok"))

    assert (await server.ask(application)).body == b"ok"


@pytest.mark.parametrize(
    "header",
    [
        (b"x", b"a\r\nset-cookie: b"), (b"x", b"a\r\n\r\nbody"), (b"x", b"a\nb: c"), (b"x", b"a\rb"), (b"x", b"\0"),
        (b"x\r\ny", b"a"), (b"x: y\r\nz", b"a"), (b"x y", b"a"), (b"x:", b"a"), (b"", b"a"), (b"x\0", b"a"),
    ],
)  # fmt: skip
async def test_a_header_cannot_be_two(server: Served, header: tuple[bytes, bytes]) -> None:
    with capture_logs() as logs:
        answer = await server.ask(sends(start(header, length(2)), body(b"ok")))
    names = [b"content-type", b"content-length", b"connection"]
    assert (answer.status, [name for name, _ in answer.headers]) == (500, names)
    assert isinstance(logs[0]["exc_info"], ValueError)


async def test_who_reads_slowly_holds_the_application_back(server: Served) -> None:
    sent, part, count = 0, b"x" * 100_000, 200

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        nonlocal sent
        await send(start(length(count * len(part))))
        for number in range(count):
            await send(body(part, more=number < count - 1))
            sent += 1

    server.application = application
    wire = await server.open(window=4_096)
    wire.writer.transport.pause_reading()  # type: ignore[attr-defined]  # as it is with TCP
    await wire.send(GET)
    seen = -1

    async def stands_still() -> bool:
        nonlocal seen
        seen, before = sent, seen
        await asyncio.sleep(0.05)
        return 0 < sent == seen == before

    await until(stands_still)
    assert sent < count / 2
    wire.writer.transport.resume_reading()  # type: ignore[attr-defined]  # as it is with TCP
    assert len((await wire.answer()).body) == count * len(part)
    assert sent == count


async def test_who_hangs_up_while_an_answer_waits_for_them(server: Served) -> None:
    over = asyncio.Event()

    async def application(scope: Scope, receive: Receive, send: Send) -> None:
        await send(start())
        while (await send(body(b"x" * 100_000, more=True))) is None and not gone.is_set():  # type: ignore[func-returns-value]
            pass
        await send(body())  # to nobody, and nobody minds
        over.set()

    gone = asyncio.Event()
    server.application = application
    wire = await server.open(window=4_096)
    wire.writer.transport.pause_reading()  # type: ignore[attr-defined]  # as it is with TCP
    with capture_logs() as logs:
        await wire.send(GET)
        await asyncio.sleep(0.05)
        gone.set()
        await wire.close()
        await asyncio.wait_for(over.wait(), 20)
    assert logs == []
