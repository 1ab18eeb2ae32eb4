"""A whole run: the server with its data, each case, the report; and everything stopped again."""

import asyncio
import os
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from uuid import UUID

from bench.bulk import Moved, bulks, move
from bench.cases import Case
from bench.data import Data
from bench.measure import Bench, Result
from bench.options import CONNECTIONS, Options
from bench.pgbench import Pgbench, find_pgbench
from bench.processes import parent_of, resident_mb
from bench.readers import ReadersOf
from bench.recording import recorder
from bench.report import Report
from bench.role import limited_key
from bench.server import Accounting, Server, ServerFailed, running_server
from rapport.metadata.names import schema_name
from rapport.store.database import Database
from rapport.store.embedded import address_of_running

LOADING_SECONDS = 300
KEPT_SETTINGS = ("RAPPORT_POOL_SIZE", "RAPPORT_POSTGRES_ACCOUNT")


def run(options: Options, cases: Mapping[str, Case]) -> Report:
    """Measures the chosen cases. Says on stderr how far it is."""
    with _folder(options) as data_dir:
        _say("starting the server and loading the data …")
        with running_server(data_dir) as server:
            asyncio.run(_prepare(options, data_dir, server))
        with running_server(data_dir) as server:  # ready_s is about a later start
            return asyncio.run(_measure(options, cases, data_dir, server))


@contextmanager
def _folder(options: Options) -> Iterator[Path]:
    if options.data_dir is not None:
        yield options.data_dir
        return
    with tempfile.TemporaryDirectory(prefix="rapport-bench-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)  # PostgreSQL may run under another account than ours
        yield Path(folder, "data")


async def _prepare(options: Options, data_dir: Path, server: Server) -> None:
    async with _data(options, data_dir, server) as (data, _):
        await data.ensure()


async def _measure(options: Options, cases: Mapping[str, Case], data_dir: Path, server: Server) -> Report:
    dsn = _dsn(options, data_dir)
    pgbench = Pgbench(program=find_pgbench(), dsn=dsn, clients=options.pool_size)
    results: list[Result] = []
    moved: list[Moved] = []
    bulk = bulks()
    async with _data(options, data_dir, server) as (data, postmaster), recorder(dsn) as recording:
        accounting = Accounting(server=server.pid, postmaster=postmaster)
        bench = Bench(
            options=options,
            server=server,
            accounting=accounting,
            recorder=recording,
            pgbench=pgbench,
            limited_key=await limited_key(data.database, UUID(server.workspace_id)),
            readers=ReadersOf(database=data.database, workspace_id=UUID(server.workspace_id)),
        )
        last_event = await data.last_event()
        try:
            for name in options.cases:
                if name in bulk:
                    _say(f"{name} {bulk[name].title} …")
                    moved.append(await asyncio.to_thread(move, bulk[name], server, postmaster))
                    if bulk[name].writes:
                        await data.tidy()
                    continue
                _say(f"{name} {cases[name].title} …")
                results.append(await bench.measure(cases[name]))
                if cases[name].writes:
                    await data.tidy()
        finally:
            if options.keeps_data:
                await data.restore(last_event)
    return Report(
        results=results,
        rss_mb=resident_mb(server.pid),
        ready_s=server.ready_s,
        seconds=options.seconds,
        connections=CONNECTIONS,
        clients=options.pool_size,
        moved=moved,
    )


@asynccontextmanager
async def _data(options: Options, data_dir: Path, server: Server) -> AsyncIterator[tuple[Data, int | None]]:
    """The records, and PostgreSQL's first process if it runs on this machine."""
    dsn = _dsn(options, data_dir)
    database = await Database.connect(dsn, size=1, statement_timeout_ms=LOADING_SECONDS * 1000)
    try:
        backend = await database.value("select pg_backend_pid()")
        assert isinstance(backend, int)
        yield Data(database, schema_name(UUID(server.workspace_id))), _postmaster(backend)
    finally:
        await database.close()


def _postmaster(backend: int) -> int | None:
    try:
        name = Path(f"/proc/{backend}/comm").read_text(encoding="utf-8").strip()
    except OSError:
        return None
    return parent_of(backend) if name.startswith("postgres") else None


def _dsn(options: Options, data_dir: Path) -> str:
    found = options.database_url or address_of_running(data_dir)
    if found is None:
        raise ServerFailed("The server's PostgreSQL cannot be found.")
    return found


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def prepare_environment() -> None:
    """Takes settings of the shell away that would make the run another one."""
    for name in [name for name in os.environ if name.startswith("RAPPORT_") and name not in KEPT_SETTINGS]:
        del os.environ[name]
