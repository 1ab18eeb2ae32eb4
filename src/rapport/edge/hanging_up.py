"""Clients that hang up before they have their answer: what is done for them is stopped."""

import asyncio
from collections.abc import Coroutine
from typing import TypeVar

from starlette.types import Receive

from rapport.base.errors import RapportError

T = TypeVar("T")


class ClientGone(RapportError):
    """The client has hung up."""

    status = 499  # for nobody to read


async def unless_gone(receive: Receive, work: Coroutine[None, None, T]) -> T:
    """What the work gives; it is cancelled when the client hangs up. Raises ClientGone.

    For a request whose body is read or not wanted.
    """
    working, leaving = asyncio.ensure_future(work), asyncio.ensure_future(_leave(receive))
    try:
        await asyncio.wait((working, leaving), return_when=asyncio.FIRST_COMPLETED)
    finally:
        is_done = working.done()
        for task in (working, leaving):
            task.cancel()
        await asyncio.gather(working, leaving, return_exceptions=True)
    if not is_done:
        raise ClientGone
    return working.result()


async def _leave(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
