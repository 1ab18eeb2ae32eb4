"""Many idle subscribers on one server process: `python -m bench.subscribers --count 5000`.

Each is a connection with one subscription. Prints what they cost in memory and CPU, how fast they come, how long it
takes until all of them are told of one event; and, while records are written, how long until some others are told.
"""

import argparse
import asyncio
import json
import os
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import uvloop
from websockets.client import ClientProtocol
from websockets.frames import Frame, Opcode
from websockets.http11 import Response
from websockets.typing import Subprotocol
from websockets.uri import parse_uri

from bench.asking import Asker
from bench.processes import cpu_seconds, resident_mb
from bench.run import prepare_environment
from bench.server import Server, running_server

AT_ONCE = 50  # handshakes
TOLD_SECONDS = 60.0
CREATED = "subscription Created { companyCreated { id name createdAt employees } }"
FILTERED = "subscription Created($name: String!) { companyCreated(filter: { name: { neq: $name } }) { id name } }"
WATCHED = "subscription Watched { personCreated { id city } }"
CREATE_COMPANY = 'mutation { createCompany(data: { name: "Subscribers" }) { id } }'
CREATE_PERSON = "mutation Create($city: String!) { createPerson(data: { city: $city }) { id } }"


class Reader(asyncio.Protocol):
    """One client with one subscription, over server-sent events."""

    def __init__(self, server: Server, payload: dict[str, object], heard: Callable[[bytes], None]) -> None:
        self.is_welcome = asyncio.get_running_loop().create_future()
        body = json.dumps(payload)
        self._request = (
            f"POST /graphql HTTP/1.1\r\nHost: {server.host}\r\nAuthorization: Bearer {server.api_key}\r\n"
            "Content-Type: application/json\r\nAccept: text/event-stream\r\n"
            f"Content-Length: {len(body)}\r\n\r\n{body}"
        ).encode()
        self._heard = heard
        self._received = b""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as it is with TCP
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        self._received += data
        if not self.is_welcome.done() and b"\r\n\r\n" in self._received:
            assert self._received.startswith(b"HTTP/1.1 200 "), self._received
            self.is_welcome.set_result(None)
        *events, self._received = self._received.split(b"\n\n")
        for event in events:
            if b"\ndata: " in event:
                self._heard(event.partition(b"\ndata: ")[2])

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.is_welcome.done():
            self.is_welcome.set_exception(ConnectionError("The server has hung up."))


class Talker(asyncio.Protocol):
    """One client with one subscription, over a WebSocket. ``heard`` is called with each result."""

    def __init__(self, server: Server, payload: dict[str, object], heard: Callable[[bytes], None]) -> None:
        uri = parse_uri(f"ws://{server.host}:{server.port}/graphql")
        self.is_welcome = asyncio.get_running_loop().create_future()
        self._frames = ClientProtocol(uri, subprotocols=[Subprotocol("graphql-transport-ws")])
        self._key = server.api_key
        self._payload = payload
        self._heard = heard

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as it is with TCP
        self.transport = transport
        self._frames.send_request(self._frames.connect())
        self._flush()

    def data_received(self, data: bytes) -> None:
        self._frames.receive_data(data)
        for event in self._frames.events_received():
            if isinstance(event, Response):
                self._say({"type": "connection_init", "payload": {"Authorization": f"Bearer {self._key}"}})
            elif isinstance(event, Frame) and not self.is_welcome.done():
                assert b"connection_ack" in event.data, event.data
                self._say({"id": "1", "type": "subscribe", "payload": self._payload})
                self.is_welcome.set_result(None)
            elif isinstance(event, Frame) and event.opcode is Opcode.TEXT:
                assert b'"type":"next"' in event.data, event.data
                self._heard(bytes(event.data).partition(b'"payload":')[2][:-1])
        self._flush()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.is_welcome.done():
            self.is_welcome.set_exception(ConnectionError("The server has hung up."))

    def _say(self, message: dict[str, object]) -> None:
        self._frames.send_text(json.dumps(message).encode())

    def _flush(self) -> None:
        for data in self._frames.data_to_send():
            if data:
                self.transport.write(data)


