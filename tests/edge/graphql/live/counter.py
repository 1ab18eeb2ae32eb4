"""Subscriptions that count: what they tell, and when, is up to the test."""

import asyncio
import socket
import tempfile
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import httpx

from rapport.app import compose
from rapport.base.errors import BadUserInput
from rapport.base.settings import Settings
from rapport.edge.graphql.endpoint import GraphQLEndpoint
from rapport.edge.graphql.live.source import Recheck, Told
from rapport.edge.graphql.request import Request
from rapport.edge.metrics.tally import Tally
from rapport.events.cursor import Cursor, Snapshot
from rapport.store.database import Database
from tests.serving import NO_RATES, SECRET, Client, Tenant, answering

NUMBERS = "subscription { number }"


class Counter:
    """The Subscriptions of a server. Each tells the numbers behind its cursor up to the one that the test allows, and
    then waits, or raises the error that the test gives."""

    def __init__(self) -> None:
        self.open_now = 0
        self.told = 0
        self.size = 0  # of a result, in bytes
        self.rechecks = True
        self._most = 0
        self._error: Exception | None = None
        self._is_over = False
        self._news = asyncio.Condition()

    async def allow(self, most: int) -> None:
        async with self._news:
            self._most = most
            self._news.notify_all()

    async def end(self, error: Exception | None = None) -> None:
        async with self._news:
            self._is_over, self._error = True, error
            self._news.notify_all()

    async def go_on(self) -> None:
        async with self._news:
            self._is_over = False

    async def open(self, request: Request, *, after: Cursor | None, recheck: Recheck) -> AsyncGenerator[Told, None]:
        if "letter" in request.query:
            raise BadUserInput("There are only numbers.")
        numbers = self._numbers(0 if after is None else after.seen.next, recheck)
        await anext(numbers)
        return numbers

    async def _numbers(self, number: int, recheck: Recheck) -> AsyncGenerator[Told, None]:
        self.open_now += 1
        try:
            yield Told(b"")
            while True:
                async with self._news:
                    while number >= self._most and not self._is_over:
                        await self._news.wait()
                if number >= self._most:
                    if self._error is not None:
                        raise self._error
                    return
                if self.rechecks:
                    await recheck()
                number += 1
                self.told += 1
                yield Told(b'{"data":{"number":%d%b}}' % (number, b" " * self.size), place(number))
        finally:
            self.open_now -= 1


def place(number: int) -> str:
    """The cursor behind a number."""
    return str(Cursor(seen=Snapshot(number)))


@asynccontextmanager
async def counting(
    database: Database, tenant: Tenant, counter: Counter, *, deaf: bool = False, **settings: object
) -> AsyncIterator[Client]:
    """A server whose subscriptions are the counter's. ``deaf``: hears nothing of what other processes change."""
    with tempfile.TemporaryDirectory(prefix="rapport-files-") as folder, socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        declared = Settings(**{"data_dir": Path(folder), **NO_RATES, **settings})  # type: ignore[arg-type]
        composed = await compose(declared, database, SECRET, url=url)
        live = replace(composed.live, operations=replace(composed.live.operations, subscriptions=counter))
        endpoint = GraphQLEndpoint(
            live.operations.service,
            live.door,
            live,
            Tally("graphql"),
            max_body_bytes=declared.max_body_bytes,
            max_file_bytes=declared.max_file_bytes,
        )
        if deaf:
            await asyncio.sleep(0)  # the task that is to be cancelled begins
            await composed.notifications.close()
        parts = replace(composed, app=endpoint, live=live)
        try:
            async with (
                answering(listening, endpoint, declared, live=parts),
                httpx.AsyncClient(timeout=60, verify=False, trust_env=False) as http,  # noqa: S501
            ):
                yield Client(http=http, url=url, database=database, tenant=tenant)
        finally:
            await parts.close()
