"""Requests to addresses that users give: what is reached, what is refused, and within which limits."""

import asyncio
import gzip
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from itertools import cycle, repeat

import pytest

from rapport.base.networks import Networks, read_network
from rapport.outgoing.answer import Answer
from rapport.outgoing.client import Outgoing
from rapport.outgoing.errors import (
    AddressRefused,
    CannotConnect,
    Disconnected,
    InvalidAddress,
    InvalidAnswer,
    NameNotFound,
    NoAnswer,
    NotTrusted,
    NoTurn,
    TookTooLong,
)
from tests.outgoing.certificates import pair
from tests.outgoing.hosts import Leading, hosting

HELLO = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-Here: yes\r\n\r\nhello"
HERE = "127.0.0.1"


@asynccontextmanager
async def outgoing(*allowed: str, **more: object) -> AsyncIterator[Outgoing]:
    client = Outgoing(Networks(map(read_network, allowed)), **more)  # type: ignore[arg-type]
    try:
        yield client
    finally:
        await client.close()


async def get(client: Outgoing, url: str, *, seconds: float = 20, most_bytes: int = 1000) -> Answer:
    return await client.send("GET", url, seconds=seconds, most_bytes=most_bytes)


async def test_an_answer_is_its_status_its_headers_and_its_bytes() -> None:
    async with hosting(HELLO) as host, outgoing(HERE) as client:
        answer = await client.send(
            "POST",
            f"http://{HERE}:{host.port}/a%2Fb?c=%7e+d",
            headers={"X-Mine": "1"},
            body=b"{}",
            seconds=20,
            most_bytes=5,
        )
    headers = {"content-length": "5", "x-here": "yes"}
    assert answer == Answer(status=200, headers=headers, body=b"hello", is_whole=True)
    (head,) = host.heads
    assert head.splitlines()[0] == "POST /a%2Fb?c=%7e+d HTTP/1.1"
    assert {"X-Mine: 1", "User-Agent: Rapport", "Accept-Encoding: identity"} <= set(head.splitlines())


SPELLINGS = (
    "127.0.0.1",
    "localhost",
    "LOCALHOST",
    "localhost.",
    "2130706433",
    "0x7f000001",
    "0x7f.1",
    "0177.0.0.1",
    "127.1",
    "0",
    "0.0.0.0",  # noqa: S104
    "[::1]",
    "[::]",
    "[::ffff:127.0.0.1]",
    "[::ffff:7f00:1]",
    "[0:0:0:0:0:ffff:7f00:0001]",
    "[64:ff9b::127.0.0.1]",
    "１２７.0.0.1",
    "user:secret@127.0.0.1",
    "127.0.0.1.",
)


@pytest.mark.parametrize("spelling", SPELLINGS)
async def test_this_machine_is_not_reached_however_it_is_called(spelling: str) -> None:
    async with hosting(HELLO) as host, outgoing() as client:
        with pytest.raises((AddressRefused, InvalidAddress, NameNotFound)):
            await get(client, f"http://{spelling}:{host.port}/")
        assert host.connections == 0


async def test_names_that_lead_to_this_machine_are_refused() -> None:
    names = Leading(cycle([[HERE], ["::1"], [HERE, "127.0.0.2"]]))
    async with hosting(HELLO) as host, outgoing(names=names) as client:
        for _ in range(3):
            with pytest.raises(AddressRefused, match="private network"):
                await get(client, f"http://hooks.example:{host.port}/")
        assert host.connections == 0
    assert names.is_closed


async def test_a_name_that_leads_elsewhere_the_second_time_leads_nowhere() -> None:
    """The address that is looked at is the one that is connected to: the name is asked for once for each connection."""
    names = Leading(cycle([[HERE], ["127.0.0.2"]]))
    async with (
        hosting(HELLO) as allowed,
        hosting(HELLO, address="127.0.0.2", port=allowed.port) as forbidden,
        outgoing(HERE, names=names) as client,
    ):
        url = f"http://hooks.example:{allowed.port}/"
        for turn in range(1, 5):
            assert (await get(client, url)).body == b"hello"
            assert (allowed.connections, len(names.asked)) == (turn, 2 * turn - 1)
            with pytest.raises(AddressRefused):
                await get(client, url)
            assert (allowed.connections, len(names.asked)) == (turn, 2 * turn)
        assert forbidden.connections == 0


