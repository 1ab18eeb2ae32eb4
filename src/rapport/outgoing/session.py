"""Requests over connections that are kept for the next one. Each is made to an address that was looked at."""

import asyncio
import socket
import ssl
from collections.abc import Mapping
from typing import Final, NoReturn

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
    TookTooLong,
)
from rapport.outgoing.names import Names

CONNECT_SECONDS: Final = 5.0
# Shorter than servers wait, so that a request seldom meets a connection that is just being closed.
_KEEP_SECONDS = 3.0
_MOST_ADDRESSES = 8  # of a host


class Session:
    """Belongs to the event loop in which it is made."""

    def __init__(self, private: Networks, *, names: Names, agent: str, tls: ssl.SSLContext | None) -> None:
        self._private = private
        connector = aiohttp.TCPConnector(
            resolver=_Resolver(names),
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
    ) -> Answer:
        """Raises NoAnswer."""
        response: aiohttp.ClientResponse | None = None
        received = bytearray()
        is_whole = False
        try:
            async with (
                asyncio.timeout(seconds),
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

    def _socket(self, place: AddrInfoType) -> socket.socket:
        family, kind, protocol, _, address = place
        if not is_reachable(str(address[0]), self._private):
            raise _Refused
        return socket.socket(family, kind, protocol)


class _Refused(OSError):
    """As an error that the library takes for one of connecting: it goes on with the next address."""

    def __str__(self) -> str:
        return "refused"


class _Resolver(AbstractResolver):
    """What the library asks for addresses."""

    def __init__(self, names: Names) -> None:
        self._names = names

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        found = await self._names.find(host, port)
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
