"""The server under measurement: `rapport serve --demo` as a process of its own, and the PostgreSQL behind it."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from bench.processes import Processes, cpu_seconds, end, reaped_seconds

START_SECONDS = 120.0
STOP_SECONDS = 40.0
REPOSITORY = Path(__file__).parents[1]
# The load is far above what a client may ask for in a minute.
NO_RATES = {"RAPPORT_RATE_LIMIT_USER": "0", "RAPPORT_RATE_LIMIT_API_KEY": "0", "RAPPORT_RATE_LIMIT_IP": "0"}


class ServerFailed(Exception):
    """The server does not start."""


@dataclass(frozen=True, kw_only=True)
class Server:
    """A server that accepts requests. ``ready_s`` is how long that took."""

    host: str
    port: int
    workspace_id: str
    api_key: str
    pid: int
    ready_s: float


@dataclass(frozen=True, kw_only=True)
class Accounting:
    """CPU time of the server's processes and of PostgreSQL's; ``postmaster`` is None where it runs elsewhere."""

    server: int
    postmaster: int | None

    def cpu_seconds(self) -> tuple[float, float]:
        processes = Processes.now()
        own = cpu_seconds(processes.tree(self.server, without=self.postmaster))
        if self.postmaster is None:
            return own, 0.0
        return own, cpu_seconds(processes.tree(self.postmaster)) + reaped_seconds(self.postmaster)


@contextmanager
def running_server(data_dir: Path) -> Iterator[Server]:
    """A server for as long as the block lasts. Its log goes to `server.log` in the data directory."""
    data_dir.mkdir(parents=True, exist_ok=True)
    ready_file, log_file = data_dir / "ready.json", data_dir / "server.log"
    ready_file.unlink(missing_ok=True)
    command = [sys.executable, "-c", "from rapport.cli import main; main()", "serve", "--demo", "--port", "0"]
    command += ["--data-dir", str(data_dir), "--ready-file", str(ready_file)]
    started = time.monotonic()
    with log_file.open("a", encoding="utf-8") as log:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            text=True,
            cwd=REPOSITORY,
            start_new_session=True,
            env={**NO_RATES, **os.environ},
        )
    try:
        _wait_until_ready(process, ready_file, log_file)
        yield _server(json.loads(ready_file.read_text(encoding="utf-8")), time.monotonic() - started)
    finally:
        children = Processes.now().tree(process.pid) - {process.pid}
        end(process, STOP_SECONDS)
        for pid in children & set(Processes.now().parent):  # only if it had to be killed
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGINT)


def _wait_until_ready(process: "subprocess.Popen[str]", ready_file: Path, log_file: Path) -> None:
    give_up = time.monotonic() + START_SECONDS
    while not ready_file.exists():
        if process.poll() is not None or time.monotonic() > give_up:
            said = log_file.read_text(encoding="utf-8", errors="replace").strip()[-2000:]
            raise ServerFailed(f"The server does not start: {said or 'it says nothing'}")
        time.sleep(0.005)


def _server(ready: dict[str, object], ready_s: float) -> Server:
    host, _, port = str(ready["url"]).partition("//")[2].partition(":")
    return Server(
        host=host,
        port=int(port),
        workspace_id=str(ready["workspaceId"]),
        api_key=str(ready["apiKey"]),
        pid=int(str(ready["pid"])),
        ready_s=ready_s,
    )
