"""Finds the addresses of hosts, with threads of its own: a name server that is slow on purpose holds up nobody else."""

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor
from typing import Protocol

AT_ONCE = 64


class Names(Protocol):
    """The way from a name to addresses."""

    async def find(self, host: str, port: int) -> list[str]:
        """All addresses of a host, of IPv4 and of IPv6, in the order in which they are to be tried.

        Raises OSError when there are none. Asked for each connection, and what it says is not believed: see client.py.
        """

    def close(self) -> None:
        """It is not asked any more."""


class SystemNames:
    """Asks as the operating system does."""

    def __init__(self) -> None:
        self._threads: ThreadPoolExecutor | None = None

    async def find(self, host: str, port: int) -> list[str]:
        if self._threads is None:
            self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="names")
        found = await asyncio.get_running_loop().run_in_executor(self._threads, _find, host, port)
        return list(dict.fromkeys(found))

    def close(self) -> None:
        if self._threads is not None:
            self._threads.shutdown(wait=False, cancel_futures=True)
            self._threads = None


def _find(host: str, port: int) -> list[str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_ADDRCONFIG)
    except UnicodeError as error:  # a label is too long or empty
        raise OSError(str(error)) from error
    return [str(place[0]) for *_, place in found]
