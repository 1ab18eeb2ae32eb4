"""Runs `rapport` as users do: a process of its own."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx

PROGRAM = (sys.executable, "-c", "from rapport.cli import main; main()")
START_SECONDS = 60.0


def environment(**variables: str) -> dict[str, str]:
    """Ours, without settings of Rapport except those given."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("RAPPORT_") and k not in ("DATABASE_URL", "PORT")}
    return {**kept, "PYTHONPATH": os.pathsep.join(sys.path), "COLUMNS": "100", **variables}


def rapport(*arguments: str, cwd: Path, **variables: str) -> "subprocess.CompletedProcess[str]":
    """A command that ends by itself."""
    return subprocess.run(
        [*PROGRAM, *arguments],
        cwd=cwd,
        env=environment(**variables),
        capture_output=True,
        text=True,
        check=False,
        timeout=START_SECONDS,
    )


class Serving:
    """A running `rapport serve`."""

    def __init__(self, process: "subprocess.Popen[bytes]", ready_file: Path, output: Path) -> None:
        self.process = process
        self.ready_file = ready_file
        self.output = output

    @property
    def ready(self) -> Mapping[str, object]:
        found: Mapping[str, object] = json.loads(self.ready_file.read_text())
        return found

    @property
    def url(self) -> str:
        return str(self.ready["url"])

    def health(self) -> httpx.Response:
        return httpx.get(f"{self.url}/healthz", timeout=10)

    def stop(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(START_SECONDS)


def start(folder: Path, *arguments: str, **variables: str) -> Serving:
    """Starts `rapport serve` on a free port, without waiting for it."""
    ready_file, output = folder / "ready.json", folder / "output.txt"
    with output.open("wb") as file:
        process = subprocess.Popen(
            [*PROGRAM, "serve", "--port", "0", "--ready-file", ready_file, *arguments],
            cwd=folder,
            env=environment(**variables),
            stdout=file,
            stderr=subprocess.STDOUT,
        )
    return Serving(process, ready_file, output)


@contextmanager
def serving(folder: Path, *arguments: str, **variables: str) -> Iterator[Serving]:
    """A server that accepts requests, for as long as the block lasts."""
    server = start(folder, *arguments, **variables)
    try:
        give_up = time.monotonic() + START_SECONDS
        while not server.ready_file.exists():
            if server.process.poll() is not None or time.monotonic() > give_up:
                raise AssertionError(f"the server did not start: {server.output.read_text()}")
            time.sleep(0.01)
        yield server
    finally:
        if server.process.poll() is None:
            server.stop()
