"""Work for clients that hang up is stopped, and what it holds is let go; all other work is left alone."""

import asyncio
from collections.abc import AsyncGenerator, MutableMapping
from typing import Any

import pytest

from rapport.edge.answer import Answer, respond
from rapport.edge.hanging_up import ClientGone, unless_gone

Message = MutableMapping[str, Any]


class Line:
    """A client on the line: what is sent to it, and when it hangs up."""

    def __init__(self, *, takes: int = 1_000) -> None:
        self.sent: list[Message] = []
        self.gone = asyncio.Event()
        self._takes = takes
        self._begun = False

    async def receive(self) -> Message:
        if not self._begun:
            self._begun = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await self.gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Message) -> None:
        if len(self.sent) == self._takes:
            await asyncio.Event().wait()
        self.sent.append(message)


async def parts(end: asyncio.Event, *, fails: bool = False) -> AsyncGenerator[bytes, None]:
    """Three parts, and then nothing for ever, or an error; ``end`` is set when it is over."""
    try:
        for _ in range(3):
            yield b"part"
        if fails:
            raise OSError("lost")
        await asyncio.Event().wait()
    finally:
        end.set()


@pytest.mark.parametrize("takes", [1_000, 2])  # it waits for the next part, or for the client to take one
async def test_a_stream_is_closed_when_the_client_hangs_up(takes: int) -> None:
    line, end = Line(takes=takes), asyncio.Event()
    answering = asyncio.create_task(respond(line.send, Answer(stream=parts(end)), receive=line.receive))
    await asyncio.sleep(0.01)
    assert not end.is_set()

    line.gone.set()
    async with asyncio.timeout(1):
        await answering
    assert end.is_set()
    assert not any(message.get("more_body") is False for message in line.sent)


async def test_a_stream_is_closed_when_the_server_stops() -> None:
    line, end = Line(), asyncio.Event()
    answering = asyncio.create_task(respond(line.send, Answer(stream=parts(end)), receive=line.receive))
    await asyncio.sleep(0.01)
    answering.cancel()
    with pytest.raises(asyncio.CancelledError):
        await answering
    assert end.is_set()


async def test_a_stream_that_fails_has_no_end() -> None:
    line, end = Line(), asyncio.Event()
    with pytest.raises(OSError, match="lost"):
        await respond(line.send, Answer(stream=parts(end, fails=True)), receive=line.receive)
    assert [message.get("more_body") for message in line.sent] == [None, True, True, True]
    assert end.is_set()


async def test_work_is_done_or_stopped() -> None:
    async def work(value: int) -> int:
        if value < 0:
            raise ValueError
        await asyncio.sleep(0 if value else 30)
        return value

    assert await unless_gone(Line().receive, work(5)) == 5
    with pytest.raises(ValueError):  # noqa: PT011  # ours
        await unless_gone(Line().receive, work(-1))
    gone = Line()
    gone.gone.set()
    with pytest.raises(ClientGone):
        await unless_gone(gone.receive, work(0))
