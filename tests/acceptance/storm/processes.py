"""The processes of a deployment, each of which can be killed and comes back: server, worker, PostgreSQL."""

import os
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

import httpx

from tests.cli.program import PROGRAM, Serving, environment, start

PATIENCE_SECONDS = 60.0
# Nothing is limited here, and the receiver is on this machine.
VARIABLES = {
    "RAPPORT_RATE_LIMIT_API_KEY": "0",
    "RAPPORT_OUTGOING_PRIVATE_NETWORKS": "127.0.0.0/8",
    "RAPPORT_WORKER": "false",
    "RAPPORT_JOB_LEASE": "6s",
}


class Deployment:
    """A server with its own PostgreSQL, and a worker beside it, on one data directory."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.data_dir = folder / "data"
        self.server: Serving | None = None
        self.worker: subprocess.Popen[bytes] | None = None
        self.deaths = {"server": 0, "worker": 0, "postgresql": 0}

    @property
    def address(self) -> tuple[str, str] | None:
        """The server's URL and an API key, while there is a server."""
        if self.server is None or self.server.process.poll() is not None:
            return None
        with suppress(OSError, ValueError, KeyError):
            return str(self.server.ready["url"]), str(self.server.ready["apiKey"])
        return None

    @property
    def postmaster(self) -> int:
        return int((self.data_dir / "postgres" / "postmaster.pid").read_text().splitlines()[0])

    def start(self) -> None:
        self._serve()
        self._work()

    def stop(self) -> None:
        """As one should."""
        for process in (self.worker, self.server.process if self.server is not None else None):
            if process is not None and process.poll() is None:
                process.send_signal(signal.SIGTERM)
                process.wait(PATIENCE_SECONDS)

    def kill(self, which: str) -> None:
        """The process gets no chance to do anything; what was killed is started again."""
        assert self.server is not None
        assert self.worker is not None
        self.deaths[which] += 1
        match which:
            case "server":
                self.server.process.kill()
                self.server.process.wait()
                self.server.ready_file.unlink(missing_ok=True)
                self._serve()
            case "worker":
                self.worker.kill()
                self.worker.wait()
                self._work()
            case "postgresql":
                os.kill(self.postmaster, signal.SIGKILL)
                self.wait_until_up()

    def wait_until_up(self) -> None:
        give_up = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < give_up:
            with suppress(httpx.HTTPError):
                if self.server is not None and self.server.health().status_code == 200:
                    return
            time.sleep(0.05)
        raise AssertionError(f"the server is not up: {self.output()}")

    def revive_worker(self) -> None:
        """A worker may end when PostgreSQL is gone for long; whoever runs it starts it again."""
        if self.worker is not None and self.worker.poll() is not None:
            self._work()

    def output(self) -> str:
        return "".join(file.read_text()[-4000:] for file in sorted(self.folder.glob("*.txt")))

    def _serve(self) -> None:
        self.server = start(self.folder, "--demo", "--data-dir", str(self.data_dir), **VARIABLES)
        give_up = time.monotonic() + PATIENCE_SECONDS
        while not self.server.ready_file.exists():
            if self.server.process.poll() is not None or time.monotonic() > give_up:
                raise AssertionError(f"the server did not start: {self.output()}")
            time.sleep(0.01)

    def _work(self) -> None:
        with (self.folder / "worker.txt").open("ab") as file:
            self.worker = subprocess.Popen(
                [*PROGRAM, "worker", "--data-dir", str(self.data_dir)],
                cwd=self.folder,
                env=environment(**VARIABLES),
                stdout=file,
                stderr=subprocess.STDOUT,
            )