@pytest.mark.parametrize("answer", [["127.0.0.2", HERE], [HERE, "127.0.0.2"], ["10.0.0.1", "::1", HERE]])
async def test_of_several_addresses_those_that_are_allowed_are_tried(answer: Sequence[str]) -> None:
    async with (
        hosting(HELLO) as host,
        hosting(HELLO, address="127.0.0.2", port=host.port) as forbidden,
        outgoing(HERE, names=Leading(repeat(answer))) as client,
    ):
        assert (await get(client, f"http://hooks.example:{host.port}/")).status == 200
        assert forbidden.connections == 0


async def test_redirects_are_answers() -> None:
    moved = b"HTTP/1.1 302 Found\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n"
    async with hosting(moved) as host, outgoing(HERE) as client:
        answer = await get(client, f"http://{HERE}:{host.port}/")
        assert (answer.status, answer.headers["location"], len(host.heads)) == (302, "/elsewhere", 1)


async def test_neither_proxies_nor_cookies_nor_passwords_of_this_machine_are_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    baked = b"HTTP/1.1 200 OK\r\nSet-Cookie: a=b; Path=/\r\nContent-Length: 0\r\n\r\n"
    async with hosting(baked) as host, hosting(HELLO) as proxy, outgoing(HERE) as client:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, f"http://{HERE}:{proxy.port}")
        for _ in range(2):
            await get(client, f"http://{HERE}:{host.port}/")
        assert proxy.connections == 0
        assert not any("cookie" in head.lower() for head in host.heads)


async def test_no_more_is_read_than_was_asked_for() -> None:
    endless: tuple[bytes | asyncio.Event, ...] = (
        b"HTTP/1.1 200 OK\r\n\r\n",
        *(b"x" * 65_536 for _ in range(1000)),
        asyncio.Event(),
    )
    async with hosting(*endless) as host, outgoing(HERE) as client:
        answer = await get(client, f"http://{HERE}:{host.port}/", most_bytes=100_000)
        assert (answer.status, len(answer.body), answer.is_whole) == (200, 100_000, False)


async def test_what_is_packed_stays_packed() -> None:
    packed = gzip.compress(b"x" * 1_000_000)
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed)
    async with hosting(head, packed) as host, outgoing(HERE) as client:
        assert (await get(client, f"http://{HERE}:{host.port}/", most_bytes=10_000)).body == packed


async def test_an_answer_that_does_not_come_is_not_waited_for() -> None:
    async with hosting(asyncio.Event()) as host, outgoing(HERE) as client:
        with pytest.raises(TookTooLong):
            await get(client, f"http://{HERE}:{host.port}/", seconds=0.05)


async def test_an_answer_that_begins_in_time_is_one() -> None:
    begun = b"HTTP/1.1 202 Accepted\r\nContent-Length: 100\r\n\r\nhel"
    async with hosting(begun, asyncio.Event()) as host, outgoing(HERE) as client:
        answer = await get(client, f"http://{HERE}:{host.port}/", seconds=1)
        assert (answer.status, answer.body, answer.is_whole) == (202, b"hel", False)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (b"", Disconnected),
        (b"SSH-2.0-OpenSSH_9.6\r\n", InvalidAnswer),
        (b"HTTP/1.1 abc\r\n\r\n", InvalidAnswer),
        (b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000 + b"\r\n\r\n", InvalidAnswer),
    ],
)
async def test_what_is_not_http_is_no_answer(said: bytes, expected: type[NoAnswer]) -> None:
    async with hosting(said) as host, outgoing(HERE) as client:
        with pytest.raises(expected):
            await get(client, f"http://{HERE}:{host.port}/")


async def test_where_nobody_listens_there_is_no_connection() -> None:
    async with hosting(HELLO) as host:
        port = host.port
    async with outgoing(HERE) as client:
        with pytest.raises(CannotConnect):
            await get(client, f"http://{HERE}:{port}/")


async def test_a_name_that_is_not_there_is_not_found() -> None:
    async with outgoing(names=Leading(repeat([]))) as client:
        with pytest.raises(NameNotFound):
            await get(client, "http://hooks.example/")


@pytest.mark.parametrize(
    "url",
    ["", "hooks.example", "ftp://hooks.example/", "file:///etc/passwd", "http://", "http://[::1", "http://a:99999/"],
)
async def test_what_is_no_address_is_not_asked(url: str) -> None:
    async with outgoing(HERE) as client:
        with pytest.raises(InvalidAddress):
            await get(client, url)


