"""A receiver of webhooks that writes down what arrives, and is not always well."""

import asyncio
import random
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import cast

import orjson
from aiohttp import web


@dataclass(frozen=True, kw_only=True)
class Receipt:
    """A delivery that was taken: of which event, and what it said of the record."""

    delivery: str
    event: str
    record: str
    note: str | None


@dataclass
class Receiver:
    """Takes deliveries at ``url``; one in ``fails_one_in`` is answered with an error."""

    fails_one_in: int = 25
    receipts: list[Receipt] = field(default_factory=list)
    at_once: list[str] = field(default_factory=list)  # records with two deliveries under way at the same time
    url: str = ""
    _chance: random.Random = field(default_factory=lambda: random.Random(5))
    _under_way: Counter[str] = field(default_factory=Counter)
    _runner: web.AppRunner | None = None

    async def start(self) -> None:
        app = web.Application()
        app.router.add_post("/hook", self._take)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", 0)
        await site.start()
        assert site._server is not None
        (socket, *_) = cast("asyncio.Server", site._server).sockets
        self.url = f"http://127.0.0.1:{socket.getsockname()[1]}/hook"

    async def stop(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

    async def _take(self, request: web.Request) -> web.Response:
        body: Mapping[str, object] = orjson.loads(await request.read())
        record = cast("Mapping[str, str | None]", body["record"])
        identity = str(record["id"])
        self._under_way[identity] += 1
        try:
            if self._under_way[identity] > 1:
                self.at_once.append(identity)
            await asyncio.sleep(self._chance.random() / 100)
        finally:
            self._under_way[identity] -= 1
        if self._chance.randrange(self.fails_one_in) == 0:
            return web.Response(status=self._chance.choice((500, 503, 429)))
        self.receipts.append(
            Receipt(
                delivery=request.headers["webhook-id"],
                event=str(body["eventName"]),
                record=identity,
                note=record.get("jobTitle"),
            )
        )
        return web.Response()

    def first_receipts(self) -> Mapping[str, list[Receipt]]:
        """By record, each delivery once, in the order in which they first arrived."""
        found: dict[str, dict[str, Receipt]] = defaultdict(dict)
        for each in self.receipts:
            found[each.record].setdefault(each.delivery, each)
        return {record: list(each.values()) for record, each in found.items()}
