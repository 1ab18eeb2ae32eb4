"""The load: one process that keeps a number of connections busy, each with one request at a time, over HTTP/1.1.

It shares the machine with what it measures, so it does little: the request's bytes are made beforehand, of an answer it
reads the status, the length and whether its body begins with errors. Orders come as JSON lines on standard input, one
result line for each goes to standard output.
"""

import json
import select
import socket
import sys
import time
from array import array
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from random import Random
from typing import TypedDict

from bench.templates import RANDOM, SERIAL, digits

BUFFER = 1 << 18
SILENCE_SECONDS = 30.0
IDLE_SECONDS = 2.0  # after which new connections are opened: servers hang up on those that ask nothing
RANDOM_NUMBERS = 10_000
_ERRORS = b'{"errors"'
_STATUS_OK = b"HTTP/1.1 20"  # 200 and 201


class Order(TypedDict):
    """One turn of load. ``lead_in`` seconds are sent before the clock starts."""

    seconds: float
    lead_in: float
    first_serial: int


@dataclass(frozen=True, kw_only=True)
class Load:
    """Where the requests go and what they are. ``template`` is the whole HTTP request."""

    host: str
    port: int
    connections: int
    template: str
    random_most: int


@dataclass(frozen=True, kw_only=True)
class Turn:
    """What came of an order. ``requests`` and ``latencies`` (seconds) are those within the clock, ``sent`` is all."""

    requests: int
    elapsed: float
    sent: int
    failures: int
    failure: str
    latencies: list[float]


class LoadFailed(Exception):
    """The server did not answer, or hung up."""


def requests(template: str, *, first_serial: int, random_most: int, seed: int) -> Iterator[bytes]:
    """The requests, one after the other, without end."""
    has_serial, has_random = SERIAL in template, RANDOM in template
    encoded, serial_mark, random_mark = template.encode(), SERIAL.encode(), RANDOM.encode()
    random = Random(seed)
    numbers = [digits(random.randint(1, random_most)).encode() for _ in range(RANDOM_NUMBERS)] if has_random else []
    serial = first_serial
    while True:
        request = encoded
        if has_serial:
            request = request.replace(serial_mark, digits(serial).encode())
        if has_random:
            request = request.replace(random_mark, numbers[serial % RANDOM_NUMBERS])
        serial += 1
        yield request


class _Connection:
    """One connection: the request in flight and the answer as far as it has come."""

    __slots__ = ("failed", "head", "socket", "started", "wanted")

    def __init__(self, load: Load) -> None:
        self.socket = socket.create_connection((load.host, load.port), timeout=SILENCE_SECONDS)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.started = 0.0
        self.wanted = 0  # bytes of the answer still to come; 0 while its head is not complete
        self.head = b""  # of an answer whose head came in parts
        self.failed = ""

    def send(self, request: bytes) -> None:
        self.failed = ""
        self.started = time.perf_counter()
        self.socket.sendall(request)

    def receive(self, buffer: bytearray) -> bool:
        """Takes what has arrived; whether the answer is complete."""
        size = self.socket.recv_into(buffer)
        if not size:
            raise LoadFailed("The server closed a connection.")
        if self.wanted:
            self.wanted -= size
            return self.wanted == 0
        data: bytes | bytearray = buffer
        if self.head:
            data = self.head + buffer[:size]
            size = len(data)
        end = data.find(b"\r\n\r\n", 0, size)
        if end < 0:
            self.head = bytes(data[:size])
            return False
        self.head = b""
        end += 4
        if not data.startswith(_STATUS_OK) or data.startswith(_ERRORS, end):
            self.failed = data[: min(size, 500)].decode(errors="replace")
        self.wanted = end + _content_length(data, end) - size
        return self.wanted == 0


def _content_length(data: bytes | bytearray, end: int) -> int:
    start = data.find(b"content-length:", 0, end)
    if start < 0:
        start = bytes(data[:end]).lower().find(b"content-length:")
    if start < 0:
        raise LoadFailed("An answer has no Content-Length.")
    start += len(b"content-length:")
    return int(data[start : data.find(b"\r\n", start)])


class Loader:
    """Open connections, and turns of load over them."""

    def __init__(self, load: Load) -> None:
        self._load = load
        self._buffer = bytearray(BUFFER)
        self._poll = select.epoll()
        self._connections: dict[int, _Connection] = {}
        self._used = 0.0
        self._connect()

    def _connect(self) -> None:
        for _ in range(self._load.connections):
            connection = _Connection(self._load)
            self._connections[connection.socket.fileno()] = connection
            self._poll.register(connection.socket.fileno(), select.EPOLLIN)
        self._used = time.perf_counter()

    def turn(self, order: Order) -> Turn:
        """Keeps every connection busy until the time is over, and then waits for the last answers."""
        source = requests(
            self._load.template,
            first_serial=order["first_serial"],
            random_most=self._load.random_most,
            seed=order["first_serial"],
        )
        latencies = array("d")
        sent = failures = 0
        failure = ""
        if time.perf_counter() > self._used + IDLE_SECONDS:
            self._hang_up()
            self._connect()
        now = time.perf_counter()
        start = now + order["lead_in"]
        end = start + order["seconds"]
        for connection in self._connections.values():
            connection.send(next(source))
        sent = busy = len(self._connections)
        while busy:
            ready = self._poll.poll(SILENCE_SECONDS)
            if not ready:
                raise LoadFailed(f"The server has not answered for {SILENCE_SECONDS:g} seconds.")
            for number, _ in ready:
                connection = self._connections[number]
                if not connection.receive(self._buffer):
                    continue
                now = time.perf_counter()
                if start <= now <= end:
                    latencies.append(now - connection.started)
                if connection.failed:
                    failures += 1
                    failure = failure or connection.failed
                if now < end:
                    connection.send(next(source))
                    sent += 1
                else:
                    busy -= 1
        self._used = time.perf_counter()
        return Turn(
            requests=len(latencies),
            elapsed=order["seconds"],
            sent=sent,
            failures=failures,
            failure=failure,
            latencies=latencies.tolist(),
        )

    def close(self) -> None:
        self._hang_up()
        self._poll.close()

    def _hang_up(self) -> None:
        for number, connection in self._connections.items():
            self._poll.unregister(number)
            connection.socket.close()
        self._connections = {}


def http_request(host: str, path: str, headers: Mapping[str, str], body: str, *, method: str = "POST") -> str:
    """A request as it goes over the wire. Marks in it keep their width, so the length holds for every filling."""
    lines = [f"{method} {path} HTTP/1.1", f"host: {host}", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, f"content-length: {len(body.encode())}", "", body])


def main() -> None:
    """The process: its load is the first line of standard input, each further line an order."""
    loader = None
    try:
        loader = Loader(Load(**json.loads(sys.stdin.readline())))
        for line in sys.stdin:
            print(json.dumps(asdict(loader.turn(json.loads(line)))), flush=True)
    except (LoadFailed, OSError) as error:
        print(json.dumps({"error": str(error)}), flush=True)
    finally:
        if loader is not None:
            loader.close()


if __name__ == "__main__":
    main()
