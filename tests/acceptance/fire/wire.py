"""A GraphQL client that costs the machine little, so that the servers get the load and not the test."""

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

import orjson

Json: TypeAlias = "dict[str, Json] | list[Json] | str | int | float | bool | None"
ANSWER_SECONDS = 30.0
IDLE_SECONDS = 3.0  # servers hang up when nothing has been asked for a while


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a server said, and when it was asked and had answered (`time.monotonic`)."""

    asked: float
    answered: float
    status: int
    body: dict[str, Json]

    @property
    def codes(self) -> frozenset[str]:
        """The codes of the errors: `{"GRAPHQL_VALIDATION_FAILED"}`."""
        errors = self.body.get("errors") or []
        assert isinstance(errors, list)
        return frozenset(str(at(each, "extensions", "code")) for each in errors)

    @property
    def data(self) -> dict[str, Json]:
        found = self.body.get("data")
        assert isinstance(found, dict), self.body
        return found


@dataclass(kw_only=True)
class Wire:
    """One connection to one server, for one request at a time."""

    port: int
    key: str
    _streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = field(default=None, init=False)
    _used: float = field(default=0.0, init=False)

    async def ask(self, query: str, variables: Mapping[str, object] | None = None) -> Answer:
        return await self.send("POST", "/graphql", orjson.dumps({"query": query, "variables": dict(variables or {})}))

    async def send(self, method: str, path: str, body: bytes = b"") -> Answer:
        if time.monotonic() > self._used + IDLE_SECONDS:
            await self.close()
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self.port)
        reader, writer = self._streams
        head = (
            f"{method} {path} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {self.key}\r\n"
            f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
        )
        asked = time.monotonic()
        writer.write(head.encode() + body)
        async with asyncio.timeout(ANSWER_SECONDS):
            lines = (await reader.readuntil(b"\r\n\r\n")).lower().split(b"\r\n")
            (length,) = [int(line[15:]) for line in lines if line.startswith(b"content-length:")]
            text = await reader.readexactly(length)
        answered = self._used = time.monotonic()
        return Answer(asked=asked, answered=answered, status=int(lines[0].split()[1]), body=orjson.loads(text))

    async def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
            await self._streams[1].wait_closed()
            self._streams = None


def at(value: Json, *path: str | int) -> Json:
    """What stands at a place inside JSON.

    >>> at({"edges": [{"node": {"id": "a"}}]}, "edges", 0, "node", "id")
    'a'
    """
    for step in path:
        if isinstance(step, int):
            assert isinstance(value, list), value
            value = value[step]
        else:
            assert isinstance(value, dict), value
            value = value[step]
    return value


def nodes(value: Json) -> list[Json]:
    """The records of a connection."""
    edges = at(value, "edges")
    assert isinstance(edges, list)
    return [at(edge, "node") for edge in edges]