@dataclass(kw_only=True)
class Crowd:
    """Counts what subscribers hear."""

    kind: type[Talker] | type[Reader]
    heard: int = 0
    wanted: int = 0
    is_told: asyncio.Event

    def hear(self, _result: bytes) -> None:
        self.heard += 1
        if self.heard == self.wanted:
            self.is_told.set()


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m bench.subscribers", description=__doc__)
    parser.add_argument("--count", type=int, default=5_000, help="subscribers (5000)")
    parser.add_argument("--kinds", type=int, default=1, help="subscriptions that differ in a variable (1)")
    parser.add_argument("--events", action="store_true", help="over server-sent events, not WebSockets")
    parser.add_argument("--idle", type=float, default=20, help="seconds of rest (20)")
    parser.add_argument("--writes", type=int, default=200, help="records written in a second (200)")
    parser.add_argument("--seconds", type=float, default=10, help="for so long (10)")
    parser.add_argument("--watchers", type=int, default=1, help="subscribers who are told of each of them (1)")
    options = parser.parse_args(arguments)
    prepare_environment()
    os.environ["RAPPORT_MAX_LIVE_CONNECTIONS_PER_CALLER"] = str(options.count + 200)
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with tempfile.TemporaryDirectory(prefix="rapport-bench-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)  # PostgreSQL may run under another account than ours
        with running_server(Path(folder, "data")) as server:
            uvloop.run(_measure(server, options))
    return 0


async def _measure(server: Server, options: argparse.Namespace) -> None:
    crowd = Crowd(kind=Reader if options.events else Talker, is_told=asyncio.Event())
    await _join(server, 100, 1, crowd)  # what the first ones cost is loaded once
    before, began = _memory(server), cpu_seconds([server.pid])
    seconds = await _join(server, options.count, options.kinds, crowd)
    spent = cpu_seconds([server.pid]) - began
    cpu = spent / options.count * 1e6
    print(f"{options.count} came in {seconds:.1f} s: {options.count / seconds:.0f} a second, {cpu:.0f} µs of CPU each")
    await asyncio.sleep(3)
    after = _memory(server)
    print(f"memory: {before:.0f} MB, then {after:.0f} MB: {(after - before) * 1000 / options.count:.1f} KB each")
    began = cpu_seconds([server.pid])
    await asyncio.sleep(options.idle)
    print(f"CPU at rest: {(cpu_seconds([server.pid]) - began) / options.idle * 100:.2f} % of a core")
    await _tell_all(server, options.count + 100, crowd)
    await _tell_some(server, options, crowd)
    print(f"memory at the end: {_memory(server):.0f} MB")


async def _join(server: Server, count: int, kinds: int, crowd: Crowd) -> float:
    """Seconds until all are subscribed."""
    began = time.perf_counter()
    for first in range(0, count, AT_ONCE):
        await asyncio.gather(
            *(
                _subscribe(crowd.kind, server, _payload(number, kinds), crowd.hear)
                for number in range(first, min(count, first + AT_ONCE))
            )
        )
    return time.perf_counter() - began


async def _subscribe(
    kind: type[Talker] | type[Reader],
    server: Server,
    payload: dict[str, object],
    heard: Callable[[bytes], None],
) -> None:
    loop = asyncio.get_running_loop()
    _, made = await loop.create_connection(lambda: kind(server, payload, heard), server.host, server.port)
    await made.is_welcome


def _payload(number: int, kinds: int) -> dict[str, object]:
    if kinds == 1:
        return {"query": CREATED}
    return {"query": FILTERED, "variables": {"name": f"kind {number % kinds}"}}


async def _tell_all(server: Server, count: int, crowd: Crowd) -> None:
    asker = Asker(server.host, server.port, server.api_key)
    for _ in range(3):
        crowd.heard, crowd.wanted = 0, count
        crowd.is_told.clear()
        spent, began = cpu_seconds([server.pid]), time.perf_counter()
        await asyncio.to_thread(asker.ask, CREATE_COMPANY)
        async with asyncio.timeout(TOLD_SECONDS):
            await crowd.is_told.wait()
        took, cpu = time.perf_counter() - began, (cpu_seconds([server.pid]) - spent) / count
        print(f"all {count} are told of an event {took * 1000:.0f} ms after it was asked for, {cpu * 1e6:.0f} µs each")
    asker.close()


async def _tell_some(server: Server, options: argparse.Namespace, crowd: Crowd) -> None:
    """A few more subscribers are told of people who are created at a steady pace, over a few connections."""
    writes, seconds = options.writes, options.seconds
    asked: dict[str, float] = {}
    took: list[float] = []

    def hear(result: bytes) -> None:
        city = json.loads(result)["data"]["personCreated"]["city"]
        took.append((time.perf_counter() - asked[city]) * 1000)

    for _ in range(options.watchers):
        await _subscribe(crowd.kind, server, {"query": WATCHED}, hear)
    await asyncio.sleep(0.5)
    askers = [Asker(server.host, server.port, server.api_key) for _ in range(8)]

    async def write(asker: Asker, first: int) -> None:
        began = time.perf_counter()
        for number in range(first, int(writes * seconds), len(askers)):
            await asyncio.sleep(max(0.0, began + number / writes - time.perf_counter()))
            asked[str(number)] = time.perf_counter()
            await asyncio.to_thread(asker.ask, CREATE_PERSON, {"city": str(number)})

    spent, began = cpu_seconds([server.pid]), time.perf_counter()
    await asyncio.gather(*(write(asker, number) for number, asker in enumerate(askers)))
    elapsed = time.perf_counter() - began
    cpu = (cpu_seconds([server.pid]) - spent) / elapsed * 100
    async with asyncio.timeout(TOLD_SECONDS):
        while len(took) < len(asked) * options.watchers:  # noqa: ASYNC110  # the last of many
            await asyncio.sleep(0.01)
    for asker in askers:
        asker.close()
    took.sort()
    print(
        f"{len(asked)} writes, {len(asked) / elapsed:.0f} a second: {options.watchers} told"
        f" {statistics.median(took):.1f} ms after a write was asked for at the median,"
        f" {took[int(len(took) * 0.99)]:.1f} ms at the 99th percentile, {cpu:.0f} % of a core"
    )


def _memory(server: Server) -> float:
    return resident_mb(server.pid)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