@pytest.mark.parametrize("break_in", ["headers", "method", "url"])
async def test_nothing_else_can_be_written_into_a_request(break_in: str) -> None:
    more = "\r\nX-Evil: 1\r\n\r\n"
    async with hosting(HELLO) as host, outgoing(HERE) as client:
        url, method, headers = f"http://{HERE}:{host.port}/", "GET", {"X-Mine": "1"}
        match break_in:
            case "headers":
                headers = {"X-Mine": "1" + more}
            case "method":
                method += more
            case _:
                url += more
        try:
            await client.send(method, url, headers=headers, seconds=5, most_bytes=10)
        except InvalidAddress:
            return
        assert not any(line.startswith("X-Evil") for line in host.heads[0].splitlines())


async def test_certificates_are_verified() -> None:
    server, trusting = pair("hooks.example")
    names = Leading(repeat([HERE]))
    async with (
        hosting(HELLO, tls=server) as host,
        outgoing(HERE, names=names) as strict,
        outgoing(HERE, names=names, tls=trusting) as client,
    ):
        with pytest.raises(NotTrusted, match="self-signed certificate"):
            await get(strict, f"https://hooks.example:{host.port}/")
        with pytest.raises(NotTrusted, match="Hostname mismatch"):
            await get(client, f"https://other.example:{host.port}/")
        assert (await get(client, f"https://hooks.example:{host.port}/")).body == b"hello"


async def test_what_is_not_encrypted_is_not_taken_for_it() -> None:
    async with hosting(HELLO, speaks_first=True) as host, outgoing(HERE) as client:
        with pytest.raises(NotTrusted):
            await get(client, f"https://{HERE}:{host.port}/")


async def test_few_ask_one_host_at_a_time_and_their_wait_is_no_part_of_their_time() -> None:
    gate = asyncio.Event()
    async with hosting(gate, HELLO) as host, outgoing(HERE, most_per_host=2) as client:
        asking = [asyncio.create_task(get(client, f"http://{HERE}:{host.port}/", seconds=20)) for _ in range(6)]
        async with asyncio.timeout(20):
            while host.connections < 2:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        for _ in range(5):
            await asyncio.sleep(0)
        assert host.connections == 2
        gate.set()
        assert [answer.body for answer in await asyncio.gather(*asking)] == [b"hello"] * 6


async def test_the_places_of_one_owner_are_not_those_of_another_and_the_wait_for_one_has_an_end() -> None:
    gate = asyncio.Event()
    async with hosting(gate, HELLO) as host, outgoing(HERE, most_per_host=1, turn_seconds=0.05) as client:
        url = f"http://{HERE}:{host.port}/"
        asking = [asyncio.create_task(client.send("GET", url, seconds=20, most_bytes=9, owner=owner)) for owner in "ab"]
        async with asyncio.timeout(20):
            while host.connections < 2:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        with pytest.raises(NoTurn):
            await client.send("GET", url, seconds=20, most_bytes=9, owner="a")
        gate.set()
        assert [answer.body for answer in await asyncio.gather(*asking)] == [b"hello"] * 2


class Slow:
    """Names of which some are not found before the gate opens."""

    def __init__(self) -> None:
        self.gate = asyncio.Event()
        self.asked = 0

    async def find(self, host: str, port: int) -> list[str]:
        self.asked += 1
        if host == "slow.example":
            await self.gate.wait()
        return [HERE]

    def close(self) -> None:
        self.gate.set()


async def test_few_hosts_are_looked_for_at_a_time_for_an_owner_and_others_do_not_wait() -> None:
    names = Slow()
    async with hosting(HELLO) as host, outgoing(HERE, names=names, turn_seconds=0.2) as client:
        slow, quick = f"http://slow.example:{host.port}/", f"http://quick.example:{host.port}/"
        asking = [
            asyncio.create_task(client.send("GET", slow, seconds=0.05, most_bytes=9, owner="a")) for _ in range(6)
        ]
        ends = await asyncio.gather(*asking, return_exceptions=True)
        # Those that wait for a turn do not run out of time, and whoever has given up still has the thread.
        assert [type(end) for end in ends] == [TookTooLong] * 4 + [NoTurn] * 2
        assert names.asked == 4
        assert (await client.send("GET", quick, seconds=20, most_bytes=9, owner="b")).body == b"hello"
        names.gate.set()
        assert (await client.send("GET", slow, seconds=20, most_bytes=9, owner="a")).body == b"hello"
