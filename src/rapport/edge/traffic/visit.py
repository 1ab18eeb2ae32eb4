"""One request and its turn."""

from collections.abc import Awaitable, Callable, Generator
from types import coroutine
from typing import Any

from starlette.types import Message, Receive

from rapport.edge.caller import Caller
from rapport.edge.traffic.errors import Headers
from rapport.edge.traffic.sources import Source
from rapport.edge.traffic.turns import Turns


class Visit:
    """``marks``: headers that every answer to it has."""

    __slots__ = ("_has_turn", "_source", "_turns", "caller", "marks")

    def __init__(self, caller: Caller, source: Source, marks: Headers, turns: Turns) -> None:
        self.caller = caller
        self.marks = marks
        self._source = source
        self._turns = turns
        self._has_turn = False

    async def begin(self) -> None:
        """Waits for a turn. Raises Busy."""
        await self._turns.take(self._source)
        self._has_turn = True

    def end(self) -> None:
        """The turn is over, if there is one."""
        if self._has_turn:
            self._has_turn = False
            self._turns.end(self._source)

    def between_turns(self, receive: Receive) -> Receive:
        """For bodies that are read within a turn: while the client keeps us waiting, the turn is another's."""

        async def received() -> Message:
            message = await _at_once_or(self.end, receive())
            if not self._has_turn:
                await self.begin()
            return message

        return received


@coroutine
def _at_once_or(otherwise: Callable[[], None], waiting: Awaitable[Message]) -> Generator[Any, None, Message]:
    """The message. Before it is waited for, calls ``otherwise``; what has come already is there without a wait."""
    steps = waiting.__await__()
    try:
        try:
            step = next(steps)
        except StopIteration as there:
            message: Message = there.value
            return message
        otherwise()
        yield step
        return (yield from steps)
    finally:
        steps.close()
