"""`python -m bench.background`: what is done about events beside creates, and what it costs them.

One server, whose worker is a process of its own and comes and goes: turns without it, and turns with it until it has
read everything. Case f of `make bench` in both.
"""

import asyncio
import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from bench.cases import by_name
from bench.data import Data
from bench.load import Load, http_request
from bench.loading import LoadProcess, load_process
from bench.measure import LEAD_IN, LOAD_CLIENT
from bench.options import CONNECTIONS
from bench.processes import Processes, cpu_seconds, end, reaped_seconds
from bench.readers import ReadersOf
from bench.run import LOADING_SECONDS, prepare_environment
from bench.server import REPOSITORY, STOP_SECONDS, Server, running_server
from bench.statement import first_serial
from rapport.base.settings import Settings
from rapport.metadata.names import schema_name
from rapport.store.opening import open_database

SECONDS = int(os.environ.get("BENCH_SECONDS", "5"))
PAIRS = 3


@dataclass(frozen=True, kw_only=True)
class Turn:
    """CPU time is that of the server, PostgreSQL and the worker for one create; ``behind`` is how many seconds the
    worker needed after the load.
    """

    rate: float
    cpu_us: float
    behind: float = 0.0


class _Measuring:
    def __init__(self, data_dir: Path, server: Server, readers: ReadersOf, postmaster: int, load: LoadProcess) -> None:
        self._data_dir = data_dir
        self._server = server
        self._readers = readers
        self._postmaster = postmaster
        self._load = load
        self._turns = 0

    async def alone(self) -> Turn:
        """Without a worker."""
        before = self._cpu()
        turn = self._create()
        return Turn(rate=turn[0], cpu_us=(self._cpu() - before) / turn[1] * 1e6)

    async def together(self) -> Turn:
        """With a worker that has read everything before, and reads everything that is created."""
        with self._worker() as worker:
            await self._readers.have_read()
            before = self._cpu() + cpu_seconds([worker])
            turn = self._create()
            ended = time.monotonic()
            await self._readers.have_read()
            behind = time.monotonic() - ended
            cpu = self._cpu() + cpu_seconds([worker]) - before
        return Turn(rate=turn[0], cpu_us=cpu / turn[1] * 1e6, behind=behind)

    def _create(self) -> tuple[float, int]:
        """Creates in a second, and how many there were."""
        self._turns += 1
        turn = self._load.turn(seconds=SECONDS, lead_in=LEAD_IN, first_serial=first_serial(self._turns, LOAD_CLIENT))
        if turn.failures:
            raise SystemExit(f"bench: {turn.failure}")
        return turn.requests / turn.elapsed, turn.sent

    def _cpu(self) -> float:
        processes = Processes.now()
        return (
            cpu_seconds(processes.tree(self._server.pid, without=self._postmaster))
            + cpu_seconds(processes.tree(self._postmaster))
            + reaped_seconds(self._postmaster)
        )

    @contextmanager
    def _worker(self) -> Iterator[int]:
        command = [sys.executable, "-c", "from rapport.cli import main; main()", "worker"]
        process = subprocess.Popen(
            [*command, "--data-dir", str(self._data_dir)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            text=True,
            cwd=REPOSITORY,
            start_new_session=True,
        )
        try:
            yield process.pid
        finally:
            process.send_signal(signal.SIGTERM)
            end(process, STOP_SECONDS)


async def _measure(data_dir: Path, server: Server) -> None:
    case = by_name()["f"]
    headers = {"authorization": f"Bearer {server.api_key}", "content-type": "application/json"}
    place = f"{server.host}:{server.port}"
    load = Load(
        host=server.host,
        port=server.port,
        connections=CONNECTIONS,
        template=http_request(place, case.path, headers, case.body, method=case.method),
        random_most=case.random_most,
    )
    postmaster = int((data_dir / "postgres" / "postmaster.pid").read_text().splitlines()[0])
    alone: list[Turn] = []
    together: list[Turn] = []
    async with open_database(Settings(data_dir=data_dir, statement_timeout_ms=LOADING_SECONDS * 1000)) as database:
        readers = ReadersOf(database=database, workspace_id=UUID(server.workspace_id))
        await Data(database, schema_name(readers.workspace_id)).ensure()
        with load_process(load) as loading:
            measuring = _Measuring(data_dir, server, readers, postmaster, loading)
            await measuring.together()  # what the demo has left to read, and everything warm
            for _ in range(PAIRS):
                alone.append(await measuring.alone())
                together.append(await measuring.together())
    _say("without", alone)
    _say("with", together)
    added = statistics.median(b.cpu_us / a.cpu_us - 1 for a, b in zip(alone, together, strict=True))
    slower = statistics.median(1 - b.rate / a.rate for a, b in zip(alone, together, strict=True))
    print(f"added to the CPU time of a create {added:+.1%}, taken from the rate of creates {slower:+.1%}")


def _say(which: str, turns: list[Turn]) -> None:
    rate, cpu, behind = (
        statistics.median(values) for values in zip(*((t.rate, t.cpu_us, t.behind) for t in turns), strict=True)
    )
    print(f"{which:8} readers: {rate:7,.0f} creates/s, {cpu:6.0f} us of CPU each, read {behind:.1f} s after the last")


def main() -> None:
    prepare_environment()
    os.environ["RAPPORT_WORKER"] = "false"
    with tempfile.TemporaryDirectory(prefix="rapport-bench-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o711)  # PostgreSQL may run under another account than ours
        with running_server(Path(folder, "data")) as server:
            asyncio.run(_measure(Path(folder, "data"), server))


if __name__ == "__main__":
    main()
