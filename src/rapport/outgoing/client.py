"""The client for all requests to addresses that users give (webhooks, steps of workflows …)."""

import asyncio
import ssl
from collections.abc import Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from weakref import WeakValueDictionary

from rapport.base.networks import Networks
from rapport.outgoing.answer import Answer
from rapport.outgoing.errors import InvalidAddress, NoTurn
from rapport.outgoing.names import Names, SystemNames

if TYPE_CHECKING:
    from rapport.outgoing.session import Session

MOST_PER_HOST = 40
TURN_SECONDS = 15.0


class Outgoing:
    """Reaches the public internet, and of private networks those that are allowed.

    Which address a name leads to is looked at when the connection is made, and no other is connected to. Redirects are
    answers like others; there are no proxies and no cookies, and certificates are verified (``tls`` says against what,
    where it is not what the machine trusts).
    """

    def __init__(
        self,
        private: Networks,
        *,
        agent: str = "Rapport",
        names: Names | None = None,
        tls: ssl.SSLContext | None = None,
        most_per_host: int = MOST_PER_HOST,
        turn_seconds: float = TURN_SECONDS,
    ) -> None:
        self._private = private
        self._agent = agent
        self._names = names or SystemNames()
        self._tls = tls
        self._most_per_host = most_per_host
        self._turn_seconds = turn_seconds
        self._session: Session | None = None
        self._places: WeakValueDictionary[tuple[str, str], asyncio.Semaphore] = WeakValueDictionary()

    async def send(
        self,
        method: str,
        url: str,
        *,
        seconds: float,
        most_bytes: int,
        headers: Mapping[str, str] | None = None,
        body: bytes | None = None,
        owner: str = "",
    ) -> Answer:
        """Raises NoAnswer, for one of the reasons in errors.py.

        ``seconds`` is the time for the whole of it, but for the wait while too many others of the same ``owner`` ask
        the same host, or look for hosts. That has a bound of its own (NoTurn), and those of other owners do not count.
        """
        place = self._place(owner, url)
        try:
            async with asyncio.timeout(self._turn_seconds):
                await place.acquire()
        except TimeoutError:
            raise NoTurn from None
        try:
            return await self._opened().send(
                method, url, headers=headers or {}, body=body, seconds=seconds, most_bytes=most_bytes, owner=owner
            )
        finally:
            place.release()

    async def close(self) -> None:
        """What is still under way fails."""
        if self._session is not None:
            await self._session.close()
            self._session = None
        self._names.close()

    def _place(self, owner: str, url: str) -> asyncio.Semaphore:
        try:
            host = urlsplit(url).netloc.rpartition("@")[2].lower()
        except ValueError:
            raise InvalidAddress from None
        place = self._places.get((owner, host))
        if place is None:
            place = self._places[owner, host] = asyncio.Semaphore(self._most_per_host)
        return place

    def _opened(self) -> "Session":
        if self._session is None:
            from rapport.outgoing.session import Session  # who asks nobody does not load the library

            self._session = Session(
                self._private, names=self._names, agent=self._agent, tls=self._tls, turn_seconds=self._turn_seconds
            )
        return self._session
