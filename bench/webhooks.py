"""`python -m bench.webhooks`: how many deliveries a second go out, and what each costs in CPU time.

Records are made first, so that there are events. Then the reader makes deliveries of them; then a worker sends these to
an endpoint on this machine, which is a process of its own that answers at once. At last records are made one at a time,
each when the one before has arrived: that shows what a lonely event costs.
"""

import asyncio
import multiprocessing
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection as Pipe
from pathlib import Path
from uuid import UUID

from bench.processes import Processes, cpu_seconds
from rapport.access.principal import Principal
from rapport.base.ids import new_id
from rapport.base.networks import Networks, read_network
from rapport.base.settings import Settings
from rapport.demo.bulk import fill_bulk
from rapport.events.bell import Bell
from rapport.events.readers import Readers
from rapport.jobs.worker import Worker
from rapport.metadata.catalog import Catalog
from rapport.metadata.catalogs import Catalogs
from rapport.outgoing.client import Outgoing
from rapport.records.create import create_records
from rapport.store.database import Database
from rapport.store.migrate import migrate
from rapport.store.notifications import Notifications
from rapport.store.opening import open_database
from rapport.webhooks.bodies import Bodies
from rapport.webhooks.delivering import handler
from rapport.webhooks.reading import WebhookReader
from rapport.webhooks.secrets import WebhookVault, new_secret
from rapport.webhooks.waking import DELIVER
from rapport.workspaces.create import create_workspace

PEOPLE = int(os.environ.get("BENCH_PEOPLE", "20000"))
LONELY = 200

_COUNT = """select count(*) >= $1 from core."webhookDelivery" """
_IS_DONE = """select not exists (select from core."webhookDelivery" where state = 'waiting')"""
_IS_LAST = """select count(*) = $1 and bool_and(state = 'delivered') from core."webhookDelivery" d
    where d."webhookId" = (select id from core.webhook) and d."createdAt" > (select now from core.begun)"""


class _Endpoint(asyncio.Protocol):
    """Answers each request with 200, as quickly as Python can."""

    def __init__(self) -> None:
        self._rest = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        assert self._transport is not None
        rest = self._rest + data
        while (end := rest.find(b"\r\n\r\n")) >= 0:
            head = rest[:end].lower()
            length = int(head.partition(b"content-length:")[2].partition(b"\r")[0])
            if len(rest) < end + 4 + length:
                break
            rest = rest[end + 4 + length :]
            self._transport.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        self._rest = rest


def _receive(pipe: Pipe) -> None:
    async def serve() -> None:
        server = await asyncio.get_running_loop().create_server(_Endpoint, "127.0.0.1", 0)
        pipe.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(serve())


@contextmanager
def _receiver() -> Iterator[int]:
    """The port of the endpoint."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_receive, args=(theirs,), daemon=True)
    process.start()
    try:
        yield ours.recv()
    finally:
        process.terminate()
        process.join()


@dataclass
class _Bench:
    db: Database
    catalog: Catalog
    principal: Principal
    bell: Bell
    postmaster: int
    worker: Worker
    readers: Readers

    async def run(self) -> None:
        await fill_bulk(self.db, self.catalog, self.principal, companies=0, people=PEOPLE, opportunities=0)
        begun = self._now()
        self.readers.start()
        await self._until(_COUNT, PEOPLE, pause=0.1)
        self._say("events become deliveries", PEOPLE, begun)

        begun = self._now()
        self.worker.start()
        await self._until(_IS_DONE, pause=0.1)
        self._say("deliveries are sent", PEOPLE, begun)

        await self.db.script("create table core.begun as select now() as now")
        begun = self._now()
        for number in range(1, LONELY + 1):
            await create_records(self.db, self.catalog, "person", [{"city": "Oslo"}], self.principal)
            self.bell.ring(self.catalog.workspace_id)
            await self._until(_IS_LAST, number, pause=0.02)
        self._say("lonely events, from their making", LONELY, begun)
        print(f"median way from the event to the endpoint {await self._median_ms():.0f} ms")
        await self.readers.stop()
        await self.worker.stop()

    async def _until(self, question: str, *args: object, pause: float) -> None:
        while not await self.db.value(question, *args):  # noqa: ASYNC110  # it cannot tell
            await asyncio.sleep(pause)

    async def _median_ms(self) -> float:
        found = await self.db.value(
            """select percentile_cont(0.5) within group (order by extract(epoch from a."attemptedAt" - e."happenedAt"))
               from (select * from core."webhookDelivery" order by number desc limit $1) d
               join core."webhookAttempt" a on a."deliveryId" = d.id
               join {event} e on e.id = d."eventId" """.replace("{event}", f'"{self.catalog.schema}".event'),
            LONELY,
        )
        assert isinstance(found, float)
        return found * 1000

    def _now(self) -> tuple[float, float, float]:
        return time.perf_counter(), time.process_time(), cpu_seconds(Processes.now().tree(self.postmaster))

    def _say(self, what: str, count: int, begun: tuple[float, float, float]) -> None:
        seconds, python, postgres = (after - before for before, after in zip(begun, self._now(), strict=True))
        each = 1e6 / count
        print(
            f"{what:34} {count:7,} in {seconds:5.1f} s: {count / seconds:6,.0f}/s  Python {python * each:5.0f} µs"
            f"  PostgreSQL {postgres * each:5.0f} µs"
        )


async def _run(folder: Path, port: int) -> None:
    async with open_database(Settings(data_dir=folder)) as db:
        await migrate(db)
        secret, vault = "a secret of the bench only", WebhookVault("a secret of the bench only")
        async with db.transaction() as connection:
            workspace_id, schema = await create_workspace(connection, name="Webhooks")
            webhook_id = new_id()
            await connection.execute(
                """insert into core.webhook (id, "workspaceId", "targetUrl", secret) values ($1, $2, $3, $4)""",
                webhook_id,
                workspace_id,
                f"http://127.0.0.1:{port}/hook",
                vault.seal(new_secret(), webhook_id),
            )
        notifications = Notifications(db.dialing)
        bell = Bell(notifications.send)
        await notifications.start()
        outgoing = Outgoing(Networks([read_network("127.0.0.1")]))
        bench = _Bench(
            db=db,
            catalog=await Catalogs().of(db, workspace_id),
            principal=Principal(workspace_id=workspace_id, schema=schema, api_key_id=UUID(int=1), name="bench"),
            bell=bell,
            postmaster=_postmaster(folder),
            worker=Worker(db, {DELIVER: handler(db, outgoing, WebhookVault(secret))}),
            readers=Readers(db, bell, (WebhookReader(Bodies()),)),
        )
        await bench.run()
        await outgoing.close()
        await bell.close()
        await notifications.close()


def _postmaster(folder: Path) -> int:
    (pid_file,) = folder.rglob("postmaster.pid")
    return int(pid_file.read_text(encoding="ascii").split()[0])


def main() -> int:
    import uvloop

    with tempfile.TemporaryDirectory(prefix="rapport-bench-") as folder, _receiver() as port:
        uvloop.run(_run(Path(folder), port))
    return 0


if __name__ == "__main__":
    sys.exit(main())
