"""Calls as requests of httpx, and what comes back from it: what both drivers share."""

from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass
from io import SEEK_END
from typing import IO

import httpx

from rapport.client.call import Call, Reply, T
from rapport.client.errors import ConnectionFailed
from rapport.client.exchange import KEY, Lost

_AT_ONCE = 65_536  # bytes of a file
_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)
_OF_APIS = ("/rest", "/graphql", "/metadata")
_MISUSE = (httpx.LocalProtocolError, httpx.UnsupportedProtocol)


@dataclass(frozen=True, kw_only=True)
class Wire:
    """Where the server is, who asks, and how many seconds each step of a request may take."""

    base_url: str
    headers: Mapping[str, str]
    timeout: float

    @classmethod
    def to(cls, base_url: str, api_key: str | None, timeout: float) -> "Wire":
        if not _is_server(base_url):
            raise ValueError(
                "base_url is the address of the server, like https://crm.example.com,"
                f" without the path of an API behind it, not {base_url!r}"
            )
        headers = {"user-agent": "rapport-python", "accept": "application/json"}
        if api_key is not None:
            headers["authorization"] = f"Bearer {api_key}"
        return cls(base_url=base_url.rstrip("/"), headers=headers, timeout=timeout)

    def request(self, http: httpx.Client | httpx.AsyncClient, call: Call[T]) -> httpx.Request:
        headers = {**self.headers, **call.headers}
        url = self.base_url + call.path
        content: bytes | Iterator[bytes] | AsyncIterator[bytes] | None = call.body()
        files = None
        if content is not None:
            headers["content-type"] = "application/json"
        elif call.upload is not None:
            files = {"file": (call.upload.name, call.upload.content, call.upload.media_type)}
            if KEY in headers:  # the same bytes at each attempt, or it would be another request with the same key
                headers["content-type"] = f"multipart/form-data; boundary={headers[KEY]}"
        elif isinstance(call.content, bytes):
            content = call.content
        elif call.content is not None:
            headers["content-length"] = str(call.content.seek(0, SEEK_END))
            content = _parts(call.content) if isinstance(http, httpx.Client) else _parts_in_loop(call.content)
        return http.build_request(
            call.method,
            url,
            params=call.query or None,
            content=content,
            files=files,
            headers=headers,
            timeout=httpx.Timeout(self.timeout, read=max(self.timeout, call.quiet)),
        )


def _is_server(base_url: str) -> bool:
    """Whether paths can be put behind it. A server may have a path of its own, but not one of those that we add.

    >>> _is_server("https://example.com/crm"), _is_server("https://example.com/rest/"), _is_server("example.com")
    (True, False, False)
    """
    path = base_url.partition("://")[2].rstrip("/").lower()
    return (
        base_url.startswith(("http://", "https://"))
        and not path.endswith(_OF_APIS)
        and "?" not in base_url
        and "#" not in base_url
    )


def _parts(file: IO[bytes]) -> Iterator[bytes]:
    """The file from its beginning."""
    file.seek(0)
    while part := file.read(_AT_ONCE):
        yield part


async def _parts_in_loop(file: IO[bytes]) -> AsyncIterator[bytes]:
    for part in _parts(file):
        yield part


def reply(response: httpx.Response) -> Reply:
    """The answer, without the body of one that is to be streamed."""
    return Reply(
        status=response.status_code,
        headers={name.lower(): value for name, value in response.headers.items()},
        body=response.content if response.is_closed else b"",
    )


def lost(error: httpx.RequestError) -> Lost:
    """Why there is no answer. What could not be sent because it is wrong is raised again."""
    if isinstance(error, _MISUSE):
        raise error
    return Lost(error=error, was_sent=not isinstance(error, _NEVER_SENT))


def broken(error: httpx.RequestError) -> ConnectionFailed:
    """The connection ended in the middle of an answer."""
    return ConnectionFailed(f"The answer broke off: {str(error) or type(error).__name__}")
