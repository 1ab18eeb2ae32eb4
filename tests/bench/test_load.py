"""The load against a small HTTP server that answers as the test wants."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from itertools import islice

import pytest

from bench.load import Load, LoadFailed, http_request, requests
from bench.loading import load_process
from bench.templates import RANDOM, SERIAL

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 11\r\n\r\n" + b'{"data":{}}'


@contextmanager
def answering(answer: Callable[[bytes], list[bytes]]) -> Iterator[tuple[int, list[bytes]]]:
    """A server on a free port: its port, and the requests it got. What ``answer`` gives is sent piece by piece."""
    got: list[bytes] = []
    listening = socket.create_server(("127.0.0.1", 0))

    def serve(client: socket.socket) -> None:
        with client, suppress(OSError):
            while request := client.recv(65536):
                got.append(request)
                for piece in answer(request):
                    client.sendall(piece)
                if not answer(request):
                    return

    def accept() -> None:
        with suppress(OSError):
            while True:
                client, _ = listening.accept()
                client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                threading.Thread(target=serve, args=(client,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield listening.getsockname()[1], got
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()


def load(port: int, body: str = "{}") -> Load:
    template = http_request("127.0.0.1", "/graphql", {"x": "y"}, body)
    return Load(host="127.0.0.1", port=port, connections=3, template=template, random_most=5)


def test_requests_differ_where_their_template_has_marks() -> None:
    template = f"a {SERIAL} b {RANDOM}"
    made = list(islice(requests(template, first_serial=7, random_most=5, seed=1), 100))
    assert [request[:14] for request in made[:2]] == [b"a 000000000007", b"a 000000000008"]
    assert {int(request[-12:]) for request in made} == {1, 2, 3, 4, 5}


def test_each_connection_has_one_request_at_a_time_and_all_are_counted() -> None:
    with answering(lambda request: [OK]) as (port, got), load_process(load(port)) as loading:
        turn = loading.turn(seconds=0.2, lead_in=0.05, first_serial=1)
        assert turn.failures == 0
        assert turn.sent == len(got)
        assert 0 < turn.requests < turn.sent
        assert len(turn.latencies) == turn.requests
        assert all(0 < latency < 0.2 for latency in turn.latencies)
    assert got[0] == b"POST /graphql HTTP/1.1\r\nhost: 127.0.0.1\r\nx: y\r\ncontent-length: 2\r\n\r\n{}"


def test_an_answer_may_come_in_pieces() -> None:
    pieces = [OK[:5], OK[5:40], OK[40:]]
    with answering(lambda request: pieces) as (port, _), load_process(load(port)) as loading:
        turn = loading.turn(seconds=0.2, lead_in=0, first_serial=1)
    assert turn.requests > 0
    assert turn.failures == 0


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 500 Oh\r\ncontent-length: 0\r\n\r\n",
        b'HTTP/1.1 200 OK\r\ncontent-length: 13\r\n\r\n{"errors":[]}',
    ],
)
def test_errors_count_as_failures(answer: bytes) -> None:
    with answering(lambda request: [answer]) as (port, _), load_process(load(port)) as loading:
        turn = loading.turn(seconds=0.1, lead_in=0, first_serial=1)
    assert turn.failures == turn.sent
    assert turn.failure.startswith("HTTP/1.1 ")


def test_a_server_that_hangs_up_is_told() -> None:
    with (
        answering(lambda request: []) as (port, _),
        load_process(load(port)) as loading,
        pytest.raises(LoadFailed, match="closed"),
    ):
        loading.turn(seconds=0.1, lead_in=0, first_serial=1)


def test_a_server_that_is_not_there_is_told() -> None:
    with answering(lambda request: []) as (port, _):
        pass
    with load_process(load(port)) as loading, pytest.raises(LoadFailed, match="refused"):
        loading.turn(seconds=0.1, lead_in=0, first_serial=1)
