"""Requests over connections that are kept for the next one. Each is made to an address that was looked at."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import Final, NoReturn
from weakref import WeakValueDictionary

import aiohttp
from aiohappyeyeballs import AddrInfoType
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from rapport.base.networks import Networks
from rapport.outgoing.addresses import is_reachable
from rapport.outgoing.answer import Answer
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
from rapport.outgoing.names import AT_ONCE, Names

CONNECT_SECONDS: Final = 5.0
# Shorter than servers wait, so that a request seldom meets a connection that is just being closed.
_KEEP_SECONDS = 3.0
_MOST_ADDRESSES = 8  # of a host
_FINDING_AT_ONCE = 4  # for an owner


class Session:
    """Belongs to the event loop in which it is made."""

    def __init__(
        self, private: Networks, *, names: Names, agent: str, tls: ssl.SSLContext | None, turn_seconds: float
    ) -> None:
        self._private = private
        self._resolver = _Resolver(names, turn_seconds)
        connector = aiohttp.TCPConnector(
            resolver=self._resolver,
            use_dns_cache=False,
            # The last step before connect(): whatever the host was called, this is where it leads.
            socket_factory=self._socket,
            ssl=tls or True,
            limit=0,
            keepalive_timeout=_KEEP_SECONDS,
        )
        self._session = aiohttp.ClientSession(
            connector=connector,
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"User-Agent": agent, "Accept-Encoding": "identity"},
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_SECONDS),
            auto_decompress=False,
            trust_env=False,
        )

    async def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: bytes | None,
        seconds: float,
        most_bytes: int,
        owner: str,
    ) -> Answer:
        """Raises NoAnswer."""
        response: aiohttp.ClientResponse | None = None
        received = bytearray()
        is_whole = False
        try:
            async with (
                asyncio.timeout(seconds) as limit,
                _asking(owner, limit),
                self._session.request(method, _url(url), data=body, headers=headers, allow_redirects=False) as response,
            ):
                while len(received) <= most_bytes and (some := await response.content.readany()):
                    received += some
                is_whole = len(received) <= most_bytes
        except (TimeoutError, aiohttp.ClientError, OSError, ValueError) as error:
            if response is None:
                _raise(error)
        return Answer(
            status=response.status,
            headers={name.lower(): value for name, value in response.headers.items()},
            body=bytes(received[:most_bytes]),
            is_whole=is_whole,
        )

    async def close(self) -> None:
        await self._session.close()
        self._resolver.stop()

    def _socket(self, place: AddrInfoType) -> socket.socket:
        family, kind, protocol, _, address = place
        if not is_reachable(str(address[0]), self._private):
            raise _Refused
        return socket.socket(family, kind, protocol)


_ASKING: ContextVar[tuple[str, asyncio.Timeout]] = ContextVar("asking")  # for whom, and for how long


@asynccontextmanager
async def _asking(owner: str, limit: asyncio.Timeout) -> AsyncIterator[None]:
    token = _ASKING.set((owner, limit))
    try:
        yield
    finally:
        _ASKING.reset(token)


class _Refused(OSError):
    """As an error that the library takes for one of connecting: it goes on with the next address."""

    def __str__(self) -> str:
        return "refused"


class _Resolver(AbstractResolver):
    """What the library asks for addresses. An owner whose name servers are slow keeps nobody else waiting."""

    def __init__(self, names: Names, turn_seconds: float) -> None:
        self._names = names
        self._turn_seconds = turn_seconds
        self._all = asyncio.Semaphore(AT_ONCE)
        self._by_owner: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()
        self._finding: set[asyncio.Task[list[str]]] = set()

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        found = await self._find(host, port)
        if not found:
            raise OSError("no address")
        return [
            ResolveResult(
                hostname=host,
                host=address,
                port=port,
                family=socket.AF_INET6 if ":" in address else socket.AF_INET,
                proto=0,
                flags=0,
            )
            for address in found[:_MOST_ADDRESSES]
        ]

    async def _find(self, host: str, port: int) -> list[str]:
        owner, limit = _ASKING.get()
        turns = self._by_owner.get(owner)
        if turns is None:
            turns = self._by_owner[owner] = asyncio.Semaphore(_FINDING_AT_ONCE)
        await self._take_turn(turns, limit)

        # A thread cannot be stopped: the turn lasts for as long as it looks, though nobody waits for it any more.
        def ended(task: asyncio.Task[list[str]]) -> None:
            self._finding.discard(task)
            turns.release()
            self._all.release()
            if not task.cancelled():
                task.exception()  # has been seen

        finding = asyncio.create_task(self._names.find(host, port))
        self._finding.add(finding)
        finding.add_done_callback(ended)
        return await asyncio.shield(finding)

    async def _take_turn(self, turns: asyncio.Semaphore, limit: asyncio.Timeout) -> None:
        """Meanwhile the time of the request stands still."""
        loop = asyncio.get_running_loop()
        until, begun = limit.when(), loop.time()
        limit.reschedule(None)
        try:
            async with asyncio.timeout(self._turn_seconds):
                await turns.acquire()
                try:
                    await self._all.acquire()
                except BaseException:
                    turns.release()
                    raise
        except TimeoutError:
            raise NoTurn from None
        limit.reschedule(None if until is None else until + loop.time() - begun)

    def stop(self) -> None:
        for task in self._finding:
            task.cancel()

    async def close(self) -> None:
        """The names are closed by whoever has made them."""


def _url(text: str) -> URL:
    is_written_out = text.isascii() and text.isprintable() and " " not in text
    url = URL(text, encoded=is_written_out)  # what is, stays as it is to the letter
    if url.scheme not in ("http", "https") or not url.host:
        raise InvalidAddress
    return url


def _raise(error: Exception) -> NoReturn:
    raise _named(error) from error


def _named(error: Exception) -> NoAnswer:
    """Ours for an error of the library."""
    match error:
        case TimeoutError():
            return TookTooLong()
        case aiohttp.ClientConnectorCertificateError():
            return NotTrusted(f"The certificate is not trusted: {_certificate_problem(error.certificate_error)}.")
        case aiohttp.ClientSSLError():
            return NotTrusted()
        case aiohttp.ClientConnectorError() if isinstance(error.os_error, _Refused):
            return AddressRefused()
        case aiohttp.ClientConnectorDNSError():
            return NameNotFound()
        case aiohttp.ClientConnectorError():
            return CannotConnect()
        case aiohttp.InvalidURL() | aiohttp.NonHttpUrlClientError():
            return InvalidAddress()
        case aiohttp.ClientResponseError():
            return InvalidAnswer()
        case aiohttp.ClientError() | OSError():
            return Disconnected()
        case _:  # what cannot be written into a request, such as a line break in a header
            return InvalidAddress()


def _certificate_problem(error: Exception) -> str:
    if isinstance(error, ssl.SSLCertVerificationError):
        return error.verify_message.rstrip(".")
    return "its name is another"
